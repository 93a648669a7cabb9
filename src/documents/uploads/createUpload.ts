import { Field, ID, InputType } from 'type-graphql'
import { command } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { authorityOver } from '../../identity/mandates/powers.js'
import { partyOrSelf } from '../../identity/parties/partyArgument.js'
import { hasScope, highestAssuranceSoFar, only } from '../../shared/context.js'
import { AnnouncedFile, announceUpload } from './announceUpload.js'
import { Upload } from './upload.js'

@InputType({ description: 'Input of `createUpload`.' })
export class CreateUploadInput extends AnnouncedFile {
  @Field(() => ID, {
    nullable: true,
    description: 'ID of the party that owns the file. Defaults to the caller (for a program: its organisation).',
  })
  partyId?: string | null
  @Field(() => String, {
    nullable: true,
    description:
      'Code of the service for which the file is. Required if the caller may file for the party in some services only.',
  })
  serviceCode?: string | null
}

const sendsUploads = only(
  'sendsUploads',
  'persons, and programs with the scope documents:write',
  ['PERSON', 'PROGRAM'],
  highestAssuranceSoFar,
  (caller) => hasScope(caller, 'documents:write'),
)

export const createUpload = command({
  name: 'createUpload',
  description:
    'Announces a file, which the client then sends to its `uploadUrl`. For the party and for holders of the power ' +
    'FILE over it; a program also requires the scope `documents:write`. Accepts PDF, JPEG and PNG up to 20 MiB, or ' +
    'the limit of the installation. At most 20 files of a party may be WAITING. Returns FORBIDDEN without the power ' +
    'or the scope, and STEP_UP_REQUIRED if the caller once signed in with a higher assurance. User errors are ' +
    'MISSING or INVALID for a wrong field. NOT_ALLOWED_NOW means that too many files are WAITING, or that the daily ' +
    'limit is reached.',
  allowedTo: sendsUploads,
  input: CreateUploadInput,
  key: 'required',
  creates: true,
  made: { upload: { type: Upload, description: 'Announced upload. Send the file to its `uploadUrl`.' } },
  async act(input: CreateUploadInput, acting: Acting) {
    const { party, mandates } = await authorityOver(acting, partyOrSelf(input.partyId), {
      power: Power.FILE,
      scope: 'documents:write',
      ...(input.serviceCode != null && { service: input.serviceCode }),
    })
    return await announceUpload(acting, { ...input, party, mandates, subjectId: null })
  },
})
