import { sql } from 'drizzle-orm'
import { Asked } from '../../engine/declare.js'
import { statementOf } from '../../engine/statement.js'
import { bytesIn } from '../../platform/bytes.js'
import { decrypt, type Encrypted, type PartyKey } from '../../platform/personal.js'
import type { Context } from '../../shared/context.js'
import { type IdentifierType, identifiers } from './identifier.table.js'
import { type PersonStatus, particulars } from './particulars.table.js'
import { keysOf, unwrapped } from './party.js'

/** The decrypted details of a party. */
interface Known {
  name: string | null
  birthDate: string | null
  status: PersonStatus | null
  identifiers: { id: string; type: IdentifierType; value: string }[]
}
const nothing: Known = { name: null, birthDate: null, status: null, identifiers: [] }

type StoredParticulars = { id: string; name: string | null; birthDate: string | null; status: PersonStatus | null }
interface Row {
  id: string
  key: string
  wrappedBy: string
  particulars: StoredParticulars | null
  identifiers: { id: string; type: IdentifierType; value: string }[]
}

const keys = new Asked((run) => run.keys)
const statement = statementOf({
  sql: sql`(
    select coalesce(json_agg(json_build_object('id', id, 'key', key, 'wrappedBy', wrapped_by,
      'particulars', (
        select json_build_object('id', particulars.id, 'name', name, 'birthDate', birth_date, 'status', status)
        from particulars where particulars.party_id = party.id),
      'identifiers', (
        select coalesce(json_agg(json_build_object('id', held.id, 'type', type, 'value', value) order by type, held.id), '[]')
        from identifiers held where held.party_id = party.id))), '[]')
    from parties party where id = any(${keys}::uuid[]) and key is not null)`,
})

/** Details of the parties of a page, in one statement. The caller's scope has been checked before. */
export async function knownOf(ids: readonly string[], context: Context): Promise<(Known | Error)[]> {
  const rows: Row[] = await statement(context.database.client, { context, variables: {}, keys: ids })
  const known = new Map(rows.map((row) => [row.id, openedOrNot(row, context)]))
  return ids.map((id) => known.get(id) ?? nothing)
}

/** A party that cannot be decrypted does not affect the others of the page. */
function openedOrNot(row: Row, context: Context): Known | Error {
  try {
    return opened(row, context)
  } catch (error) {
    return error as Error
  }
}

function opened({ id, key, wrappedBy, particulars: stored, identifiers: held }: Row, { keyring }: Context): Known {
  const own = unwrapped(keyring, { id, key: bytesIn(key), wrappedBy })
  const name = stored?.name && decrypt(own, particulars, { id: stored.id, name: encrypted(stored.name) }).name
  const birthDate =
    stored?.birthDate && decrypt(own, particulars, { id: stored.id, birthDate: encrypted(stored.birthDate) }).birthDate
  return {
    name: name ?? null,
    birthDate: birthDate ?? null,
    status: stored?.status ?? null,
    identifiers: held.map(({ id, type, value }) => ({
      id,
      type,
      value: decrypt(own, identifiers, { id, value: encrypted(value) }).value,
    })),
  }
}

const encrypted = (text: string) => bytesIn(text) as Encrypted<string>

/** The keys of the parties of a page, in one statement. Null for a party whose data was erased. */
export async function partyKeys(ids: readonly string[], { database, keyring }: Context): Promise<(PartyKey | null)[]> {
  const keys = await keysOf(database, keyring, ids)
  return ids.map((id) => keys.get(id) ?? null)
}
