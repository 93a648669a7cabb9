import { sql } from 'drizzle-orm'
import { Asked, asked } from '../../engine/declare.js'
import { loadFor } from '../../engine/fetch.js'
import { statementOf } from '../../engine/statement.js'
import { waysOfCaller } from '../../identity/mandates/powers.js'
import { actsForParties, type Context } from '../../shared/context.js'
import type { Words } from '../../shared/words.js'
import { consentHolds } from './consent.repository.js'

/** What the form and the required documents of a service name. */
export interface ServiceNeeds {
  /** Code of the service. */
  service: string
  /** Fields of the record, by code of the registry. Null if all. */
  registries: Readonly<Record<string, readonly string[] | null>>
}

export interface Question {
  /** The subject. */
  party: string
  /** The code of the purpose. */
  purpose: string
  /** The agency that asks. Undefined for the subject, their representatives and their programs. */
  agency?: string
  /**
   * For an application: what its service needs, which the law lets the agency ask. The question may come from an officer of
   * the agency, from the applicant or who may file for them, or from a job.
   */
  needs?: ServiceNeeds
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
  /** The mandates of the caller. Empty for the subject, an agency and a job. Null if the caller may not query. */
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
const isSystem = asked(({ caller }: Context) => caller.kind === 'SYSTEM')
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
  { party, purpose, agency, needs }: Question,
  context: Context,
): Promise<AccessBasis> => {
  const fields = needs?.registries[registry]
  const { service } = needs ?? {}
  const isNeeded = fields !== undefined
  return loadFor(
    context,
    accessBasesOf,
    JSON.stringify({ registry, party, purpose, agency, service, isNeeded, fields }),
  )
}

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
          when ${isSystem}::boolean or asked.agency = any(${offices}::uuid[]) then '{}'::uuid[]
          when asked.agency is not null and asked.service is null then null
          when asked.party = ${ownParty}::uuid then '{}'::uuid[]
          else way.mandate_ids end,
        'ground', ground.value, 'key', party.key, 'wrappedBy', party.wrapped_by, 'kept', kept.value
      ) order by place), '[]')
      from jsonb_to_recordset(${questions}::text::jsonb)
        as asked(place integer, registry text, party uuid, purpose text, agency uuid, service text, "isNeeded" boolean, fields text[])
      join registries registry on registry.code = asked.registry
      left join parties party on party.id = asked.party
      left join lateral (
        select mandate_ids from ${waysOfCaller} way
        where way.principal_id = asked.party and case when asked.agency is null
          then 'VIEW' = any(way.powers) and way.services is null
          else 'FILE' = any(way.powers) and (way.services is null or asked.service = any(way.services)) end
        order by cardinality(mandate_ids), mandate_ids limit 1
      ) way on ${mayAct}::boolean
      left join lateral (
        select json_build_object('id', ground.id, 'purposeId', purpose.id,
          'fields', case when ground.registry_id is null then asked.fields else ground.fields end, 'basis', ground.basis,
          'secret', purpose.secret_for is not null,
          'consents', not consent_required or ${consented}) as value
        from legal_grounds ground join purposes purpose on purpose.id = ground.purpose_id
        where purpose.code = asked.purpose
          and case when ground.registry_id is null then asked.agency is not null and asked."isNeeded"
            else ground.registry_id = registry.id and ground.agency_id is not distinct from asked.agency end
          and ground.valid_from <= ${today}::date and (ground.valid_to is null or ground.valid_to >= ${today}::date)
        order by ground.registry_id is not null, ground.valid_from desc, ground.id limit 1
      ) ground on true
      left join lateral (
        select json_build_object('id', kept.id, 'record', record, 'service', service, 'messageId', message_id,
          'requestHash', request_hash, 'fetchedAt', fetched_at) as value
        from registry_answers kept where kept.party_id = asked.party and kept.registry_id = registry.id
      ) kept on true`,
})
