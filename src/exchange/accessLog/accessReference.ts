import { createHash, createHmac } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import { canonical } from '../../events/canonical.js'
import type { Work } from '../../events/job.js'
import { keysOf } from '../../identity/parties/party.js'
import type { Database } from '../../platform/database.js'
import type { Keyring } from '../../platform/keyring.js'
import type { PartyKey } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { lastReferences } from './access.repository.js'
import type { accessReferences, ReferenceKind } from './accessReference.table.js'

type Verifying = Pick<Work, 'database' | 'keyring'>
export type Reference = typeof accessReferences.$inferSelect

/** The current meaning of an ID. */
export interface Meaning extends Record<string, unknown> {
  kind: ReferenceKind
  refId: string
  value: string
  /** For an account or an identifier: its blind index, null if the party's data was erased. */
  party: string | null
  index: string | null
}

/** The condition by which each table is read. */
type Conditions = Record<ReferenceKind, SQL>
const meanings = (by: Conditions) => sql`
  select 'PURPOSE' as kind, id as "refId", code as value, null::uuid as party, null as index from purposes where ${by.PURPOSE}
  union all select 'GROUND', id, code, null, null from legal_grounds where ${by.GROUND}
  union all select 'REGISTRY', id, code, null, null from registries where ${by.REGISTRY}
  union all select 'AGENCY', id, code, null, null from agencies where ${by.AGENCY}
  union all select 'PROGRAM', id, coalesce(party_id, agency_id)::text, null, null from programs where ${by.PROGRAM}
  union all select 'MANDATE', id, principal_id || ' ' || holder_id, null, null from mandates where ${by.MANDATE}
  union all select 'ACCOUNT', id, party_id::text, party_id, subject_index::text from identities where ${by.ACCOUNT}
  union all select 'IDENTIFIER', id, party_id::text, party_id, value_index::text from identifiers where ${by.IDENTIFIER}`

/**
 * An account moves at most once, when its owner is first identified: away from a party without identifiers.
 */
const wasMoved = (account: SQL, from: SQL, to: SQL) => sql`(
  exists (select from events where type = 'identity.moved' and subject = ${account} and party_id = ${to}::uuid and ids->>'from' = ${from})
  and not exists (select from identifiers where party_id = ${from}::uuid))`

const ofParties = sql`party_id in (select party_id from covered union select actor_party_id from covered)`
const referred = meanings({
  PURPOSE: sql`id in (select purpose_id from covered)`,
  GROUND: sql`id in (select ground_id from covered)`,
  REGISTRY: sql`id in (select registry_id from covered)`,
  AGENCY: sql`id in (select agency_id from covered)`,
  PROGRAM: sql`id in (select program_id from covered)`,
  MANDATE: sql`id in (select unnest(mandate_ids) from covered)`,
  ACCOUNT: ofParties,
  IDENTIFIER: ofParties,
})

/**
 * Records the references of a checkpoint that are not recorded yet. A changed meaning is not recorded again: a checkpoint would then
 * cover the change, and nobody would detect it.
 */
export async function recordReferences(
  tx: Transaction,
  keyring: Keyring,
  { number, firstPosition, lastPosition }: { number: bigint; firstPosition: bigint; lastPosition: bigint },
): Promise<Reference[]> {
  const unknown = await tx.execute<Meaning>(sql`
    with covered as (
      select party_id, actor_party_id, program_id, agency_id, mandate_ids, registry_id, purpose_id, ground_id from accesses
      where position between ${String(firstPosition)}::bigint and ${String(lastPosition)}::bigint)
    select referred.* from (${referred}) referred
    left join lateral (
      select value from access_references where ref_id = "refId" order by checkpoint_number desc limit 1) recorded on true
    where case
      when recorded.value is null then true
      when recorded.value = referred.value or kind <> 'ACCOUNT' then false
      else ${wasMoved(sql`"refId"`, sql`recorded.value`, sql`referred.value`)} end`)
  if (unknown.length === 0) return []
  const keys = await keysOf({ db: tx }, keyring, partiesIn(unknown))
  const references = unknown.map(({ kind, refId, value, party, index }) => {
    const key = keys.get(party ?? '')
    return { kind, refId, value, checkpointNumber: number, mark: key && index !== null ? markOf(key, index) : null }
  })
  // As one parameter, because a statement takes at most 65,535.
  const rows = references.map(({ kind, refId, value, mark }) => ({ kind, refId, value, mark: mark?.toString('hex') }))
  await tx.execute(sql`
    insert into access_references (ref_id, checkpoint_number, kind, value, mark)
    select "refId", ${String(number)}::bigint, kind, value, decode(mark, 'hex')
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as recorded("refId" uuid, kind reference_kind, value text, mark text)`)
  return references
}

/** Finds IDs whose meaning has changed since it was recorded, except for permitted changes. Returns the number compared. */
export async function verifyReferences(
  { database, keyring }: Verifying,
  fault: (line: string) => void,
): Promise<number> {
  let count = 0
  for await (const page of lastReferences(database)) {
    count += page.length
    const found = await meaningsOf(database, page)
    const now = new Map(found.map((meaning) => [`${meaning.kind} ${meaning.refId}`, meaning]))
    const keys = await keysOf(database, keyring, [...partiesIn(found), ...partiesRecorded(page)])
    for (const reference of page) {
      const line = await faultOf(database, reference, now.get(`${reference.kind} ${reference.refId}`), keys)
      if (line) fault(line)
    }
  }
  return count
}

async function faultOf(
  { db }: Pick<Database, 'db'>,
  { kind, refId, value, mark, checkpointNumber }: Reference,
  now: Meaning | undefined,
  keys: Map<string, PartyKey>,
): Promise<string | undefined> {
  const what = `The ${kind.toLowerCase()} ${refId}, recorded with checkpoint ${checkpointNumber},`
  if (!now) return `${what} is missing.`
  if (now.value !== value && !(kind === 'ACCOUNT' && (await isMoved(db, refId, value, now.value))))
    return `${what} was ${value} then and is ${now.value} now.`
  const key = keys.get(value)
  if (!mark || !key) return undefined // nothing else to compare, or its party was forgotten
  if (now.index === null && !keys.has(now.party ?? '')) return undefined // forgotten after it was moved
  const isSame = now.index !== null && markOf(key, now.index)?.equals(mark)
  return isSame ? undefined : `${what} was replaced.`
}

async function isMoved(db: Database['db'], account: string, from: string, to: string): Promise<boolean> {
  const [row] = await db.execute<{ moved: boolean }>(
    sql`select ${wasMoved(sql`${account}::uuid`, sql`${from}::text`, sql`${to}::text`)} as moved`,
  )
  return row?.moved === true
}

const partiesIn = (meanings: readonly Meaning[]) => [...new Set(meanings.flatMap(({ party }) => party ?? []))]
const partiesRecorded = (references: readonly Reference[]) =>
  references.flatMap(({ mark, value }) => (mark ? value : []))

const meaningsOf = ({ db }: Pick<Database, 'db'>, references: readonly Reference[]) => {
  const byId = sql`id = any(${sql.param(references.map(({ refId }) => refId))}::uuid[])`
  return db.execute<Meaning>(
    meanings({
      PURPOSE: byId,
      GROUND: byId,
      REGISTRY: byId,
      AGENCY: byId,
      PROGRAM: byId,
      MANDATE: byId,
      ACCOUNT: byId,
      IDENTIFIER: byId,
    }),
  )
}

/**
 * The derived key has no other use. Null if the party's key cannot be opened: the log still gets its checkpoint.
 */
function markOf(key: PartyKey, index: string): Buffer | null {
  const secret = secretOf(key)
  return secret && createHmac('sha256', secret).update(`pencere access reference ${index}`).digest()
}
function secretOf(key: PartyKey): Buffer | null {
  try {
    return key.secret
  } catch {
    return null
  }
}

/** The references of a checkpoint in a deterministic order. */
export const digestsOf = (references: readonly Reference[]): Buffer[] =>
  references
    .map(({ kind, refId, value, mark }) => canonical({ kind, refId, value, mark: mark?.toString('hex') }))
    .sort()
    .map((text) => createHash('sha256').update(text).digest())
