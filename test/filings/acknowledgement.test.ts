import { and, eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { events } from '../../src/events/event.table.js'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { filings } from '../../src/filings/filing.table.js'
import { OfficerRole } from '../../src/identity/officers/appointment.table.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import { apiOf } from '../support/api.js'
import { appointed } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase } from '../support/database.js'
import { insertFiling } from '../support/filingRow.js'
import { partiesIn } from '../support/parties.js'
import { asProgram } from '../support/programs.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db } = database
let now = new Date('2026-11-30T08:00:00Z')
const ask = await apiOf(database, { now: () => now })
const send = commanding(ask)
const { organisation, firm, persona, give } = partiesIn(database)

const agency = await asProgram(database, { agency: 'DVX', scopes: ['filings:handle'] })
const rival = await asProgram(database, { agency: 'DVX', scopes: ['filings:handle'] })
const others = await asProgram(database, { agency: 'DGK', scopes: ['filings:handle'] })
const service = 'DVX-RETURN'
beforeAll(async () => {
  await appointed(database, 'officer', 'DVX', [OfficerRole.REVIEWER])
})

type Headers = Record<string, string>
const fields = 'number state revision agencyNumber acknowledgedAt leaseId leasedUntil content replacedBy { number }'
/** A company with a program of its own. */
async function company() {
  const party = await organisation()
  return { party, program: await asProgram(database, { party, scopes: ['filings:read', 'filings:write'] }) }
}
let minutes = 0
/** A filing of the party, later than those before. */
const file = (partyId: string, more: Partial<Parameters<typeof insertFiling>[2]> = {}) =>
  insertFiling(database, keyring, {
    partyId,
    service,
    state: 'RECEIVED',
    ...more,
    more: { receivedAt: new Date(Date.parse('2026-11-30T06:00:00Z') + ++minutes * 1000), ...more.more },
  })
const collect = async (by: Headers = agency, input: object = { max: 100 }) => {
  const { payload, code, reasons } = await send(by, 'collectFilings', input, `filings { ${fields} }`)
  return { found: (payload?.filings ?? []) as { number: string; leaseId: string }[], outcome: code ?? reasons[0] }
}
/** Collects a filing of a new party, after what waited before. */
async function collected(more: Partial<Parameters<typeof insertFiling>[2]> = {}) {
  const filer = await company()
  const row = await file(filer.party, more)
  const { found } = await collect()
  const { leaseId = '' } = found.find(({ number }) => number === row.number) ?? {}
  return { ...filer, row, lease: { filingNumber: row.number, leaseId } }
}
const outcomeOf = async (by: Headers, name: string, input: object) => {
  const { payload, code, reasons } = await send(by, name, input, `filing { ${fields} }`)
  return { filing: payload?.filing, replayed: payload?.replayed, outcome: code ?? reasons[0] ?? 'done' }
}
const read = async (by: Headers, query: string, language = 'en') => (await ask(query, { headers: by, language })).data
const eventsOf = async (id: string) =>
  (await db.select({ type: events.type }).from(events).where(eq(events.subject, id)).orderBy(events.id)).map(
    ({ type }) => type,
  )
const words = { az: 'Səhvdir.', en: 'Wrong.', ru: 'Ошибка.' }
const faults = [{ path: '/lines/0/amount', message: words }]

describe('collectFilings', () => {
  it('leases filings to one caller at a time, oldest first, with their content and filer', async () => {
    const [first, second] = [await file(await firm('Sınaq MMC', '9900000141')), await file(await organisation())]
    const { found } = await collect(agency, { max: 1 })
    expect(found).toMatchObject([
      { number: first.number, content: { note: 'a note' }, leasedUntil: '2026-11-30T08:15:00.000Z' },
    ])
    expect((await collect(rival)).found.map(({ number }) => number)).toEqual([second.number])
    expect((await collect(agency)).found).toEqual([])
    const shown = `{ filing(number: "${first.number}") { leaseId content party { id } filer { name identifiers { value } } } }`
    const filer = { name: 'Sınaq MMC', identifiers: [{ value: '9900000141' }] }
    expect(await read(agency, shown)).toMatchObject({ filing: { party: null, filer } })
    expect(await read(rival, shown)).toEqual({ filing: { leaseId: null, content: null, party: null, filer: null } })
  })

  it('leases no later filing of a party before the first is settled, and all again once the lease ends', async () => {
    const { party, row, lease } = await collected()
    const later = await file(party)
    expect((await collect(rival)).found).toEqual([])
    now = new Date(now.getTime() + 15 * 60_000)
    const again = (await collect(rival)).found.map(({ number }) => number)
    expect(again).toEqual(expect.arrayContaining([row.number, later.number]))
    expect(again.indexOf(row.number)).toBeLessThan(again.indexOf(later.number))
    expect((await outcomeOf(agency, 'acknowledgeFiling', lease)).outcome).toBe('filing.not_leased')
  })

  it('leaves out what an officer has a tie to, and what a forgotten party filed', async () => {
    const [{ party: own }, { party: gone }, { party: third }] = [await company(), await company(), await company()]
    await give(own, await persona('officer'))
    const rows = [await file(own), await file(gone), await file(third)]
    await db.transaction((tx) => forgetParty(tx, gone, now))
    const found = (await collect(await as('officer'))).found.map(({ number }) => number)
    expect(rows.map(({ number }) => found.includes(number))).toEqual([false, false, true])
    expect(await read(agency, `{ filing(number: "${rows[1]?.number}") { state content } }`)).toEqual({
      filing: { state: 'RECEIVED', content: null },
    })
  })

  it('gives an officer what waits behind a party that they have a tie to', async () => {
    await collect()
    const [{ party: own }, { party: other }] = [await company(), await company()]
    await give(own, await persona('officer'))
    const [, behind] = [await file(own), await file(other)]
    const { found } = await collect(await as('officer'), { max: 1 })
    expect(found.map(({ number }) => number)).toEqual([behind.number])
  })

  it('logs the reading of a page of contents in one statement', async () => {
    const { party } = await company()
    for (let at = 0; at < 5; at++) await file(party)
    database.statements.length = 0
    await collect()
    const statements = database.statements.filter((text) => /insert into accesses/.test(text))
    expect(statements).toHaveLength(1)
    const logged = await db.select().from(accesses).where(eq(accesses.partyId, party))
    expect(logged).toHaveLength(5)
    expect(logged[0]).toMatchObject({ fields: ['filing'], kind: 'CASE' })
  })

  it('refuses other agencies and wrong numbers', async () => {
    await company()
    expect((await collect(agency, { max: 101 })).outcome).toBe('filing.max')
    expect((await collect(agency, { max: 1, agencyCode: 'DGK' })).outcome).toBe('agency.unknown')
    expect((await collect(others)).found).toEqual([])
    expect((await collect(await as('citizen'))).outcome).toBe('FORBIDDEN')
  })
})

describe('acknowledgeFiling', () => {
  it('accepts a filing with the agency’s number and charges, once', async () => {
    const { row, lease, program, party } = await collected()
    const charges = [{ currency: 'AZN', lines: [{ name: words, amount: '12.50' }] }]
    const input = { ...lease, agencyNumber: 'T-1', charges }
    const first = await outcomeOf(agency, 'acknowledgeFiling', input)
    expect(first).toMatchObject({
      outcome: 'done',
      replayed: false,
      filing: { state: 'ACCEPTED', agencyNumber: 'T-1', revision: 2, leaseId: null, content: null },
    })
    expect(await outcomeOf(agency, 'acknowledgeFiling', input)).toMatchObject({ outcome: 'done', replayed: true })
    const other = await outcomeOf(agency, 'acknowledgeFiling', { ...input, agencyNumber: 'T-2' })
    expect(other.outcome).toBe('filing.accepted')
    expect((await outcomeOf(agency, 'acknowledgeFiling', lease)).outcome).toBe('filing.accepted')
    const payer = await asProgram(database, { party, scopes: ['filings:read', 'payments:read'] })
    const shown = `{ filing(number: "${row.number}") { content charges { reference subjectType money { amount } } } }`
    expect(await read(payer, shown)).toEqual({
      filing: {
        content: { note: 'a note' },
        charges: [{ reference: row.number, subjectType: 'FILING', money: { amount: '12.50' } }],
      },
    })
    expect((await read(program, shown)).filing.charges).toBeNull()
    expect(await eventsOf(row.id)).toEqual(['filing.accepted'])
  })

  it('supersedes what a correction replaces, whose period passes on', async () => {
    const { party, program } = await company()
    const slot = { period: '2026-10', livePeriod: '2026-10' }
    const old = await file(party, { state: 'ACCEPTED', more: slot })
    const row = await file(party, { more: { period: '2026-10', replacesId: old.id } })
    const { found } = await collect()
    const leaseId = found.find(({ number }) => number === row.number)?.leaseId
    expect((await outcomeOf(program, 'withdrawFiling', { filingNumber: old.number })).outcome).toBe(
      'filing.correction_waits',
    )
    expect((await outcomeOf(agency, 'acknowledgeFiling', { filingNumber: row.number, leaseId })).outcome).toBe('done')
    const shown = '{ state endedAt replacedBy { number } replaces { number } viewerCan { action reason } }'
    const both = await read(
      program,
      `{ old: filing(number: "${old.number}") ${shown} filing(number: "${row.number}") ${shown} }`,
    )
    expect(both.old).toMatchObject({
      state: 'SUPERSEDED',
      endedAt: now.toISOString(),
      replacedBy: { number: row.number },
    })
    expect(both.filing).toMatchObject({ state: 'ACCEPTED', replaces: { number: old.number }, replacedBy: null })
    expect(both.filing.viewerCan).toEqual([
      { action: 'REPLACE', reason: null },
      { action: 'WITHDRAW', reason: null },
      { action: 'ACKNOWLEDGE', reason: 'filing.not_agency' },
      { action: 'REJECT', reason: 'filing.not_agency' },
    ])
    const isLive = and(eq(filings.partyId, party), eq(filings.livePeriod, '2026-10'))
    expect(await db.select({ id: filings.id }).from(filings).where(isLive)).toEqual([{ id: row.id }])
    expect(await eventsOf(old.id)).toEqual(['filing.superseded'])
  })

  it('cancels the open charges of what a correction replaces', async () => {
    const { row, lease, party } = await collected()
    const charges = [{ currency: 'AZN', lines: [{ name: words, amount: '12.50' }] }]
    await outcomeOf(agency, 'acknowledgeFiling', { ...lease, charges })
    const correction = await file(party, { more: { replacesId: row.id } })
    const { found } = await collect()
    const leaseId = found.find(({ number }) => number === correction.number)?.leaseId
    await outcomeOf(agency, 'acknowledgeFiling', { filingNumber: correction.number, leaseId, charges })
    const payer = await asProgram(database, { party, scopes: ['filings:read', 'payments:read'] })
    const shown = `{ filing(number: "${correction.number}") {
      charges { state } replaces { state charges { state } } } }`
    expect((await read(payer, shown)).filing).toEqual({
      charges: [{ state: 'OPEN' }],
      replaces: { state: 'SUPERSEDED', charges: [{ state: 'CANCELLED' }] },
    })
  })

  it('refuses another lease, agency and party, and wrong charges', async () => {
    const { lease, program } = await collected()
    const refusalOf = async (by: Headers, input: object = {}) =>
      (await outcomeOf(by, 'acknowledgeFiling', { ...lease, ...input })).outcome
    expect(await refusalOf(rival)).toBe('filing.not_leased')
    expect(await refusalOf(agency, { leaseId: 'another' })).toBe('filing.not_leased')
    expect(await refusalOf(others)).toBe('filing.unknown')
    expect(await refusalOf(agency, { filingNumber: 'B26-0000000-0' })).toBe('filing.unknown')
    expect(await refusalOf(program)).toBe('FORBIDDEN')
    const line = { name: words, amount: '0' }
    const wrong = { charges: [{ currency: 'AZN', lines: [line] }], agencyNumber: 'x'.repeat(101) }
    const { payload } = await send(agency, 'acknowledgeFiling', { ...lease, ...wrong }, 'filing { number }')
    expect(payload.userErrors.map(({ field }: { field: string[] }) => field.join('.'))).toEqual([
      'agencyNumber',
      'charges.0.lines.0.amount',
    ])
  })
})

describe('rejectFiling', () => {
  it('rejects a filing with faults that its party reads in its language, and frees the period', async () => {
    const { row, lease, program } = await collected({ more: { period: '2026-10', livePeriod: '2026-10' } })
    const first = await outcomeOf(agency, 'rejectFiling', { ...lease, faults })
    expect(first).toMatchObject({ outcome: 'done', filing: { state: 'REJECTED' } })
    expect(await outcomeOf(agency, 'rejectFiling', { ...lease, faults })).toMatchObject({ replayed: true })
    const others = [{ ...faults[0], path: '/other' }]
    expect((await outcomeOf(agency, 'rejectFiling', { ...lease, faults: others })).outcome).toBe('filing.rejected')
    const shown = `{ filing(number: "${row.number}") { faults { path message messages { en } } } }`
    expect(await read(program, shown, 'ru')).toEqual({
      filing: { faults: [{ path: '/lines/0/amount', message: words.ru, messages: { en: words.en } }] },
    })
    expect(await read(await as('auditor'), shown)).toEqual({ filing: { faults: null } })
    const [stored] = await db.select().from(filings).where(eq(filings.id, row.id))
    expect(stored?.livePeriod).toBeNull()
  })

  it('refuses faults that nobody could use', async () => {
    const { lease } = await collected()
    const refusalOf = async (given: object[]) =>
      (await outcomeOf(agency, 'rejectFiling', { ...lease, faults: given })).outcome
    expect(await refusalOf([])).toBe('filing.no_faults')
    expect(await refusalOf([{ path: 'lines', message: words }])).toBe('filing.fault_path')
    expect(await refusalOf([{ path: '', message: { ...words, ru: ' ' } }])).toBe('text.missing')
    expect(await refusalOf(Array(51).fill(faults[0]))).toBe('filing.many_faults')
  })
})

describe('withdrawFiling', () => {
  it('ends a filing that waits, cancels its charges, and frees the period', async () => {
    const { party, program } = await company()
    const row = await file(party, { more: { period: '2026-10', livePeriod: '2026-10' } })
    const input = { filingNumber: row.number }
    expect(await outcomeOf(program, 'withdrawFiling', input)).toMatchObject({
      outcome: 'done',
      filing: { state: 'WITHDRAWN' },
    })
    expect(await outcomeOf(program, 'withdrawFiling', input)).toMatchObject({ outcome: 'done', replayed: true })
    expect(await eventsOf(row.id)).toEqual(['filing.withdrawn'])
    expect((await collect()).found.map(({ number }) => number)).not.toContain(row.number)
  })

  it('cancels what the agency charged for an accepted filing', async () => {
    const { row, lease, program, party } = await collected()
    const charges = [{ currency: 'AZN', lines: [{ name: words, amount: '12.50' }] }]
    await outcomeOf(agency, 'acknowledgeFiling', { ...lease, charges })
    expect((await outcomeOf(program, 'withdrawFiling', { filingNumber: row.number })).outcome).toBe('done')
    const payer = await asProgram(database, { party, scopes: ['filings:read', 'payments:read'] })
    expect(await read(payer, `{ filing(number: "${row.number}") { charges { state } } }`)).toEqual({
      filing: { charges: [{ state: 'CANCELLED' }] },
    })
  })

  it('refuses whoever may not file for the party', async () => {
    const { party } = await company()
    const row = await file(party)
    const { program: stranger } = await company()
    const reader = await asProgram(database, { party, scopes: ['filings:read'] })
    const refusalOf = async (by: Headers) =>
      (await outcomeOf(by, 'withdrawFiling', { filingNumber: row.number })).outcome
    expect(await refusalOf(stranger)).toBe('filing.unknown')
    expect(await refusalOf(reader)).toBe('FORBIDDEN')
    expect(await refusalOf(agency)).toBe('FORBIDDEN')
  })
})
