import type { TransactionSql } from 'postgres'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { ApplicationState } from '../../src/applications/application.table.js'
import { applicationFees } from '../../src/applications/submission/applicationFee.table.js'
import { FeeDue } from '../../src/catalogue/tariffs/fee.table.js'
import { ChargeState, ChargeSubject, charges } from '../../src/payments/charges/charge.table.js'
import { chargeLines } from '../../src/payments/charges/chargeLine.table.js'
import { PaymentMethod, PaymentState, payments } from '../../src/payments/checkout/payment.table.js'
import { paymentItems } from '../../src/payments/checkout/paymentItem.table.js'
import { applied, clearing, post, remitted, suspense, type Transfer } from '../../src/payments/ledger/post.js'
import { LedgerTransferKind as Kind } from '../../src/payments/ledger/transfer.table.js'
import { RefundKind, RefundState, refunds } from '../../src/payments/refunds/refund.table.js'
import { insertApplication } from '../support/applicationRow.js'
import { cloneDatabase } from '../support/database.js'
import { type BankEntry, brokenRules, type rules } from '../support/ledger.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'

const database = await cloneDatabase()
const { client, db } = database

const [one, other, late, twice, refund] = [v7(), v7(), v7(), v7(), v7()] as [string, string, string, string, string]
const charge = [v7(), v7()] as [string, string]
let application: string
const at = new Date('2026-11-25T08:00:00Z')
const bank: BankEntry[] = []

/** Two charges of 500, one paid by `one`. `other` was reversed, `late` has failed, and `twice` was refunded. */
beforeAll(async () => {
  const partyId = await partiesIn(database).person()
  const [agency] = await client`select id from agencies where code = 'DVX'`
  const agencyId = agency?.id as string // in the data
  const wanted = { partyId, service: 'DVX-LLC-REG', state: ApplicationState.REGISTERED }
  application = await insertApplication(database, keyring, wanted)
  const [fee] = await client`
    select fees.id from fees join applications on applications.tariff_id = fees.tariff_id where applications.id = ${application}`
  const due = FeeDue.BEFORE_REGISTRATION
  await db
    .insert(applicationFees)
    .values({ applicationId: application, feeId: fee?.id, position: 0, amount: 500n, currency: 'AZN', due })
  const owed = { amount: 500n, currency: 'AZN', changedAt: at }
  const open = { ...owed, agencyId, partyId, subjectType: ChargeSubject.APPLICATION, raisedAt: at }
  await db.insert(charges).values([
    {
      ...open,
      id: charge[0],
      number: 'C0',
      subjectId: application,
      due,
      state: ChargeState.PAID,
      paid: 500n,
      paidAt: at,
    },
    { ...open, id: charge[1], number: 'C1', reference: 'b', state: ChargeState.OPEN },
  ])
  const line = { position: 0, name: { az: 'R' }, amount: 500n, currency: 'AZN' }
  await db.insert(chargeLines).values(charge.map((chargeId) => ({ ...line, chargeId })))
  const attempt = {
    ...owed,
    partyId,
    anonymous: false,
    provider: 'BANK',
    method: PaymentMethod.CARD,
    language: 'az',
    createdAt: at,
    expiresAt: at,
  }
  await db.insert(payments).values([
    { ...attempt, id: one, number: 'one', state: PaymentState.SUCCEEDED, capturedAt: at },
    { ...attempt, id: other, number: 'other', state: PaymentState.REVERSED, capturedAt: at },
    { ...attempt, id: late, number: 'late', state: PaymentState.FAILED, endedAt: at },
    { ...attempt, id: twice, number: 'twice', state: PaymentState.LATE_SUCCESS, capturedAt: at, endedAt: at },
  ])
  const item = { position: 0, amount: 500n, currency: 'AZN' }
  await db.insert(paymentItems).values([
    { ...item, paymentId: one, chargeId: charge[0] },
    { ...item, paymentId: other, chargeId: charge[1] },
    { ...item, paymentId: late, chargeId: charge[1] },
    { ...item, paymentId: twice, chargeId: charge[0] },
  ])
  const sent = { requestedAt: at, decidedAt: at, sentAt: at, endedAt: at }
  const returned = { ...owed, ...sent, number: 'F0', kind: RefundKind.AUTOMATIC, state: RefundState.COMPLETED }
  await db.insert(refunds).values({ ...returned, id: refund, paymentId: twice, chargeId: charge[0], agencyId, partyId })
  const moved = (
    kind: Kind,
    paymentId: string,
    debit: Transfer['debit'],
    credit: Transfer['credit'],
    chargeId?: string,
  ) => ({ kind, debit, credit, amount: 500n, currency: 'AZN', paymentId, at, ...(chargeId && { chargeId }) })
  const agencys = applied(agencyId)
  await db.transaction((tx) =>
    post(tx, [
      moved(Kind.CAPTURE, one, clearing('BANK'), suspense),
      moved(Kind.APPLY, one, suspense, agencys, charge[0]),
      moved(Kind.REMIT, one, agencys, remitted(agencyId), charge[0]),
      moved(Kind.CAPTURE, other, clearing('BANK'), suspense),
      moved(Kind.APPLY, other, suspense, agencys, charge[1]),
      moved(Kind.RELEASE, other, agencys, suspense, charge[1]),
      moved(Kind.REVERSAL, other, suspense, clearing('BANK')),
      moved(Kind.CAPTURE, twice, clearing('BANK'), suspense),
      { ...moved(Kind.REFUND, twice, suspense, clearing('BANK')), refundId: refund },
    ]),
  )
  const encrypted = `\\x01${'00'.repeat(40)}`
  for (const [place, id] of charge.entries())
    await client`
      insert into issued_documents (id, number, kind, party_id, subject_id, issued_at, claims, code, signature, key_id, series, series_number)
      values (${v7()}, ${`R${place}`}, 'PAYMENT_RECEIPT', ${partyId}, ${id}, now(), ${encrypted}, ${encrypted}, ${encrypted}, 'key',
        'PAYMENTS-2026', ${place + 1})`
  const entry = { provider: 'BANK', amount: '500', currency: 'AZN' }
  bank.push({ ...entry, kind: 'CAPTURE', orderId: one })
  bank.push({ ...entry, kind: 'CAPTURE', orderId: other })
  bank.push({ ...entry, kind: 'REVERSAL', orderId: other })
  bank.push({ ...entry, kind: 'CAPTURE', orderId: twice })
  bank.push({ ...entry, kind: 'REFUND', orderId: twice, refundId: refund })
})

/** What is wrong after these statements, which are then undone. */
async function brokenAfter(planted: (tx: TransactionSql) => Promise<unknown>, entries = bank): Promise<string[]> {
  let broken: string[] = []
  await client
    .begin(async (tx) => {
      // Append-only tables refuse what is planted, and so do foreign keys.
      await tx`set local session_replication_role = replica`
      await planted(tx)
      broken = await brokenRules(tx, entries)
      throw new Error('undone')
    })
    .catch((error: Error) => {
      if (error.message !== 'undone') throw error
    })
  return broken
}

/** Another transfer like the one of that kind and payment, with changes in SQL. */
const again = (tx: TransactionSql, kind: string, payment: string, changes: Record<string, string> = {}) => {
  const columns = ['kind', 'debit_id', 'credit_id', 'amount', 'currency', 'payment_id', 'charge_id', 'refund_id', 'at']
  const chosen = columns.map((column) => changes[column] ?? column)
  return tx.unsafe(
    `insert into ledger_transfers (id, ${columns}) select $1, ${chosen} from ledger_transfers where kind = $2 and payment_id = $3`,
    [v7(), kind, payment],
  )
}
const account = (kind: string) => `(select id from ledger_accounts where kind = '${kind}' limit 1)`

type Rule = keyof typeof rules
const planted: Record<Rule, [string, (tx: TransactionSql) => Promise<unknown>, RegExp][]> = {
  'each kind of transfer has its kinds of accounts': [
    [
      'a capture into an agency',
      (tx) => again(tx, 'CAPTURE', one, { credit_id: account('APPLIED') }),
      /CAPTURE of one goes from CLEARING to APPLIED/,
    ],
  ],
  'money stays with its bank, its agency and in its currency': [
    [
      'a payment of another bank',
      (tx) => tx`update payments set provider = 'OTHER' where id = ${one}`,
      /CAPTURE of one leaves its bank/,
    ],
    [
      'a charge of another agency',
      (tx) => tx`update charges set agency_id = (select id from agencies where code = 'BPQMI') where id = ${charge[0]}`,
      /APPLY of one leaves/,
    ],
  ],
  'what is held for a payment is never negative': [
    ['a payment that pays twice', (tx) => again(tx, 'APPLY', one), /more than is held leaves one/],
  ],
  'no account but the clearing is overdrawn': [
    ['more remitted than applied', (tx) => again(tx, 'REMIT', one), /APPLIED of DVX is overdrawn by 500 AZN/],
  ],
  'a payment is as much as its items': [
    [
      'a missing item',
      (tx) => tx`delete from payment_items where payment_id = ${one}`,
      /one is 500 AZN; its items are none/,
    ],
    [
      'an item of less',
      (tx) => tx`update payment_items set amount = 499 where payment_id = ${one}`,
      /one is 500 AZN; its items are 499/,
    ],
  ],
  'an item is as much as its charge, and a charge as its lines': [
    [
      'a line of less',
      (tx) => tx`update charge_lines set amount = 400 where charge_id = ${charge[1]}`,
      /C1 is 500 AZN; its lines are 400/,
    ],
    [
      'an item in another currency',
      (tx) => tx`update payment_items set currency = 'USD' where payment_id = ${late}`,
      /late pays 500 USD of C1/,
    ],
  ],
  'a payment is captured once, and whole, if its state says so': [
    ['a capture that is posted twice', (tx) => again(tx, 'CAPTURE', one), /one is SUCCEEDED and was captured 2 times/],
    [
      'a capture of another amount',
      (tx) => tx`update ledger_transfers set amount = 499 where payment_id = ${one} and kind = 'CAPTURE'`,
      /captured 1 times: 499 of 500/,
    ],
    [
      'a payment that failed with a capture',
      (tx) => again(tx, 'CAPTURE', one, { payment_id: `'${late}'` }),
      /late is FAILED and was captured 1 times/,
    ],
    [
      'a success without a capture',
      (tx) => tx`update payments set state = 'LATE_SUCCESS', captured_at = created_at where id = ${late}`,
      /late is LATE_SUCCESS and was captured 0 times/,
    ],
  ],
  'a payment pays each of its charges once, and whole': [
    [
      'a charge that is no item',
      (tx) => again(tx, 'APPLY', one, { charge_id: `'${charge[1]}'` }),
      /one pays C1 1 times/,
    ],
    [
      'a half',
      (tx) => tx`update ledger_transfers set amount = 250 where payment_id = ${one} and kind = 'APPLY'`,
      /one pays C0 1 times: 250/,
    ],
  ],
  'a charge is paid by at most one payment': [
    ['a second payer', (tx) => again(tx, 'APPLY', one, { payment_id: `'${late}'` }), /C0 is paid by late, one/],
  ],
  'a charge is paid as far as it was applied and not reversed': [
    [
      'a charge that is paid by nothing',
      (tx) => tx`update charges set paid = 500, state = 'PAID', paid_at = raised_at where id = ${charge[1]}`,
      /C1 is PAID with 500; 0 was applied/,
    ],
    [
      'a charge that forgets its payment',
      (tx) => tx`update charges set paid = 0, state = 'OPEN', paid_at = null where id = ${charge[0]}`,
      /C0 is OPEN with 0; 500 was applied/,
    ],
  ],
  'an agency has what its charges were paid, without what it released': [
    [
      'what one agency is paid at another',
      async (tx) => {
        await tx`insert into ledger_accounts (id, kind, currency, agency_id) select ${late}, 'APPLIED', 'AZN', id from agencies where code = 'BPQMI'`
        await tx`update ledger_transfers set credit_id = ${late} where kind = 'APPLY' and payment_id = ${one}`
      },
      /DVX has 0 AZN of 500/,
    ],
  ],
  'a charge is paid at the moment of its payment': [
    [
      'the time of a later job',
      (tx) => tx`update charges set paid_at = paid_at + interval '1 minute' where id = ${charge[0]}`,
      /C0 was paid at .*08:01:00.*; its payment says .*08:00:00/,
    ],
  ],
  'a reversed payment pays nothing': [
    [
      'a reversal that keeps the charge paid',
      (tx) => tx`delete from ledger_transfers where payment_id = ${other} and kind = 'RELEASE'`,
      /other is REVERSED and still pays a charge/,
    ],
  ],
  'a receipt is issued for each time a charge was paid': [
    [
      'a missing receipt',
      (tx) => tx`delete from issued_documents where subject_id = ${charge[0]}`,
      /C0 was paid 1 times, with 0 receipts/,
    ],
    [
      'a receipt for what was not paid',
      (tx) => tx`update issued_documents set subject_id = ${charge[0]} where subject_id = ${charge[1]}`,
      /C0 was paid 1 times, with 2 receipts/,
    ],
  ],
  'receipts have numbers from 1 without a gap': [
    [
      'a gap in their numbers',
      (tx) => tx`update issued_documents set series_number = 3 where series_number = 2`,
      /PAYMENTS-2026 has 2 numbers, of which the last is 3/,
    ],
    [
      'a signature before the number',
      (tx) => tx`update issued_documents set series_number = null where series_number = 2`,
      /1 was signed without its number/,
    ],
  ],
  'an application that goes on has paid what it owed': [
    [
      'an application that was registered without its payment',
      async (tx) => {
        await tx`update application_fees set amount = 501 where application_id = ${application}`
      },
      /^M26-.* is REGISTERED and has paid 500 of 501 AZN/,
    ],
    [
      'an application that was handed over without its payment',
      async (tx) => {
        await tx`update application_fees set due = 'AT_HANDOVER' where application_id = ${application}`
        await tx`update applications set state = 'COMPLETED' where id = ${application}`
      },
      /is COMPLETED and has paid 0 of 500 AZN/,
    ],
  ],
  'what is held for a payment goes back, or is a difference': [
    [
      'money that is kept',
      async (tx) => {
        await tx`delete from ledger_transfers where kind = 'REFUND'`
        await tx`delete from refunds`
      },
      /twice is LATE_SUCCESS and holds 500; 0 goes back/,
    ],
    [
      'a refused refund that nobody hears of',
      async (tx) => {
        await tx`delete from ledger_transfers where kind = 'REFUND'`
        await tx`update refunds set state = 'FAILED'`
      },
      /twice is LATE_SUCCESS and holds 500; 0 goes back/,
    ],
  ],
  'the refunds of an item are at most what was paid for it': [
    [
      'a second refund',
      (tx) =>
        tx`insert into refunds (id, number, kind, payment_id, charge_id, agency_id, party_id, amount, currency, state, requested_at,
          ground_id, requested_by, due_at, latest_at, changed_at)
        select ${v7()}, 'F1', 'REQUESTED', payment_id, charge_id, agency_id, party_id, 1, currency, 'REQUESTED', requested_at,
          id, party_id, requested_at, requested_at, changed_at from refunds`,
      /twice gives back 501 of 500/,
    ],
  ],
  'a refund is posted as far as its state says': [
    [
      'a refund that was posted and is still sent',
      (tx) => tx`update refunds set state = 'SENT', ended_at = null`,
      /F0 is SENT with 0 released and 500 refunded/,
    ],
    [
      'a refund of another payment',
      (tx) => tx`update ledger_transfers set payment_id = ${other} where kind = 'REFUND'`,
      /other has a transfer REFUND of no refund of its own/,
    ],
  ],
  'the clearing account is the journal of the bank': [
    [
      'a transfer that the bank does not know',
      (tx) => again(tx, 'REVERSAL', other, { payment_id: `'${one}'` }),
      /one has 500 AZN as REVERSAL; the bank has 0/,
    ],
    [
      'another amount',
      (tx) => tx`update ledger_transfers set amount = 499 where payment_id = ${other} and kind = 'REVERSAL'`,
      /other has 499 AZN as REVERSAL; the bank has 500/,
    ],
  ],
}
const plants = Object.entries(planted).flatMap(([rule, cases]) =>
  cases.map(([what, plant, sentence]) => ({ rule, what, plant, sentence })),
)

describe('The rules of the ledger', () => {
  it('hold for a payment, a reversal, a failure and a refund', async () => {
    expect(await brokenAfter(async () => {})).toEqual([])
  })

  it.each(plants)('find $what', async ({ plant, sentence }) => {
    expect(await brokenAfter(plant)).toContainEqual(expect.stringMatching(sentence))
  })

  it('find a capture that the ledger does not have', async () => {
    const unknown = { ...bank[0]!, orderId: late }
    expect(await brokenAfter(async () => {}, [...bank, unknown])).toEqual([
      'late has 0 AZN as CAPTURE; the bank has 500',
    ])
  })

  it('accept a capture that an open difference names', async () => {
    const named = (tx: TransactionSql) =>
      tx`insert into reconciliations (id, kind, provider, subject, day, payment_id, state, found_at)
        values (${v7()}, 'MISSING_HERE', 'BANK', ${late}, '2026-11-25', ${late}, 'OPEN', now())`
    expect(await brokenAfter(named, [...bank, { ...bank[0]!, orderId: late }])).toEqual([])
  })
})
