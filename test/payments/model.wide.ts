import { eq, inArray } from 'drizzle-orm'
import fc from 'fast-check'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { OfficerRole } from '../../src/identity/officers/appointment.table.js'
import { keyToEncrypt } from '../../src/identity/parties/party.js'
import { cancelCharges, raiseCharges } from '../../src/payments/charges/charge.repository.js'
import { ChargeState, ChargeSubject, charges } from '../../src/payments/charges/charge.table.js'
import { cancelPayment } from '../../src/payments/checkout/cancelPayment.js'
import { recordOfPayment } from '../../src/payments/checkout/payment.repository.js'
import { waiting } from '../../src/payments/checkout/payment.rules.js'
import { PaymentMethod, PaymentState, payments } from '../../src/payments/checkout/payment.table.js'
import type { BankState } from '../../src/payments/checkout/provider.js'
import { startPayment } from '../../src/payments/checkout/startPayment.js'
import { approveRefund } from '../../src/payments/refunds/approveRefund.js'
import { requestRefund } from '../../src/payments/refunds/requestRefund.js'
import { decrypt } from '../../src/platform/personal.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { anonymous, type Caller } from '../../src/shared/context.js'
import { appointmentOf, partyOfFin } from '../support/appointed.js'
import { brokenRules } from '../support/ledger.js'
import { long } from '../support/long.js'
import { partiesIn } from '../support/parties.js'
import { weighted } from '../support/weighted.js'
import { payingOf } from './payingInMemory.js'

const numRuns = Number(process.env.MODEL_RUNS ?? (long ? 2_000 : 10))
const seed = Number(process.env.MODEL_SEED ?? Date.now() % 1_000_000)

interface Owed {
  amount: bigint
  state: ChargeState
  by?: string | undefined
}
interface Attempt {
  items: readonly Owed[]
  isCaptured: boolean
  isReversed: boolean
  isDisputed: boolean
  /** What officers have given back of a charge. */
  refunded: Map<Owed, bigint>
}
/** Who owes what, and what is held for whom: all that the system must agree with. */
const model = {
  raise: (amount: bigint): Owed => ({ amount, state: ChargeState.OPEN }),
  withdraw(owed: Owed) {
    if (owed.state === ChargeState.OPEN) owed.state = ChargeState.CANCELLED
  },
  start: (items: readonly Owed[]): Attempt => ({
    items,
    isCaptured: false,
    isReversed: false,
    isDisputed: false,
    refunded: new Map(),
  }),
  /** What the bank says becomes known. */
  learn(id: string, attempt: Attempt, said: BankState) {
    const [isPaid, isReversed] = [said === 'CAPTURED' || said === 'DISPUTED', said === 'REVERSED']
    for (const owed of attempt.items) {
      if (isPaid && !attempt.isCaptured && owed.state === ChargeState.OPEN)
        Object.assign(owed, { state: ChargeState.PAID, by: id })
      // What was given back wholly is not taken back.
      if (isReversed && owed.by === id && model.left(attempt, owed) > 0n)
        Object.assign(owed, { state: ChargeState.OPEN, by: undefined })
    }
    attempt.isCaptured ||= isPaid || isReversed
    attempt.isReversed ||= isReversed
    attempt.isDisputed ||= said === 'DISPUTED'
  },
  left: ({ refunded }: Attempt, owed: Owed) => owed.amount - (refunded.get(owed) ?? 0n),
  /** What the bank has of a payment once everything else went back. */
  held: (id: string, attempt: Attempt) =>
    attempt.items.reduce(
      (sum, owed) => (owed.by === id && !attempt.isReversed ? sum + model.left(attempt, owed) : sum),
      0n,
    ),
}

const start = new Date('2026-11-25T08:00:00Z')
const { database, keyring, clock, bank, surviving, send, runJobs, tickNow, open } = await payingOf(start)
const { db, client } = database
let agencyIds: string[]
let owner: string
let payers: Caller[]
let officers: Caller[]
let groundCode: string
beforeAll(async () => {
  const codes = ['DVX', 'BPQMI']
  const found = await db
    .select({ id: agencies.id, agency: agencies.code })
    .from(agencies)
    .where(inArray(agencies.code, codes))
  agencyIds = found.map(({ id }) => id)
  const parties = partiesIn(database)
  owner = await parties.person()
  const callerOf = (party: string): Caller => {
    return { kind: 'PERSON', id: `person:${party}`, party, assurance: Assurance.HIGH, offices: [] }
  }
  const roles = [OfficerRole.FINANCE]
  const offices = found.map(({ id: agencyId, agency }) => ({ agencyId, agency, roles }))
  officers = await Promise.all(
    ['TEST0F1', 'TEST0F2'].map(async (fin): Promise<Caller> => {
      for (const { agency } of found) await appointmentOf(database, fin, agency, { roles })
      const party = await partyOfFin(database, fin)
      return { kind: 'OFFICER', id: `officer:${party}`, party, assurance: Assurance.HIGH, offices }
    }),
  )
  const [ground] = await client`select code from refund_grounds where subjects is null and valid_to is null limit 1`
  groundCode = ground?.code
  payers = [callerOf(owner), callerOf(await parties.person()), anonymous]
})

const minute = 60_000
const steps = {
  raise: 1,
  start: 3,
  startAlone: 2,
  open: 4,
  pay: 4,
  payThrough: 5,
  decline: 1,
  payLate: 2,
  hear: 5,
  cancel: 1,
  withdraw: 1,
  refund: 2,
  dispute: 1,
  win: 1,
  reverse: 2,
  pass: 3,
  /** The bank gives no answer to the next callback. */
  away: 1,
}
const step = fc.record({
  kind: weighted(steps),
  which: fc.nat(11),
  other: fc.nat(11),
  /** At which boundary the process dies, if it comes so far. */
  dies: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 8 })),
})
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never
const oneOf = <T>(all: readonly T[], which: number): T | undefined => all[which % all.length]

/** One history, step by step beside the model. */
function history() {
  const owed = new Map<string, Owed & { subject: string; number: string; code: string }>()
  const attempts = new Map<string, Attempt & { payer: Caller }>()
  const learn = async (job: string, { subject }: { subject: string }) => {
    const attempt = attempts.get(subject)
    if (job === 'checkPayment' && attempt && bank.orders.has(subject) && !bank.isAway())
      model.learn(subject, attempt, bank.stateOf(subject))
  }
  const settleJobs = (dies: number) => runJobs(dies, learn)

  async function raise({ which }: Step) {
    const [amount, subjectId] = [BigInt(which + 1) * 100n, v7()]
    const charge = {
      agencyId: oneOf(agencyIds, which) as string,
      partyId: owner,
      subjectType: ChargeSubject.OTHER,
      subjectId,
      currency: 'AZN',
      lines: [
        { name: { az: 'Rüsum' }, amount: amount - 1n },
        { name: { az: 'Haqq' }, amount: 1n },
      ],
    }
    const recorded = { at: clock.now(), actor: 'a test' }
    const [row] = await db.transaction((tx) => raiseCharges(tx, keyring, [charge], recorded))
    if (!row) throw new Error('a charge must be raised')
    const key = await db.transaction((tx) => keyToEncrypt(tx, keyring, owner))
    const { code } = decrypt(key, charges, row)
    owed.set(row.id, { ...model.raise(amount), subject: subjectId, number: row.number, code: code as string })
  }

  async function begin({ which, other, dies }: Step, isAlone: boolean) {
    const ids = [...owed.keys()]
    const chosen = [...new Set([oneOf(ids, which), isAlone ? undefined : oneOf(ids, other)])].flatMap((id) => id ?? [])
    if (chosen.length === 0) return
    const payer = oneOf(payers, other) as Caller
    const named = chosen.map((id) =>
      payer === payers[0]
        ? { chargeId: nodeIdOf('Charge', id) }
        : { charge: { number: owed.get(id)?.number, code: owed.get(id)?.code } },
    )
    const { reasons, id } = await send(startPayment, { charges: named, method: PaymentMethod.CARD }, payer, dies)
    const items = chosen.flatMap((charge) => owed.get(charge) ?? [])
    const isOpen = items.every(({ state }) => state === ChargeState.OPEN)
    if (id) {
      expect(isOpen, 'a payment starts only for open charges').toBe(true)
      attempts.set(id, { ...model.start(items), payer })
    } else if (isOpen) expect(new Set(reasons)).toEqual(new Set(['payment.many_attempts']))
  }

  // Orders about which the bank has news. A callback that was received is not sent again.
  const unheard = new Set<string>()
  const heard = async (id: string) => {
    unheard.delete(id)
    const [row] = await db.select().from(payments).where(eq(payments.id, id))
    if (row)
      await db.transaction((tx) =>
        recordOfPayment(tx, row, { type: 'payment.called_back', at: clock.now(), actor: 'bank' }),
      )
  }

  /** An officer asks for a refund of what is left of a charge, or of a part; another approves it. */
  async function giveBack(id: string, { which, other, dies }: Step) {
    const attempt = attempts.get(id) as Attempt
    const place = other % attempt.items.length
    const item = attempt.items[place] as Owed
    const [row] = await client`
      select item.charge_id as charge, item.amount - coalesce(sum(refunds.amount), 0) as left from payment_items item
      left join refunds on (refunds.payment_id, refunds.charge_id) = (item.payment_id, item.charge_id)
        and refunds.state not in ('REJECTED', 'FAILED')
      where item.payment_id = ${id} and position = ${place} group by item.id`
    const left = Number(row?.left)
    const amount = which % 2 === 0 ? left : Math.ceil(left / 3)
    const asked = {
      paymentId: nodeIdOf('Payment', id),
      chargeId: nodeIdOf('Charge', row?.charge),
      amount: (amount / 100).toFixed(2),
      expectedRefundable: (left / 100).toFixed(2),
      groundCode,
      reason: 'Sınaq',
    }
    const refund = await send(requestRefund, asked, officers[0] as Caller, dies)
    const isPaid = item.by === id && !attempt.isReversed
    if (!refund.id) {
      if (isPaid && left > 0) expect(refund.reasons).toEqual(['refund.disputed'])
      return
    }
    const approval = { refundId: nodeIdOf('Refund', refund.id) }
    const { reasons } = await send(approveRefund, approval, officers[1] as Caller, dies)
    expect(reasons).toEqual([])
    attempt.refunded.set(item, (attempt.refunded.get(item) ?? 0n) + BigInt(amount))
  }

  async function take(one: Step) {
    const { kind, which, dies } = one
    const id = oneOf([...attempts.keys()], which)
    if (kind === 'raise') await raise(one)
    else if (kind === 'start' || kind === 'startAlone') await begin(one, kind === 'startAlone')
    else if (kind === 'withdraw') {
      const charge = oneOf([...owed.values()], which)
      if (!charge) return
      await db.transaction((tx) => cancelCharges(tx, charge.subject, { at: clock.now(), actor: 'a test' }))
      model.withdraw(charge)
    } else if (kind === 'pass') {
      clock.pass([minute, 16 * minute, 40 * minute, 3 * 24 * 60 * minute][which % 4] as number)
      while ((await tickNow()) > 0);
      await settleJobs(dies)
    } else if (!id) return
    else if (kind === 'open') {
      if (!bank.isAway()) await surviving(dies, () => open(id))
      if (which % 2 === 0) await heard(id)
      await settleJobs(dies)
    } else if (kind === 'payLate') {
      bank.play.decline(id)
      await heard(id)
      await settleJobs(dies)
      bank.play.captureLate(id)
      unheard.add(id)
    } else if (kind === 'refund') await giveBack(id, one)
    else if (kind === 'away') bank.setAway(true)
    else if (kind === 'payThrough') {
      bank.setAway(false)
      await surviving(dies, () => open(id))
      bank.play.capture(id)
      clock.pass(1_000)
      await heard(id)
      await settleJobs(dies)
      bank.setAway(false)
    } else if (kind === 'hear') {
      // Some callbacks come twice.
      await heard(id)
      if (which % 3 === 0) await heard(id)
      await settleJobs(dies)
      bank.setAway(false)
    } else if (kind === 'cancel') {
      const payer = attempts.get(id)?.payer as Caller
      await send(cancelPayment, { paymentId: nodeIdOf('Payment', id) }, payer, dies)
      if (which % 2 === 0) await settleJobs(dies)
    } else {
      const plays = { pay: bank.play.capture, ...bank.play }
      plays[kind](id)
      unheard.add(id)
    }
  }

  /** Everything that is under way comes to its end. */
  async function settle() {
    bank.setAway(false)
    for (const pause of [40 * minute, 90 * minute]) {
      for (const id of unheard) await heard(id)
      clock.pass(pause)
      while ((await tickNow()) > 0);
      await settleJobs(Number.POSITIVE_INFINITY)
    }
  }

  async function compare() {
    const [ofCharges, ofPayments] = await Promise.all([
      db
        .select({ id: charges.id, state: charges.state })
        .from(charges)
        .where(inArray(charges.id, [...owed.keys()])),
      db
        .select()
        .from(payments)
        .where(inArray(payments.id, [...attempts.keys()])),
    ])
    const states = ofCharges.map(({ id, state }) => [id, state] as const)
    expect(new Map(states)).toEqual(new Map([...owed].map(([id, { state }]) => [id, state])))
    const known = ofPayments.map(({ id, capturedAt, state }) => {
      return [id, { isCaptured: capturedAt !== null, isReversed: state === PaymentState.REVERSED }] as const
    })
    const wanted = [...attempts].map(([id, { isCaptured, isReversed }]) => [id, { isCaptured, isReversed }] as const)
    expect(new Map(known)).toEqual(new Map(wanted))
    return ofPayments
  }
  async function compareAtTheEnd() {
    for (const { state } of await compare()) expect(waiting).not.toContain(state)
    // What the bank refused to give back while the payer disputed it is left as a difference.
    const undisputed = [...attempts].filter(([id, { isDisputed }]) => bank.orders.has(id) && !isDisputed)
    const held = undisputed.map(([id]) => [id, bank.heldFor(id)] as const)
    expect(new Map(held)).toEqual(new Map(undisputed.map(([id, attempt]) => [id, model.held(id, attempt)])))
    expect(await brokenRules(client, bank.entries)).toEqual([])
  }
  return { take, settle, compare, compareAtTheEnd }
}

const before = { dies: Number.POSITIVE_INFINITY }
/** Two charges, and three attempts: of each payer, one of which pays both. */
const beginning: Step[] = [
  { kind: 'raise', which: 0, other: 0, ...before },
  { kind: 'raise', which: 1, other: 1, ...before },
  { kind: 'startAlone', which: 0, other: 0, ...before },
  { kind: 'start', which: 0, other: 1, ...before },
  { kind: 'startAlone', which: 1, other: 2, ...before },
]

/** The bank takes back what it captured, and does not answer when it is asked. */
const reversedUnseen: Step[] = [
  { kind: 'payThrough', which: 0, other: 0, ...before },
  { kind: 'reverse', which: 0, other: 0, ...before },
  { kind: 'away', which: 0, other: 0, ...before },
  { kind: 'hear', which: 0, other: 0, ...before },
]
/** The bank gives a part back, nobody hears its answer, and it takes back the rest. */
const partlyGone: Step[] = [
  { kind: 'payThrough', which: 0, other: 0, ...before },
  { kind: 'refund', which: 3, other: 0, ...before },
  { kind: 'hear', which: 0, other: 0, dies: 2 },
  { kind: 'reverse', which: 0, other: 0, ...before },
  { kind: 'hear', which: 0, other: 0, ...before },
]

describe('Payments in any history', () => {
  it('are what the model says, and break no rule of the ledger', { timeout: 900_000 }, async () => {
    console.log(`MODEL_SEED=${seed} MODEL_RUNS=${numRuns}`)
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (all) => {
      const { take, settle, compare, compareAtTheEnd } = history()
      for (const one of [...beginning, ...all]) {
        clock.pass(1_000)
        await take(one)
        await compare()
      }
      await settle()
      await compareAtTheEnd()
    })
    await fc.assert(property, { numRuns, seed, endOnFailure: !long, examples: [[partlyGone], [reversedUnseen]] })
  })
})
