import { and, eq } from 'drizzle-orm'
import { Arg, Ctx, Field, InputType, ObjectType, Query, Resolver, registerEnumType } from 'type-graphql'
import { NIL } from 'uuid'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { carried, fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { OneOf } from '../../engine/oneOf.js'
import { type Rate, rateLimited, tooMany } from '../../engine/rates.js'
import { type Answer, answerOf } from '../../exchange/registries/answer.js'
import { isIndexed } from '../../platform/personal.js'
import { isCode, readCode } from '../../shared/code.js'
import type { Context } from '../../shared/context.js'
import { Money, moneyOf } from '../../shared/money.js'
import { readNumber } from '../../shared/number.js'
import { LegalDate } from '../../shared/scalars.js'
import { legalDate } from '../../shared/time.js'
import { FineInput } from '../fines/fine.js'
import { UnpayableReason, unpayableFine } from '../fines/fine.rules.js'
import { lookUpFine } from '../fines/lookUpFine.js'
import { refusalToPay } from './charge.rules.js'
import { ChargeSubject, charges } from './charge.table.js'
import { ChargeCodeInput } from './chargeCode.js'

registerEnumType(UnpayableReason, {
  name: 'UnpayableReason',
  description: 'Reason why a charge cannot be paid.',
  valuesConfig: {
    PAID: { description: 'It is paid.' },
    CANCELLED: { description: 'It was cancelled. Nothing has to be paid.' },
    EXPIRED: { description: 'Its term has passed. It cannot be paid any more.' },
    OTHER: { description: 'The agency accepts no payment for another reason. Ask the agency.' },
  },
})

@OneOf()
@InputType({ description: 'What to find. Provide exactly one field.' })
export class FindChargeInput {
  @Field(() => FineInput, { nullable: true, description: 'A traffic fine, by its protocol.' })
  fine?: FineInput | null
  @Field(() => ChargeCodeInput, { nullable: true, description: 'A charge, by its number and code.' })
  charge?: ChargeCodeInput | null
}

interface FoundRow {
  id: string
  agencyId: string
  payable: boolean
  reason: UnpayableReason | null
  money: Money
  dueOn: string | null
  kind: ChargeSubject
}

@AllowedTo(anyone)
@Stored(charges, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description: 'A charge as shown to anybody who may pay it. Nothing in it is personal.',
})
export class FoundCharge {}
fields(FoundCharge, {
  payable: carried(() => Boolean, 'payable', { description: 'Whether it can be paid now.' }),
  reason: carried(() => UnpayableReason, 'reason', {
    nullable: true,
    description: 'Reason why it cannot be paid. Null if it can.',
  }),
  money: carried(() => Money, 'money', { description: 'Amount to pay.' }),
  dueOn: carried(() => LegalDate, 'dueOn', { nullable: true, description: 'Due date. Null if there is none.' }),
  agency: one(Agency, charges.agencyId, { description: 'Agency that is paid.' }),
  kind: carried(() => ChargeSubject, 'kind', { description: 'What the charge is for.' }),
})
export const FoundChargeAnswer = answerOf('FoundChargeAnswer', FoundCharge)

const notFound: Answer<FoundRow> = { record: null, provenance: null, staleAsOf: null, unavailable: null }

/** Counted by address, so that nobody can block the payers of a charge. A code has 140 bits. */
const wrongGuesses: Rate = { points: 60, seconds: 60 }

@Resolver()
export class FindChargeResolver {
  @AllowedTo(anyone)
  @Query(() => FoundChargeAnswer, {
    nullable: true,
    description:
      'Finds a charge to pay, for anybody who knows its number and code, or the protocol of a traffic fine. For a fine, ' +
      '`provenance` is that of the traffic police; otherwise it is null. An unknown number, a wrong code and a wrong ' +
      'second factor give the same result: `record` is null. A fine that was not found is not asked for again for 5 ' +
      'minutes. Returns RATE_LIMITED above 30 fines in 10 minutes by one caller or address, 20 requests for one fine ' +
      'with `voen` or `document` in 10 minutes, and 600 fines a minute by all callers without a token. Returns RATE_LIMITED for a wrong code after 60 ' +
      'wrong ones a minute from one address.',
  })
  async findCharge(
    @Ctx() context: Context,
    @Arg('by', () => FindChargeInput, { description: 'What to find. Provide exactly one field.' })
    { fine, charge }: FindChargeInput,
  ): Promise<Answer<FoundRow> | null> {
    if (fine) return await findFine(fine, context)
    return charge ? await findByCode(charge, context) : null
  }
}

async function findFine(fine: FineInput, context: Context): Promise<Answer<FoundRow> | null> {
  const found = await lookUpFine(fine, context)
  if (!found) return null
  const { record, provenance, staleAsOf, unavailable, agencyId, charged } = found
  const answer = { provenance, staleAsOf, unavailable }
  if (!record) return { ...answer, record }
  const { amount, currency, dueOn } = record
  const reason = unpayableFine(record, charged)
  const money = { amount, currency }
  const row = { id: NIL, agencyId, payable: reason === null, reason, money, dueOn, kind: ChargeSubject.FINE }
  return { ...answer, record: row }
}

const reasons = {
  'charge.paid': UnpayableReason.PAID,
  'charge.cancelled': UnpayableReason.CANCELLED,
  'charge.expired': UnpayableReason.EXPIRED,
}

/** One statement for number and code, so that timing does not reveal whether the number exists. */
async function findByCode({ number, code }: ChargeCodeInput, context: Context): Promise<Answer<FoundRow>> {
  const [numbered, typed] = [readNumber(number), readCode(code)]
  const { database, keyring } = context
  const [found] =
    numbered && isCode(typed)
      ? await database.db
          .select()
          .from(charges)
          .where(and(eq(charges.number, numbered), isIndexed(keyring, charges.codeIndex, typed)))
      : []
  if (!found) {
    const retryAfter = await context.meter.wrongGuess('findCharge', wrongGuesses)
    if (retryAfter) throw rateLimited(tooMany.wrongGuesses, retryAfter)
    return notFound
  }
  const { id, agencyId, amount, currency, payBy, subjectType: kind } = found
  const refusal = refusalToPay(found, context.now())
  const reason = refusal ? reasons[refusal] : null
  const money = moneyOf(amount, currency)
  const dueOn = payBy && legalDate(payBy)
  return { ...notFound, record: { id, agencyId, payable: reason === null, reason, money, dueOn, kind } }
}
