import { Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import { RequiredDocument } from '../../catalogue/services/requiredDocument.js'

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
  attachedAt!: Date
}

fields(ApplicationAttachment, {
  upload: one(Upload, attachments.uploadId, {
    description: 'The upload, for whose it is and who may look at it; null to officers, who read `file`.',
  }),
  requiredDocument: one(RequiredDocument, attachments.requiredDocumentId, {
    description: 'Which of the documents that the service asks for it is; null: something beside them.',
  }),
})

@InputType({ description: 'A file that is to go with an application.' })
export class AttachmentInput {
  @Field(() => ID, { description: 'The id of an upload of the applicant.' })
  uploadId!: string
  @Field(() => Int, {
    nullable: true,
    description:
      'Which of the documents that the service asks for it is, counted from 0 as `version { documents }` lists them; null: ' +
      'something beside them.',
  })
  document?: number | null
}
