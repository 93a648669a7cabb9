import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { getTableColumns, getTableName, inArray, type SQL } from 'drizzle-orm'
import { customType, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import type { Key, Keyring } from './keyring.js'

declare const holds: unique symbol
/** A value as it stands in the table: nobody reads it without the key of its party. */
export type Encrypted<Value> = Buffer & { readonly [holds]: Value }

/** What a party's own values are encrypted under. 32 bytes. */
export interface PartyKey {
  party: string
  secret: Buffer
}

declare const encrypts: unique symbol
/** Of a party that cannot be forgotten before the transaction ends: makeParty and keyToSeal give one, and nothing else does. */
export interface EncryptionKey extends PartyKey {
  readonly [encrypts]: true
}

// Types of the database's own, made by a migration: they refuse what was not encrypted, and tell which columns these are.
const personalType = 'personal'
export const blindIndexType = 'blind_index'
const encryptedColumn = customType<{ data: Encrypted<string> }>({ dataType: () => personalType })

/**
 * A column with something of a person in it: text, or with a type of its own anything that JSON holds. Its table has the
 * columns `id` and `party_id`. Rows go in through `encrypt` and come out through `decrypt`.
 */
export const personal = <Value = string>(name: string) => encryptedColumn(name).$type<Encrypted<Value>>()

/** Beside a personal column that is to be found by its exact value. Null where its party was forgotten. */
export const blindIndex = customType<{ data: string }>({ dataType: () => blindIndexType })

/** A row as it is for who may read it. */
export type Decrypted<Row> = {
  [Name in keyof Row]: NonNullable<Row[Name]> extends Encrypted<infer Value>
    ? Value | Extract<Row[Name], null | undefined>
    : Row[Name]
}
type Owned<Table extends PgTable> = Partial<Decrypted<Table['$inferInsert']>> & { id: string; partyId: string }

/** The row with its personal columns encrypted: for `values` and `set`. */
export function encrypt<Table extends PgTable, Row extends Owned<Table>>(
  key: EncryptionKey,
  table: Table,
  row: Row,
): Pick<Table['$inferInsert'], keyof Row & keyof Table['$inferInsert']> {
  if (row.partyId !== key.party)
    throw new Error(`a row of ${row.partyId} must be encrypted under its own key; that of ${key.party} came`)
  // The cast: what was opened by its type is encrypted by it again.
  return changed(table, row, (value, place) =>
    encryptBytes(key.secret, Buffer.from(JSON.stringify(value)), place),
  ) as never
}

/** Throws where the key, the row or the column is not the one that a value was encrypted for. */
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

/** Where a encrypted value belongs. Taken anywhere else, it does not open. */
export interface Place {
  table: string
  column: string
  row: string
}

// The layout: version, nonce, what was encrypted, tag.
const version = 1
const nonceLength = 12
const tagLength = 16

export function encryptBytes(secret: Buffer, bytes: Buffer, place: Place): Buffer {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(associated(place))
  const encrypted = Buffer.concat([cipher.update(bytes), cipher.final()])
  return Buffer.concat([Buffer.of(version), nonce, encrypted, cipher.getAuthTag()])
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
    throw new Error(`${at} must be what was encrypted there, under the same key; it is not`, { cause: error })
  }
}

// PostgreSQL writes a UUID in small letters, however it was given.
export const associated = ({ table, column, row }: Place) =>
  Buffer.from(JSON.stringify([version, table, column, row.toLowerCase()]))

/** What a blind index holds of a value, which is given in its canonical form. The same everywhere in that column, and nowhere else. */
export const indexed = (keyring: Keyring, column: PgColumn, canonical: string): string =>
  hashed(keyring.current('blindIndex'), column, canonical)

/** What it may have been indexed by: under whichever key. */
export const hashesOf = (keyring: Keyring, column: PgColumn, canonical: string): string[] =>
  keyring.all('blindIndex').map((key) => hashed(key, column, canonical))

/** Finds it by whichever key it was indexed. */
export const isIndexed = (keyring: Keyring, column: PgColumn, canonical: string): SQL =>
  inArray(column, hashesOf(keyring, column, canonical))

function hashed({ id, secret }: Key, column: PgColumn, canonical: string): string {
  const place = JSON.stringify([getTableName(column.table), column.name, canonical])
  return `${id}.${createHmac('sha256', secret).update(place).digest('base64url')}`
}
