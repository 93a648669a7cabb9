import type { Sql } from 'postgres'

/** What is not for the server to change, or not all of it. Of every other table it reads, adds, changes and removes rows. */
const narrower = {
  events: 'select, insert, update (position)',
  retention: 'select',
  installation: 'select, update (keyring_check)',
}

/**
 * Grants the role that serves what it needs, and no more than that, on all tables there are now. It owns none of them,
 * so it cannot take a trigger or a check away.
 */
export async function grantToServer(client: Sql, role: string): Promise<void> {
  const [migrator] = await client`select current_user as role, pg_has_role(${role}, current_user, 'usage') as is_server`
  if (role === migrator?.role) return
  if (migrator?.is_server)
    throw new Error(
      `DATABASE_URL must be of a role without the rights of the one that owns the tables; ${role} has them`,
    )
  const name = `"${role.replaceAll('"', '""')}"`
  await client.begin((tx) =>
    tx.unsafe(`
      revoke all on all tables in schema public from ${name};
      grant usage on schema public, drizzle, graphile_worker to ${name};
      grant select, insert, update, delete on all tables in schema public, graphile_worker to ${name};
      grant usage, select on all sequences in schema public, graphile_worker to ${name};
      grant select on all tables in schema drizzle to ${name};
      grant execute on all functions in schema graphile_worker to ${name};
      grant execute on function remove_past_term to ${name};
      ${Object.entries(narrower)
        .map(([table, rights]) => `revoke all on ${table} from ${name}; grant ${rights} on ${table} to ${name};`)
        .join('\n')}`),
  )
}
