import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { getTableColumns, getTableName, inArray, type SQL } from 'drizzle-orm'
import { customType, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import type { Key, Keyring } from './keyring.js'

declare const holds: unique symbol
/** A stored value, unreadable without its party's key. */
export type Encrypted<Value> = Buffer & { readonly [holds]: Value }

/** The key of a party's own values. 32 bytes. */
export interface PartyKey {
  party: string
  secret: Buffer
}

declare const encrypts: unique symbol
/** A key whose party cannot be forgotten before the transaction ends. Only makeParty and keyToEncrypt return one. */
export interface EncryptionKey extends PartyKey {
  readonly [encrypts]: true
}

// Database types: PostgreSQL refuses an unencrypted value in such a column, and lists these columns.
const personalType = 'personal'
export const blindIndexType = 'blind_index'
const encryptedColumn = customType<{ data: Encrypted<string> }>({ dataType: () => personalType })

/**
 * A column of personal data: text or, with a type argument, any JSON. Its table has the columns `id` and `party_id`.
 * Write rows with `encrypt` and read them with `decrypt`.
 */
export const personal = <Value = string>(name: string) => encryptedColumn(name).$type<Encrypted<Value>>()

/** For exact search in a personal column. Null once the party is forgotten. */
export const blindIndex = customType<{ data: string }>({ dataType: () => blindIndexType })

/** A decrypted row. */
export type Decrypted<Row> = {
  [Name in keyof Row]: NonNullable<Row[Name]> extends Encrypted<infer Value>
    ? Value | Extract<Row[Name], null | undefined>
    : Row[Name]
}
type Owned<Table extends PgTable> = Partial<Decrypted<Table['$inferInsert']>> & { id: string; partyId: string }

/** Encrypts the personal columns of a row, for `values` and `set`. */
export function encrypt<Table extends PgTable, Row extends Owned<Table>>(
  key: EncryptionKey,
  table: Table,
  row: Row,
): Pick<Table['$inferInsert'], keyof Row & keyof Table['$inferInsert']> {
  if (row.partyId !== key.party)
    throw new Error(`a row of ${row.partyId} must be encrypted under its own key; got that of ${key.party}`)
  // The cast: what `Decrypted` makes of a type, encrypting reverses.
  return changed(table, row, (value, place) =>
    encryptBytes(key.secret, Buffer.from(JSON.stringify(value)), place),
  ) as never
}

/** Throws if the key, row or column differs from the one the value was encrypted for. */
export function decrypt<Table extends PgTable, Row extends Partial<Table['$inferSelect']> & { id: string }>(
  key: PartyKey,
  table: Table,
  row: Row,
): Decrypted<Row> {
  const value = (encrypted: unknown, place: Place) =>
    JSON.parse(decryptBytes(key.secret, encrypted as Buffer, place).toString())
  return changed(table, row, value) as Decrypted<Row>
}

function changed(
  table: PgTable,
  row: Record<string, unknown> & { id: string },
  change: (value: unknown, place: Place) => unknown,
): object {
  const columns = getTableColumns(table)
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const column = columns[name]
      if (value == null || column?.getSQLType() !== personalType) return [name, value]
      return [name, change(value, { table: getTableName(table), column: column.name, row: row.id })]
    }),
  )
}

/** The place a value is encrypted for. It cannot be decrypted as the value of another. */
export interface Place {
  table: string
  column: string
  row: string
}

// Layout: version, nonce, ciphertext, tag.
const version = 1
const nonceLength = 12
const tagLength = 16

export function encryptBytes(secret: Buffer, bytes: Buffer, place: Place): Buffer {
  const nonce = freshNonce()
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(associated(place))
  const encrypted = Buffer.concat([cipher.update(bytes), cipher.final()])
  return Buffer.concat([Buffer.of(version), nonce, encrypted, cipher.getAuthTag()])
}

let nonces = Buffer.alloc(0)
/** Random bytes are drawn for many nonces at once: each draw costs as much as an encryption. */
function freshNonce(): Buffer {
  if (nonces.length === 0) nonces = randomBytes(nonceLength * 256)
  const nonce = nonces.subarray(0, nonceLength)
  nonces = nonces.subarray(nonceLength)
  return nonce
}

export function decryptBytes(secret: Buffer, encrypted: Buffer, place: Place): Buffer {
  const at = `${place.table}.${place.column} of ${place.row}`
  const least = 1 + nonceLength + tagLength
  if (encrypted[0] !== version || encrypted.length < least)
    throw new Error(
      `${at} must be of layout ${version} and at least ${least} bytes; it is of ${encrypted[0]} and ${encrypted.length}`,
    )
  const nonce = encrypted.subarray(1, 1 + nonceLength)
  const decipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: tagLength })
  decipher.setAAD(associated(place)).setAuthTag(encrypted.subarray(-tagLength))
  try {
    return Buffer.concat([decipher.update(encrypted.subarray(1 + nonceLength, -tagLength)), decipher.final()])
  } catch (error) {
    throw new Error(`${at} cannot be decrypted: it was encrypted for another place or with another key`, {
      cause: error,
    })
  }
}

// PostgreSQL prints a UUID in lower case.
export const associated = ({ table, column, row }: Place) =>
  Buffer.from(JSON.stringify([version, table, column, row.toLowerCase()]))

/** The blind index of a value in its canonical form. Equal values are equal within one column only. */
export const indexed = (keyring: Keyring, column: PgColumn, canonical: string): string =>
  hashed(keyring.current('blindIndex'), column, canonical)

/** The possible hashes of a value, one for each key. */
export const hashesOf = (keyring: Keyring, column: PgColumn, canonical: string): string[] =>
  keyring.all('blindIndex').map((key) => hashed(key, column, canonical))

/** Matches a value hashed with any of the keys. */
export const isIndexed = (keyring: Keyring, column: PgColumn, canonical: string): SQL =>
  inArray(column, hashesOf(keyring, column, canonical))

function hashed({ id, secret }: Key, column: PgColumn, canonical: string): string {
  const place = JSON.stringify([getTableName(column.table), column.name, canonical])
  return `${id}.${createHmac('sha256', secret).update(place).digest('base64url')}`
}
