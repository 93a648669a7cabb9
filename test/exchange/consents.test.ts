import { sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { consentHolds } from '../../src/exchange/consent.repository.js'
import { MandateKind, Power } from '../../src/identity/mandate.table.js'
import { apiOf } from '../support/api.js'
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
async function seenBy(headers: Record<string, string>, party?: string, from = ask): Promise<Seen> {
  const query = 'query ($party: ID) { consents(party: $party, first: 10) { totalCount nodes { id } } }'
  const { data, errors } = await from(query, { headers, variables: party ? { party: partyId(party) } : {} })
  if (errors) return { code: errors[0]?.extensions.code }
  expect(data.consents.totalCount).toBe(data.consents.nodes.length)
  return { ids: data.consents.nodes.map(({ id }: { id: string }) => id) }
}
const otherAgency = async () => {
  const [row] = await database.client<{ id: string }[]>`select id from agencies where code = 'DMX'`
  return row?.id as string // which is seeded
}

describe('the consents of a party are seen', () => {
  it('by the subject, the newest first, those that are over too', async () => {
    const own = await persona('citizen')
    const ids = [
      await standing(own, { since: daysAhead(-3), validTo: daysAhead(-0.5) }),
      await standing(own, { since: daysAhead(-1) }),
      await standing(own, { since: daysAhead(-2), withdrawnAt: new Date(), withdrawnBy: 'a test' }),
    ]
    await standing(await persona('other-citizen'))
    const [first, second, third] = ids.map(consentId)
    expect(await seenBy(await as('citizen'))).toEqual({ ids: [second, third, first] })
    expect(await seenBy(await as('citizen'), own)).toEqual({ ids: [second, third, first] })
  })

  it('by the minor and the parent, and by nobody else', async () => {
    const ids = [consentId(await standing(minor))]
    expect(await seenBy(await as('minor'))).toEqual({ ids })
    expect(await seenBy(await as('citizen'), minor)).toEqual({ ids })
    for (const who of ['other-citizen', 'company-head', 'operator'])
      expect(await seenBy(await as(who), minor)).toEqual({ ids: [] })
    expect(await seenBy({}, minor)).toEqual({ code: 'UNAUTHENTICATED' })
  })

  it('by who may look at all of the organisation, and not by who may in part', async () => {
    const ids = [consentId(await standing(company))]
    const [delegate, other] = [await persona('company-delegate'), await persona('other-company-head')]
    await give(company, delegate, { powers: [Power.FILE, Power.SIGN] })
    await give(company, delegate, { powers: every, services: ['DVX-RETURN'] })
    await give(company, other, { powers: [Power.VIEW] })
    expect(await seenBy(await as('company-head'), company)).toEqual({ ids })
    expect(await seenBy(await as('company-delegate'), company)).toEqual({ ids: [] })
    expect(await seenBy(await as('other-company-head'), company)).toEqual({ ids })
  })

  it('by the officers of the agency that it was given to, and not by those of another', async () => {
    const given = consentId(await standing(minor))
    const elsewhere = consentId(await standing(minor, { agencyId: await otherAgency() }))
    expect(await seenBy(await as('officer'), minor)).toEqual({ ids: [given] })
    expect(await seenBy(await as('other-officer'), minor)).toEqual({ ids: [elsewhere] })
    const { ids } = await seenBy(await as('auditor'), minor)
    expect(ids?.sort()).toEqual([given, elsewhere].sort())
  })

  it('by the programs of the organisation that may read registries, theirs alone', async () => {
    const firm = await persona('citizen')
    await give(firm, company)
    await standing(firm)
    const ids = [consentId(await standing(company))]
    const reads = await asProgram(database, { party: company, scopes: ['registries:read'] })
    expect(await seenBy(reads)).toEqual({ ids })
    expect(await seenBy(reads, firm)).toEqual({ ids: [] })
    const others = await asProgram(database, { party: company, scopes: ['mandates:read', 'applications:read'] })
    expect(await seenBy(others)).toEqual({ code: 'FORBIDDEN' })
  })

  it('with its subject by name for who may look at them, and for officers by the id alone', async () => {
    const id = consentId(await standing(minor))
    const query = 'query ($id: ID!) { node(id: $id) { ... on Consent { party { name } partyId } } }'
    const asked = async (who: string) => (await ask(query, { variables: { id }, headers: await as(who) })).data.node
    expect(await asked('citizen')).toEqual({ party: { name: expect.any(String) }, partyId: partyId(minor) })
    expect(await asked('officer')).toEqual({ party: null, partyId: partyId(minor) })
  })

  it('in as many statements, be they one or forty', async () => {
    const own = await persona('citizen')
    const query =
      '{ consents(first: 50) { nodes { id state registries party { id } agency { name } purpose { name } } } }'
    const statementsOf = async () => {
      database.statements.length = 0
      const { data } = await ask(query, { headers: await as('citizen') })
      return { many: data.consents.nodes.length, statements: database.statements.length }
    }
    await standing(own)
    const one = await statementsOf()
    for (let more = 1; more < 40; more++) await standing(own)
    expect(await statementsOf()).toEqual({ many: 40, statements: one.statements })
  })
})

it('A consent says where it stands by the clock of the request', async () => {
  const id = consentId(await standing(minor, { validFrom: daysAhead(2), validTo: daysAhead(4) }))
  const states = await Promise.all(
    [1, 3, 5].map(async (day) => {
      const later = await apiOf(database, { now: () => daysAhead(day) })
      const query = 'query ($id: ID!) { node(id: $id) { ... on Consent { state } } }'
      return (await later(query, { variables: { id }, headers: await as('minor') })).data.node.state
    }),
  )
  expect(states).toEqual(['TO_COME', 'STANDING', 'EXPIRED'])
})

it('No mandate with neither VIEW nor CONSENT shows one, be it a parent’s', async () => {
  await standing(minor)
  await give(minor, await persona('other-company-head'), { kind: MandateKind.PARENT, powers: [Power.PAY] })
  expect(await seenBy(await as('other-company-head'), minor)).toEqual({ ids: [] })
  await give(minor, await persona('other-company-head'), { kind: MandateKind.PARENT, powers: [Power.CONSENT] })
  expect((await seenBy(await as('other-company-head'), minor)).ids).toHaveLength(1)
})

describe('a consent holds', () => {
  const at = daysAhead(5)
  const asked = { agencyId, purposeId, registry: 'MEIS', at }
  const period = { validFrom: daysAhead(0), validTo: daysAhead(10) }
  const held = async (asking: object, given: object) => {
    await standing(minor, { ...period, ...given })
    return (await consentsHeld(database, { ...asked, ...asking }, [minor])).has(minor)
  }

  it.each([
    ['for what was asked for', {}, {}, true],
    ['for each of its registries', { registry: 'REALESTATE' }, { registries: ['MEIS', 'REALESTATE'] }, true],
    ['from its first moment on', {}, { validFrom: at }, true],
    ['not before it', {}, { validFrom: new Date(at.getTime() + 1) }, false],
    ['until its end', {}, { validTo: new Date(at.getTime() + 1) }, true],
    ['and at that not any more', {}, { validTo: at }, false],
    ['not for another registry', { registry: 'FINES' }, {}, false],
    ['not for another purpose', { purposeId: agencyId }, {}, false],
    ['not for another agency', { agencyId: purposeId }, {}, false],
    ['not where it was withdrawn, be it after that moment', {}, { withdrawnAt: daysAhead(6), withdrawnBy: 'x' }, false],
  ])('%s', async (_, asking, given, expected) => {
    expect(await held(asking, given)).toBe(expected)
  })

  it('for some of many parties', async () => {
    const [one, two, three] = [await persona('citizen'), await persona('other-citizen'), company]
    await standing(one, period)
    await standing(three, period)
    expect(await consentsHeld(database, asked, [one, two, three, one])).toEqual(new Set([one, three]))
  })

  it('as a part of another statement', async () => {
    await standing(minor, period)
    const [agency, purpose] = [sql`${agencyId}::uuid`, sql`${purposeId}::uuid`]
    const holds = consentHolds(sql`parties.id`, agency, purpose, sql`'MEIS'`, sql`${at.toISOString()}::timestamptz`)
    const rows = await db.execute<{ id: string }>(sql`select id from parties where ${holds}`)
    expect(rows.map(({ id }) => id)).toEqual([minor])
  })
})
