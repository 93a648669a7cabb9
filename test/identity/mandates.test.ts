import { v7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import { MandateKind, Power } from '../../src/identity/mandates/mandate.table.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { asProgram } from '../support/programs.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const ask = await apiOf(database)
const { persona, firm, give } = partiesIn(database)

const company = await firm('Sınaq MMC', '0000000001')
const headship = await give(company, await persona('company-head'), {
  kind: MandateKind.HEAD,
  powers: [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN],
})
const whole = await give(company, await persona('company-delegate'))
const part = await give(company, await persona('other-citizen'), { services: ['DVX-RETURN'] })
const blind = await give(company, await persona('citizen'), { powers: [Power.FILE] })

type Node = Record<string, unknown>
const shown = 'id kind principal { name } holder { name } holderNamed { type value }'
async function list(field: string, headers: Record<string, string>, party?: string): Promise<Node[]> {
  const query = `query ($party: ID) { ${field}(party: $party, first: 10) { nodes { ${shown} } } }`
  return (await ask(query, { headers, variables: { party } })).data[field].nodes
}
const given = async (who: string, party = partyId(company)) => list('mandatesGiven', await as(who), party)
const held = async (who: string, party?: string) => list('mandatesHeld', await as(who), party)
const mandateIds = (...ids: string[]) => ids.map((id) => nodeIdOf('Mandate', id))
const idsOf = (nodes: Node[]) => nodes.map(({ id }) => id)

beforeAll(async () => {
  for (const who of ['company-head', 'citizen', 'other-citizen', 'foreigner'])
    await ask('{ __typename }', { headers: await as(who) })
})

describe('mandatesGiven', () => {
  it('lists all mandates for whoever has VIEW over all services, and masks the identifiers of holders', async () => {
    const nodes = await given('company-head')
    expect(new Set(idsOf(nodes))).toEqual(new Set(mandateIds(headship, whole, part, blind)))
    const principal = { name: 'Sınaq MMC' }
    const masked = (value: string) => ({ type: 'FIN', value: `****${value}` })
    expect(nodes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'HEAD', principal, holder: { name: 'Şirkət Rəhbəri Sınaq' } }), // themselves
        { id: mandateIds(whole)[0], kind: 'DELEGATE', principal, holder: null, holderNamed: masked('007') },
        { id: mandateIds(part)[0], kind: 'DELEGATE', principal, holder: null, holderNamed: masked('002') },
      ]),
    )
    expect(await given('company-delegate')).toHaveLength(4)
  })

  it('lists their own mandate for a delegate for some services, or without VIEW', async () => {
    expect(idsOf(await given('other-citizen'))).toEqual(mandateIds(part))
    expect(idsOf(await given('citizen'))).toEqual(mandateIds(blind))
  })

  it('lists the mandates of its organisation for a program with the scope mandates:read', async () => {
    const reading = await asProgram(database, { party: company, scopes: ['mandates:read'] })
    expect(await list('mandatesGiven', reading)).toHaveLength(4)
    const without = await asProgram(database, { party: company, scopes: ['filings:write'] })
    const node = 'query ($id: ID!) { node(id: $id) { id } }'
    const { errors } = await ask(node, { headers: without, variables: { id: mandateIds(whole)[0] } })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  it('lists nothing of another party, by the same statements as of one that does not exist', async () => {
    const asked = async (party: string) => {
      database.statements.length = 0
      return { nodes: await given('foreigner', party), statements: [...database.statements] }
    }
    await asked(partyId(company)) // prepares the statement
    const foreign = await asked(partyId(company))
    expect(foreign.nodes).toEqual([])
    expect(await asked(partyId(v7()))).toEqual(foreign)
    expect(await asked('no id at all')).toEqual(foreign)
  })

  it('pages', async () => {
    const query = `query ($party: ID, $after: String) { mandatesGiven(party: $party, first: 3, after: $after) {
      totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`
    const page = async (after?: string) => {
      const variables = { party: partyId(company), after }
      return (await ask(query, { headers: await as('company-head'), variables })).data.mandatesGiven
    }
    const first = await page()
    expect(first).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } })
    const rest = await page(first.pageInfo.endCursor)
    expect(new Set(idsOf([...first.nodes, ...rest.nodes]))).toEqual(new Set(mandateIds(headship, whole, part, blind)))
    expect(rest.pageInfo.hasNextPage).toBe(false)
  })
})

describe('mandatesHeld', () => {
  it('lists the mandates of the caller by name, with the principals that they may look at', async () => {
    expect(await held('other-citizen')).toEqual([
      {
        id: mandateIds(part)[0],
        kind: 'DELEGATE',
        principal: { name: 'Sınaq MMC' },
        holder: { name: 'Başqa Vətəndaş Sınaq' },
        holderNamed: { type: 'FIN', value: '****002' },
      },
    ])
    expect(await held('citizen')).toMatchObject([{ principal: null, holder: { name: 'Vətəndaş Sınaq' } }])
  })

  it('lists the mandates of an organisation for whoever has VIEW over all services', async () => {
    const client = await firm('Müştəri MMC', '8888888805')
    const id = await give(client, company, { powers: [Power.FILE] })
    expect(idsOf(await held('company-head', partyId(company)))).toEqual(mandateIds(id))
    expect(await held('other-citizen', partyId(company))).toEqual([])
  })
})
