import { asc, eq, sql } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { fees } from '../../catalogue/tariffs/fee.table.js'
import { mostParts } from '../../catalogue/tariffs/tariff.rules.js'
import { refused } from '../../engine/command.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { officer } from '../../identity/officers/offices.js'
import { Assurance } from '../../shared/assurance.table.js'
import { Decimal, minorOf } from '../../shared/money.js'
import { invalid, missing } from '../../shared/userErrors.js'
import { applicationCommand, SeenApplicationInput } from '../applicationCommand.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { applicationFees } from './applicationFee.table.js'
import { isPaid } from './charges.js'
import { owedIn } from './settleTariff.js'

@InputType({ description: 'Assessed amount of one fee.' })
export class AssessedFeeInput {
  @Field(() => String, { description: 'Code of the fee in the tariff of the application, such as `STATE_DUTY`.' })
  code!: string
  @Field(() => Decimal, { description: 'Amount in units of the currency of the fee: "12.50". "0" if nothing is due.' })
  amount!: string
}

@InputType({ description: 'Input of `assessFee`.' })
export class AssessFeeInput extends SeenApplicationInput {
  @Field(() => [AssessedFeeInput], { description: `Fees whose amount is unknown, 1 to ${mostParts}.` })
  fees!: AssessedFeeInput[]
  @Field(() => String, {
    description: `How the amounts were computed. The applicant reads it in the timeline. ${upToProse}`,
  })
  computation!: string
}

export const assessFee = applicationCommand({
  name: 'assessFee',
  description:
    'Assesses what is to be paid for an application, where its tariff does not say the amount. Starts the time to pay of ' +
    'what is due. Requires an officer of the agency with the role FINANCE. Returns MISSING without a fee or the ' +
    'computation. Returns INVALID for a fee that is not to be assessed, and for an amount with too many decimals.',
  allowedTo: officer(OfficerRole.FINANCE, { assurance: Assurance.HIGH }),
  input: AssessFeeInput,
  key: 'required',
  creates: false,
  action: Action.ASSESS,
  checks: ({ fees, computation }) => [
    ...(fees.length === 0 ? [missing('assessment.fees', ['fees'])] : []),
    ...userErrorsInProse('computation', computation),
  ],
  async change({ tx, application, input, now }) {
    const lines = await tx
      .select({ line: applicationFees, code: fees.code, isPaid: sql<boolean>`${isPaid}` })
      .from(applicationFees)
      .innerJoin(fees, eq(fees.id, applicationFees.feeId))
      .where(eq(applicationFees.applicationId, application.id))
      .orderBy(asc(applicationFees.position))
    const found = input.fees.slice(0, mostParts + 1).map(({ code, amount }, at) => {
      const isFirst = input.fees.findIndex((one) => one.code === code) === at
      const { line } = lines.find((one) => one.code === code && one.line.amount === null) ?? {}
      return { line: isFirst ? line : undefined, amount: line && minorOf(amount, line.currency) }
    })
    const userErrors = found.flatMap(({ line, amount }, at) => [
      ...(line ? [] : [invalid('assessment.fee', ['fees', String(at), 'code'])]),
      ...(line && amount === undefined
        ? [invalid('fee.digits', ['fees', String(at), 'amount'], { currency: line.currency })]
        : []),
    ])
    if (userErrors.length > 0) return refused(userErrors)
    const assessed = new Map(found.map(({ line, amount }) => [line?.id, amount]))
    for (const [id, amount] of assessed)
      if (id) await tx.update(applicationFees).set({ amount, assessedAt: now }).where(eq(applicationFees.id, id))
    const owed = owedIn(
      lines.flatMap(({ line: { id, due, amount }, isPaid }) =>
        isPaid ? [] : [{ due, amount: assessed.get(id) ?? amount }],
      ),
    )
    return { facts: { owed }, text: input.computation }
  },
})
