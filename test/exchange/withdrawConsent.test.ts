import { and, eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { events } from '../../src/events/event.table.js'
import { acrOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { apiOf } from '../support/api.js'
import { asProgram } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { as } from '../support/tokens.js'
import { consentId, consentingParties, consentsHeld, daysAhead, every } from './consenting.js'

const world = await consentingParties()
const { database, db, persona, give, withdrawAs, standing, rowOf, company, minor, ward, agencyId, purposeId } = world
const substantial = { acr: acrOf(Assurance.SUBSTANTIAL) }

/** Whether anybody may be asked under it at present. */
const holds = async (party: string) =>
  (await consentsHeld(database, { agencyId, purposeId, registry: 'MEIS', at: new Date() }, [party])).has(party)
const withdrawals = async (key: string) =>
  await db
    .select()
    .from(events)
    .where(and(eq(events.subject, key), eq(events.type, 'consent.withdrawn')))

describe('a consent is withdrawn', () => {
  it('by the subject, however surely they are known, and holds no more at once', async () => {
    const own = await persona('citizen')
    const key = await standing(own)
    expect(await holds(own)).toBe(true)
    const { payload } = await withdrawAs('citizen', key, substantial)
    expect(payload).toMatchObject({
      consent: { id: consentId(key), state: 'WITHDRAWN', withdrawnAt: expect.any(String) },
      userErrors: [],
    })
    expect(await holds(own)).toBe(false)
    expect(await withdrawals(key)).toMatchObject([
      { domain: 'exchange', partyId: own, agencyId, actor: `person:${own}`, ids: {} },
    ])
  })

  it('before it has begun', async () => {
    const key = await standing(await persona('citizen'), { validFrom: daysAhead(3) })
    expect((await withdrawAs('citizen', key)).payload.consent.state).toBe('WITHDRAWN')
  })

  it('by the parent of a minor, and by the minor, whoever of both gave it', async () => {
    const [one, other] = [await standing(minor), await standing(minor, { registries: ['REALESTATE'] })]
    expect((await withdrawAs('citizen', one)).reasons).toEqual([])
    expect(await withdrawals(one)).toMatchObject([{ ids: { under: world.parenthood } }])
    expect((await withdrawAs('minor', other)).reasons).toEqual([])
    expect(await rowOf(other)).toMatchObject({ withdrawnBy: `person:${minor}` })
  })

  it('by the ward, and by the guardian', async () => {
    for (const who of ['stateless', 'other-citizen'])
      expect((await withdrawAs(who, await standing(ward))).payload.consent.state).toBe('WITHDRAWN')
  })

  it('by who holds the seal of the organisation', async () => {
    expect((await withdrawAs('company-head', await standing(company))).reasons).toEqual([])
  })

  it('once: whoever comes again is shown how it stands, and nothing happens', async () => {
    const key = await standing(minor)
    const sent = await Promise.all(['citizen', 'minor', 'citizen', 'minor'].map((who) => withdrawAs(who, key)))
    const stands = await rowOf(key)
    expect(sent.map(({ reasons }) => reasons)).toEqual([[], [], [], []])
    for (const { payload } of sent) expect(payload.consent.withdrawnAt).toBe(stands?.withdrawnAt?.toISOString())
    expect((await withdrawAs('minor', key)).payload.consent.withdrawnAt).toBe(stands?.withdrawnAt?.toISOString())
    expect(await withdrawals(key)).toHaveLength(1)
  })

  it('once, where the other is at it at this moment', async () => {
    const key = await standing(minor)
    const { client } = database
    const isWaiting = async () =>
      (await client`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
        .length > 0
    const sent = await client.begin(async (tx) => {
      await tx`update consents set withdrawn_at = now(), withdrawn_by = 'another' where id = ${key}`
      const answer = withdrawAs('minor', key)
      await expect.poll(isWaiting, { interval: 10, timeout: 4000 }).toBe(true)
      return { answer }
    })
    expect((await sent.answer).payload.consent.state).toBe('WITHDRAWN')
    expect([(await rowOf(key))?.withdrawnBy, await withdrawals(key)]).toEqual(['another', []])
  })

  it('and may be given again', async () => {
    const { payload } = await world.giveAs('other-citizen')
    const again = () => world.giveAs('other-citizen')
    expect((await again()).reasons).toEqual(['consent.stands_already'])
    const { consent } = (
      await world.send(await as('other-citizen'), 'withdrawConsent', { consent: payload.consent.id }, world.selection)
    ).payload
    expect(consent.state).toBe('WITHDRAWN')
    expect((await again()).reasons).toEqual([])
  })
})

describe('a consent is not withdrawn', () => {
  it('where its time is over', async () => {
    const key = await standing(await persona('citizen'), { validTo: daysAhead(-0.5) })
    expect((await withdrawAs('citizen', key)).reasons).toEqual(['consent.over'])
    expect(await rowOf(key)).toMatchObject({ withdrawnAt: null })
  })

  it.each([
    ['somebody else', 'other-citizen', () => minor],
    ['another parent', 'citizen', () => ward],
    ['the head of another organisation', 'other-company-head', () => company],
  ])('by %s', async (_, who, party) => {
    const key = await standing(party())
    expect((await withdrawAs(who, key)).reasons).toEqual(['consent.unknown'])
    expect(await rowOf(key)).toMatchObject({ withdrawnAt: null })
  })

  it('by a delegate with all powers', async () => {
    await give(company, await persona('company-delegate'), { powers: every })
    expect((await withdrawAs('company-delegate', await standing(company))).reasons).toEqual(['consent.unknown'])
  })

  it('by the parent of a child who is grown', async () => {
    const later = commanding(await apiOf(database, { now: () => new Date('2029-06-15T00:00:00Z') }))
    const key = await standing(minor, { validTo: new Date('2029-12-01T00:00:00Z') })
    const withdraw = async (who: string) =>
      await later(await as(who), 'withdrawConsent', { consent: consentId(key) }, world.selection)
    expect((await withdraw('citizen')).reasons).toEqual(['consent.unknown'])
    expect((await withdraw('minor')).reasons).toEqual([])
  })

  it.each(['officer', 'other-officer', 'operator', 'auditor'])('by the %s', async (who) => {
    const key = await standing(minor)
    expect((await withdrawAs(who, key)).code).toBe('FORBIDDEN')
    expect(await rowOf(key)).toMatchObject({ withdrawnAt: null })
  })

  it('by nobody, nor by a program of the organisation', async () => {
    const input = { consent: consentId(await standing(company)) }
    expect((await world.send({}, 'withdrawConsent', input, 'consent { id }')).code).toBe('UNAUTHENTICATED')
    const program = await asProgram(database, { party: company, scopes: ['registries:read', 'filings:write'] })
    expect((await world.send(program, 'withdrawConsent', input, 'consent { id }')).code).toBe('FORBIDDEN')
  })

  it('for another by who is not known surely: they are told what it takes', async () => {
    for (const [who, party] of [
      ['citizen', minor],
      ['company-head', company],
    ] as const) {
      const { code, errors } = await withdrawAs(who, await standing(party), substantial)
      expect([code, errors?.[0]?.extensions.assurance]).toEqual(['STEP_UP_REQUIRED', 'HIGH'])
    }
  })

  it('that is another’s, nor one that never was, nor what is none: by the same statements', async () => {
    const statementsFor = async (consent: string) => {
      database.statements.length = 0
      const { payload } = await withdrawAs('company-head', v7(), {}, { consent })
      return { payload, statements: [...database.statements] }
    }
    const absent = await statementsFor(consentId(v7()))
    expect(absent.payload.userErrors).toMatchObject([{ code: 'NOT_FOUND', reason: 'consent.unknown' }])
    const others = [consentId(await standing(minor)), nodeIdOf('Mandate', world.headship), 'bm90aGluZw']
    for (const consent of others) expect(await statementsFor(consent)).toEqual(absent)
  })
})
