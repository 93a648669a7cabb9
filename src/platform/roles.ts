import { getTableColumns } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'
import { columnNames } from './describeTable.js'
import { blindIndexesOf, type DescribedTable } from './tables.js'

/** The rights that GRANT gives the server's role on a table. */
export function rightsOf({ table, description: { appendOnly, server = {} } }: DescribedTable): string {
  const updates = appendOnly ? (appendOnly === true ? [] : appendOnly.updates) : server.update
  const some = (verb: string, columns: string[]) => (columns.length > 0 ? [`${verb} (${columns.join(', ')})`] : [])
  const { insert } = server
  return [
    'select',
    ...(insert === undefined ? ['insert'] : insert ? some('insert', columnsBut(table, insert.except)) : []),
    ...(updates === undefined
      ? ['update']
      : some('update', [...columnNames(table, updates || []), ...blindIndexesOf(table)])),
    ...(appendOnly || server.delete === false ? [] : ['delete']),
  ].join(', ')
}

const columnsBut = (table: PgTable, except: string[]) =>
  columnNames(
    table,
    Object.keys(getTableColumns(table)).filter((name) => !except.includes(name)),
  )

/**
 * Rights with which a serving role could remove triggers: those of the owner of the tables, the database or the schema.
 * A role that does not inherit them may still `set role`.
 */
export async function refuseRightsOfOwner(client: Sql, server?: string): Promise<void> {
  const [found] = await client`
    with server as (select coalesce(${server ?? null}, current_user)::name as role)
    select role, pg_has_role(role, relowner, 'member') as owns, ${server ?? null}::name = current_user as same,
      pg_has_role(role, datdba, 'member') or pg_has_role(role, nspowner, 'member') or exists(
        select from pg_roles where pg_has_role(role, pg_roles.oid, 'member') and has_schema_privilege(pg_roles.oid, pg_namespace.oid, 'create')
      ) as rules
    from server, pg_class join pg_namespace on pg_namespace.oid = relnamespace, pg_database
    where pg_class.oid = 'public.installation'::regclass and datname = current_database()`
  // A single role owns the tables, deliberately.
  if (!found || found.same) return
  if (found.owns)
    throw new Error(
      `DATABASE_URL must name a role without the rights of the owner of the tables; ${found.role} has them`,
    )
  if (found.rules)
    throw new Error(
      `DATABASE_URL must name a role that does not own the database or its schema public and may not create anything there; ${found.role} may`,
    )
}

/**
 * Grants the server's role the rights that the tables declare, and no others. It owns no table, so it cannot remove a
 * trigger or a check.
 */
export async function grantToServer(client: Sql, role: string, tables: DescribedTable[]): Promise<void> {
  const [migrator] = await client`select current_user as role`
  if (role === migrator?.role) return
  const name = `"${role.replaceAll('"', '""')}"`
  await client.begin((tx) =>
    tx.unsafe(`
      revoke all on all tables in schema public from ${name};
      grant usage on schema public, drizzle, graphile_worker to ${name};
      grant select, insert, update, delete on all tables in schema graphile_worker to ${name};
      revoke insert, update, delete on graphile_worker.migrations from ${name};
      grant usage, select on all sequences in schema public, graphile_worker to ${name};
      grant select on all tables in schema drizzle to ${name};
      grant execute on all functions in schema graphile_worker to ${name};
      grant execute on function remove_past_term to ${name};
      ${tables.map((table) => `grant ${rightsOf(table)} on ${table.name} to ${name};`).join('\n')}`),
  )
}
