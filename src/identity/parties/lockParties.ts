import { and, eq, exists, inArray, isNotNull, sql } from 'drizzle-orm'
import { beginEncrypting, refuseClosedKeys } from '../../platform/installation.js'
import type { Keyring } from '../../platform/keyring.js'
import { decrypt, type Encrypted, type EncryptionKey } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { MandateKind, mandates } from '../mandates/mandate.table.js'
import type { Capacity } from '../mandates/powers.rules.js'
import { isInForce } from './capacity.repository.js'
import { type IdentifierType, identifiers } from './identifier.table.js'
import { hashesOfIdentifier, type Identifier } from './identifiers.js'
import { particulars } from './particulars.table.js'
import { unwrapped } from './party.js'
import { type PartyKind, parties } from './party.table.js'

/** A party with what a command needs to act and to write for it. */
export interface LockedParty {
  id: string
  kind: PartyKind
  key: EncryptionKey
  /** Undefined if it is unknown. */
  name: string | undefined
  capacity: Capacity
  /** Its identifier of that type, if it has one. */
  identifier(type: IdentifierType): string | undefined
}
export interface LockedParties {
  byId(id: string): LockedParty | undefined
  named(identifier: Identifier): LockedParty | undefined
}

interface StoredIdentifier {
  id: string
  type: IdentifierType
  value: string
  hash: string | null
}
// The cast: from that column.
const storedValue = ({ value }: StoredIdentifier) => Buffer.from(value, 'hex') as Encrypted<string>

/**
 * Parties by their IDs and by identifiers, in as many statements for one as for many. They cannot be forgotten before the
 * transaction ends. Unknown and forgotten parties are missing.
 */
export async function lockParties(
  tx: Transaction,
  { keyring, now }: { keyring: Keyring; now(): Date },
  { ids, named }: { ids: readonly string[]; named: readonly Identifier[] },
): Promise<LockedParties> {
  const hashesOf = once(
    ({ type, value }: Identifier) => `${type}:${value}`,
    (one) => hashesOfIdentifier(keyring, one),
  )
  const hashes = [...new Set(named.flatMap(hashesOf))]
  const among = sql`(
    select unnest(${`{${ids.join()}}`}::uuid[]) union
    select ${identifiers.partyId} from ${identifiers} where ${inArray(identifiers.valueIndex, hashes)})`
  const guardians = tx
    .select({ id: mandates.id })
    .from(mandates)
    .where(and(eq(mandates.principalId, parties.id), eq(mandates.kind, MandateKind.GUARDIAN), isInForce(now())))
  const rows = await tx
    .select({
      remembered: beginEncrypting,
      party: parties,
      known: particulars,
      isWard: sql<boolean>`${exists(guardians)}`,
      named: sql<StoredIdentifier[]>`array(
          select json_build_object('id', id, 'type', type, 'value', encode(value, 'hex'), 'hash', value_index)
          from ${identifiers} where ${identifiers.partyId} = ${parties.id})`,
    })
    .from(parties)
    .leftJoin(particulars, eq(particulars.partyId, parties.id))
    .where(and(inArray(parties.id, among), isNotNull(parties.key)))
    .orderBy(parties.id)
    .for('share', { of: parties })
  refuseClosedKeys(rows[0]?.remembered ?? null, keyring)
  const all = rows.map(({ party: { id, kind, ...party }, known, isWard, named }) => {
    const key = unwrapped(keyring, { id, ...party }) as EncryptionKey // the party is locked
    const { name, birthDate } = known ? decrypt(key, particulars, known) : { name: null, birthDate: null }
    const identifier = once(
      (type: IdentifierType) => type,
      (type) => {
        const stored = named.find((one) => one.type === type)
        return stored && decrypt(key, identifiers, { id: stored.id, value: storedValue(stored) }).value
      },
    )
    const locked = { id, kind, key, name: name ?? undefined, capacity: { birthDate, isWard }, identifier }
    return { locked, hashes: named.map(({ hash }) => hash) }
  })
  const byId = new Map(all.map(({ locked }) => [locked.id, locked]))
  const byHash = new Map(all.flatMap(({ locked, hashes }) => hashes.map((hash) => [hash, locked] as const)))
  return {
    byId: (id) => byId.get(id),
    named: (identifier) =>
      hashesOf(identifier)
        .map((hash) => byHash.get(hash))
        .find(Boolean),
  }
}

/** Computes a value once for each key: many filings name one party. */
function once<Given, Value>(
  keyOf: (given: Given) => string,
  compute: (given: Given) => Value,
): (given: Given) => Value {
  const known = new Map<string, Value>()
  return (given) => {
    const key = keyOf(given)
    const value = known.has(key) ? (known.get(key) as Value) : compute(given) // it has one
    known.set(key, value)
    return value
  }
}
