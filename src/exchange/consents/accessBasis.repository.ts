import { sql } from 'drizzle-orm'
import { Asked, asked } from '../../engine/declare.js'
import { loadFor } from '../../engine/fetch.js'
import { statementOf } from '../../engine/statement.js'
import { waysOfCaller } from '../../identity/mandates/powers.js'
import { actsForParties, type Context } from '../../shared/context.js'
import type { Words } from '../../shared/words.js'
import { consentHolds } from './consent.repository.js'

export interface Question {
  /** The subject. */
  party: string
  /** The code of the purpose. */
  purpose: string
  /** The officer's agency. Undefined for the subject, their representatives and their programs. */
  agency?: string
  /** The number of the application or case. */
  application?: string
  vehicle?: string
}

/** What permits a query, and what is stored, before anything is sent. */
export interface AccessBasis {
  registryId: string
  agencyId: string
  /** Null if no purpose has the code. */
  purposeId: string | null
  /** The mandates of the caller. Empty for the subject and for an agency. Null if the caller may not query. */
  mandateIds: string[] | null
  ground: {
    id: string
    purposeId: string
    fields: string[] | null
    basis: Words
    consents: boolean
    secret: boolean
  } | null
  /** The party's key, to decrypt the stored answer. */
  key: string | null
  wrappedBy: string | null
  kept: {
    id: string
    record: string | null
    service: string
    messageId: string
    requestHash: string | null
    fetchedAt: string
  } | null
}

const ownParty = asked(({ caller }: Context) => (actsForParties(caller) ? caller.party : null))
const mayAct = asked(({ caller }: Context) => actsForParties(caller))
const atNow = asked(({ now }: Context) => now().toISOString())
const today = asked(({ today }: Context) => today)
/** The agencies of an officer. Empty for other callers. */
const offices = asked(({ caller }: Context) => caller.offices.map(({ agencyId }) => agencyId))
const questions = new Asked(({ keys }) => JSON.stringify(keys))

const consented = consentHolds(
  sql`asked.party`,
  sql`asked.agency`,
  sql`purpose.id`,
  sql`registry.code`,
  sql`${atNow}::timestamptz`,
)

/**
 * The mandates, legal ground, consent and stored answer for each query of a request, in one statement.
 */
export const accessBasisOf = (
  registry: string,
  { party, purpose, agency }: Question,
  context: Context,
): Promise<AccessBasis> => loadFor(context, accessBasesOf, JSON.stringify({ registry, party, purpose, agency }))

async function accessBasesOf(all: readonly string[], context: Context): Promise<readonly AccessBasis[]> {
  const keys = all.map((key, place) => ({ place, ...JSON.parse(key) }))
  return await statement(context.database.client, { context, variables: {}, keys })
}

const statement = statementOf({
  sql: sql`
      select coalesce(json_agg(json_build_object(
        'registryId', registry.id, 'agencyId', registry.agency_id,
        'purposeId', (select id from purposes where code = asked.purpose),
        'mandateIds', case
          when asked.agency is not null then case when asked.agency = any(${offices}::uuid[]) then '{}'::uuid[] end
          when asked.party = ${ownParty}::uuid then '{}'::uuid[]
          else way.mandate_ids end,
        'ground', ground.value, 'key', party.key, 'wrappedBy', party.wrapped_by, 'kept', kept.value
      ) order by place), '[]')
      from jsonb_to_recordset(${questions}::text::jsonb)
        as asked(place integer, registry text, party uuid, purpose text, agency uuid)
      join registries registry on registry.code = asked.registry
      left join parties party on party.id = asked.party
      left join lateral (
        select mandate_ids from ${waysOfCaller} way
        where way.principal_id = asked.party and 'VIEW' = any(way.powers) and way.services is null
        order by cardinality(mandate_ids), mandate_ids limit 1
      ) way on asked.agency is null and ${mayAct}::boolean
      left join lateral (
        select json_build_object('id', ground.id, 'purposeId', purpose.id, 'fields', ground.fields, 'basis', ground.basis,
          'secret', purpose.secret_for is not null,
          'consents', not consent_required or ${consented}) as value
        from legal_grounds ground join purposes purpose on purpose.id = ground.purpose_id
        where ground.registry_id = registry.id and purpose.code = asked.purpose
          and ground.agency_id is not distinct from asked.agency
          and ground.valid_from <= ${today}::date and (ground.valid_to is null or ground.valid_to >= ${today}::date)
        order by ground.valid_from desc, ground.id limit 1
      ) ground on true
      left join lateral (
        select json_build_object('id', kept.id, 'record', record, 'service', service, 'messageId', message_id,
          'requestHash', request_hash, 'fetchedAt', fetched_at) as value
        from registry_answers kept where kept.party_id = asked.party and kept.registry_id = registry.id
      ) kept on true`,
})
