import { sql } from 'drizzle-orm'
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { addressOf } from '../documents/address.js'
import { Upload } from '../documents/upload.js'
import { UploadState, type uploads } from '../documents/upload.table.js'
import { Asked } from '../engine/declare.js'
import { refusal } from '../engine/errors.js'
import { loadFor } from '../engine/fetch.js'
import { nodeIdOf } from '../engine/nodeId.js'
import { beforeDeadline, statementOf } from '../engine/statement.js'
import { waysOfCaller } from '../identity/powers.js'
import { type Caller, type Context, hasScope } from '../shared/context.js'
import { AccessKind, AccessOutcome } from './access.table.js'
import { type Looked, logAccesses } from './logAccesses.js'

type Shown = Pick<typeof uploads.$inferSelect, 'id' | 'partyId' | 'state'>
/** Milliseconds that an address to fetch from is good for. */
const addressLife = 300_000

@Resolver(() => Upload)
export class FilesResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Where the file is fetched: a path of this API for a GET without a token, good for five minutes. It is for saving and is ' +
      'never shown as a page. Null until it is CLEAN. Where another than the person whose file it is asks for it, it stands in ' +
      'the access log. FORBIDDEN to a program without the scope `documents:read`.',
  })
  async downloadAddress(@Root() { id, partyId, state }: Shown, @Ctx() context: Context): Promise<string | null> {
    if (state !== UploadState.CLEAN) return null
    if (!hasScope(context.caller, 'documents:read'))
      throw refusal('FORBIDDEN', 'To fetch files a program must have the scope documents:read; its token has not.', {
        scope: 'documents:read',
      })
    if (!isOwn(context.caller, partyId)) await loadFor(context, noteLooks, JSON.stringify([id, partyId]))
    const until = new Date(context.now().getTime() + addressLife)
    return addressOf(context.keyring, 'files', nodeIdOf('Upload', id), until)
  }
}

const isOwn = ({ kind, party }: Caller, owner: string) => kind === 'PERSON' && party === owner

const owners = new Asked(({ keys }) => keys)
/** Under which mandates somebody looks at what is a party's, and for what: the right to know what is held of it. */
const standings = statementOf({
  sql: sql`
    select json_build_object('purposeId', (select id from purposes where code = 'OWN_DATA'),
      'mandates', (
        select json_object_agg(owner, (
          select mandate_ids from ${waysOfCaller} way
          where way.principal_id = owner and way.powers && '{VIEW,FILE}'
          order by 'VIEW' = any(way.powers) desc, cardinality(mandate_ids), mandate_ids limit 1))
        from unnest(${owners}::uuid[]) owner))`,
})

/** Before any of these files can be fetched, in as many statements as for one. */
async function noteLooks(keys: readonly string[], context: Context): Promise<true[]> {
  const { caller, database, deadline, now } = context
  const files = keys.map((key): [id: string, owner: string] => JSON.parse(key))
  const found = await standings(database.client, {
    ...{ context, variables: {}, keys: [...new Set(files.map(([, owner]) => owner))] },
  })
  const at = now()
  const looked = files.map(
    ([id, owner]): Looked => ({
      ...{ at, kind: AccessKind.FILE, partyId: owner, outcome: AccessOutcome.SHOWN, purposeId: found.purposeId },
      ...{ actor: caller.id, actorPartyId: caller.party, clientId: caller.program?.id },
      // Of a program of the party itself there are none.
      mandateIds: found.mandates[owner] ?? [],
      // Which file: it is of no registry.
      fields: [nodeIdOf('Upload', id)],
    }),
  )
  await beforeDeadline(deadline, () => database.db.transaction((tx) => logAccesses(tx, looked)))
  return keys.map(() => true)
}
