import { Field, ObjectType } from 'type-graphql'
import { Registry } from '../../agencies/registry.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { inTheirLanguage } from '../../shared/language.js'
import { requiredDocuments } from './requiredDocument.table.js'

@AllowedTo(anyone)
@Stored(requiredDocuments, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A document that the regulation wants with an application.' })
export class RequiredDocument {
  @Field(() => String, { description: 'Code of the document, unique in its version: `PROOF`. Attachments name it.' })
  code!: string
  @Field(() => Boolean, { description: 'Whether nothing is done without it.' })
  mandatory!: boolean
}
fields(RequiredDocument, {
  name: inTheirLanguage(requiredDocuments.name, 'What the document is called.'),
  obtainableFromRegistry: one(Registry, requiredDocuments.obtainableFromRegistryId, {
    description: 'The registry that holds what it says: where that answers, the person is not asked for it.',
  }),
})
