import { asc, inArray } from 'drizzle-orm'
import type { PaidClaims, PaidLine } from '../../documents/issued/claims.js'
import { type Issuing, issueDocuments } from '../../documents/issued/issueDocument.js'
import { DocumentKind } from '../../documents/issued/issuedDocument.table.js'
import { platform } from '../../documents/issued/platform.js'
import { PartyForgotten } from '../../identity/parties/party.js'
import { moneyOf } from '../../shared/money.js'
import { legalDate } from '../../shared/time.js'
import type { charges } from '../charges/charge.table.js'
import { chargeLines } from '../charges/chargeLine.table.js'
import type { payments } from './payment.table.js'

type ChargeRow = typeof charges.$inferSelect
type ChargeLineRow = typeof chargeLines.$inferSelect
type Paid = Pick<typeof payments.$inferSelect, 'number' | 'partyId' | 'method'> & { capturedAt: Date }

/**
 * Issues a receipt for each charge that a payment paid, in the transaction that applies it and after the charges were locked. A
 * payer whose data was erased gets none, because nothing can be encrypted for them.
 */
export async function issuePaymentReceipts(
  issuing: Issuing,
  payment: Paid,
  paid: readonly Omit<ChargeRow, 'code' | 'codeIndex'>[],
): Promise<void> {
  if (paid.length === 0) return
  const ids = paid.map(({ id }) => id)
  const lines = await issuing.tx
    .select()
    .from(chargeLines)
    .where(inArray(chargeLines.chargeId, ids))
    .orderBy(asc(chargeLines.position))
  const year = legalDate(issuing.context.now()).slice(0, 4)
  const receipts = paid.map((charge) => ({
    kind: DocumentKind.PAYMENT_RECEIPT,
    partyId: payment.partyId,
    others: charge.partyId && charge.partyId !== payment.partyId ? [charge.partyId] : [],
    agencyId: charge.agencyId,
    subjectId: charge.id,
    ...(charge.serviceCode && { serviceCode: charge.serviceCode }),
    claims: {
      subject: charge.number,
      paid: paidClaims(
        payment,
        charge,
        lines.filter(({ chargeId }) => chargeId === charge.id),
      ),
    },
    series: `PAYMENTS-${year}`,
  }))
  await issueDocuments(issuing, receipts).catch((error: unknown) => {
    if (!(error instanceof PartyForgotten)) throw error
  })
}

function paidClaims(
  payment: Paid,
  { subjectType, reference, amount, currency }: Pick<ChargeRow, 'subjectType' | 'reference' | 'amount' | 'currency'>,
  lines: readonly ChargeLineRow[],
): PaidClaims {
  return {
    operator: platform,
    servicePoint: 'ONLINE',
    payment: payment.number,
    method: payment.method,
    at: payment.capturedAt.toISOString(),
    ...(reference && { about: { type: subjectType, number: reference } }),
    lines: lines.map((line) => lineClaims(line, currency)),
    total: moneyOf(amount, currency).amount,
    currency,
  }
}

function lineClaims(line: ChargeLineRow, currency: string): PaidLine {
  const { kind, name, amount, budgetClassification, budgetLevel, budgetOrganisation } = line
  return {
    ...(kind && { kind }),
    name,
    amount: moneyOf(amount, currency).amount,
    ...(budgetClassification && { budgetClassification }),
    ...(budgetLevel && { budgetLevel }),
    ...(budgetOrganisation && { budgetOrganisation }),
  }
}
