import { sql } from 'drizzle-orm'
import { Arg, Ctx, Field, InputType, ObjectType, Query, Resolver } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { badInput } from '../../engine/errors.js'
import { beforeDeadline } from '../../engine/statement.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { officer } from '../../identity/officers/offices.js'
import type { Context } from '../../shared/context.js'
import { Currency, Money, moneyOf } from '../../shared/money.js'
import { LegalDate } from '../../shared/scalars.js'
import { daysAfter, daysBetween, momentOf } from '../../shared/time.js'

@InputType({ description: 'Period of legal dates.' })
export class BalancePeriod {
  @Field(() => LegalDate, { description: 'First day.' })
  from!: string
  @Field(() => LegalDate, { description: 'Last day. At most 366 days after the first.' })
  to!: string
}

@AllowedTo(officer(OfficerRole.FINANCE))
@ObjectType({ simpleResolvers: true, description: 'What an agency was paid in a period, in one currency.' })
export class AgencyBalance {
  @Field(() => Currency, { description: 'Currency of the amounts.' })
  currency!: string
  @Field(() => Money, { description: 'Amount that paid charges of the agency.' })
  applied!: Money
  @Field(() => Money, { description: 'Amount that the treasury received for the agency.' })
  remitted!: Money
  @Field(() => Money, { description: 'Amount of approved refunds.' })
  refunded!: Money
  @Field(() => Money, { description: 'Amount that banks took back.' })
  reversed!: Money
}

const longestPeriod = 366

@Resolver()
export class AgencyBalanceQuery {
  @AllowedTo(officer(OfficerRole.FINANCE))
  @Query(() => [AgencyBalance], {
    nullable: true,
    description:
      'What an agency was paid, and what went back, in a period, by currency. Empty for an agency where the caller does not ' +
      'have the role FINANCE. Returns BAD_USER_INPUT for a period that ends before it begins, or is longer than 367 days.',
  })
  async agencyBalance(
    @Arg('agency', () => String, { description: 'Code of an agency where the caller has the role FINANCE.' })
    agency: string,
    @Arg('period', () => BalancePeriod, { description: 'Days whose movements count.' })
    { from, to }: BalancePeriod,
    @Ctx() { caller, database, deadline }: Context,
  ): Promise<AgencyBalance[]> {
    const days = daysBetween(from, to)
    if (days < 0 || days > longestPeriod)
      throw badInput(
        `A period must have 1 to ${longestPeriod + 1} days, from its first to its last; got ${from} to ${to}.`,
      )
    const office = caller.offices.find((one) => one.agency === agency && one.roles.includes(OfficerRole.FINANCE))
    if (!office) return []
    const sums = await beforeDeadline(deadline, () => sumsOf(database, office.agencyId, from, to))
    return sums.map(({ currency, ...amounts }) => ({
      currency,
      applied: moneyOf(BigInt(amounts.applied), currency),
      remitted: moneyOf(BigInt(amounts.remitted), currency),
      refunded: moneyOf(BigInt(amounts.refunded), currency),
      reversed: moneyOf(BigInt(amounts.reversed), currency),
    }))
  }
}

type Sums = Record<'currency' | 'applied' | 'remitted' | 'refunded' | 'reversed', string>
/** In one statement, by the indexes of each account and time. */
const sumsOf = ({ db }: Context['database'], agencyId: string, from: string, to: string) =>
  db.execute<Sums>(sql`
    with own as (
      select id, currency from ledger_accounts
      where agency_id = ${agencyId} and kind in ('APPLIED', 'REMITTED')
    ), moved as (
      select own.currency, kind, refund_id, amount from own join ledger_transfers on credit_id = own.id
      where at >= ${momentOf(from, '00:00:00').toISOString()} and at < ${momentOf(daysAfter(to, 1), '00:00:00').toISOString()}
        and kind in ('APPLY', 'REMIT')
      union all
      select own.currency, kind, refund_id, amount from own join ledger_transfers on debit_id = own.id
      where at >= ${momentOf(from, '00:00:00').toISOString()} and at < ${momentOf(daysAfter(to, 1), '00:00:00').toISOString()}
        and kind = 'RELEASE'
    )
    select currency,
      coalesce(sum(amount) filter (where kind = 'APPLY'), 0)::text as applied,
      coalesce(sum(amount) filter (where kind = 'REMIT'), 0)::text as remitted,
      coalesce(sum(amount) filter (where kind = 'RELEASE' and refund_id is not null), 0)::text as refunded,
      coalesce(sum(amount) filter (where kind = 'RELEASE' and refund_id is null), 0)::text as reversed
    from moved group by currency order by currency`)
