import { type SQL, sql } from 'drizzle-orm'
import { Asked } from '../../engine/declare.js'
import { beforeDeadline, statementOf } from '../../engine/statement.js'
import { waysOfCaller } from '../../identity/mandates/powers.js'
import { actsForAgency, type Context } from '../../shared/context.js'
import { AccessKind, AccessOutcome } from './access.table.js'
import { logAccesses, type NewAccess } from './logAccesses.js'

/** Something of a party whose personal content is shown. */
interface Reading {
  id: string
  /** Whose key encrypts the content. */
  partyId: string
  agencyId: string
  number: string
  serviceCode: string | null
}
interface Read {
  /** The purpose of an agency. A party reads its own data. */
  purpose: 'CHARGES' | 'FILING' | 'APPLICATION'
  /** The powers over the party that let a caller read it. */
  powers: 'VIEW' | 'VIEW,PAY' | 'VIEW,FILE'
}
export interface ReadingAccess<Row extends Reading = Reading> {
  row: Row
  kind: AccessKind.CASE | AccessKind.FILE
  fields: string[]
}

/** Logs who reads personal content, before it is shown, except for the person whose content it is. */
export const logReadings = async (
  { field, ...read }: Read & { field: 'charge' | 'refund' | 'filing' },
  readings: readonly Reading[],
  context: Context,
): Promise<void> =>
  await logOwned(
    read,
    readings.map((row) => ({ row, kind: AccessKind.CASE, fields: [field] })),
    context,
  )

/** The same, with an SQL condition on `way.principal_id`: the parties under whose mandates the content is read. */
export function logReadingsOf(isIts: SQL) {
  const purposeAndMandates = statementOf({
    sql: sql`
      select json_build_object(
        'purposeId', (select id from purposes where code = ${new Asked(({ variables }) => variables.purpose)}),
        'mandates', (
          select json_agg((
            select mandate_ids from ${waysOfCaller} way
            where ${isIts} and way.powers && ${new Asked(({ variables }) => variables.powers)}
              and (way.services is null or asked.service = any(way.services))
            order by cardinality(mandate_ids), mandate_ids limit 1) order by place)
          from jsonb_to_recordset(${new Asked(({ keys }) => keys?.[0])}::text::jsonb) as asked(
            place integer, id uuid, party uuid, service text)))`,
  })
  return async ({ purpose, powers }: Read, readings: readonly ReadingAccess[], context: Context): Promise<void> => {
    const { database, caller, deadline, now } = context
    const logged = readings.filter(({ row }) => caller.kind !== 'PERSON' || row.partyId !== caller.party)
    if (logged.length === 0) return
    const forAgency = actsForAgency(caller)
    const asked = logged.map(({ row: { id, partyId, serviceCode } }, place) => ({
      place,
      id,
      party: partyId,
      service: serviceCode,
    }))
    // Agencies and the party itself have no mandates.
    const { purposeId, mandates } = await purposeAndMandates(database.client, {
      context,
      variables: { purpose: forAgency ? purpose : 'OWN_DATA', powers: `{${powers}}` },
      keys: [JSON.stringify(asked)],
    })
    const rows = logged.map(
      ({ row: { partyId, agencyId, number }, kind, fields }, place): NewAccess => ({
        at: now(),
        kind,
        partyId,
        actor: caller.id,
        actorPartyId: caller.party,
        programId: caller.program?.id,
        agencyId: forAgency ? agencyId : null,
        mandateIds: mandates[place] ?? [],
        fields,
        purposeId,
        application: number,
        outcome: AccessOutcome.SHOWN,
      }),
    )
    await beforeDeadline(deadline, () => database.db.transaction((tx) => logAccesses(tx, rows)))
  }
}
const logOwned = logReadingsOf(sql`way.principal_id = asked.party`)
