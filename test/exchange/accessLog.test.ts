import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { AccessKind, AccessOutcome, accesses } from '../../src/exchange/accessLog/access.table.js'
import { addCheckpoint } from '../../src/exchange/accessLog/addCheckpoint.js'
import type { NewAccess } from '../../src/exchange/accessLog/logAccesses.js'
import { purposes } from '../../src/exchange/accessLog/purpose.table.js'
import { legalGrounds } from '../../src/exchange/consents/legalGround.table.js'
import { programs } from '../../src/identity/programs/program.table.js'
import { workOf } from '../events/happened.js'
import { apiOf } from '../support/api.js'
import { appointed, asProgram, finOf, partyOfFin } from '../support/appointed.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { sampled } from '../support/long.js'
import { partiesIn, partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'
import { lookingIn } from './looking.js'

const database = await cloneDatabase()
const { db, statements } = database
const start = new Date('2027-03-01T09:00:00Z')
let now = start
const ask = await apiOf(database, { now: () => now })
const parties = partiesIn(database)
const citizen = await parties.persona('citizen')
const { look, log, purpose, registry } = await lookingIn(database, citizen)
const secret = await purpose('1 year')

const agencyOf = async (code: string) => (await db.select().from(agencies).where(eq(agencies.code, code)))[0]!.id
const [dvx, dmx] = [await agencyOf('DVX'), await agencyOf('DMX')]
await appointed(database, 'officer', 'DVX', ['REVIEWER'])
await appointed(database, 'senior-officer', 'DVX', ['ADMIN'])
await appointed(database, 'other-officer', 'DMX', ['ADMIN'])
const officer = await partyOfFin(database, finOf('officer'))
const byOfficer = (given: Partial<NewAccess> = {}): NewAccess =>
  look({ actor: `officer:${officer}`, actorPartyId: officer, agencyId: dvx, ...given })

const ago = (minutes: number) => new Date(start.getTime() - minutes * 60_000)
const momentsOf = ({ nodes }: { nodes: { at: string }[] }) => nodes.map(({ at }) => at)
const isos = (...minutes: number[]) => minutes.map((each) => ago(each).toISOString())

const askAs = async (persona: string, query: string, variables: object = {}) => {
  const answer = await ask(query, { headers: await as(persona), variables: { ...variables }, language: 'en' })
  return { ...answer, error: answer.errors?.[0] }
}
const page =
  '{ totalCount nodes { id at } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }'
const logOf = async (persona: string, query = `{ accessLog(first: 10) ${page} }`, variables: object = {}) =>
  (await askAs(persona, query, variables)).data.accessLog
const whole = `{ accessLog(first: 10) { nodes { at kind outcome fields application messageId releaseAt partyId position
  party { name } agency { code } registry { code } purpose { code name } ground { code basis bases { az } }
  by { kind actorId officerName party { id } program { clientId name } } } } }`

beforeEach(async () => {
  now = start
  await unkept(database, (tx) => tx.execute('truncate accesses, access_checkpoints'))
})

describe('accessLog', () => {
  it('shows the subject who accessed which data, why and by which law, newest first', async () => {
    const [ground] = await db.select().from(legalGrounds).limit(1)
    await log(
      byOfficer({ at: ago(9), groundId: ground!.id, application: 'A-1', messageId: 'a-message', fields: ['name'] }),
      look({ at: ago(8), kind: AccessKind.FILE, registryId: null, outcome: AccessOutcome.NOT_FOUND }),
    )
    const { nodes } = await logOf('citizen', whole)
    expect(nodes).toMatchObject([
      {
        at: ago(8).toISOString(),
        kind: 'FILE',
        outcome: 'NOT_FOUND',
        registry: null,
        ground: null,
        agency: null,
        application: null,
        position: null,
        party: { name: 'Vətəndaş Sınaq' },
        by: { kind: 'PERSON', party: { id: partyId(citizen) }, program: null, actorId: null, officerName: null },
      },
      {
        at: ago(9).toISOString(),
        kind: 'CALL',
        outcome: 'SHOWN',
        fields: ['name'],
        application: 'A-1',
        messageId: 'a-message',
        releaseAt: ago(9).toISOString(),
        partyId: partyId(citizen),
        agency: { code: 'DVX' },
        purpose: { name: 'test' },
        ground: { code: ground!.code, basis: ground!.basis.en, bases: { az: ground!.basis.az } },
        by: { kind: 'OFFICER', party: null, program: null, actorId: null, officerName: null },
      },
    ])
  })

  it('never shows the subject which officer accessed the data, even if the subject represents that person', async () => {
    await parties.give(officer, citizen)
    expect((await askAs('citizen', `{ node(id: "${partyId(officer)}") { id } }`)).data.node).not.toBeNull()
    await log(byOfficer(), look({ actor: `person:${officer}`, actorPartyId: officer }))
    const { nodes } = await logOf('citizen', whole)
    expect(nodes.map(({ by }: any) => [by.kind, by.party])).toEqual([
      ['PERSON', { id: partyId(officer) }],
      ['OFFICER', null],
    ])
  })

  it('shows which program accessed the data, and its organisation to a subject who may view it', async () => {
    const firm = await parties.firm('A firm', '9900000141')
    await asProgram(database, { party: firm })
    const [program] = await db.select().from(programs).where(eq(programs.partyId, firm))
    await log(look({ actor: `program:${program!.id}`, actorPartyId: firm, programId: program!.id }))
    const by = async () => (await logOf('citizen', whole)).nodes[0].by
    expect(await by()).toMatchObject({
      kind: 'PROGRAM',
      party: null,
      program: { clientId: program!.id, name: 'A program' },
    })
    await parties.give(firm, citizen)
    expect(await by()).toMatchObject({ party: { id: partyId(firm) } })
  })

  it('takes as many statements for ten entries as for two', async () => {
    const statementsFor = async (entries: number) => {
      await logOf('citizen', whole)
      statements.length = 0
      expect((await logOf('citizen', whole)).nodes).toHaveLength(entries)
      return statements.length
    }
    await log(byOfficer(), look())
    const two = await statementsFor(2)
    await log(...Array.from({ length: 8 }, (_, at) => (at % 2 ? byOfficer() : look())))
    expect(await statementsFor(10)).toBe(two)
  })

  it('shows a representative for all services the log of the party, and one for some services nothing', async () => {
    const ofCitizen = `query ($party: ID!) { accessLog(party: $party, first: 10) ${page} }`
    const count = async () =>
      (await logOf('other-citizen', ofCitizen, { party: partyId(citizen) })).totalCount as number
    await log(look({ at: ago(1) }), look({ at: ago(2), purposeId: secret }))
    expect(await count()).toBe(0)
    await parties.give(citizen, await parties.persona('other-citizen'), { services: ['DVX-RETURN'] })
    expect(await count()).toBe(0)
    await parties.give(citizen, await parties.persona('other-citizen'))
    expect(await count()).toBe(1)
  })

  it('shows a program with registries:read the log of its organisation and of nobody whom that represents', async () => {
    const firm = await parties.firm('Another firm', '9900000271')
    await parties.give(citizen, firm)
    await log(look(), look({ partyId: firm, actor: `person:${citizen}` }))
    const countFor = async (scopes: NonNullable<Parameters<typeof asProgram>[1]>['scopes'], party: string) => {
      const query = `query ($party: ID!) { accessLog(party: $party, first: 10) ${page} }`
      const headers = await asProgram(database, { party: firm, scopes })
      const { data, errors } = await ask(query, { headers, variables: { party: partyId(party) } })
      return errors?.[0]?.extensions.code ?? data.accessLog.totalCount
    }
    expect(await countFor(['applications:read', 'mandates:read'], firm)).toBe('FORBIDDEN')
    expect(await countFor(['registries:read'], firm)).toBe(1)
    expect(await countFor(['registries:read', 'mandates:read'], citizen)).toBe(0)
  })
})

describe('Secret access', () => {
  /** All that the subject can read of the log: each page at each cursor. */
  const everything = async () => {
    const pages = `whole: accessLog(first: 10) ${page} first: accessLog(first: 1) ${page} last: accessLog(last: 1) ${page}`
    const { data } = await askAs('citizen', `{ ${pages} }`)
    const cursors = data.whole.edges.flatMap(({ cursor }: { cursor: string }, at: number) =>
      ['first: 1, after', 'last: 1, before', 'first: 1, before', 'last: 1, after'].map(
        (which, side) => `p${at}${side}: accessLog(${which}: "${cursor}") ${page}`,
      ),
    )
    return [data, cursors.length > 0 && (await askAs('citizen', `{ ${cursors.join(' ')} }`)).data]
  }
  const logAt = (...minutes: number[]) => log(...minutes.map((each) => byOfficer({ at: ago(each) })))
  const logSecretly = (minutes: number, outcome = AccessOutcome.SHOWN) =>
    log(byOfficer({ at: ago(minutes), purposeId: secret, outcome }))

  const places: [string, number][] = [
    ['between', 25],
    ['before', 50],
    ['after', 5],
  ]
  it.each(sampled(places, 3))(
    'changes no count, cursor or page when it is %s others, whatever its outcome',
    async (_, minutes) => {
      await logAt(40, 30, 20, 10)
      const without = await everything()
      for (const outcome of sampled(Object.values(AccessOutcome), 3)) {
        await logSecretly(minutes, outcome)
        expect(await everything()).toEqual(without)
      }
    },
  )

  it('leaves an empty log empty', async () => {
    const empty = await everything()
    await logSecretly(5, AccessOutcome.NO_ANSWER)
    expect(await everything()).toEqual(empty)
  })

  it('is a node only to auditors, and costs others as many statements as an id that does not exist', async () => {
    await logSecretly(5)
    const [row] = await db.select().from(accesses)
    const node = async (persona: string, key: string) => {
      const query = 'query ($id: ID!) { node(id: $id) { ... on AccessLogEntry { at outcome } } }'
      statements.length = 0
      const { data, error } = await askAs(persona, query, { id: nodeIdOf('AccessLogEntry', key) })
      return { data, code: error?.extensions.code, statements: [...statements] }
    }
    for (const persona of ['citizen', 'senior-officer', 'officer', 'operator', 'other-citizen']) {
      await node(persona, v7())
      expect([persona, await node(persona, row!.id)]).toEqual([persona, await node(persona, v7())])
    }
    expect((await node('auditor', row!.id)).data.node).toEqual({ at: ago(5).toISOString(), outcome: 'SHOWN' })
  })

  it('appears in its place when it is released', async () => {
    await logAt(30, 10)
    await logSecretly(20)
    const released = new Date('2028-03-01T09:00:00Z').getTime() - 20 * 60_000
    now = new Date(released - 1)
    expect(momentsOf(await logOf('citizen'))).toEqual(isos(10, 30))
    now = new Date(released)
    expect(momentsOf(await logOf('citizen'))).toEqual(isos(10, 20, 30))
  })
})

describe('agencyAccessLog', () => {
  const agencyLog = (more = '') => `{ agencyAccessLog(first: 10${more}) {
    totalCount nodes { at partyId position party { id } by { kind actorId officerName party { id } } } } }`

  it('shows the ADMIN of an agency which of its officers accessed data, and nothing secret', async () => {
    await log(
      byOfficer({ at: ago(3) }),
      byOfficer({ at: ago(2), purposeId: secret }),
      byOfficer({ at: ago(1), agencyId: dmx }),
      look(),
    )
    await askAs('officer', '{ viewer { kind } }') // by which the name is known
    const { data } = await askAs('senior-officer', agencyLog())
    expect(data.agencyAccessLog).toEqual({
      totalCount: 1,
      nodes: [
        {
          at: ago(3).toISOString(),
          partyId: partyId(citizen),
          party: null,
          position: null,
          by: { kind: 'OFFICER', actorId: `officer:${officer}`, officerName: 'Məmur Sınaq', party: null },
        },
      ],
    })
    expect((await askAs('other-officer', agencyLog(', agency: "DMX"'))).data.agencyAccessLog.totalCount).toBe(1)
    expect((await askAs('other-officer', agencyLog(', agency: "DVX"'))).data.agencyAccessLog.totalCount).toBe(0)
  })

  it('requires an ADMIN of several agencies to name one', async () => {
    await log(byOfficer(), byOfficer({ agencyId: dmx }))
    await appointed(database, 'evisa-officer', 'DVX', ['ADMIN'])
    await appointed(database, 'evisa-officer', 'DMX', ['ADMIN'])
    expect((await askAs('evisa-officer', agencyLog())).error).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
      message: expect.stringContaining('provide the code of one as `agency`'),
    })
    for (const code of ['DVX', 'DMX'])
      expect((await askAs('evisa-officer', agencyLog(`, agency: "${code}"`))).data.agencyAccessLog.totalCount).toBe(1)
  })

  it('requires assurance HIGH, also for one entry by its id', async () => {
    await log(byOfficer({ at: ago(1) }))
    const [row] = await db.select().from(accesses)
    const query = `{ node(id: "${nodeIdOf('AccessLogEntry', row!.id)}") { id } }`
    await askAs('senior-officer', query)
    const headers = await as('senior-officer', { acr: 'urn:pencere:sandbox:substantial' })
    const { data, errors } = await ask(query, { headers })
    expect([data.node, errors?.[0]?.extensions]).toMatchObject([null, { code: 'STEP_UP_REQUIRED', assurance: 'HIGH' }])
  })
})

describe('auditAccessLog', () => {
  const audit = async (filter: string) => {
    const query = `{ auditAccessLog(first: 100, filter: { ${filter} }) { nodes { at } } }`
    const { data, error } = await askAs('auditor', query)
    return error?.extensions.code ?? momentsOf(data.auditAccessLog)
  }
  beforeEach(async () => {
    const [known] = await db.select().from(purposes).where(eq(purposes.code, 'TAX_CONTROL'))
    await log(
      byOfficer({ at: ago(5), purposeId: secret }),
      byOfficer({ at: ago(4), purposeId: known!.id, application: 'A-4' }),
      byOfficer({ at: ago(3), agencyId: dmx, outcome: AccessOutcome.NO_ANSWER }),
      look({ at: ago(2), registryId: null, kind: AccessKind.FILE }),
      look({ at: ago(1), partyId: officer, actor: `person:${officer}`, actorPartyId: officer }),
    )
  })

  it('shows auditors all entries, also secret ones, and filters them', async () => {
    expect(await audit('')).toEqual(isos(1, 2, 3, 4, 5))
    expect(await audit(`partyId: "${partyId(officer)}"`)).toEqual(isos(1))
    expect(await audit(`actorId: "officer:${officer}"`)).toEqual(isos(3, 4, 5))
    expect(await audit('agency: "DVX"')).toEqual(isos(4, 5))
    expect(await audit(`registry: "${registry.code}"`)).toEqual(isos(1, 3, 4, 5))
    expect(await audit('purpose: "TAX_CONTROL"')).toEqual(isos(4))
    expect(await audit('outcome: NO_ANSWER')).toEqual(isos(3))
    expect(await audit('kind: FILE')).toEqual(isos(2))
    expect(await audit(`from: "${isos(4)}", to: "${isos(2)}"`)).toEqual(isos(3, 4))
    expect(await audit('agency: "DVX", purpose: "TAX_CONTROL", outcome: NOT_FOUND')).toEqual([])
    expect(await audit('agency: "NONE"')).toBe('BAD_USER_INPUT')
    expect(await audit('partyId: "rubbish"')).toEqual([])
  })

  it('finds an entry by the position that npm run verify-log prints', async () => {
    await addCheckpoint(workOf(database).work)
    const [row] = await db.select().from(accesses).where(eq(accesses.position, 4n))
    expect(await audit('position: "4"')).toEqual([row!.at.toISOString()])
    expect(await audit('position: "four"')).toBe('BAD_USER_INPUT')
    const { data } = await askAs('auditor', '{ auditAccessLog(last: 1) { nodes { position } } }')
    expect(data.auditAccessLog.nodes).toEqual([{ position: '1' }])
  })

  it('shows ids and no names', async () => {
    const query =
      '{ auditAccessLog(last: 1) { nodes { party { id } partyId by { actorId officerName party { id } } } } }'
    const { data } = await askAs('auditor', query)
    expect(data.auditAccessLog.nodes).toEqual([
      {
        party: null,
        partyId: partyId(citizen),
        by: { actorId: `officer:${officer}`, officerName: null, party: null },
      },
    ])
  })
})
