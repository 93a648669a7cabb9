import { sql } from 'drizzle-orm'
import { ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { everyone, fields, inSql, type Row, Stored } from '../../engine/declare.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { handledByCaller } from '../../identity/officers/offices.js'
import { moneyIn } from '../../shared/money.js'
import { charges } from '../charges/charge.table.js'
import { transfers } from '../ledger/transfer.table.js'
import { paymentItems } from './paymentItem.table.js'

type ItemRow = Row<typeof paymentItems>

@AllowedTo(anyone)
// An officer sees no items of other agencies, which the same payment may pay.
@Stored(paymentItems, {
  OFFICER: ({ chargeId }: ItemRow) => sql`exists (
    select from ${charges} where ${charges.id} = ${chargeId} and ${handledByCaller(charges.agencyId, OfficerRole.FINANCE)})`,
  others: everyone,
})
@ObjectType({ simpleResolvers: true, description: 'A charge of a payment, with its whole amount.' })
export class PaymentItem {}

fields(PaymentItem, {
  chargeNumber: inSql(
    () => String,
    'chargeNumber',
    ({ chargeId }: ItemRow) => sql`(select number from ${charges} where ${charges.id} = ${chargeId})`,
    { description: 'Number of the charge, also if the caller may not see the charge.' },
  ),
  money: moneyIn(paymentItems, 'Amount of the charge.'),
  applied: inSql(
    () => Boolean,
    'applied',
    ({ paymentId, chargeId }: ItemRow) => sql`exists (
      select from ${transfers} where ${transfers.paymentId} = ${paymentId} and ${transfers.chargeId} = ${chargeId}
      and ${transfers.kind} = 'APPLY')`,
    {
      description:
        'True if this payment paid the charge. False while it waits, and if the charge could not be paid any more: then the ' +
        'amount is refunded without a request. Stays true after a refund or a reversal.',
    },
  ),
})
