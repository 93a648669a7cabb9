import { sql } from 'drizzle-orm'
import { Asked } from '../../engine/declare.js'
import { beforeDeadline, statementOf } from '../../engine/statement.js'
import { waysOfCaller } from '../../identity/mandates/powers.js'
import { actsForAgency, type Context } from '../../shared/context.js'
import { AccessKind, AccessOutcome } from './access.table.js'
import { logAccesses, type NewAccess } from './logAccesses.js'

/** Something of a party whose personal content is shown. */
interface Reading {
  /** Whose key encrypts the content. */
  partyId: string
  agencyId: string
  number: string
  serviceCode: string | null
}
interface Read {
  field: 'charge' | 'refund' | 'filing'
  /** The purpose of an agency. A party reads its own data. */
  purpose: 'CHARGES' | 'FILING'
  /** The powers over the party that let a caller read it. */
  powers: 'VIEW' | 'VIEW,PAY' | 'VIEW,FILE'
}

/** Logs who reads personal content, before it is shown, except for the person whose content it is. */
export async function logReadings(
  { field, purpose, powers }: Read,
  readings: readonly Reading[],
  context: Context,
): Promise<void> {
  const { database, caller, deadline, now } = context
  const logged = readings.filter(({ partyId }) => caller.kind !== 'PERSON' || partyId !== caller.party)
  if (logged.length === 0) return
  const forAgency = actsForAgency(caller)
  const { purposeId, mandates } = await purposeAndMandates(database.client, {
    context,
    variables: { purpose: forAgency ? purpose : 'OWN_DATA', powers: `{${powers}}` },
    keys: [
      JSON.stringify(
        logged.map(({ partyId, serviceCode }, place) => ({ place, party: partyId, service: serviceCode })),
      ),
    ],
  })
  const rows = logged.map(
    ({ partyId, agencyId, number }, place): NewAccess => ({
      at: now(),
      kind: AccessKind.CASE,
      partyId,
      actor: caller.id,
      actorPartyId: caller.party,
      programId: caller.program?.id,
      agencyId: forAgency ? agencyId : null,
      mandateIds: mandates[place] ?? [],
      fields: [field],
      purposeId,
      application: number,
      outcome: AccessOutcome.SHOWN,
    }),
  )
  await beforeDeadline(deadline, () => database.db.transaction((tx) => logAccesses(tx, rows)))
}

/** The purpose, and the mandates by which the caller sees the content. Agencies and the party have none. */
const purposeAndMandates = statementOf({
  sql: sql`
    select json_build_object(
      'purposeId', (select id from purposes where code = ${new Asked(({ variables }) => variables.purpose)}),
      'mandates', (
        select json_agg((
          select mandate_ids from ${waysOfCaller} way
          where way.principal_id = asked.party and way.powers && ${new Asked(({ variables }) => variables.powers)}
            and (way.services is null or asked.service = any(way.services))
          order by cardinality(mandate_ids), mandate_ids limit 1) order by place)
        from jsonb_to_recordset(${new Asked(({ keys }) => keys?.[0])}::text::jsonb) as asked(place integer, party uuid, service text)))`,
})
