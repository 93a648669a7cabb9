import { describe, expect, it } from 'vitest'
import { tick } from '../../src/events/deadlines.js'
import { sweep } from '../../src/events/sequencer.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { commanded, completeService } from '../support/published.js'

const database = await cloneDatabase()
const ask = await apiOf(database, { now: () => new Date('2026-12-01T06:00:00Z') })
const reason = { az: 'Səbəb', en: 'Reason', ru: 'Причина' }
const sweepAll = async () => {
  while ((await sweep(database, [])) > 0);
}
const query = `query ($after: String) { catalogueChanges(first: 100, after: $after) {
  nodes { kind at service { code status name agency { code } } agency { code name } } pageInfo { hasNextPage endCursor } } }`

/** The copy of a third party: each change replaces what was read before. */
const copy = { services: new Map<string, object>(), agencies: new Map<string, object>(), cursor: null as string | null }
async function follow() {
  const seen: string[] = []
  for (let more = true; more; ) {
    const { data } = await ask(query, { variables: { after: copy.cursor } })
    const { nodes, pageInfo } = data.catalogueChanges
    for (const { kind, service, agency } of nodes) {
      seen.push(`${kind} ${(service ?? agency).code}`)
      if (!service) copy.agencies.set(agency.code, agency)
      else if (service.status === 'RETIRED') copy.services.delete(service.code)
      else copy.services.set(service.code, service)
    }
    copy.cursor = pageInfo.endCursor ?? copy.cursor
    more = pageInfo.hasNextPage
  }
  return seen
}
async function catalogue() {
  const services = new Map<string, object>()
  for (let after: string | null = null, more = true; more; ) {
    const { data }: { data: any } = await ask(
      `query ($after: String) { services(first: 100, after: $after) { nodes { code status name agency { code } } pageInfo { hasNextPage endCursor } } }`,
      { variables: { after } },
    )
    for (const service of data.services.nodes) services.set(service.code, service)
    after = data.services.pageInfo.endCursor
    more = data.services.pageInfo.hasNextPage
  }
  return services
}

describe('catalogueChanges', () => {
  it('returns the whole catalogue from the beginning', async () => {
    expect(await follow()).toEqual([])
    await sweepAll()
    const seen = await follow()
    expect(seen.length).toBe(copy.services.size + copy.agencies.size)
    expect(copy.services).toEqual(await catalogue())
  })

  it('returns what was registered, published, suspended and retired since a cursor', async () => {
    await commanded(
      ask,
      'registerAgency',
      { code: 'NEWAG', type: 'STATE_AGENCY', name: reason, source: 'Act 1' },
      'agency { code }',
    )
    await commanded(ask, 'publishService', { ...completeService('NEW-FED', '2026-12-01'), agencyCode: 'NEWAG' })
    await commanded(ask, 'suspendService', { code: 'DIN-PASSPORT', reason })
    await commanded(ask, 'retireService', { code: 'DVX-RETURN', reason })
    expect(await follow()).toEqual([]) // events without a position are not returned
    await sweepAll()
    expect(await follow()).toEqual([
      'AGENCY_REGISTERED NEWAG',
      'SERVICE_PUBLISHED NEW-FED',
      'SERVICE_SUSPENDED DIN-PASSPORT',
      'SERVICE_RETIRED DVX-RETURN',
    ])
    expect(copy.services).toEqual(await catalogue())
    expect(copy.agencies.get('NEWAG')).toEqual({ code: 'NEWAG', name: 'Səbəb' })
  })

  it('returns a version that begins, on its first day', async () => {
    const later = { ...completeService('NEW-FED', '2027-02-01'), agencyCode: 'NEWAG' }
    await commanded(ask, 'publishService', later)
    await sweepAll()
    expect(await follow()).toEqual(['SERVICE_PUBLISHED NEW-FED'])
    await tick(database, new Date('2027-01-31T19:59:59Z'))
    await sweepAll()
    expect(await follow()).toEqual([])
    await tick(database, new Date('2027-01-31T20:00:00Z'))
    await sweepAll()
    expect(await follow()).toEqual(['SERVICE_VERSION_STARTED NEW-FED'])
  })

  it('returns nothing for refused and replayed mutations', async () => {
    const input = { idempotencyKey: 'a-key-of-the-feed', code: 'DIN-DL-RENEW', reason }
    for (const replayed of [false, true])
      expect(await commanded(ask, 'suspendService', input)).toMatchObject({ userErrors: [], replayed })
    await commanded(ask, 'retireService', { code: 'DVX-RETURN', reason })
    await sweepAll()
    expect(await follow()).toEqual(['SERVICE_SUSPENDED DIN-DL-RENEW'])
  })

  it('reads its own index among many other events', async () => {
    await database.client`
    insert into events (domain, type, subject, at, actor, ids)
    select 'payments', 'charge.paid', gen_random_uuid(), now(), 'test', '{}' from generate_series(1, 5000)`
    await sweepAll()
    await database.client`analyze events`
    database.statements.length = 0
    expect(await follow()).toEqual([])
    const [text, ...more] = database.statements.filter((text) => text.includes('"events"'))
    expect(more).toEqual([])
    const plan = await database.client.unsafe(`explain (generic_plan) ${text}`).simple()
    expect(JSON.stringify(plan)).toContain('events_of_catalogue')
  })
})
