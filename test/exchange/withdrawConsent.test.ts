import { and, eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import { events } from '../../src/events/event.table.js'
import { acrOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { consentId, consentingParties, consentsHeld, daysAhead, every, keyOf } from './consenting.js'

const world = await consentingParties()
const { database, db, persona, give, withdrawAs, standing, rowOf, company, minor, ward, agencyId, purposeId } = world
const substantial = { acr: acrOf(Assurance.SUBSTANTIAL) }

/** Whether the agency may ask about the party now. */
const holds = async (party: string) =>
  (await consentsHeld(database, { agencyId, purposeId, registry: 'MEIS', at: new Date() }, [party])).has(party)
const withdrawals = async (key: string) =>
  await db
    .select()
    .from(events)
    .where(and(eq(events.subject, key), eq(events.type, 'consent.withdrawn')))

describe('withdrawConsent', () => {
  it('ends the consent at once, with assurance SUBSTANTIAL for the subject', async () => {
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

  it('withdraws a consent that has not begun', async () => {
    const key = await standing(await persona('citizen'), { validFrom: daysAhead(3) })
    expect((await withdrawAs('citizen', key)).payload.consent.state).toBe('WITHDRAWN')
  })

  it('lets the minor and the parent withdraw, whoever of them gave the consent', async () => {
    const [one, other] = [await standing(minor), await standing(minor, { registries: ['REALESTATE'] })]
    expect((await withdrawAs('citizen', one)).reasons).toEqual([])
    expect(await withdrawals(one)).toMatchObject([{ ids: { under: world.parenthood } }])
    expect((await withdrawAs('minor', other)).reasons).toEqual([])
    expect(await rowOf(other)).toMatchObject({ withdrawnBy: `person:${minor}` })
  })

  it('lets the ward and the guardian withdraw', async () => {
    for (const who of ['stateless', 'other-citizen'])
      expect((await withdrawAs(who, await standing(ward))).payload.consent.state).toBe('WITHDRAWN')
  })

  it('lets the head of an organisation withdraw', async () => {
    expect((await withdrawAs('company-head', await standing(company))).reasons).toEqual([])
  })

  it('withdraws once, and shows the withdrawn consent to everybody who repeats it', async () => {
    const key = await standing(minor)
    const sent = await Promise.all(['citizen', 'minor', 'citizen', 'minor'].map((who) => withdrawAs(who, key)))
    const stands = await rowOf(key)
    expect(sent.map(({ reasons }) => reasons)).toEqual([[], [], [], []])
    for (const { payload } of sent) expect(payload.consent.withdrawnAt).toBe(stands?.withdrawnAt?.toISOString())
    expect((await withdrawAs('minor', key)).payload.consent.withdrawnAt).toBe(stands?.withdrawnAt?.toISOString())
    expect(await withdrawals(key)).toHaveLength(1)
  })

  it('waits for another withdrawal under way, and changes nothing then', async () => {
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

  it('lets the same consent be given again', async () => {
    const { payload } = await world.giveAs('other-citizen')
    const again = async () => (await world.giveAs('other-citizen')).reasons
    expect(await again()).toEqual(['consent.already_exists'])
    expect((await withdrawAs('other-citizen', keyOf(payload.consent.id))).reasons).toEqual([])
    expect(await again()).toEqual([])
  })

  it('refuses an expired consent', async () => {
    const key = await standing(await persona('citizen'), { validTo: daysAhead(-0.5) })
    expect((await withdrawAs('citizen', key)).reasons).toEqual(['consent.over'])
    expect(await rowOf(key)).toMatchObject({ withdrawnAt: null })
  })

  it.each([
    ['a stranger', 'other-citizen', () => minor],
    ['the parent of another child', 'citizen', () => ward],
    ['the head of another organisation', 'other-company-head', () => company],
  ])('does not find the consent for %s', async (_, who, party) => {
    const key = await standing(party())
    expect((await withdrawAs(who, key)).reasons).toEqual(['consent.unknown'])
    expect(await rowOf(key)).toMatchObject({ withdrawnAt: null })
  })

  it('does not find the consent for a delegate with all powers', async () => {
    await give(company, await persona('company-delegate'), { powers: every })
    expect((await withdrawAs('company-delegate', await standing(company))).reasons).toEqual(['consent.unknown'])
  })

  it('does not find the consent for the parent of a grown child', async () => {
    const key = await standing(minor, { validTo: new Date('2029-12-01T00:00:00Z') })
    world.setClock('2029-06-15T00:00:00Z')
    expect((await withdrawAs('citizen', key)).reasons).toEqual(['consent.unknown'])
    expect((await withdrawAs('minor', key)).reasons).toEqual([])
  })

  it.each([
    ['a minor', 'citizen', () => minor],
    ['an organisation', 'company-head', () => company],
  ])('requires assurance HIGH for %s', async (_, who, party) => {
    const { code, errors } = await withdrawAs(who, await standing(party()), substantial)
    expect([code, errors?.[0]?.extensions.assurance]).toEqual(['STEP_UP_REQUIRED', 'HIGH'])
  })

  it('returns the same result, by the same statements, for the consent of another and for one that does not exist', async () => {
    const statementsFor = async (consent: string) => {
      database.statements.length = 0
      const { payload } = await withdrawAs('company-head', v7(), {}, { consentId: consent })
      return { payload, statements: [...database.statements] }
    }
    const absent = await statementsFor(consentId(v7()))
    expect(absent.payload.userErrors).toMatchObject([{ code: 'NOT_FOUND', reason: 'consent.unknown' }])
    const others = [consentId(await standing(minor)), nodeIdOf('Mandate', world.headship), 'bm90aGluZw']
    for (const consent of others) expect(await statementsFor(consent)).toEqual(absent)
  })
})
