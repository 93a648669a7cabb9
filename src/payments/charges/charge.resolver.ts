import { inArray, sql } from 'drizzle-orm'
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { loadFor } from '../../engine/fetch.js'
import { beforeDeadline } from '../../engine/statement.js'
import { logReadings } from '../../exchange/accessLog/logReadings.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { powersOver } from '../../identity/mandates/powers.js'
import { keysOf } from '../../identity/parties/party.js'
import { decrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { actsForParties, type Context, hasScope, seesPersonal } from '../../shared/context.js'
import { messageIn } from '../../shared/messages.js'
import type { ViewerCan } from '../../shared/viewerCan.js'
import { Charge, ChargeViewerCan } from './charge.js'
import type { Charge as ChargeRow } from './charge.repository.js'
import { ChargeAction, refusalOf } from './charge.rules.js'
import { charges } from './charge.table.js'
import { handlesCharges } from './finance.js'

type Shown = Pick<ChargeRow, 'id'>

@Resolver(() => Charge)
export class ChargeResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Secret code. Whoever has it and the number may pay the charge. Visible to the party, and to holders of the power ' +
      'VIEW or PAY over it. Null for others. Access is logged.',
  })
  async code(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (actsForParties(context.caller) && (await loadFor(context, writtenOn, id))?.code) || null
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why the agency cancelled the charge. Null otherwise, and for auditors. Access is logged.',
  })
  async reason(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return context.caller.kind === 'AUDITOR' ? null : ((await loadFor(context, writtenOn, id))?.reason ?? null)
  }

  @FieldResolver(() => [ChargeViewerCan], {
    nullable: true,
    description: 'What the caller may do now, and why not. A command can still return other errors.',
  })
  async viewerCan(@Root() charge: ChargeRow, @Ctx() context: Context): Promise<ViewerCan<ChargeAction>[]> {
    const { caller, language, now } = context
    const relation = {
      mayPay: await loadFor(context, mayPayAmong, charge),
      isFinance: handlesCharges(caller).includes(charge.agencyId),
    }
    return Object.values(ChargeAction).map((action) => {
      const reason = refusalOf(action, charge, relation, now()) ?? null
      return { action, allowed: reason === null, reason, message: reason && (() => messageIn(language, { reason })) }
    })
  }
}

/** Whether the caller has the power PAY over the party of each charge. */
async function mayPayAmong(rows: readonly ChargeRow[], context: Context): Promise<boolean[]> {
  const tx = context.database.db as unknown as Transaction // reading needs no transaction
  const parties = [...new Set(rows.flatMap(({ partyId }) => partyId ?? []))]
  const powers = await beforeDeadline(context.deadline, () => powersOver({ tx, context }, parties, { held: false }))
  const mayWrite = hasScope(context.caller, 'payments:write')
  return rows.map(({ partyId, serviceCode }) =>
    Boolean(mayWrite && partyId && powers(partyId, serviceCode ?? '').has(Power.PAY)),
  )
}

/** Decrypts what is personal on charges that the caller sees, and logs the access. Agencies read no code. */
async function writtenOn(ids: readonly string[], context: Context) {
  const { database, keyring, caller, deadline } = context
  const { id, partyId, agencyId, number, serviceCode, reason } = charges
  const code = actsForParties(caller) ? charges.code : sql<null>`null`
  const rows = await beforeDeadline(deadline, () =>
    database.db
      .select({ id, partyId, agencyId, number, serviceCode, code, reason })
      .from(charges)
      .where(inArray(id, [...ids])),
  )
  await logReadings(
    { field: 'charge', purpose: 'CHARGES', powers: 'VIEW,PAY' },
    rows.flatMap((row) => (row.partyId && (row.code ?? row.reason) ? [{ ...row, partyId: row.partyId }] : [])),
    context,
  )
  const parties = [...new Set(rows.flatMap((row) => row.partyId ?? []))]
  const keys = await beforeDeadline(deadline, () => keysOf(database, keyring, parties))
  const written = new Map(
    rows.flatMap((row) => {
      const key = keys.get(row.partyId ?? '')
      return key ? [[row.id, decrypt(key, charges, row)] as const] : []
    }),
  )
  return ids.map((one) => written.get(one))
}
