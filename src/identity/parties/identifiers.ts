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

/** Locks in a fixed order, to avoid deadlocks. */
export async function lockHashes(tx: Transaction, hashes: readonly string[]): Promise<void> {
  for (const hash of [...hashes].sort())
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${hash}, 0))`)
}

/** Parties with any of these identifiers. */
async function partiesNamed(tx: Transaction, keyring: Keyring, all: readonly Identifier[]): Promise<string[]> {
  const hashes = all.flatMap((identifier) => hashesOfIdentifier(keyring, identifier))
  const rows = await tx
    .selectDistinct({ party: identifiers.partyId })
    .from(identifiers)
    .where(inArray(identifiers.valueIndex, hashes))
  return rows.map(({ party }) => party)
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
  const [party, ...others] = await partiesNamed(tx, keyring, named.identifiers)
  if (others.length > 0) throw new IdentifiersDisagree('these identifiers are of parties that differ')
  const key = party ? await keyToEncrypt(tx, keyring, party) : await makeParty(tx, keyring, kind, createdAt)
  for (const identifier of named.identifiers) await add(tx, keyring, key, identifier, createdAt)
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
  const named = await partiesNamed(tx, keyring, all)
  if (named.some((other) => other !== party))
    throw new IdentifiersDisagree('these identifiers are those of another party')
  const key = await keyToEncrypt(tx, keyring, party)
  const [before] = await tx
    .select({ id: identifiers.id })
    .from(identifiers)
    .where(eq(identifiers.partyId, party))
    .limit(1)
  if (before) return // another transaction was faster
  for (const identifier of all) await add(tx, keyring, key, identifier, createdAt)
}

async function add(tx: Transaction, keyring: Keyring, key: EncryptionKey, identifier: Identifier, createdAt: Date) {
  const hashes = hashesOfIdentifier(keyring, identifier)
  const known = await tx.select({ id: identifiers.id }).from(identifiers).where(inArray(identifiers.valueIndex, hashes))
  if (known.length > 0) return
  const { type, value } = identifier
  const valueIndex = indexed(keyring, identifiers.valueIndex, canonicalOf(identifier))
  const row = { id: v7(), partyId: key.party, type, value, valueIndex, createdAt }
  await tx.insert(identifiers).values(encrypt(key, identifiers, row))
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
