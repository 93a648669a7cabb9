import { and, eq, inArray, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import type { Keyring } from '../../platform/keyring.js'
import { decrypt, type EncryptionKey, encrypt, hashesOf, indexed, type PartyKey } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { type IdentifierType, identifiers } from './identifier.table.js'
import { keyToEncrypt, makeParty } from './party.js'
import type { PartyKind } from './party.table.js'

/** An official identifier of a party, in canonical form. */
export interface Identifier {
  type: IdentifierType
  value: string
}

const canonicalOf = ({ type, value }: Identifier) => `${type}:${value}`
/** The hashes for an exact search, one for each key. */
export const hashesOfIdentifier = (keyring: Keyring, identifier: Identifier): string[] =>
  hashesOf(keyring, identifiers.valueIndex, canonicalOf(identifier))

/**
 * Locks the identifiers until the transaction ends. A unique index is not enough: with two keys, one identifier has two hashes.
 */
const lockIdentifiers = (tx: Transaction, keyring: Keyring, all: readonly Identifier[]): Promise<void> =>
  lockHashes(
    tx,
    all.flatMap((identifier) => hashesOfIdentifier(keyring, identifier)),
  )

/** Locks in a fixed order, which `unnest` keeps, to avoid deadlocks. */
export async function lockHashes(tx: Transaction, hashes: readonly string[]): Promise<void> {
  const sorted = sql.param([...hashes].sort())
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(hash, 0)) from unnest(${sorted}::text[]) hash`)
}

interface Known {
  party: string
  hash: string | null
}
/** Those of these identifiers that parties have. */
async function findKnown(tx: Transaction, keyring: Keyring, all: readonly Identifier[]): Promise<Known[]> {
  const hashes = all.flatMap((identifier) => hashesOfIdentifier(keyring, identifier))
  return await tx
    .select({ party: identifiers.partyId, hash: identifiers.valueIndex })
    .from(identifiers)
    .where(inArray(identifiers.valueIndex, hashes))
}

/** Whether the party has the identifier. */
export async function isNamedBy(
  tx: Transaction,
  keyring: Keyring,
  party: string,
  identifier: Identifier,
): Promise<boolean> {
  const hashes = hashesOfIdentifier(keyring, identifier)
  const isIt = and(eq(identifiers.partyId, party), inArray(identifiers.valueIndex, hashes))
  const [found] = await tx.select({ id: identifiers.id }).from(identifiers).where(isIt)
  return found !== undefined
}

/** The identifiers of a party, in a fixed order. */
export async function identifiersOf(reading: Pick<Transaction, 'select'>, key: PartyKey): Promise<Identifier[]> {
  const rows = await reading.select().from(identifiers).where(eq(identifiers.partyId, key.party))
  return rows
    .map((row) => ({ type: row.type, value: decrypt(key, identifiers, row).value }))
    .sort((one, other) => (canonicalOf(one) < canonicalOf(other) ? -1 : 1))
}

export class IdentifiersDisagree extends Error {}

interface Named {
  kind: PartyKind
  identifiers: readonly Identifier[]
  createdAt: Date
}
/** The party with these identifiers, created if there is none. Adds identifiers that it did not have. */
export async function partyBy(
  tx: Transaction,
  keyring: Keyring,
  { kind, createdAt, ...named }: Named,
): Promise<EncryptionKey> {
  await lockIdentifiers(tx, keyring, named.identifiers)
  const known = await findKnown(tx, keyring, named.identifiers)
  const [party, ...others] = new Set(known.map(({ party }) => party))
  if (others.length > 0) throw new IdentifiersDisagree('these identifiers are of parties that differ')
  const key = party ? await keyToEncrypt(tx, keyring, party) : await makeParty(tx, keyring, kind, createdAt)
  await addUnknown(tx, keyring, key, { ...named, known, createdAt })
  return key
}

/** Adds identifiers to a party that has none. No other party may have them. */
export async function namePartyBy(
  tx: Transaction,
  keyring: Keyring,
  party: string,
  all: readonly Identifier[],
  createdAt: Date,
): Promise<void> {
  await lockIdentifiers(tx, keyring, all)
  const known = await findKnown(tx, keyring, all)
  if (known.some((other) => other.party !== party))
    throw new IdentifiersDisagree('these identifiers are those of another party')
  const key = await keyToEncrypt(tx, keyring, party)
  const [before] = await tx
    .select({ id: identifiers.id })
    .from(identifiers)
    .where(eq(identifiers.partyId, party))
    .limit(1)
  if (before) return // another transaction was faster
  await addUnknown(tx, keyring, key, { identifiers: all, known, createdAt })
}

async function addUnknown(
  tx: Transaction,
  keyring: Keyring,
  key: EncryptionKey,
  { identifiers: all, known, createdAt }: Omit<Named, 'kind'> & { known: readonly Known[] },
) {
  const isKnown = (identifier: Identifier) =>
    hashesOfIdentifier(keyring, identifier).some((hash) => known.some((one) => one.hash === hash))
  const rows = all
    .filter((identifier) => !isKnown(identifier))
    .map(({ type, value }) => {
      const valueIndex = indexed(keyring, identifiers.valueIndex, canonicalOf({ type, value }))
      return encrypt(key, identifiers, { id: v7(), partyId: key.party, type, value, valueIndex, createdAt })
    })
  if (rows.length > 0) await tx.insert(identifiers).values(rows)
}

/**
 * The party with an identifier that somebody else provided, created if there is none. Runs the same statements in both cases, so
 * that nothing reveals which it was.
 */
export async function partyNamedByOther(
  tx: Transaction,
  keyring: Keyring,
  { kind, createdAt, identifier }: { kind: PartyKind; createdAt: Date; identifier: Identifier },
): Promise<{ party: string; identifier: string }> {
  await lockIdentifiers(tx, keyring, [identifier])
  const [known] = await tx
    .select({ id: identifiers.id, party: identifiers.partyId })
    .from(identifiers)
    .where(inArray(identifiers.valueIndex, hashesOfIdentifier(keyring, identifier)))
  const key = await makeParty(tx, keyring, kind, createdAt, known?.party)
  const row = { id: known?.id ?? v7(), partyId: key.party, ...identifier, createdAt }
  const valueIndex = indexed(keyring, identifiers.valueIndex, canonicalOf(identifier))
  await tx
    .insert(identifiers)
    .values(encrypt(key, identifiers, { ...row, valueIndex }))
    .onConflictDoNothing()
  return { party: key.party, identifier: row.id }
}
