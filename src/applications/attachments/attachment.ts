import { Field, ID, InputType, ObjectType } from 'type-graphql'
import { RequiredDocument } from '../../catalogue/services/requiredDocument.js'
import { Upload } from '../../documents/uploads/upload.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { DateTime } from '../../shared/scalars.js'
import { attachments } from './attachment.table.js'

@AllowedTo(anyone)
@Stored(attachments, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'File attached to an application.' })
export class ApplicationAttachment {
  @Field(() => DateTime, { description: 'When it was attached.' })
  attachedAt!: Date
}

fields(ApplicationAttachment, {
  upload: one(Upload, attachments.uploadId, {
    description: 'Upload with the file. Null for officers, who use `file`.',
  }),
  requiredDocument: one(RequiredDocument, attachments.requiredDocumentId, {
    description: 'Required document that the file provides. Null if it provides none.',
  }),
})

@InputType({ description: 'File to attach to an application.' })
export class AttachmentInput {
  @Field(() => ID, { description: 'ID of an upload of the applicant, or of a co-applicant who has confirmed.' })
  uploadId!: string
  @Field(() => String, {
    nullable: true,
    description:
      'Code of the required document that this file is, see `version { requiredDocuments }`. Null if it is none.',
  })
  documentCode?: string | null
}
