import { sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { consentHolds } from '../../src/exchange/consents/consent.repository.js'
import { MandateKind, Power } from '../../src/identity/mandates/mandate.table.js'
import { asProgram } from '../support/appointed.js'
import { partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'
import { consentId, consentingParties, consentsHeld, daysAhead, every } from './consenting.js'

const world = await consentingParties()
const { database, db, ask, persona, give, standing, forget, company, minor, agencyId, purposeId } = world

beforeEach(async () => {
  await forget()
})

interface Seen {
  code?: string | undefined
  ids?: string[]
}
async function seenBy(headers: Record<string, string>, party?: string): Promise<Seen> {
  const query = 'query ($party: ID) { consents(party: $party, first: 10) { totalCount nodes { id } } }'
  const { data, errors } = await ask(query, { headers, variables: party ? { party: partyId(party) } : {} })
  if (errors) return { code: errors[0]?.extensions.code }
  expect(data.consents.totalCount).toBe(data.consents.nodes.length)
  return { ids: data.consents.nodes.map(({ id }: { id: string }) => id) }
}

describe('consents', () => {
  it('lists the consents of the subject, newest first, also expired and withdrawn ones', async () => {
    const own = await persona('citizen')
    const ids = [
      await standing(own, { createdAt: daysAhead(-3), validTo: daysAhead(-0.5) }),
      await standing(own, { createdAt: daysAhead(-1) }),
      await standing(own, { createdAt: daysAhead(-2), withdrawnAt: new Date(), withdrawnBy: 'a test' }),
    ]
    await standing(await persona('other-citizen'))
    const [first, second, third] = ids.map(consentId)
    expect(await seenBy(await as('citizen'))).toEqual({ ids: [second, third, first] })
    expect(await seenBy(await as('citizen'), own)).toEqual({ ids: [second, third, first] })
  })

  it('lists the consents of a minor for the minor and the parent, and for nobody else', async () => {
    const ids = [consentId(await standing(minor))]
    expect(await seenBy(await as('minor'))).toEqual({ ids })
    expect(await seenBy(await as('citizen'), minor)).toEqual({ ids })
    for (const who of ['other-citizen', 'company-head', 'operator'])
      expect(await seenBy(await as(who), minor)).toEqual({ ids: [] })
  })

  it('lists the consents of a child for a parent only with the power VIEW or CONSENT', async () => {
    await standing(minor)
    const parent = await persona('other-company-head')
    await give(minor, parent, { kind: MandateKind.PARENT, powers: [Power.PAY] })
    expect(await seenBy(await as('other-company-head'), minor)).toEqual({ ids: [] })
    await give(minor, parent, { kind: MandateKind.PARENT, powers: [Power.CONSENT] })
    expect((await seenBy(await as('other-company-head'), minor)).ids).toHaveLength(1)
  })

  it('lists the consents of an organisation for holders of VIEW over it for all services', async () => {
    const ids = [consentId(await standing(company))]
    const [delegate, other] = [await persona('company-delegate'), await persona('other-company-head')]
    await give(company, delegate, { powers: [Power.FILE, Power.SIGN] })
    await give(company, delegate, { powers: every, services: ['DVX-RETURN'] })
    await give(company, other, { powers: [Power.VIEW] })
    expect(await seenBy(await as('company-head'), company)).toEqual({ ids })
    expect(await seenBy(await as('company-delegate'), company)).toEqual({ ids: [] })
    expect(await seenBy(await as('other-company-head'), company)).toEqual({ ids })
  })

  it('lists for an officer the consents given to their agency, and for an auditor all', async () => {
    const [dmx] = await database.client<{ id: string }[]>`select id from agencies where code = 'DMX'`
    const given = consentId(await standing(minor))
    const elsewhere = consentId(await standing(minor, { agencyId: dmx!.id }))
    expect(await seenBy(await as('officer'), minor)).toEqual({ ids: [given] })
    expect(await seenBy(await as('other-officer'), minor)).toEqual({ ids: [elsewhere] })
    const { ids } = await seenBy(await as('auditor'), minor)
    expect(ids?.sort()).toEqual([given, elsewhere].sort())
  })

  it('lists for a program with registries:read the consents of its organisation, and of nobody whom that represents', async () => {
    const citizen = await persona('citizen')
    await give(citizen, company)
    await standing(citizen)
    const ids = [consentId(await standing(company))]
    const reads = await asProgram(database, { party: company, scopes: ['registries:read'] })
    expect(await seenBy(reads)).toEqual({ ids })
    expect(await seenBy(reads, citizen)).toEqual({ ids: [] })
    const others = await asProgram(database, { party: company, scopes: ['mandates:read', 'applications:read'] })
    expect(await seenBy(others)).toEqual({ code: 'FORBIDDEN' })
  })

  it('takes as many statements for forty as for one', async () => {
    const own = await persona('citizen')
    const query =
      '{ consents(first: 50) { nodes { id state registries party { id } agency { name } purpose { name } } } }'
    const statementsFor = async (count: number) => {
      database.statements.length = 0
      const { data } = await ask(query, { headers: await as('citizen') })
      expect(data.consents.nodes).toHaveLength(count)
      return database.statements.length
    }
    await standing(own)
    await statementsFor(1) // the first answer to a document takes other statements
    const one = await statementsFor(1)
    for (let more = 1; more < 40; more++) await standing(own)
    expect(await statementsFor(40)).toBe(one)
  })
})

describe('Consent', () => {
  it('shows its party to those who may view it, and officers only the id', async () => {
    const id = consentId(await standing(minor))
    const query = 'query ($id: ID!) { node(id: $id) { ... on Consent { party { name } partyId } } }'
    const shownTo = async (who: string) => (await ask(query, { variables: { id }, headers: await as(who) })).data.node
    expect(await shownTo('citizen')).toEqual({ party: { name: expect.any(String) }, partyId: partyId(minor) })
    expect(await shownTo('officer')).toEqual({ party: null, partyId: partyId(minor) })
  })

  it.each([
    ['NOT_YET_VALID', 1],
    ['IN_FORCE', 3],
    ['EXPIRED', 5],
  ])('is %s by the clock of the request', async (state, day) => {
    const id = consentId(await standing(minor, { validFrom: daysAhead(2), validTo: daysAhead(4) }))
    world.setClock(daysAhead(day))
    const query = 'query ($id: ID!) { node(id: $id) { ... on Consent { state } } }'
    const { data } = await ask(query, { variables: { id }, headers: await as('minor') })
    expect(data.node).toEqual({ state })
  })
})

describe('consentHolds', () => {
  const at = daysAhead(5)
  const asked = { agencyId, purposeId, registry: 'MEIS', at }
  const period = { validFrom: daysAhead(0), validTo: daysAhead(10) }
  const holds = async (asking: object, given: object) => {
    await standing(minor, { ...period, ...given })
    return (await consentsHeld(database, { ...asked, ...asking }, [minor])).has(minor)
  }

  it.each([
    ['what it names', {}, {}],
    ['each of its registries', { registry: 'REALESTATE' }, { registries: ['MEIS', 'REALESTATE'] }],
    ['its first moment', {}, { validFrom: at }],
    ['the moment before its end', {}, { validTo: new Date(at.getTime() + 1) }],
  ])('is true for %s', async (_, asking, given) => {
    expect(await holds(asking, given)).toBe(true)
  })

  it.each([
    ['the moment before it begins', {}, { validFrom: new Date(at.getTime() + 1) }],
    ['its end', {}, { validTo: at }],
    ['another registry', { registry: 'FINES' }, {}],
    ['another purpose', { purposeId: agencyId }, {}],
    ['another agency', { agencyId: purposeId }, {}],
    ['a consent that was withdrawn, even later', {}, { withdrawnAt: daysAhead(6), withdrawnBy: 'x' }],
  ])('is false for %s', async (_, asking, given) => {
    expect(await holds(asking, given)).toBe(false)
  })

  it('tells those who consented from many parties', async () => {
    const [one, two, three] = [await persona('citizen'), await persona('other-citizen'), company]
    await standing(one, period)
    await standing(three, period)
    expect(await consentsHeld(database, asked, [one, two, three, one])).toEqual(new Set([one, three]))
  })

  it('can be a condition of another statement', async () => {
    await standing(minor, period)
    const [agency, purpose] = [sql`${agencyId}::uuid`, sql`${purposeId}::uuid`]
    const holds = consentHolds(sql`parties.id`, agency, purpose, sql`'MEIS'`, sql`${at.toISOString()}::timestamptz`)
    const rows = await db.execute<{ id: string }>(sql`select id from parties where ${holds}`)
    expect(rows.map(({ id }) => id)).toEqual([minor])
  })
})
