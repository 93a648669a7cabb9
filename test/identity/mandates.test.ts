import { v7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { MandateKind, Power } from '../../src/identity/mandate.table.js'
import { apiOf } from '../support/api.js'
import { appointed, asProgram } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const ask = await apiOf(database)
const { persona, firm, give } = partiesIn(database)
const every = [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN]
await appointed(database, 'officer', 'DVX', ['REVIEWER'])

const company = await firm('Sınaq MMC', '0000000001')
const headship = await give(company, await persona('company-head'), { kind: MandateKind.HEAD, powers: every })
const whole = await give(company, await persona('company-delegate'))
const part = await give(company, await persona('other-citizen'), { services: ['DVX-RETURN'] })
const blind = await give(company, await persona('citizen'), { powers: [Power.FILE] })
const all = [blind, part, whole, headship]

const shown = 'id kind principal { name } holder { name } holderNamed { type value }'
const given = `query ($party: ID) { mandatesGiven(party: $party, first: 10) { nodes { ${shown} } } }`
const held = `query ($party: ID) { mandatesHeld(party: $party, first: 10) { nodes { ${shown} } } }`
async function asked(who: string | Record<string, string>, query: string, variables: object = {}) {
  const headers = typeof who === 'string' ? await as(who) : who
  const { data, errors } = await ask(query, { headers, variables: { ...variables } })
  const [page] = Object.values(data ?? {}) as ({ nodes: Record<string, unknown>[] } | null)[]
  return { nodes: page?.nodes, code: errors?.[0]?.extensions.code }
}
const mandateIds = (ids: string[]) => ids.map((id) => nodeIdOf('Mandate', id))
const idsOf = (nodes: Record<string, unknown>[] | undefined) => nodes?.map(({ id }) => id)
const ofCompany = { party: partyId(company) }

beforeAll(async () => {
  for (const who of ['company-head', 'company-delegate', 'citizen', 'other-citizen', 'foreigner'])
    await ask('{ __typename }', { headers: await as(who) })
})

describe('the mandates that a party has given', () => {
  it('are seen by who may look at all that is theirs, the newest first, holders by their masked identifiers', async () => {
    const { nodes } = await asked('company-head', given, ofCompany)
    expect(new Set(idsOf(nodes))).toEqual(new Set(mandateIds(all)))
    const principal = { name: 'Sınaq MMC' }
    const masked = (value: string) => ({ type: 'FIN', value: `****${value}` })
    expect(nodes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'HEAD', principal, holder: { name: 'Şirkət Rəhbəri Sınaq' } }), // themselves
        { id: mandateIds([whole])[0], kind: 'DELEGATE', principal, holder: null, holderNamed: masked('007') },
        { id: mandateIds([part])[0], kind: 'DELEGATE', principal, holder: null, holderNamed: masked('002') },
      ]),
    )
    expect((await asked('company-delegate', given, ofCompany)).nodes).toHaveLength(4)
  })

  it('are not seen by a delegate for some services, nor without VIEW: each sees their own alone', async () => {
    expect(idsOf((await asked('other-citizen', given, ofCompany)).nodes)).toEqual(mandateIds([part]))
    expect(idsOf((await asked('citizen', given, ofCompany)).nodes)).toEqual(mandateIds([blind]))
  })

  it('are those of a program’s organisation where none is named, with the scope alone', async () => {
    const reading = await asProgram(database, { party: company, scopes: ['mandates:read'] })
    expect((await asked(reading, given)).nodes).toHaveLength(4)
    const without = await asProgram(database, { party: company, scopes: ['filings:write'] })
    expect(await asked(without, given)).toEqual({ nodes: undefined, code: 'FORBIDDEN' })
    const node = `query ($id: ID!) { node(id: $id) { id } }`
    const { errors } = await ask(node, { headers: without, variables: { id: mandateIds([whole])[0] } })
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  it.each(['officer', 'operator', 'auditor'])('are none for the %s', async (who) => {
    expect(await asked(who, given, ofCompany)).toEqual({ nodes: [], code: undefined })
  })

  it('are for nobody who is not known', async () => {
    expect((await asked({}, given, ofCompany)).code).toBe('UNAUTHENTICATED')
  })

  it('of a party that is another’s are as those of one that never was: none, by the same statements', async () => {
    const statementsFor = async (party: string) => {
      database.statements.length = 0
      const { nodes } = await asked('foreigner', given, { party })
      return { nodes, statements: [...database.statements] }
    }
    await statementsFor(partyId(company)) // which may prepare
    const foreign = await statementsFor(partyId(company))
    expect(foreign.nodes).toEqual([])
    expect(await statementsFor(partyId(v7()))).toEqual(foreign)
    expect(await statementsFor('no id at all')).toEqual(foreign)
  })
})

describe('the mandates that a party holds', () => {
  it('are seen by their holder, whom they name, with the principal where they may look at it', async () => {
    const { nodes } = await asked('other-citizen', held)
    expect(nodes).toEqual([
      {
        ...{ id: mandateIds([part])[0], kind: 'DELEGATE', principal: { name: 'Sınaq MMC' } },
        ...{ holder: { name: 'Başqa Vətəndaş Sınaq' }, holderNamed: { type: 'FIN', value: '****002' } },
      },
    ])
    expect((await asked('citizen', held)).nodes).toMatchObject([
      { principal: null, holder: { name: 'Vətəndaş Sınaq' } },
    ])
  })

  it('and of an organisation by who may look at all that is its', async () => {
    const client = await firm('Müştəri MMC', '8888888805')
    const id = await give(client, company, { powers: [Power.FILE] })
    expect(idsOf((await asked('company-head', held, ofCompany)).nodes)).toEqual(mandateIds([id]))
    expect((await asked('other-citizen', held, ofCompany)).nodes).toEqual([])
  })

  it('come in pages', async () => {
    const query = `query ($party: ID, $after: String) { mandatesGiven(party: $party, first: 3, after: $after) {
      totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`
    const page = async (after?: string) =>
      (await ask(query, { headers: await as('company-head'), variables: { ...ofCompany, after } })).data.mandatesGiven
    const first = await page()
    expect(first).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } })
    const rest = await page(first.pageInfo.endCursor)
    expect(new Set([...first.nodes, ...rest.nodes].map(({ id }) => id))).toEqual(new Set(mandateIds(all)))
    expect(rest.pageInfo.hasNextPage).toBe(false)
  })
})
