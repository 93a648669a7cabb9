import { Field, ID, InputType } from 'type-graphql'
import { AnnouncedFile, announceUpload } from '../../documents/uploads/announceUpload.js'
import { Upload } from '../../documents/uploads/upload.js'
import { command, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { ownCase } from '../../identity/officers/ownCase.js'
import { lockCase } from '../application.repository.js'
import { unknownApplication } from '../applicationCommand.js'
import { isOpenTo } from '../reading.repository.js'
import { notNow } from '../refusal.rules.js'

@InputType({ description: 'Input of `createOfficerUpload`.' })
export class CreateOfficerUploadInput extends AnnouncedFile {
  @Field(() => ID, { description: 'ID of the application that the file is for.' })
  applicationId!: string
}

export const createOfficerUpload = command({
  name: 'createOfficerUpload',
  description:
    'Announces a file of an officer for one application, which the client then sends to its `uploadUrl`. The file is ' +
    'encrypted under the key of the applicant, and visible to the officer only until it is attached. Requires the ' +
    'assigned officer, or one who used `openApplication`. Accepts the same files as `createUpload`; at most 20 of ' +
    'an application may be WAITING. Returns NOT_FOUND if the caller sees no such application, FORBIDDEN in the ' +
    'caller’s own case, MISSING or INVALID for a wrong field, and NOT_ALLOWED_NOW to other officers and above ' +
    'the limits.',
  allowedTo: caseOfficer,
  input: CreateOfficerUploadInput,
  key: 'required',
  creates: true,
  made: { upload: { type: Upload, description: 'Announced upload. Send the file to its `uploadUrl`.' } },
  async act({ applicationId, ...file }: CreateOfficerUploadInput, acting: Acting) {
    const found = await lockCase(acting, applicationId)
    if (!found) return refused([unknownApplication])
    if (found.relation.tie) throw ownCase(found.relation.tie)
    if (!isOpenTo(found)) return refused([notNow('not_assigned')])
    const { id: subjectId, partyId: party } = found.application
    return await announceUpload(acting, { ...file, party, subjectId, mandates: [] })
  },
})
