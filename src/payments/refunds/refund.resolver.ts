import { inArray } from 'drizzle-orm'
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { Brings } from '../../engine/declare.js'
import { loadFor } from '../../engine/fetch.js'
import { beforeDeadline } from '../../engine/statement.js'
import { logReadings } from '../../exchange/accessLog/logReadings.js'
import { tiesOf } from '../../identity/officers/ownCase.js'
import { keysOf } from '../../identity/parties/party.js'
import { decrypt } from '../../platform/personal.js'
import { type Context, seesPersonal } from '../../shared/context.js'
import { messageIn } from '../../shared/messages.js'
import { Money, moneyOf } from '../../shared/money.js'
import type { ViewerCan } from '../../shared/viewerCan.js'
import { Charge } from '../charges/charge.js'
import type { Charge as ChargeRow } from '../charges/charge.repository.js'
import { charges } from '../charges/charge.table.js'
import { handlesCharges } from '../charges/finance.js'
import { Refund, RefundViewerCan, refundedSql } from './refund.js'
import type { Refund as RefundRow } from './refund.repository.js'
import { decisionRefusal, RefundAction } from './refund.rules.js'
import { refunds } from './refund.table.js'
import { refundApprovals } from './refundApproval.table.js'

type Shown = Pick<RefundRow, 'id'>

@Resolver(() => Refund)
export class RefundResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description: 'What happened, as the request says it. Null for AUTOMATIC, and for auditors. Access is logged.',
  })
  async reason(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return context.caller.kind === 'AUDITOR' ? null : ((await loadFor(context, writtenOn, id))?.reason ?? null)
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why the agency rejected it. Null unless REJECTED, and for auditors. Access is logged.',
  })
  async rejection(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return context.caller.kind === 'AUDITOR' ? null : ((await loadFor(context, writtenOn, id))?.rejection ?? null)
  }

  @FieldResolver(() => [RefundViewerCan], {
    nullable: true,
    description: 'What the caller may do now, and why not. A command can still return other errors.',
  })
  async viewerCan(@Root() refund: RefundRow, @Ctx() context: Context): Promise<ViewerCan<RefundAction>[]> {
    const { caller, language } = context
    const { isOwnCase, hasApproved } = await loadFor(context, relationsTo, refund)
    const isFinance = caller.kind === 'OFFICER' && handlesCharges(caller).includes(refund.agencyId)
    const relation = { own: caller.party, isFinance, isOwnCase, hasApproved }
    return Object.values(RefundAction).map((action) => {
      const reason = decisionRefusal(action, refund, relation) ?? null
      return {
        action,
        allowed: reason === null,
        reason,
        message: reason === null ? null : () => messageIn(language, { reason }),
      }
    })
  }
}

@Resolver(() => Charge)
export class ChargeRefundedResolver {
  @Brings({ refunded: refundedSql })
  @FieldResolver(() => Money, { description: 'What banks have returned of what was paid. The charge stays PAID.' })
  refunded(@Root() { refunded, currency }: Pick<ChargeRow, 'currency'> & { refunded: string }): Money {
    return moneyOf(BigInt(refunded), currency)
  }
}

/** Whether each refund is in a case of the caller's own, and whether the caller has approved it. */
async function relationsTo(rows: readonly RefundRow[], context: Context) {
  const { caller, database, deadline, now } = context
  const { party } = caller
  if (caller.kind !== 'OFFICER' || party === undefined)
    return rows.map(() => ({ isOwnCase: false, hasApproved: false }))
  return await beforeDeadline(deadline, async () => {
    const charged = await database.db
      .select({ id: charges.id, partyId: charges.partyId })
      .from(charges)
      .where(inArray(charges.id, [...new Set(rows.map(({ chargeId }) => chargeId))]))
    const owers = new Map(charged.map(({ id, partyId }) => [id, partyId]))
    const partiesOf = (row: RefundRow) => [row.partyId, owers.get(row.chargeId)].flatMap((one) => one ?? [])
    const ties = await tiesOf(database.db, party, [...new Set(rows.flatMap(partiesOf))], now())
    const approvals = await database.db
      .select()
      .from(refundApprovals)
      .where(inArray(refundApprovals.refundId, [...new Set(rows.map(({ id }) => id))]))
    return rows.map((row) => ({
      isOwnCase: partiesOf(row).some((one) => ties.has(one)),
      hasApproved: approvals.some(({ refundId, officerId }) => refundId === row.id && officerId === party),
    }))
  })
}

/** Decrypts the texts of refunds that the caller sees, and logs the access. */
async function writtenOn(ids: readonly string[], context: Context) {
  const { database, keyring, deadline } = context
  const { id, partyId, agencyId, number, serviceCode, reason, rejection } = refunds
  const rows = await beforeDeadline(deadline, () =>
    database.db
      .select({ id, partyId, agencyId, number, serviceCode, reason, rejection })
      .from(refunds)
      .where(inArray(id, [...ids])),
  )
  await logReadings(
    { field: 'refund', purpose: 'CHARGES', powers: 'VIEW,PAY' },
    rows.filter((row) => row.reason ?? row.rejection),
    context,
  )
  const keys = await beforeDeadline(deadline, () =>
    keysOf(database, keyring, [...new Set(rows.map((row) => row.partyId))]),
  )
  const written = new Map(
    rows.flatMap((row) => {
      const key = keys.get(row.partyId)
      return key ? [[row.id, decrypt(key, refunds, row)] as const] : []
    }),
  )
  return ids.map((one) => written.get(one))
}
