import { and, eq, inArray, or, sql } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { NIL, v4, v7 } from 'uuid'
import { command, made, refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import { OneOf } from '../../engine/oneOf.js'
import { type Rate, rateLimited, tooMany } from '../../engine/rates.js'
import type { Acting } from '../../events/commandKeys.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { powersOver } from '../../identity/mandates/powers.js'
import { keyToEncrypt, makeParty } from '../../identity/parties/party.js'
import { PartyKind } from '../../identity/parties/party.table.js'
import type { Database } from '../../platform/database.js'
import type { Keyring } from '../../platform/keyring.js'
import { encrypt, hashesOf } from '../../platform/personal.js'
import { readCode } from '../../shared/code.js'
import { type Context, payers } from '../../shared/context.js'
import { nextNumbers, readNumber } from '../../shared/number.js'
import type { Charge } from '../charges/charge.repository.js'
import { charges } from '../charges/charge.table.js'
import { ChargeCodeInput } from '../charges/chargeCode.js'
import { chargeFines } from '../fines/chargeFines.js'
import { FineInput } from '../fines/fine.js'
import { type ChargeOfFine, chargeOfFine, referenceOf } from '../fines/fine.rules.js'
import { lookUpFine } from '../fines/lookUpFine.js'
import { Payment } from './payment.js'
import { recordOfPayment, setCheck } from './payment.repository.js'
import { mostItems, sessionLifetime, waiting } from './payment.rules.js'
import { PaymentMethod, PaymentState, payments } from './payment.table.js'
import { paymentItems } from './paymentItem.table.js'

import { type Named, readAlias, userErrorsInCharges, userErrorsInStart } from './startPayment.rules.js'

@OneOf()
@InputType({ description: 'A charge to pay. Provide exactly one field.' })
export class ChargeToPayInput implements Named {
  @Field(() => ID, {
    nullable: true,
    description: 'ID of a charge of a party over which the caller has the power PAY in its service.',
  })
  chargeId?: string | null
  @Field(() => ChargeCodeInput, { nullable: true, description: 'A charge, by its number and code.' })
  charge?: ChargeCodeInput | null
  @Field(() => FineInput, { nullable: true, description: 'A traffic fine, by its protocol.' })
  fine?: FineInput | null
}

@InputType({ description: 'Input of `startPayment`.' })
export class StartPaymentInput {
  @Field(() => [ChargeToPayInput], { description: 'Charges to pay, 1 to 20, in one currency. Each is paid whole.' })
  charges!: ChargeToPayInput[]
  @Field(() => PaymentMethod, { description: 'How to pay.' })
  method!: PaymentMethod
  @Field(() => String, {
    nullable: true,
    description:
      'Where the payer’s bank finds the payer, required if the method is INSTANT: a mobile number, FİN or e-mail address.',
  })
  alias?: string | null
  @Field(() => String, {
    nullable: true,
    description: 'URL to which the page of the outcome leads back. Its origin must be allowed by the operator.',
  })
  returnTo?: string | null
}

/** Counted by address. A code has 140 bits. */
const wrongGuesses: Rate = { points: 60, seconds: 60 }

export const startPayment = command({
  name: 'startPayment',
  description:
    'Starts a payment of one or several charges, and returns where to pay: `checkoutUrl`. Nothing is paid before the payer ' +
    'confirms at the bank. Requires the power PAY over the party of each charge in its service, or the number and code of the ' +
    'charge or the protocol of the fine, also without signing in. A fine is asked for at the traffic police again. Programs require the scope `payments:write`. Another payment of the same charges may be ' +
    'started meanwhile: what is paid twice is refunded without a request. A wrong code gives the same result as an unknown ' +
    'number: NOT_FOUND. Returns NOT_ALLOWED_NOW if a charge is paid, cancelled or expired, if the traffic police do not answer, if the caller has five payments of it ' +
    'under way, or if no bank serves the method and currency. Returns INVALID for charges in several currencies. Returns ' +
    'RATE_LIMITED after 60 wrong codes a minute from one address, after 10 payments an hour with the same `alias`, and above the ' +
    'limits of look-ups of fines: see `findCharge`.',
  allowedTo: payers,
  // Anybody may name the alias of another, whose bank then asks them to pay.
  limitedTo: {
    points: 10,
    seconds: 3600,
    by: ({ input }: { input: StartPaymentInput }) => readAlias(input.alias ?? ''),
  },
  input: StartPaymentInput,
  key: 'required',
  keyScope: ({ charges }: StartPaymentInput) =>
    charges.map(({ chargeId, charge, fine }) => (fine ? referenceOf(fine) : (charge?.number ?? chargeId))).join(' '),
  creates: true,
  made: { payment: { type: Payment, description: 'Payment that was started.' } },
  async prepare({ charges: named }: StartPaymentInput, context: Context) {
    const coded = named.slice(0, mostItems).filter(({ charge }) => charge)
    const found = await findCharges(context.database.db, context.keyring, coded)
    if (found.some((charge) => charge === undefined)) {
      const retryAfter = await context.meter.wrongGuess('startPayment', wrongGuesses)
      if (retryAfter) throw rateLimited(tooMany.wrongGuesses, retryAfter)
    }
    return await lookUpFines(named.slice(0, mostItems), context)
  },
  async act(input: StartPaymentInput, acting: Acting, fines: readonly (ChargeOfFine | undefined)[]) {
    const { tx, context } = acting
    const { caller, checkout, keyring, language } = context
    const userErrors = userErrorsInStart(input, checkout.mayReturnTo)
    if (userErrors.length > 0) return refused(userErrors)
    const named = await withoutOthers(acting, input.charges, await findCharges(tx, keyring, input.charges))
    const fined = await chargeFines(
      acting,
      fines.flatMap((fine) => (fine && 'lines' in fine ? fine : [])),
    )
    const found = named.map((charge, at) => {
      const fine = fines[at]
      return fine && 'lines' in fine ? fined.get(fine.reference) : charge
    })
    const at = context.now()
    const attempts = await countAttempts(acting, found, at)
    const refusals = userErrorsInCharges(
      found.map((charge, at) => {
        const fine = fines[at]
        const refusal = fine && 'reason' in fine ? fine : undefined
        return { charge, refusal, attempts: attempts.get(charge?.id ?? NIL) ?? 0 }
      }),
      at,
    )
    if (refusals.length > 0) return refused(refusals)

    const paid = found.flatMap((charge) => charge ?? []) // all are known
    const currency = paid[0]?.currency ?? ''
    const { method, alias = null, returnTo = null } = input
    const provider = checkout.providerOf(method, currency)
    if (!provider) {
      const params = { method, currency }
      return refused([{ code: 'NOT_ALLOWED_NOW', reason: 'payment.no_provider', field: ['method'], params }])
    }
    const key = await (caller.party
      ? keyToEncrypt(tx, keyring, caller.party)
      : makeParty(tx, keyring, PartyKind.NATURAL_PERSON, at))
    // Random, because whoever knows the id of an anonymous payment may see it.
    const [id, partyId] = [v4(), key.party]
    const expiresAt = new Date(at.getTime() + sessionLifetime)
    const row = {
      id,
      number: (await nextNumbers(tx, 'payment_numbers', { kind: 'P', at }))[0],
      partyId,
      anonymous: caller.party === undefined,
      provider,
      method,
      amount: paid.reduce((sum, { amount }) => sum + amount, 0n),
      currency,
      state: PaymentState.CREATED,
      language,
      returnTo,
      createdAt: at,
      expiresAt,
      changedAt: at,
    }
    const encrypted = encrypt(key, payments, { id, partyId, alias: alias === null ? null : (readAlias(alias) ?? null) })
    await tx.insert(payments).values({ ...row, alias: encrypted.alias })
    await tx.insert(paymentItems).values(
      paid.map(({ id: chargeId, amount, currency }, position) => {
        return { id: v7(), paymentId: id, position, chargeId, amount, currency }
      }),
    )
    await setCheck(tx, { ...row, endedAt: null }, at)
    await recordOfPayment(tx, row, { type: 'payment.started', at, actor: caller.id })
    return made({ payment: id })
  },
})

/** What the registry says of the fines among what the caller wants to pay, each in its place. */
const lookUpFines = (named: readonly ChargeToPayInput[], context: Context) =>
  Promise.all(named.map(async ({ fine }) => (fine ? chargeOfFine(fine, await lookUpFine(fine, context)) : undefined)))

/** The charges as the caller names them, whoever may pay them. Undefined for one that does not exist, or of another code. */
async function findCharges(
  db: Pick<Database['db'], 'select'>,
  keyring: Keyring,
  named: readonly Named[],
): Promise<(Charge | undefined)[]> {
  const ids = named.flatMap(({ chargeId }) => (chargeId ? keyIn(chargeId, 'Charge') : []))
  const numbers = named.flatMap(({ charge }) => (charge && readNumber(charge.number)) ?? [])
  if (ids.length + numbers.length === 0) return named.map(() => undefined)
  const rows = await db
    .select()
    .from(charges)
    .where(or(inArray(charges.id, ids), inArray(charges.number, numbers)))
  return named.map((one) => rows.find((row) => isNamed(row, one, keyring)))
}

/** Whether it is the row of that id; or of that number, and the code is its own. */
function isNamed({ id, number, codeIndex }: Charge, { chargeId, charge }: Named, keyring: Keyring): boolean {
  if (!charge) return chargeId != null && id === keyIn(chargeId, 'Charge')
  const hashes = hashesOf(keyring, charges.codeIndex, readCode(charge.code))
  return number === readNumber(charge.number) && codeIndex !== null && hashes.includes(codeIndex)
}

/** Without charges that the caller named by id and may not pay: they look like unknown ones. */
async function withoutOthers(acting: Acting, named: readonly Named[], found: readonly (Charge | undefined)[]) {
  const byId = found.filter((_, at) => named[at]?.chargeId != null)
  const principals = [...new Set(byId.flatMap((charge) => charge?.partyId ?? []))]
  const powers = principals.length > 0 ? await powersOver(acting, principals, { held: true }) : undefined
  return found.map((charge, at) => {
    if (named[at]?.chargeId == null || !charge) return charge
    const { partyId, serviceCode } = charge
    return partyId && powers?.(partyId, serviceCode ?? '').has(Power.PAY) ? charge : undefined
  })
}

/**
 * The payer's own payments under way by charge. Those of payers who did not sign in are not counted, because a stranger would block
 * all others: they are limited by address.
 */
async function countAttempts({ tx, context: { caller } }: Acting, found: readonly (Charge | undefined)[], now: Date) {
  if (!caller.party) return new Map<string, number>()
  const ids = found.flatMap((charge) => charge?.id ?? [])
  const rows = await tx
    .select({ chargeId: paymentItems.chargeId, count: sql<number>`count(*)::integer` })
    .from(paymentItems)
    .innerJoin(payments, eq(payments.id, paymentItems.paymentId))
    .where(
      and(
        inArray(paymentItems.chargeId, ids),
        inArray(payments.state, [...waiting]),
        sql`${payments.expiresAt} > ${now.toISOString()}::timestamptz`,
        eq(payments.partyId, caller.party),
      ),
    )
    .groupBy(paymentItems.chargeId)
  return new Map(rows.map(({ chargeId, count }) => [chargeId, count]))
}
