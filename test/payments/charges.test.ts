import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { Power } from '../../src/identity/mandates/mandate.table.js'
import { OfficerRole } from '../../src/identity/officers/appointment.table.js'
import { applyToCharges, raiseCharges } from '../../src/payments/charges/charge.repository.js'
import { userErrorsInCharge } from '../../src/payments/charges/charge.rules.js'
import { ChargeSubject, charges } from '../../src/payments/charges/charge.table.js'
import { applyingOf, start } from '../support/applying.js'
import { appointed, finOf } from '../support/appointed.js'
import { partiesIn } from '../support/parties.js'
import { asProgram } from '../support/programs.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const { database, ask, send, partyOf } = await applyingOf()
const { db } = database
const finance = 'finance-officer'
const scopes = ['charges:read' as const, 'charges:raise' as const]
const program = await asProgram(database, { agency: 'DVX', scopes })
const reader = await asProgram(database, { agency: 'DVX', scopes: ['charges:read'] })
beforeAll(async () => {
  await appointed(database, finance, 'DVX', [OfficerRole.FINANCE])
  await appointed(database, 'second-finance-officer', 'DMX', [OfficerRole.FINANCE])
  await appointed(database, 'officer', 'DVX', [OfficerRole.REVIEWER])
})

type By = Parameters<typeof send>[0]
let references = 0
const name = { az: 'İcarə', en: 'Rent', ru: 'Аренда' }
const usual = () => ({
  fin: finOf('citizen'),
  reference: `R-${++references}`,
  currency: 'AZN',
  lines: [{ name, amount: '12.50', budget: { classification: '142151' } }],
})
const fields = 'id number state revision money { amount currency } agency { code }'
async function outcomeOf(by: By, name: string, input: object) {
  const { charge, error, userErrors } = await send(by, name, input, `charge { ${fields} }`)
  const [first] = userErrors ?? []
  return { charge, outcome: error?.extensions.code ?? first?.reason ?? 'done', first }
}
const raise = (by: By = finance, more: object = {}) => outcomeOf(by, 'raiseCharge', { ...usual(), ...more })
const read = async (by: By, query: string) =>
  await ask(`{ ${query} }`, { headers: typeof by === 'string' ? await as(by) : await by, language: 'en' })
const seenBy = async (by: By, number: string, shown = fields) =>
  (await read(by, `charge(number: "${number}") { ${shown} }`)).data?.charge ?? null

describe('raiseCharge', () => {
  it('raises a charge that its party finds, with the code for whoever pays it', async () => {
    const { charge } = await raise(finance, { payBy: '2026-12-01T00:00:00Z' })
    expect(charge).toMatchObject({
      state: 'OPEN',
      money: { amount: '12.50', currency: 'AZN' },
      agency: { code: 'DVX' },
    })
    const shown = `reference payBy code viewerCan { action allowed } party { id }
      lines { kind name money { amount } budget { classification level } }`
    const { code, party, ...rest } = await seenBy('citizen', charge.number, shown)
    expect(rest).toEqual({
      reference: `R-${references}`,
      payBy: '2026-12-01T00:00:00.000Z',
      viewerCan: [
        { action: 'PAY', allowed: true },
        { action: 'CANCEL', allowed: false },
      ],
      lines: [
        { kind: null, name: 'Rent', money: { amount: '12.50' }, budget: { classification: '142151', level: null } },
      ],
    })
    expect([code.replaceAll('-', '').length, party !== null]).toEqual([28, true])
    expect(await seenBy(finance, charge.number, 'code party { id } viewerCan { action allowed reason }')).toEqual({
      code: null,
      party: null,
      viewerCan: [
        { action: 'PAY', allowed: false, reason: 'charge.not_payer' },
        { action: 'CANCEL', allowed: true, reason: null },
      ],
    })
  })

  it('is for finance officers of the agency and its programs with the scope', async () => {
    expect((await raise(program)).outcome).toBe('done')
    expect((await raise(reader)).outcome).toBe('FORBIDDEN')
    expect((await raise('officer')).outcome).toBe('FORBIDDEN')
    expect((await raise('citizen')).outcome).toBe('FORBIDDEN')
    expect((await raise('second-finance-officer', { agencyCode: 'DVX' })).outcome).toBe('agency.unknown')
    expect((await raise(finance, { serviceCode: 'DMX-TRP' })).outcome).toBe('service.unknown')
    expect((await raise(finance, { fin: finOf(finance) })).outcome).toBe('FORBIDDEN')
  })

  it('refuses a reference that was used, with the number of its charge, until that is cancelled', async () => {
    const reference = 'R-twice'
    const { charge } = await raise(finance, { reference })
    const { first } = await raise(program, { reference })
    expect(first).toMatchObject({ code: 'CONFLICT', params: [{ name: 'number', value: charge.number }] })
    await cancel(charge)
    expect((await raise(finance, { reference })).outcome).toBe('done')
  })

  it.each([
    ['both a FİN and a VÖEN', { voen: '9900000421' }, 'charge.party'],
    ['a currency that banks do not settle', { currency: 'EUR' }, 'charge.currency'],
    ['a negative amount', { lines: [{ name, amount: '-1' }] }, 'BAD_USER_INPUT'],
    ['an amount over 2^53', { lines: [{ name, amount: '90071992547409.93' }] }, 'BAD_USER_INPUT'],
  ])('refuses %s', async (_, more, outcome) => expect((await raise(finance, more)).outcome).toBe(outcome))
})

describe('userErrorsInCharge', () => {
  const line = { name, amount: '1.00' }
  const wanted = { reference: 'R', currency: 'AZN', lines: [line] }
  it.each([
    ['nothing', {}, []],
    ['an amount of zero', { lines: [{ name, amount: '0.00' }] }, ['charge.nothing']],
    ['three decimals', { lines: [line, { name, amount: '1.005' }] }, ['fee.digits']],
    ['no line', { lines: [] }, ['charge.lines']],
    ['too many lines', { lines: Array.from({ length: 21 }, () => line) }, ['charge.many_lines']],
    ['a blank reference', { reference: ' ' }, ['text.missing']],
    ['a long reference', { reference: 'R'.repeat(101) }, ['text.too_long']],
    ['a day in the past', { payBy: start }, ['charge.pay_by']],
    ['a blank name', { lines: [{ ...line, name: { ...name, ru: '' } }] }, ['text.missing']],
  ])('finds %s', (_, more, reasons) =>
    expect(userErrorsInCharge({ ...wanted, ...more }, start).map(({ reason }) => reason)).toEqual(reasons),
  )
})

const cancel = ({ id, revision }: { id: string; revision: number }, by: By = finance, reason = 'Səhv') =>
  outcomeOf(by, 'cancelCharge', { chargeId: id, revision, reason })

describe('cancelCharge', () => {
  it('ends a charge of the agency, and tells the party why', async () => {
    const { charge } = await raise()
    expect((await cancel(charge, 'second-finance-officer')).outcome).toBe('charge.unknown')
    expect((await cancel(charge, 'officer')).outcome).toBe('FORBIDDEN')
    expect((await cancel({ ...charge, revision: 7 })).outcome).toBe('charge.changed')
    expect((await cancel(charge, finance, ' ')).outcome).toBe('text.missing')
    expect((await cancel(charge)).charge).toMatchObject({ state: 'CANCELLED', revision: 2 })
    expect(await seenBy('citizen', charge.number, 'reason endedAt')).toEqual({
      reason: 'Səhv',
      endedAt: start.toISOString(),
    })
    expect((await cancel({ ...charge, revision: 2 })).outcome).toBe('charge.cancelled')
  })

  it('leaves the charge of an application to the application', async () => {
    const owed = {
      partyId: await partyOf('citizen'),
      agencyId: await agencyOf(),
      subjectType: ChargeSubject.APPLICATION,
    }
    const raised = { ...owed, subjectId: owed.partyId, currency: 'AZN', lines: [{ name, amount: 1n }] }
    const [row] = await db.transaction((tx) => raiseCharges(tx, keyring, [raised], { at: start, actor: 'a test' }))
    const { id } = await seenBy('citizen', row!.number)
    expect((await cancel({ id, revision: 1 })).outcome).toBe('charge.ends_with_subject')
  })
})
const agencyOf = async () => (await db.select().from(charges).limit(1))[0]!.agencyId

describe('charge', () => {
  it('is seen by its party, who may pay or view for it, and the finance of its agency alone', async () => {
    const { charge } = await raise(finance, { fin: finOf('pensioner'), serviceCode: 'DVX-RETURN' })
    const { give } = partiesIn(database)
    const owing = await partyOf('pensioner')
    await give(owing, await partyOf('other-citizen'), { powers: [Power.PAY], services: ['DVX-RETURN'] })
    await give(owing, await partyOf('company-head'), { powers: [Power.VIEW], services: ['DVX-BENEFICIAL'] })
    const own = await asProgram(database, { party: owing, scopes: ['payments:read'] })
    const narrow = await asProgram(database, { party: owing, scopes: ['documents:read'] })
    const callers: [By, boolean][] = [
      ['pensioner', true],
      ['other-citizen', true],
      [own, true],
      [finance, true],
      [program, true],
      ['company-head', false],
      [narrow, false],
      ['officer', false],
      ['second-finance-officer', false],
    ]
    for (const [by, isSeen] of callers) expect([by, (await seenBy(by, charge.number)) !== null]).toEqual([by, isSeen])
    const shown = await seenBy('other-citizen', charge.number, 'code viewerCan { action allowed }')
    expect([shown.code !== null, shown.viewerCan[0]]).toEqual([true, { action: 'PAY', allowed: true }])
    for (const by of [finance, program, 'auditor'])
      expect([by, await seenBy(by, charge.number, 'code')]).toEqual([by, { code: null }])
  })

  it('logs who read its texts for another, by which mandate or for which agency', async () => {
    const { charge } = await raise(finance, { fin: finOf('pensioner'), serviceCode: 'DVX-RETURN' })
    await cancel(charge)
    const before = await db.$count(accesses)
    await seenBy('pensioner', charge.number, 'code reason')
    await seenBy('auditor', charge.number, 'code reason')
    for (const by of [finance, program]) await seenBy(by, charge.number, 'code')
    const { charge: open } = await raise(finance, { fin: finOf('pensioner') })
    await seenBy(finance, open.number, 'code reason')
    expect(await db.$count(accesses)).toBe(before)
    for (const by of [finance, program, 'other-citizen']) await seenBy(by, charge.number, 'code reason')
    const logged = await db.select().from(accesses).where(eq(accesses.application, charge.number)).orderBy(accesses.id)
    expect(logged.map(({ actor, fields, mandateIds }) => [actor.split(':')[0], fields, mandateIds.length])).toEqual([
      ['officer', ['charge'], 0],
      ['agency_program', ['charge'], 0],
      ['person', ['charge'], 1],
    ])
  })
})

describe('agencyCharges', () => {
  it('lists the charges of the agency in each order', async () => {
    const { charge: late } = await raise(finance, { payBy: '2026-11-25T09:00:00Z' })
    const { charge: paid } = await raise()
    const [row] = await db.select().from(charges).where(eq(charges.number, paid.number))
    const at = new Date('2026-11-25T08:30:00Z')
    await db.transaction((tx) => applyToCharges(tx, [{ id: row!.id, amount: 1250n }], start, { at, actor: 'a test' }))
    const numbers = async (args: string, by: By = program) => {
      const { data, errors } = await read(by, `agencyCharges(first: 100, ${args}) { nodes { number } }`)
      return errors?.[0]?.extensions.code ?? data.agencyCharges.nodes.map(({ number }: { number: string }) => number)
    }
    expect(await numbers('orderBy: DUE, filter: { service: "NONE" }')).toEqual([])
    expect(await numbers('orderBy: DUE')).toContain(late.number)
    expect(await numbers('orderBy: DUE, filter: { overdue: true }')).toEqual([])
    expect(await numbers('filter: { states: [PAID] }')).toEqual([paid.number])
    expect(await numbers('orderBy: CHANGED, filter: { changedSince: "2026-11-25T08:30:00Z" }')).toEqual([paid.number])
    expect(await numbers('filter: { overdue: true }')).toBe('BAD_USER_INPUT')
    expect(await numbers('filter: { changedSince: "2026-11-25T08:30:00Z" }')).toBe('BAD_USER_INPUT')
    expect(await numbers('agency: "DVX"', 'second-finance-officer')).toEqual([])
    expect(await numbers('agency: "DVX"', 'officer')).toBe('FORBIDDEN')
  })

  it('takes the same statements for one charge and many, also to log who reads them', async () => {
    const { charge } = await raise()
    await cancel(charge)
    const byAgency = async (first: number) => {
      database.statements.length = 0
      await read(finance, `agencyCharges(first: ${first}, filter: { states: [CANCELLED] }) { nodes { reason } }`)
      return database.statements.length
    }
    expect(await byAgency(1)).toBe(await byAgency(20))
    const counted = async (first: number) => {
      database.statements.length = 0
      await read('citizen', `charges(first: ${first}) { nodes { code reason lines { name } viewerCan { action } } }`)
      return database.statements.length
    }
    expect(await counted(1)).toBe(await counted(20))
  })
})
