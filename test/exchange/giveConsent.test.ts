import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import { events } from '../../src/events/event.table.js'
import { consents } from '../../src/exchange/consent.table.js'
import { legalGrounds } from '../../src/exchange/legalGround.table.js'
import { MandateKind, mandates, Power } from '../../src/identity/mandate.table.js'
import { acrOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { apiOf } from '../support/api.js'
import { asProgram } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'
import { consentingParties, daysAhead, every, keyOf } from './consenting.js'

const world = await consentingParties()
const { database, db, persona, give, giveAs, standing, rowOf, forget, company, minor, ward } = world
const sure = { acr: acrOf(Assurance.HIGH) }
const count = () => db.$count(consents)

beforeEach(async () => {
  await forget()
})

describe('a consent is given', () => {
  it('by a person of full age for themselves', async () => {
    const { payload } = await giveAs('citizen', { registries: ['MEIS', 'REALESTATE', 'MEIS'] })
    const own = partyId(await persona('citizen'))
    expect(payload).toMatchObject({
      consent: {
        ...{
          state: 'STANDING',
          registries: ['MEIS', 'REALESTATE'],
          withdrawnAt: null,
          partyId: own,
          party: { id: own },
        },
        ...{ agency: { code: 'DVX' }, purpose: { code: 'APPLICATION' } },
      },
      ...{ userErrors: [], replayed: false },
    })
    expect(payload.consent.validFrom).toBe(payload.consent.since)
    expect(await rowOf(keyOf(payload.consent.id))).toMatchObject({
      ...{ givenBy: `person:${await persona('citizen')}`, givenUnder: [], withdrawnBy: null },
    })
  })

  it('by a parent for the minor, under that mandate, with an event that says so', async () => {
    const { payload, reasons } = await giveAs('citizen', { party: partyId(minor) })
    expect(reasons).toEqual([])
    const key = keyOf(payload.consent.id)
    expect(await rowOf(key)).toMatchObject({ partyId: minor, givenUnder: [world.parenthood] })
    expect(await db.select().from(events).where(eq(events.subject, key))).toMatchObject([
      {
        ...{ domain: 'exchange', type: 'consent.given', partyId: minor, agencyId: world.agencyId },
        ...{ actor: `person:${await persona('citizen')}`, ids: { under: world.parenthood } },
      },
    ])
  })

  it('by a minor of 14 to 18 whom a parent lets sign, for all services', async () => {
    const given = { kind: MandateKind.CONSENT, powers: [Power.SIGN] }
    const forOne = await give(minor, minor, { ...given, services: ['DVX-RETURN'] })
    expect((await giveAs('minor', {}, sure)).code).toBe('FORBIDDEN')
    const forAll = await give(minor, minor, given)
    const { payload } = await giveAs('minor', {}, sure)
    expect(await rowOf(keyOf(payload.consent.id))).toMatchObject({ partyId: minor, givenUnder: [forAll] })
    for (const id of [forOne, forAll]) await db.delete(mandates).where(eq(mandates.id, id))
  })

  it('by a guardian for a ward of any age', async () => {
    const { payload } = await giveAs('other-citizen', { party: partyId(ward) })
    expect(payload.consent.partyId).toBe(partyId(ward))
  })

  it('by who holds the seal of an organisation', async () => {
    const { payload } = await giveAs('company-head', { party: partyId(company), registries: ['REALESTATE'] })
    expect(await rowOf(keyOf(payload.consent.id))).toMatchObject({ partyId: company, givenUnder: [world.headship] })
  })

  it('to hold from a later day on', async () => {
    const { payload } = await giveAs('citizen', { validFrom: daysAhead(2) })
    expect(payload.consent.state).toBe('TO_COME')
  })

  it('and never for the time before it was given, though it be the same day', async () => {
    const noon = new Date(new Date().setUTCHours(8, 0, 0, 0)) // in Baku
    const api = commanding(await apiOf(database, { now: () => noon }))
    const input = world.told({ validFrom: new Date(noon.getTime() - 3_600_000), validTo: daysAhead(30) })
    const { payload } = await api(await as('citizen'), 'giveConsent', input, world.selection)
    expect(payload.consent).toMatchObject({ validFrom: noon.toISOString(), since: noon.toISOString() })
  })

  it('once under one key, and told again at a repeat', async () => {
    const more = { idempotencyKey: 'one-key-of-a-citizen', validTo: daysAhead(9) }
    const [first, second] = [await giveAs('citizen', more), await giveAs('citizen', more)]
    expect([first.payload.replayed, second.payload.replayed]).toEqual([false, true])
    expect(second.payload.consent).toEqual(first.payload.consent)
    expect(await count()).toBe(1)
  })

  it('by one of two at once', async () => {
    const sent = await Promise.all([1, 2, 3, 4].map(() => giveAs('citizen')))
    const stands = ['consent.stands_already']
    expect(sent.map(({ reasons }) => reasons).sort()).toEqual([[], stands, stands, stands])
    expect(await count()).toBe(1)
  })
})

describe('a consent is not given', () => {
  it.each([
    ['a parent for another child', 'citizen', () => ward],
    ['somebody else', 'other-citizen', () => minor],
    ['the head of another organisation', 'other-company-head', () => company],
  ])('by %s', async (_, who, party) => {
    expect(await giveAs(who, { party: partyId(party()) })).toMatchObject({ code: 'FORBIDDEN', payload: null })
  })

  it.each(['officer', 'operator', 'auditor'])('by the %s', async (who) => {
    for (const party of [partyId(minor), undefined]) expect((await giveAs(who, { party })).code).toBe('FORBIDDEN')
  })

  it('by nobody, nor by a program of the organisation', async () => {
    const input = world.told({ validTo: daysAhead(30), idempotencyKey: 'a-key-of-a-program', party: partyId(company) })
    const sendAs = (headers: Record<string, string>) => world.send(headers, 'giveConsent', input, world.selection)
    expect((await sendAs({})).code).toBe('UNAUTHENTICATED')
    const program = await asProgram(database, { party: company, scopes: ['registries:read', 'filings:write'] })
    expect((await sendAs(program)).code).toBe('FORBIDDEN')
  })

  it('by a minor alone, nor by a ward', async () => {
    expect((await giveAs('minor', {}, sure)).code).toBe('FORBIDDEN')
    expect((await giveAs('stateless', {}, sure)).code).toBe('FORBIDDEN')
  })

  it('by a delegate with all powers, nor under a power of attorney', async () => {
    const delegate = await persona('company-delegate')
    await give(company, delegate, { powers: every })
    await give(await persona('citizen'), delegate, { kind: MandateKind.POWER_OF_ATTORNEY, powers: every })
    for (const party of [company, await persona('citizen')])
      expect((await giveAs('company-delegate', { party: partyId(party) })).code).toBe('FORBIDDEN')
  })

  it('by who is not known surely: they are told what it takes', async () => {
    for (const [who, more] of [
      ['citizen', {}],
      ['citizen', { party: partyId(minor) }],
      ['company-head', { party: partyId(company) }],
    ] as const) {
      const { code, errors } = await giveAs(who, more, { acr: acrOf(Assurance.SUBSTANTIAL) })
      expect([code, errors?.[0]?.extensions.assurance]).toEqual(['STEP_UP_REQUIRED', 'HIGH'])
    }
  })

  it('for a party that is another’s, nor for one that never was: by the same statements', async () => {
    const statementsFor = async (party: string) => {
      database.statements.length = 0
      const { errors } = await giveAs('other-citizen', { party })
      return { errors, statements: [...database.statements] }
    }
    const absent = await statementsFor(partyId(v7()))
    expect(absent.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', reason: 'consent.not_yours' })
    for (const party of [partyId(company), partyId(minor), 'bm90aGluZw'])
      expect(await statementsFor(party)).toEqual(absent)
  })

  const inYears = (years: number) => new Date(new Date().setUTCFullYear(new Date().getUTCFullYear() + years))
  it.each([
    ['no registry', { registries: [] }, ['consent.no_registries']],
    ['21 registries', { registries: Array.from({ length: 21 }, (_, at) => `R${at}`) }, ['consent.too_many_registries']],
    ['a beginning in the past', { validFrom: daysAhead(-2) }, ['consent.begins_in_the_past']],
    [
      'an end before its beginning',
      { validFrom: daysAhead(9), validTo: daysAhead(8) },
      ['consent.ends_before_it_begins'],
    ],
    ['an end in the past', { validTo: daysAhead(-1) }, ['consent.ends_before_it_begins', 'consent.ends_in_the_past']],
    ['an end in six years', { validTo: inYears(6) }, ['consent.too_far_ahead']],
    ['an agency that is none', { agency: 'NOBODY' }, ['agency.unknown']],
    ['a purpose that is none', { purpose: 'CURIOSITY' }, ['purpose.unknown']],
    ['registries that are none', { registries: ['MEIS', 'DVX', "'; --"] }, ['registry.unknown', 'registry.unknown']],
    ['a registry that no law lets that agency ask', { registries: ['MEIS', 'FINES'] }, ['consent.no_ground']],
    ['a registry that the law keeps from other agencies', { agency: 'DMX' }, ['consent.no_ground']],
    ['another purpose', { purpose: 'TAX_CONTROL' }, ['consent.no_ground']],
    ['the purpose of the subject', { purpose: 'OWN_DATA' }, ['consent.no_ground']],
    ['what needs none', { registries: ['MEIS', 'COMMERCIAL'] }, ['consent.not_needed']],
    ['both', { registries: ['COMMERCIAL', 'FINES'] }, ['consent.no_ground', 'consent.not_needed']],
  ])('with %s', async (_, more, reasons) => {
    expect((await giveAs('citizen', more)).reasons).toEqual(reasons)
    expect(await count()).toBe(0)
  })

  it('with codes that no text may hold, nor with ones that are huge', async () => {
    expect((await giveAs('citizen', { registries: ['ME\u0000IS'] })).code).toBe('BAD_USER_INPUT')
    expect((await giveAs('citizen', { agency: 'A\u0000' })).code).toBe('BAD_USER_INPUT')
    const { payload } = await giveAs('citizen', { registries: ['X'.repeat(50_000)], agency: 'Y'.repeat(50_000) })
    for (const { message } of payload.userErrors) expect(message.length).toBeLessThan(200)
  })

  it('under a ground that does not hold on its first day', async () => {
    const ended = (validTo: string | null) =>
      db.update(legalGrounds).set({ validTo }).where(eq(legalGrounds.code, 'DVX-MEIS-APPLICATION'))
    await ended(daysAhead(1).toISOString().slice(0, 10))
    expect((await giveAs('citizen', { validFrom: daysAhead(4) })).reasons).toEqual(['consent.no_ground'])
    expect((await giveAs('citizen')).reasons).toEqual([])
    await ended(null)
  })

  it('for a minor beyond their full age, be it by themselves', async () => {
    const api = commanding(await apiOf(database, { now: () => new Date('2028-06-16T12:00:00Z') }))
    const till = async (who: string, validTo: string, more: object = {}) => {
      const input = world.told({ ...more, validTo })
      return (await api(await as(who, sure), 'giveConsent', input, world.selection)).reasons
    }
    // Who was born on 15 June 2011 is 18 from midnight on in Baku.
    const party = partyId(minor)
    expect(await till('citizen', '2029-06-14T20:00:00.001Z', { party })).toEqual(['consent.beyond_full_age'])
    expect(await till('citizen', '2029-06-14T20:00:00.000Z', { party })).toEqual([])
    await forget()
    const alone = await give(minor, minor, { kind: MandateKind.CONSENT, powers: [Power.SIGN] })
    expect(await till('minor', '2030-01-01T00:00:00Z')).toEqual(['consent.beyond_full_age'])
    await db.delete(mandates).where(eq(mandates.id, alone))
  })

  it('for a child who is grown, by the parent', async () => {
    const api = commanding(await apiOf(database, { now: () => new Date('2029-06-15T00:00:00Z') }))
    const input = world.told({ party: partyId(minor), validTo: '2029-09-01T00:00:00Z' })
    expect((await api(await as('citizen'), 'giveConsent', input, world.selection)).code).toBe('FORBIDDEN')
  })
})

describe('beside one that stands', () => {
  it('the same is not given again, nor a part of it, and the person is told which and until when', async () => {
    const validTo = daysAhead(20)
    await giveAs('citizen', { registries: ['MEIS', 'REALESTATE'], validTo })
    const { payload } = await giveAs('citizen', {
      registries: ['MEIS'],
      validFrom: daysAhead(3),
      validTo: daysAhead(5),
    })
    expect(payload.userErrors).toMatchObject([
      {
        ...{ code: 'NOT_ALLOWED_NOW', reason: 'consent.stands_already', field: null },
        params: [
          { name: 'registries', value: 'MEIS' },
          { name: 'until', value: validTo.toISOString() },
        ],
      },
    ])
  })

  it('another is, for what that does not say', async () => {
    const own = await persona('citizen')
    const validTo = daysAhead(20)
    await standing(own, { validTo })
    await standing(own, { registries: ['REALESTATE'], withdrawnAt: new Date(), withdrawnBy: 'a test' })
    await standing(await persona('other-citizen'), { registries: ['REALESTATE'] })
    expect((await giveAs('citizen', { registries: ['REALESTATE'] })).reasons).toEqual([])
    expect((await giveAs('citizen', { validFrom: validTo, validTo: daysAhead(40) })).reasons).toEqual([])
    const over = await giveAs('citizen', { validFrom: daysAhead(19), validTo: daysAhead(25) })
    expect(over.reasons).toEqual(['consent.stands_already', 'consent.stands_already'])
  })

  it('at most 100 are, however short', async () => {
    const own = await persona('citizen')
    for (let day = 0; day < 100; day++)
      await standing(own, { validFrom: daysAhead(100 + day), validTo: daysAhead(101 + day) })
    expect((await giveAs('citizen')).reasons).toEqual(['consent.too_many'])
  })
})
