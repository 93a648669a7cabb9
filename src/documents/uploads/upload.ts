import { and, eq, or, sql } from 'drizzle-orm'
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
  description: 'How far an upload has come.',
  valuesConfig: {
    WAITING: { description: 'Its bytes have not come, or not all of them: send them to `uploadUrl`.' },
    SCANNING: { description: 'They are whole, and are looked through. That takes seconds.' },
    CLEAN: { description: 'It may be attached and fetched.' },
    INFECTED: { description: 'Something hostile was found in it; its bytes are removed.' },
    REFUSED: { description: 'It is not taken: `refusedFor` says why. Its bytes are removed.' },
  },
})

type UploadRow = Row<typeof uploads>
const callerId = asked(({ caller }: Context) => caller.id)
const writesDocuments = asked(({ caller }: Context) => hasScope(caller, 'documents:write'))
const readsDocuments = asked(({ caller }: Context) => hasScope(caller, 'documents:read'))
/** By whoever may file for the party still, were it for some services alone. */
const isSentByCaller = ({ partyId, createdBy }: UploadRow) =>
  and(eq(createdBy, sql`${callerId}`), isActedForByCaller(partyId, 'FILE'))

@AllowedTo(anyone)
@Stored(uploads, {
  PERSON: (row: UploadRow) => or(isWhollyForCaller(row.partyId), isSentByCaller(row)),
  PROGRAM: (row: UploadRow) =>
    or(
      and(sql`${readsDocuments}::boolean`, isWhollyForCaller(row.partyId)),
      and(sql`${writesDocuments}::boolean`, isSentByCaller(row)),
    ),
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'A file of a party: announced by `createUpload`, sent to `uploadUrl`, looked through, and then kept. Seen by the party, ' +
    'by whoever has the power VIEW over it for all services (of programs: with the scope `documents:read`), and by whoever ' +
    'announced it and may still file for the party.',
})
export class Upload extends Node {
  @Field(() => Int, { description: 'Its length in bytes, as announced.' })
  size!: number
  @Field(() => UploadState, { description: 'How far it has come.' })
  state!: UploadState
  @Field(() => String, {
    nullable: true,
    description: 'What it is, by its content: application/pdf, image/jpeg or image/png. Null until it is CLEAN.',
  })
  mediaType!: string | null
  @Field(() => String, {
    nullable: true,
    description:
      'Why it is not taken, as a dotted name that stays: "upload.encrypted"; null where it is. New ones may be added at any time.',
  })
  refusedFor!: string | null
  @Field(() => DateTime, { description: 'When it was announced.' })
  createdAt!: Date
  @Field(() => DateTime, { description: 'Until when its bytes must have come.' })
  expiresAt!: Date
  @Field(() => DateTime, { nullable: true, description: 'When its bytes had come whole; null: not yet.' })
  receivedAt!: Date | null
}

type Shown = Pick<typeof uploads.$inferSelect, 'id' | 'state' | 'expiresAt' | 'refusedFor'> & {
  /** As JSON has bytes. */
  sha256: string
}
/** Milliseconds that an address to send to is good for; who needs longer asks for another. */
const addressLife = 3_600_000

fields(Upload, {
  party: one(Party, uploads.partyId, {
    description: 'Whose it is; null where the caller may not look at them.',
  }),
  sha256: leaf(
    () => String,
    [uploads.sha256],
    ({ sha256 }: Shown) => bytesIn(sha256).toString('hex'),
    { description: 'The SHA-256 of its bytes, as announced, in hexadecimal digits.' },
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
        'Why it is not taken, for people, in the language of `Accept-Language` (az, en, ru); null where it is.',
    },
  ),
  uploadUrl: leaf(
    () => String,
    [uploads.id, uploads.state, uploads.expiresAt],
    ({ id, state, expiresAt }: Shown, context: Context) => {
      const at = context.now().getTime()
      if (state !== UploadState.WAITING || expiresAt.getTime() <= at) return null
      const until = new Date(Math.min(at + addressLife, expiresAt.getTime()))
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

/** Whose files each may see, the noun tells. */
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
      'The files that were announced for a party, the newest first: all that the caller may see. Of a program with ' +
      '`documents:read` or `documents:write`.',
  }),
})
