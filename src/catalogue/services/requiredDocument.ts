import { Field, ObjectType } from 'type-graphql'
import { Registry } from '../../agencies/registry.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Confidence } from '../../shared/confidence.js'
import { inTheirLanguage } from '../../shared/language.js'
import { requiredDocuments } from './requiredDocument.table.js'

@AllowedTo(anyone)
@Stored(requiredDocuments, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A document that an application requires under the regulation.' })
export class RequiredDocument {
  @Field(() => String, {
    description:
      'Code of the document, unique in its version, such as `PHOTO`. `AttachmentInput.documentCode` takes it.',
  })
  code!: string
  @Field(() => Boolean, {
    description:
      'True if the regulation requires the document. If `confidence` is SEEN_IN_SOURCE, an application cannot be ' +
      'submitted without it, unless a registry answers instead.',
  })
  mandatory!: boolean
  @Field(() => Confidence, {
    description: 'Confidence that the regulation names the document. Only SEEN_IN_SOURCE is enforced.',
  })
  confidence!: Confidence
}
fields(RequiredDocument, {
  name: inTheirLanguage(requiredDocuments.name, 'Name of the document.'),
  obtainableFromRegistry: one(Registry, requiredDocuments.obtainableFromRegistryId, {
    description:
      'Registry with the same information. If it answers, the applicant need not attach the document. Null ' +
      'if there is none.',
  }),
})
