import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { events } from '../../src/events/event.table.js'
import { consents } from '../../src/exchange/consents/consent.table.js'
import { legalGrounds } from '../../src/exchange/consents/legalGround.table.js'
import { MandateKind, mandates, Power } from '../../src/identity/mandates/mandate.table.js'
import { acrOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { partyId } from '../support/parties.js'
import { consentingParties, daysAhead, every, keyOf } from './consenting.js'

const world = await consentingParties()
const { database, db, persona, give, giveAs, standing, rowOf, forget, setClock, company, minor, ward } = world
const high = { acr: acrOf(Assurance.HIGH) }
const count = () => db.$count(consents)

beforeEach(async () => {
  await forget()
})

describe('giveConsent', () => {
  it('gives the consent of a person of full age', async () => {
    const { payload } = await giveAs('citizen', { registryCodes: ['MEIS', 'REALESTATE', 'MEIS'] })
    const own = await persona('citizen')
    expect(payload).toMatchObject({
      consent: {
        state: 'IN_FORCE',
        registries: ['MEIS', 'REALESTATE'],
        withdrawnAt: null,
        partyId: partyId(own),
        party: { id: partyId(own) },
        agency: { code: 'DVX' },
        purpose: { code: 'APPLICATION' },
      },
      userErrors: [],
      replayed: false,
    })
    expect(payload.consent.validFrom).toBe(payload.consent.createdAt)
    expect(await rowOf(keyOf(payload.consent.id))).toMatchObject({
      givenBy: `person:${own}`,
      givenUnder: [],
      withdrawnBy: null,
    })
  })

  it('lets a parent consent for a minor under the mandate, and records an event', async () => {
    const { payload, reasons } = await giveAs('citizen', { partyId: partyId(minor) })
    expect(reasons).toEqual([])
    const key = keyOf(payload.consent.id)
    expect(await rowOf(key)).toMatchObject({ partyId: minor, givenUnder: [world.parenthood] })
    expect(await db.select().from(events).where(eq(events.subject, key))).toMatchObject([
      {
        domain: 'exchange',
        type: 'consent.given',
        partyId: minor,
        agencyId: world.agencyId,
        actor: `person:${await persona('citizen')}`,
        ids: { under: world.parenthood },
      },
    ])
  })

  it('lets a minor consent whom a parent lets sign for all services, and not for some', async () => {
    const given = { kind: MandateKind.CONSENT, powers: [Power.SIGN] }
    const forOne = await give(minor, minor, { ...given, services: ['DVX-RETURN'] })
    expect((await giveAs('minor', {}, high)).code).toBe('FORBIDDEN')
    const forAll = await give(minor, minor, given)
    const { payload } = await giveAs('minor', {}, high)
    expect(await rowOf(keyOf(payload.consent.id))).toMatchObject({ partyId: minor, givenUnder: [forAll] })
    for (const id of [forOne, forAll]) await db.delete(mandates).where(eq(mandates.id, id))
  })

  it('lets a guardian consent for an adult ward', async () => {
    const { payload } = await giveAs('other-citizen', { partyId: partyId(ward) })
    expect(payload.consent.partyId).toBe(partyId(ward))
  })

  it('lets the head of an organisation consent for it', async () => {
    const { payload } = await giveAs('company-head', { partyId: partyId(company), registryCodes: ['REALESTATE'] })
    expect(await rowOf(keyOf(payload.consent.id))).toMatchObject({ partyId: company, givenUnder: [world.headship] })
  })

  it('accepts a later beginning', async () => {
    const { payload } = await giveAs('citizen', { validFrom: daysAhead(2) })
    expect(payload.consent.state).toBe('NOT_YET_VALID')
  })

  it('lets the consent begin now if validFrom is earlier on the same day', async () => {
    const noon = '2026-11-28T08:00:00.000Z'
    setClock(noon)
    const { payload } = await giveAs('citizen', { validFrom: '2026-11-28T07:00:00Z' })
    expect(payload.consent).toMatchObject({ validFrom: noon, createdAt: noon })
  })

  it('gives one consent for one idempotency key', async () => {
    const input = { idempotencyKey: 'one-key-of-a-citizen', validTo: daysAhead(9) }
    const [first, second] = [await giveAs('citizen', input), await giveAs('citizen', input)]
    expect([first.payload.replayed, second.payload.replayed]).toEqual([false, true])
    expect(second.payload.consent).toEqual(first.payload.consent)
    expect(await count()).toBe(1)
  })

  it('gives one of four equal consents that are sent at once', async () => {
    const sent = await Promise.all([1, 2, 3, 4].map(() => giveAs('citizen')))
    const stands = ['consent.already_exists']
    expect(sent.map(({ reasons }) => reasons).sort()).toEqual([[], stands, stands, stands])
    expect(await count()).toBe(1)
  })

  it.each([
    ['a parent of another child', 'citizen', () => ward],
    ['a stranger', 'other-citizen', () => minor],
    ['the head of another organisation', 'other-company-head', () => company],
  ])('is FORBIDDEN to %s', async (_, who, party) => {
    expect(await giveAs(who, { partyId: partyId(party()) })).toMatchObject({ code: 'FORBIDDEN', payload: null })
  })

  it.each(['minor', 'stateless'])('is FORBIDDEN to the persona %s, who has a representative', async (who) => {
    expect((await giveAs(who, {}, high)).code).toBe('FORBIDDEN')
  })

  it('is FORBIDDEN to a delegate with all powers and under a power of attorney', async () => {
    const [citizen, delegate] = [await persona('citizen'), await persona('company-delegate')]
    await give(company, delegate, { powers: every })
    await give(citizen, delegate, { kind: MandateKind.POWER_OF_ATTORNEY, powers: every })
    for (const party of [company, citizen])
      expect((await giveAs('company-delegate', { partyId: partyId(party) })).code).toBe('FORBIDDEN')
  })

  it.each([
    ['themselves', 'citizen', () => undefined],
    ['a minor', 'citizen', () => partyId(minor)],
    ['an organisation', 'company-head', () => partyId(company)],
  ])('requires assurance HIGH of who consents for %s', async (_, who, party) => {
    const { code, errors } = await giveAs(who, { partyId: party() }, { acr: acrOf(Assurance.SUBSTANTIAL) })
    expect([code, errors?.[0]?.extensions.assurance]).toEqual(['STEP_UP_REQUIRED', 'HIGH'])
  })

  it('returns the same result, by the same statements, for another party and for one that does not exist', async () => {
    const statementsFor = async (party: string) => {
      database.statements.length = 0
      const { errors } = await giveAs('other-citizen', { partyId: party })
      return { errors, statements: [...database.statements] }
    }
    const absent = await statementsFor(partyId(v7()))
    expect(absent.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', reason: 'consent.not_yours' })
    for (const party of [partyId(company), partyId(minor), 'bm90aGluZw'])
      expect(await statementsFor(party)).toEqual(absent)
  })

  it.each([
    [
      'several errors of one input',
      { registryCodes: [], validTo: daysAhead(-1) },
      ['consent.no_registries', 'consent.ends_before_it_begins', 'consent.ends_in_the_past'],
    ],
    ['an unknown agency', { agencyCode: 'NOBODY' }, ['agency.unknown']],
    ['an unknown purpose', { purposeCode: 'CURIOSITY' }, ['purpose.unknown']],
    ['unknown registries', { registryCodes: ['MEIS', 'DVX', "'; --"] }, ['registry.unknown', 'registry.unknown']],
    ['a registry that no law lets the agency ask', { registryCodes: ['MEIS', 'FINES'] }, ['consent.no_ground']],
    ['a registry that the law lets only another agency ask', { agencyCode: 'DMX' }, ['consent.no_ground']],
    ['a purpose that the law does not name', { purposeCode: 'TAX_CONTROL' }, ['consent.no_ground']],
    ['the purpose of the subject', { purposeCode: 'OWN_DATA' }, ['consent.no_ground']],
    [
      'registries that need no consent',
      { purposeCode: 'TAX_CONTROL', registryCodes: ['COMMERCIAL', 'AVIS'] },
      ['consent.not_needed'],
    ],
    [
      'one registry without a ground and one without a need',
      { purposeCode: 'TAX_CONTROL', registryCodes: ['COMMERCIAL', 'FINES'] },
      ['consent.no_ground', 'consent.not_needed'],
    ],
  ])('refuses %s', async (_, input, reasons) => {
    expect((await giveAs('citizen', input)).reasons).toEqual(reasons)
    expect(await count()).toBe(0)
  })

  it('rejects codes that PostgreSQL cannot store, and shortens huge ones in messages', async () => {
    expect((await giveAs('citizen', { registryCodes: ['ME\u0000IS'] })).code).toBe('BAD_USER_INPUT')
    expect((await giveAs('citizen', { agencyCode: 'A\u0000' })).code).toBe('BAD_USER_INPUT')
    const { payload } = await giveAs('citizen', { registryCodes: ['X'.repeat(50_000)], agencyCode: 'Y'.repeat(50_000) })
    for (const { message } of payload.userErrors) expect(message.length).toBeLessThan(200)
  })

  it('refuses a minor’s consent that lasts beyond the 18th birthday in Baku, also by the minor', async () => {
    setClock('2028-06-16T12:00:00Z')
    const until = async (who: string, validTo: string, more: object = {}) =>
      (await giveAs(who, { ...more, validTo }, high)).reasons
    // Born on 15 June 2011.
    const party = partyId(minor)
    expect(await until('citizen', '2029-06-14T20:00:00.001Z', { partyId: party })).toEqual(['consent.beyond_full_age'])
    expect(await until('citizen', '2029-06-14T20:00:00.000Z', { partyId: party })).toEqual([])
    await forget()
    const alone = await give(minor, minor, { kind: MandateKind.CONSENT, powers: [Power.SIGN] })
    expect(await until('minor', '2030-01-01T00:00:00Z')).toEqual(['consent.beyond_full_age'])
    await db.delete(mandates).where(eq(mandates.id, alone))
  })

  it('is FORBIDDEN to the parent of a grown child', async () => {
    setClock('2029-06-15T00:00:00Z')
    const input = { partyId: partyId(minor), validTo: '2029-09-01T00:00:00Z' }
    expect((await giveAs('citizen', input)).code).toBe('FORBIDDEN')
  })
})

describe('giveConsent under a legal ground with a first and a last day', () => {
  const validity = (validFrom: string, validTo: string | null) =>
    db.update(legalGrounds).set({ validFrom, validTo }).where(eq(legalGrounds.code, 'DVX-MEIS-APPLICATION'))
  beforeAll(() => validity('2027-01-12', '2027-01-20'))
  afterAll(() => validity('2022-12-31', null))
  const beginning = async (validFrom: string) => {
    setClock('2027-01-10T08:00:00Z')
    return (await giveAs('citizen', { validFrom, validTo: '2027-03-01T00:00:00Z' })).reasons
  }

  it.each([
    ['first', '2027-01-12T00:00:00+04:00'],
    ['last', '2027-01-20T23:59:59.999+04:00'],
  ])('accepts a consent that begins on the %s day', async (_, validFrom) => {
    expect(await beginning(validFrom)).toEqual([])
  })

  it.each([
    ['before the first', '2027-01-11T23:59:59.999+04:00'],
    ['after the last', '2027-01-21T00:00:00+04:00'],
  ])('refuses a consent that begins on the day %s', async (_, validFrom) => {
    expect(await beginning(validFrom)).toEqual(['consent.no_ground'])
  })
})

describe('giveConsent beside a valid consent', () => {
  it('refuses a part of it and says which and until when it is valid', async () => {
    const validTo = daysAhead(20)
    await standing(await persona('citizen'), { registries: ['MEIS', 'REALESTATE'], validTo })
    const { payload } = await giveAs('citizen', { validFrom: daysAhead(3), validTo: daysAhead(5) })
    expect(payload.userErrors).toMatchObject([
      {
        code: 'NOT_ALLOWED_NOW',
        reason: 'consent.already_exists',
        field: null,
        params: [
          { name: 'registries', value: 'MEIS' },
          { name: 'until', value: validTo.toISOString() },
        ],
      },
    ])
  })

  it('gives one for another registry or a later period', async () => {
    const own = await persona('citizen')
    const validTo = daysAhead(20)
    await standing(own, { validTo })
    await standing(own, { registries: ['REALESTATE'], withdrawnAt: new Date(), withdrawnBy: 'a test' })
    await standing(await persona('other-citizen'), { registries: ['REALESTATE'] })
    expect((await giveAs('citizen', { registryCodes: ['REALESTATE'] })).reasons).toEqual([])
    expect((await giveAs('citizen', { validFrom: validTo, validTo: daysAhead(40) })).reasons).toEqual([])
    const over = await giveAs('citizen', { validFrom: daysAhead(19), validTo: daysAhead(25) })
    expect(over.reasons).toEqual(['consent.already_exists', 'consent.already_exists'])
  })

  it('gives at most 100, however short', async () => {
    const own = await persona('citizen')
    await database.client`
      insert into consents (id, party_id, agency_id, purpose_id, registries, valid_from, valid_to, created_at, given_by, given_under)
      select gen_random_uuid(), ${own}, ${world.agencyId}, ${world.purposeId}, '{MEIS}',
        now() + day * interval '1 day', now() + (day + 1) * interval '1 day', now(), 'a test', '{}'
      from generate_series(100, 199) day`
    expect((await giveAs('citizen')).reasons).toEqual(['consent.too_many'])
  })
})
