import { sql } from 'drizzle-orm'
import { Field, ObjectType } from 'type-graphql'
import { Fee } from '../../catalogue/tariffs/fee.js'
import { FeeDue } from '../../catalogue/tariffs/fee.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, inSql, one, type Row, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { charges } from '../../payments/charges/charge.table.js'
import { moneyIn } from '../../shared/money.js'
import { DateTime, momentText } from '../../shared/scalars.js'
import { applicationFees } from './applicationFee.table.js'

@AllowedTo(anyone)
@Stored(applicationFees, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'What is to be paid for an application: one line of its tariff.' })
export class ApplicationFee {
  @Field(() => FeeDue, { description: 'When it is due.' })
  due!: FeeDue
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the agency assessed the amount. Null if the tariff says it, or it is not assessed yet.',
  })
  assessedAt!: Date | null
}

/** Stored in the charge alone, so that both never disagree. */
const paidAt = ({ chargeId }: Row<typeof applicationFees>) =>
  sql`(select ${momentText(charges.paidAt)} from ${charges} where ${charges.id} = ${chargeId})`
fields(ApplicationFee, {
  fee: one(Fee, applicationFees.feeId, { description: 'Line of the tariff: its kind, name and source.' }),
  paidAt: inSql(() => DateTime, 'paidAt', paidAt, {
    nullable: true,
    description: 'When it was paid. Null until then, and after the bank took the payment back.',
  }),
  money: moneyIn(applicationFees, 'Amount to pay. Null until the agency assesses it, if the tariff does not say it.'),
})
