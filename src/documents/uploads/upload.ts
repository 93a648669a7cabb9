import { and, eq, isNotNull, isNull, or, sql } from 'drizzle-orm'
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { asked, connection, descending, fields, leaf, one, queries, type Row, Stored } from '../../engine/declare.js'
import { Node, nodeIdOf } from '../../engine/node.js'
import { isActedForByCaller, isWhollyForCaller } from '../../identity/mandates/powers.js'
import { Party } from '../../identity/parties/party.resolver.js'
import { ofParty } from '../../identity/parties/partyArgument.js'
import { bytesIn } from '../../platform/bytes.js'
import { type Context, hasScope, only, seesPersonal } from '../../shared/context.js'
import { messageIn } from '../../shared/messages.js'
import { DateTime } from '../../shared/scalars.js'
import { signedUrl } from '../files/address.js'
import { knownReason, limits } from './upload.reasons.js'
import { UploadState, uploads } from './upload.table.js'

registerEnumType(UploadState, {
  name: 'UploadState',
  description: 'State of an upload.',
  valuesConfig: {
    WAITING: { description: 'Announced. Send the file to `uploadUrl`.' },
    SCANNING: { description: 'Received and being scanned. Takes seconds.' },
    CLEAN: { description: 'Scanned. It can be attached and downloaded.' },
    INFECTED: { description: 'Malware was found. The file was deleted.' },
    REFUSED: { description: 'Refused: see `refusedFor`. The file was deleted.' },
  },
})

type UploadRow = Row<typeof uploads>
const callerId = asked(({ caller }: Context) => caller.id)
const writesDocuments = asked(({ caller }: Context) => hasScope(caller, 'documents:write'))
const readsDocuments = asked(({ caller }: Context) => hasScope(caller, 'documents:read'))
/** Announced by the caller, who may still file for the party, even for some services only. */
const isSentByCaller = ({ partyId, createdBy }: UploadRow, variant: string | undefined) =>
  and(eq(createdBy, sql`${callerId}`), isActedForByCaller(partyId, variant, 'FILE'))

@AllowedTo(anyone)
@Stored(uploads, {
  PERSON: (row: UploadRow, variant) =>
    and(isNull(row.subjectId), or(isWhollyForCaller(row.partyId, variant), isSentByCaller(row, variant))),
  PROGRAM: (row: UploadRow, variant) =>
    and(
      isNull(row.subjectId),
      or(
        and(sql`${readsDocuments}::boolean`, isWhollyForCaller(row.partyId, variant)),
        and(sql`${writesDocuments}::boolean`, isSentByCaller(row, variant)),
      ),
    ),
  OFFICER: ({ createdBy, subjectId }: UploadRow) => and(isNotNull(subjectId), eq(createdBy, sql`${callerId}`)),
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'File of a party: announced by `createUpload`, sent to `uploadUrl`, scanned and stored. Visible to the party, ' +
    'and to holders of the power VIEW over it for all services; a program also requires the scope `documents:read`. ' +
    'Also visible to who announced it, while they may file for the party. A file of an officer, announced by ' +
    '`createOfficerUpload`, is visible to that officer only; others see it where it is attached.',
})
export class Upload extends Node {
  @Field(() => Int, { description: 'Announced size in bytes.' })
  size!: number
  @Field(() => UploadState, { description: 'State of the upload.' })
  state!: UploadState
  @Field(() => String, {
    nullable: true,
    description: 'Media type detected from the content: application/pdf, image/jpeg or image/png. Null until CLEAN.',
  })
  mediaType!: string | null
  @Field(() => String, {
    nullable: true,
    description:
      'Stable name of the reason for refusal, such as "upload.encrypted". More may be added. Null unless the file was ' +
      'refused.',
  })
  refusedFor!: string | null
  @Field(() => DateTime, { description: 'When the upload was announced.' })
  createdAt!: Date
  @Field(() => DateTime, { description: 'When the upload expires if the file has not been received.' })
  expiresAt!: Date
  @Field(() => DateTime, { nullable: true, description: 'When the whole file was received. Null until then.' })
  receivedAt!: Date | null
}

type Shown = Pick<typeof uploads.$inferSelect, 'id' | 'state' | 'expiresAt' | 'refusedFor'> & {
  /** Bytes as text, as in JSON. */
  sha256: string
}

fields(Upload, {
  party: one(Party, uploads.partyId, {
    description: 'Party that owns the file. Null if the caller may not see the party.',
  }),
  sha256: leaf(
    () => String,
    [uploads.sha256],
    ({ sha256 }: Shown) => bytesIn(sha256).toString('hex'),
    { description: 'Announced SHA-256 of the file, as hexadecimal digits.' },
  ),
  refusal: leaf(
    () => String,
    [uploads.refusedFor],
    ({ refusedFor }: Shown, context: Context) => {
      const reason = refusedFor && knownReason(refusedFor)
      return reason ? messageIn(context.language, { reason, params: limits }) : null
    },
    {
      description:
        'Reason for refusal, for people, in the language of `Accept-Language` (az, en, ru). Null unless the file was ' +
        'refused.',
    },
  ),
  uploadUrl: leaf(
    () => String,
    [uploads.id, uploads.state, uploads.expiresAt],
    ({ id, state, expiresAt }: Shown, context: Context) => {
      const at = context.now().getTime()
      if (state !== UploadState.WAITING || expiresAt.getTime() <= at) return null
      const until = new Date(Math.min(at + context.timings.uploadUrlLifetime, expiresAt.getTime()))
      return signedUrl(context, 'uploads', nodeIdOf('Upload', id), until)
    },
    {
      nullable: true,
      allowedTo: seesPersonal,
      description:
        'Absolute URL for one PUT of all bytes, without a token. Expires after an hour; query the upload again for a new one. ' +
        'Null unless the state is WAITING.',
    },
  ),
})

/** The scope of the noun decides which files each caller may see. */
const seesUploads = only(
  'seesUploads',
  'persons, and programs with the scope documents:read or documents:write',
  ['PERSON', 'PROGRAM'],
  {},
  (caller) => hasScope(caller, 'documents:read') || hasScope(caller, 'documents:write'),
)

export const uploadQueries = queries({
  uploads: connection(Upload, undefined, {
    allowedTo: seesUploads,
    owner: ofParty(uploads.partyId),
    order: descending(uploads.createdAt),
    description:
      'Lists the uploads of a party that the caller may see, newest first. A program requires the scope ' +
      '`documents:read` or `documents:write`.',
  }),
})
