import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { makeParty } from '../../src/identity/parties/party.js'
import { PartyKind } from '../../src/identity/parties/party.table.js'
import { ChargeState, ChargeSubject, charges } from '../../src/payments/charges/charge.table.js'
import { chargeLines } from '../../src/payments/charges/chargeLine.table.js'
import { PaymentMethod } from '../../src/payments/checkout/payment.table.js'
import { issuePaymentReceipts } from '../../src/payments/checkout/paymentReceipt.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { issuingIn } from '../support/issuing.js'
import { partiesIn } from '../support/parties.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db, client } = database
const citizen = await partiesIn(database).persona('citizen')
const { agencyId, context, now, sign, rowOf } = await issuingIn(database, citizen)
const ask = await apiOf(database)
const headers = await as('citizen')

/** Charges of the citizen: one for an application with two lines, and one of the agency's own. */
async function paidCharges() {
  const at = { raisedAt: now(), changedAt: now(), paidAt: now() }
  const both = ['A27-0000001-X', 'OWN-1'].map((reference, place) => ({
    id: v7(),
    number: `C27-${v7()}`,
    agencyId,
    partyId: citizen,
    subjectType: place === 0 ? ChargeSubject.APPLICATION : ChargeSubject.OTHER,
    reference: `${reference} ${v7()}`,
    amount: place === 0 ? 4050n : 100n,
    paid: place === 0 ? 4050n : 100n,
    currency: 'AZN',
    state: ChargeState.PAID,
    ...at,
  }))
  const rows = await db.insert(charges).values(both).returning()
  const [first, second] = both.map(({ id }) => id)
  const line = { name: { az: 'Rüsum', en: 'Duty', ru: 'Пошлина' }, kind: null, currency: 'AZN' }
  await db.insert(chargeLines).values([
    { ...line, id: v7(), chargeId: first!, position: 2, amount: 50n },
    { ...line, id: v7(), chargeId: first!, position: 1, amount: 4000n, budgetClassification: '111111' },
    { ...line, id: v7(), chargeId: second!, position: 1, amount: 100n },
  ])
  return rows
}
const paymentBy = (partyId: string) => ({
  number: 'P27-0000001-X',
  partyId,
  method: PaymentMethod.CARD,
  capturedAt: new Date('2026-12-31T20:00:00Z'),
})
const receiptsOf = (ids: string[]) => client<{ id: string; parties: string[] }[]>`
  select id, array(select party_id::text from document_parties where document_id = id) as parties
  from issued_documents where subject_id = any(${ids}) order by id`

describe('issuePaymentReceipts', () => {
  it('issues one numbered receipt for each charge, to the payer of whom nothing is known and to the charged party', async () => {
    const paid = await paidCharges()
    const { party: payer } = await db.transaction((tx) =>
      makeParty(tx, context.keyring, PartyKind.NATURAL_PERSON, now()),
    )
    await db.transaction((tx) => issuePaymentReceipts({ tx, context }, paymentBy(payer), paid))
    const receipts = await receiptsOf(paid.map(({ id }) => id))
    expect(receipts.map(({ parties }) => parties.sort())).toEqual([[payer, citizen].sort(), [payer, citizen].sort()])
    await sign(receipts[0]!.id)
    const { claims, seriesNumber, series, signature } = await rowOf(receipts[0]!.id)
    expect(claims).toMatchObject({
      kind: 'PAYMENT_RECEIPT',
      subject: paid[0]?.number,
      agency: 'DVX',
      paid: {
        operator: { az: 'Pəncərə' },
        servicePoint: 'ONLINE',
        payment: 'P27-0000001-X',
        method: 'CARD',
        at: '2026-12-31T20:00:00.000Z',
        about: { type: 'APPLICATION', number: paid[0]?.reference },
        lines: [{ amount: '40.00', budgetClassification: '111111' }, { amount: '0.50' }],
        total: '40.50',
        currency: 'AZN',
      },
    })
    expect(claims).not.toHaveProperty('holder')
    expect([series, seriesNumber, typeof signature]).toEqual(['PAYMENTS-2027', 1, 'string'])
    expect((await rowOf(receipts[1]!.id)).seriesNumber).toBe(2)
    const { data } = await ask('{ charges(first: 2) { nodes { number receipts { kind seriesNumber } } } }', { headers })
    expect(data.charges.nodes).toContainEqual({
      number: paid[0]?.number,
      receipts: [{ kind: 'PAYMENT_RECEIPT', seriesNumber: 1 }],
    })
  })

  it('issues one receipt to a party that pays its own charge, and none after its data was erased', async () => {
    const [own, other] = await paidCharges()
    await db.transaction((tx) => issuePaymentReceipts({ tx, context }, paymentBy(citizen), [own!]))
    expect(await receiptsOf([own!.id])).toMatchObject([{ parties: [citizen] }])
    const { party: gone } = await db.transaction((tx) =>
      makeParty(tx, context.keyring, PartyKind.NATURAL_PERSON, now()),
    )
    await client`update parties set key = null, wrapped_by = null, forgotten_at = now() where id = ${gone}`
    await db.transaction((tx) => issuePaymentReceipts({ tx, context }, paymentBy(gone), [other!]))
    expect(await receiptsOf([other!.id])).toEqual([])
  })
})
