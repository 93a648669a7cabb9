import type { Sql } from 'postgres'

const addedAndChanged = 'select, insert, update'
const added = 'select, insert'
/** What is not for the server to change, or not all of it. Of every other table it reads, adds, changes and removes rows. */
const narrower = {
  // Neither its place in the order of ids nor its position is for the writer to say.
  events: 'select, insert (domain, type, subject, party_id, agency_id, at, actor, ids), update (position)',
  // Nor of these its place.
  accesses:
    'select, insert (id, at, kind, party_id, actor, actor_party_id, client_id, agency_id, mandate_ids, registry_id, fields, purpose_id, ground_id, application, message_id, request_hash, outcome, release_at, salt, digest), update (position)',
  access_seals: added,
  access_references: added,
  event_head: 'select, update',
  retention: 'select',
  installation: 'select, update (keyring_check)',
  parties: addedAndChanged,
  particulars: addedAndChanged,
  identifiers: addedAndChanged,
  identities: addedAndChanged,
  mandates: addedAndChanged,
  appointments: addedAndChanged,
  clients: addedAndChanged,
  // What was consented to stays as it was given.
  consents: 'select, insert, update (withdrawn_at, withdrawn_by)',
  // What is published stays, but for its last day and its withdrawal.
  service_versions: 'select, insert, update (valid_to, withdrawn_at)',
  // What was announced stays; the hash goes with its party.
  uploads: 'select, insert, update (state, media_type, refused_for, received_at, scanned_at, sha256)',
  // What a document says stays; its signature, its PDF and its place in a series come later, once.
  issued_documents: 'select, insert, update (signature, key_id, pdf_sha256, pdf_size, series_number)',
  applications: addedAndChanged,
  co_applicants: addedAndChanged,
  processes: added,
  timeline_entries: added,
  decisions: added,
  appeals: added,
  application_signatures: added,
  earlier_answers: added,
  application_openings: added,
  fees: added,
  processing_terms: added,
  required_documents: added,
  service_steps: added,
  legal_bases: added,
  forms: added,
  'graphile_worker.migrations': 'select',
}

/**
 * What a role that serves could take the triggers away by: the rights of whoever owns the tables, or those of the database
 * or the schema they stand in. A role that does not inherit them may still `set role`.
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
  // One role for both is one that owns the tables, and is no secret.
  if (!found || found.same) return
  if (found.owns)
    throw new Error(
      `DATABASE_URL must be of a role without the rights of the one that owns the tables; ${found.role} has them`,
    )
  if (found.rules)
    throw new Error(
      `DATABASE_URL must be of a role that neither owns the database or its schema public nor creates anything there; ${found.role} may`,
    )
}

/**
 * Grants the role that serves what it needs, and no more than that, on all tables there are now. It owns none of them,
 * so it cannot take a trigger or a check away.
 */
export async function grantToServer(client: Sql, role: string): Promise<void> {
  const [migrator] = await client`select current_user as role`
  if (role === migrator?.role) return
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
