import { Field, ObjectType } from 'type-graphql'
import { RequiredDocument } from '../../catalogue/services/regulation.js'
import { Upload } from '../../documents/uploads/upload.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { DateTime } from '../../shared/scalars.js'
import { attachments } from './attachment.table.js'

@AllowedTo(anyone)
@Stored(attachments, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A file that goes with an application.' })
export class ApplicationAttachment {
  @Field(() => DateTime, { description: 'When it was attached.' })
  since!: Date
}

fields(ApplicationAttachment, {
  upload: one(Upload, attachments.uploadId, {
    description: 'The upload, for whose it is and who may look at it; null to officers, who read `file`.',
  }),
  requiredDocument: one(RequiredDocument, attachments.requiredDocumentId, {
    description: 'Which of the documents that the service asks for it is; null: something beside them.',
  }),
})
