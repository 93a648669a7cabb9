import type { Sql } from 'postgres'
import { expect } from 'vitest'

/** Every row of the database, in the schemas of libraries too. Binary values appear in hex and as bytes. */
export async function everythingAsText(client: Sql): Promise<string> {
  const tables = await client<{ name: string }[]>`
    select oid::regclass::text as name from pg_class where relkind in ('r', 'p', 'm')
      and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')`
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['parties', 'events', 'graphile_worker._private_jobs', 'drizzle.__drizzle_migrations']),
  )
  const texts = tables.map(async ({ name }) => {
    const rows = await client.unsafe(`select row_to_json(t)::text as row from ${name} t`)
    return rows.map(({ row }) => row.replaceAll(/\\\\x([0-9a-f]+)/g, asBytes)).join('\n')
  })
  return (await Promise.all(texts)).join('\n')
}
const asBytes = (hex: string, digits: string) => `${hex} ${Buffer.from(digits, 'hex').toString('latin1')}`

/** Every form in which a value could appear there. */
export const formsOf = (value: string | Buffer) => {
  const bytes = Buffer.from(value)
  return [bytes.toString('latin1'), bytes.toString(), bytes.toString('hex'), bytes.toString('base64').slice(0, -4)]
}
