import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { AccessKind, AccessOutcome, accesses } from '../../src/exchange/access.table.js'
import { legalGrounds } from '../../src/exchange/legalGround.table.js'
import type { Looked } from '../../src/exchange/logAccesses.js'
import { purposes } from '../../src/exchange/purpose.table.js'
import { sealAccesses } from '../../src/exchange/sealAccesses.js'
import { clients } from '../../src/identity/client.table.js'
import { workOf } from '../events/happened.js'
import { apiOf } from '../support/api.js'
import { appointed, asProgram, finOf, partyOfFin } from '../support/appointed.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'
import { lookingIn } from './looking.js'

const database = await cloneDatabase()
const { db, statements } = database
let now = new Date('2027-03-01T09:00:00Z')
const ask = await apiOf(database, { now: () => now })
const parties = partiesIn(database)
const citizen = await parties.persona('citizen')
const { look, log, purpose } = await lookingIn(database, citizen)
const secret = await purpose('1 year')

const [dvx, dmx] = await Promise.all(
  ['DVX', 'DMX'].map(async (code) => (await db.select().from(agencies).where(eq(agencies.code, code)))[0]!.id),
)
await appointed(database, 'officer', 'DVX', ['REVIEWER'])
await appointed(database, 'senior-officer', 'DVX', ['ADMIN'])
await appointed(database, 'other-officer', 'DMX', ['ADMIN'])
const officer = await partyOfFin(database, finOf('officer'))
const byOfficer = (given: Partial<Looked> = {}): Looked =>
  look({ actor: `officer:${officer}`, actorPartyId: officer, agencyId: dvx!, ...given })

/** Minutes before the present of this file. */
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const page =
  '{ totalCount nodes { id at } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }'
const askAs = async (persona: string, query: string, variables: object = {}) =>
  await ask(query, { headers: await as(persona), variables: { ...variables }, language: 'en' })
const logOf = async (persona: string, query = `{ accessLog(first: 10) ${page} }`, variables: object = {}) =>
  (await askAs(persona, query, variables)).data.accessLog
const momentsOf = ({ nodes }: { nodes: { at: string }[] }) => nodes.map(({ at }) => at)
const isos = (...minutes: number[]) => minutes.map((each) => ago(each).toISOString())

beforeEach(async () => {
  now = new Date('2027-03-01T09:00:00Z')
  await unkept(database, (tx) => tx.execute('truncate accesses, access_seals'))
})

const whole = `{ accessLog(first: 10) { nodes { at kind outcome fields application messageId releaseAt partyId position
  party { name } agency { code } registry { code } purpose { code name } ground { code basis bases { az } }
  by { kind actorId officerName party { id } program { clientId name } } } } }`

describe('Whose data it is', () => {
  it('reads who looked, at what, for what and by what law, the newest first', async () => {
    const [ground] = await db.select().from(legalGrounds).limit(1)
    await log(
      byOfficer({ at: ago(9), groundId: ground!.id, application: 'A-1', messageId: 'a-message', fields: ['name'] }),
      look({ at: ago(8), kind: AccessKind.FILE, registryId: null, outcome: AccessOutcome.NOTHING_HELD }),
    )
    const { nodes } = await logOf('citizen', whole)
    expect(nodes).toMatchObject([
      {
        ...{ at: ago(8).toISOString(), kind: 'FILE', outcome: 'NOTHING_HELD', registry: null, ground: null },
        ...{ agency: null, application: null, position: null, party: { name: 'Vətəndaş Sınaq' } },
        by: { kind: 'PERSON', party: { id: partyId(citizen) }, program: null, actorId: null, officerName: null },
      },
      {
        ...{ at: ago(9).toISOString(), kind: 'CALL', outcome: 'SHOWN', fields: ['name'], application: 'A-1' },
        ...{ messageId: 'a-message', releaseAt: ago(9).toISOString(), partyId: partyId(citizen) },
        ...{ agency: { code: 'DVX' }, purpose: { name: 'test' } },
        ground: { code: ground!.code, basis: ground!.basis.en, bases: { az: ground!.basis.az } },
        by: { kind: 'OFFICER', party: null, program: null, actorId: null, officerName: null },
      },
    ])
  })

  it('is never told which officer it was, even where they may act for that person', async () => {
    await parties.give(officer, citizen)
    expect((await askAs('citizen', `{ node(id: "${partyId(officer)}") { id } }`)).data.node).not.toBeNull()
    await log(byOfficer(), look({ actor: `person:${officer}`, actorPartyId: officer }))
    const { nodes } = await logOf('citizen', whole)
    expect(nodes.map(({ by }: any) => [by.kind, by.party])).toEqual([
      ['PERSON', { id: partyId(officer) }],
      ['OFFICER', null],
    ])
  })

  it('is told which program it was, and of which organisation where they may look at that', async () => {
    const firm = await parties.firm('A firm', '9900000141')
    await asProgram(database, { party: firm })
    const [program] = await db.select().from(clients).where(eq(clients.partyId, firm))
    await log(look({ actor: `program:${program!.id}`, actorPartyId: firm, clientId: program!.id }))
    const by = async () => (await logOf('citizen', whole)).nodes[0].by
    expect(await by()).toMatchObject({
      ...{ kind: 'PROGRAM', party: null, program: { clientId: program!.id, name: 'A program' } },
    })
    await parties.give(firm, citizen)
    expect(await by()).toMatchObject({ party: { id: partyId(firm) } })
  })

  it('reads as many by as few statements', async () => {
    await log(byOfficer())
    await logOf('citizen', whole)
    const counted = async () => {
      statements.length = 0
      const { nodes } = await logOf('citizen', whole)
      return [nodes.length, statements.length]
    }
    const [, one] = await counted()
    await log(...Array.from({ length: 9 }, (_, at) => (at % 2 ? byOfficer() : look())))
    await logOf('citizen', whole)
    const [count, many] = await counted()
    expect(count).toBe(10)
    // Of what there was none the first time: the parties of those who were no officers.
    expect(many! - one!).toBeLessThanOrEqual(1)
  })
})

describe('A look that the law keeps secret', () => {
  const everything = async () => {
    const { data } = await askAs(
      'citizen',
      `{ whole: accessLog(first: 10) ${page} first: accessLog(first: 1) ${page} last: accessLog(last: 1) ${page} }`,
    )
    const pages: object[] = [data]
    for (const { cursor } of data.whole.edges)
      for (const [count, side] of [
        ['first', 'after'],
        ['last', 'before'],
        ['first', 'before'],
        ['last', 'after'],
      ] as const)
        pages.push((await askAs('citizen', `{ accessLog(${count}: 1, ${side}: "${cursor}") ${page} }`)).data)
    return pages
  }
  const looked = (...minutes: number[]) => log(...minutes.map((each) => byOfficer({ at: ago(each) })))
  const secretly = (minutes: number, outcome = AccessOutcome.SHOWN) =>
    log(byOfficer({ at: ago(minutes), purposeId: secret, outcome }))

  it.each([
    ['before all others', 50],
    ['between others', 25],
    ['after all others', 5],
  ])(
    '%s changes nothing of what the person reads, by no count, cursor or page, whatever came of it',
    async (_where, minutes) => {
      await looked(40, 30, 20, 10)
      const without = await everything()
      for (const outcome of Object.values(AccessOutcome)) {
        await secretly(minutes, outcome)
        expect(await everything()).toEqual(without)
      }
      now = new Date(now.getTime() + 60_000)
      expect((await logOf('citizen')).totalCount).toBe(4)
    },
  )

  it('alone leaves the log as empty as one in which nobody ever looked', async () => {
    const empty = await everything()
    await secretly(5, AccessOutcome.NOT_ANSWERED)
    expect(await everything()).toEqual(empty)
  })

  it('is no node to anybody but auditors, as what never was, by the same statements', async () => {
    await secretly(5)
    const [row] = await db.select().from(accesses)
    const node = async (persona: string, key: string) => {
      const query = 'query ($id: ID!) { node(id: $id) { ... on AccessLogEntry { at outcome } } }'
      statements.length = 0
      const { data, errors } = await askAs(persona, query, { id: nodeIdOf('AccessLogEntry', key) })
      return { data, codes: errors?.map(({ extensions: { code } }) => code), statements: [...statements] }
    }
    for (const persona of ['citizen', 'senior-officer', 'officer', 'operator', 'other-citizen']) {
      await node(persona, v7())
      expect([persona, await node(persona, row!.id)]).toEqual([persona, await node(persona, v7())])
    }
    expect((await node('auditor', row!.id)).data.node).toEqual({ at: ago(5).toISOString(), outcome: 'SHOWN' })
  })

  it('is read once its time has come, in its place', async () => {
    await looked(30, 10)
    await secretly(20)
    expect(momentsOf(await logOf('citizen'))).toEqual(isos(10, 30))
    const dates = isos(10, 20, 30)
    now = new Date(new Date('2028-03-01T09:00:00Z').getTime() - 20 * 60_000 - 1)
    expect((await logOf('citizen')).totalCount).toBe(2)
    now = new Date(now.getTime() + 1)
    expect(momentsOf(await logOf('citizen'))).toEqual(dates)
  })
})

describe('Another’s log', () => {
  const of = (party: string) =>
    [`query ($party: ID!) { accessLog(party: $party, first: 10) ${page} }`, { party: partyId(party) }] as const

  it('is read by who may look at all that is theirs, and by nobody who may at some of it', async () => {
    await log(look({ at: ago(1) }))
    const countFor = async (persona: string) => (await logOf(persona, ...of(citizen))).totalCount
    expect(await countFor('other-citizen')).toBe(0)
    await parties.give(citizen, await parties.persona('other-citizen'), { services: ['DVX-RETURN'] })
    expect(await countFor('other-citizen')).toBe(0)
    await parties.give(citizen, await parties.persona('other-citizen'))
    expect(await countFor('other-citizen')).toBe(1)
    await log(look({ at: ago(2), purposeId: secret }))
    expect(await countFor('other-citizen')).toBe(1)
  })

  it('is read by programs with registries:read, of their organisation and of nobody it acts for', async () => {
    const firm = await parties.firm('Another firm', '9900000271')
    await parties.give(citizen, firm)
    await log(look(), look({ partyId: firm, actor: `person:${citizen}` }))
    const countFor = async (scopes: Parameters<typeof asProgram>[1], party: string) => {
      const [query, variables] = of(party)
      const headers = await asProgram(database, { party: firm, ...scopes })
      const { data, errors } = await ask(query, { headers, variables })
      return errors?.[0]?.extensions.code ?? data.accessLog.totalCount
    }
    expect(await countFor({ scopes: ['applications:read', 'mandates:read'] }, firm)).toBe('FORBIDDEN')
    expect(await countFor({ scopes: ['registries:read'] }, firm)).toBe(1)
    expect(await countFor({ scopes: ['registries:read'] }, citizen)).toBe(0)
    expect(await countFor({ scopes: ['registries:read', 'mandates:read'] }, citizen)).toBe(0)
  })

  it('wants to know more surely who asks than LOW', async () => {
    const { data, errors } = await askAs('foreigner', `{ accessLog(first: 1) ${page} }`)
    expect([data.accessLog, errors?.[0]?.extensions.code]).toEqual([null, 'STEP_UP_REQUIRED'])
  })
})

describe('What officers looked at', () => {
  const agencyLog = (more = '') =>
    `{ agencyAccessLog(first: 10${more}) { totalCount nodes { at partyId position party { id } by { kind actorId officerName party { id } } } } }`

  it('is read by the ADMIN of their agency, who learns which officer, and of nothing secret', async () => {
    await log(
      byOfficer({ at: ago(3) }),
      byOfficer({ at: ago(2), purposeId: secret }),
      byOfficer({ at: ago(1), agencyId: dmx! }),
      look(),
    )
    await as('officer').then((headers) => ask('{ viewer { kind } }', { headers }))
    const { data } = await askAs('senior-officer', agencyLog())
    expect(data.agencyAccessLog).toEqual({
      totalCount: 1,
      nodes: [
        {
          ...{ at: ago(3).toISOString(), partyId: partyId(citizen), party: null, position: null },
          by: { kind: 'OFFICER', actorId: `officer:${officer}`, officerName: 'Məmur Sınaq', party: null },
        },
      ],
    })
    expect((await askAs('other-officer', agencyLog(', agency: "DMX"'))).data.agencyAccessLog.totalCount).toBe(1)
    expect((await askAs('other-officer', agencyLog(', agency: "DVX"'))).data.agencyAccessLog.totalCount).toBe(0)
    expect((await askAs('officer', agencyLog())).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  it('is read by its id by nobody who is less surely known than for the list', async () => {
    await log(byOfficer({ at: ago(1) }))
    const [row] = await db.select().from(accesses)
    const query = `{ node(id: "${nodeIdOf('AccessLogEntry', row!.id)}") { id } }`
    await askAs('senior-officer', query)
    const headers = await as('senior-officer', { acr: 'urn:pencere:sandbox:substantial' })
    const { data, errors } = await ask(query, { headers })
    expect([data.node, errors?.[0]?.extensions]).toMatchObject([null, { code: 'STEP_UP_REQUIRED', assurance: 'HIGH' }])
  })

  it('is asked of one agency, which who is ADMIN of several names', async () => {
    await log(byOfficer(), byOfficer({ agencyId: dmx! }))
    await appointed(database, 'evisa-officer', 'DVX', ['ADMIN'])
    await appointed(database, 'evisa-officer', 'DMX', ['ADMIN'])
    expect((await askAs('evisa-officer', agencyLog())).errors?.[0]).toMatchObject({
      ...{ extensions: { code: 'BAD_USER_INPUT' }, message: expect.stringContaining('`agency` is its code') },
    })
    for (const code of ['DVX', 'DMX'])
      expect((await askAs('evisa-officer', agencyLog(`, agency: "${code}"`))).data.agencyAccessLog.totalCount).toBe(1)
  })
})

describe('Auditors', () => {
  const audit = async (filter: string) => {
    const { data, errors } = await askAs(
      'auditor',
      `{ auditAccessLog(first: 100, filter: { ${filter} }) { nodes { at by { actorId officerName party { id } } position party { id } } } }`,
    )
    return errors?.[0]?.extensions.code ?? momentsOf(data.auditAccessLog)
  }
  beforeEach(async () => {
    const [known] = await db.select().from(purposes).where(eq(purposes.code, 'TAX_CONTROL'))
    await log(
      byOfficer({ at: ago(5), purposeId: secret }),
      byOfficer({ at: ago(4), purposeId: known!.id, application: 'A-4' }),
      byOfficer({ at: ago(3), agencyId: dmx!, outcome: AccessOutcome.NOT_ANSWERED }),
      look({ at: ago(2), registryId: null, kind: AccessKind.FILE }),
      look({ at: ago(1), partyId: officer, actor: `person:${officer}`, actorPartyId: officer }),
    )
  })

  it('read all of it, what is secret too', async () => {
    expect(await audit('')).toEqual(isos(1, 2, 3, 4, 5))
  })

  it('narrow it by each thing that they may be after', async () => {
    const { registry } = await lookingIn(database, citizen)
    expect(await audit(`party: "${partyId(officer)}"`)).toEqual(isos(1))
    expect(await audit(`actor: "officer:${officer}"`)).toEqual(isos(3, 4, 5))
    expect(await audit('agency: "DVX"')).toEqual(isos(4, 5))
    expect(await audit(`registry: "${registry.code}"`)).toEqual(isos(1, 3, 4, 5))
    expect(await audit('purpose: "TAX_CONTROL"')).toEqual(isos(4))
    expect(await audit('outcome: NOT_ANSWERED')).toEqual(isos(3))
    expect(await audit('kind: FILE')).toEqual(isos(2))
    expect(await audit(`from: "${isos(4)}", to: "${isos(2)}"`)).toEqual(isos(3, 4))
    expect(await audit('agency: "DVX", purpose: "TAX_CONTROL", outcome: NOTHING_HELD')).toEqual([])
    expect(await audit('agency: "NONE"')).toEqual([])
    expect(await audit('party: "rubbish"')).toEqual([])
  })

  it('find a row by the place that npm run verify-log names', async () => {
    await sealAccesses(workOf(database).work)
    const [row] = await db.select().from(accesses).where(eq(accesses.position, 4n))
    expect(await audit('position: "4"')).toEqual([row!.at.toISOString()])
    expect(await audit('position: "four"')).toBe('BAD_USER_INPUT')
    const { data } = await askAs('auditor', '{ auditAccessLog(last: 1) { nodes { position } } }')
    expect(data.auditAccessLog.nodes).toEqual([{ position: '1' }])
  })

  it('learn ids, and no names', async () => {
    const { data } = await askAs(
      'auditor',
      '{ auditAccessLog(last: 1) { nodes { party { id } partyId by { actorId officerName party { id } } } } }',
    )
    expect(data.auditAccessLog.nodes).toEqual([
      {
        ...{ party: null, partyId: partyId(citizen) },
        by: { actorId: `officer:${officer}`, officerName: null, party: null },
      },
    ])
  })
})
