import { describe, expect, it } from 'vitest'
import { MandateKind, Power } from '../../src/identity/mandate.table.js'
import { apiOf } from '../support/api.js'
import { appointed, asProgram } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const ask = await apiOf(database)
const { persona, firm, give } = partiesIn(database)
await appointed(database, 'officer', 'DVX', ['REVIEWER', 'FINANCE'])

const way = '{ party { id name } powers services kind through { name } mandate { kind } validTo }'
const all = `kind party { id name } assurance signedInAt mandates(first: 50) { nodes ${way} }
  agencies { agency { code } roles } program { clientId name scopes }`
async function viewer(headers: Record<string, string>, selection = all) {
  await ask('{ __typename }', { headers }) // the first sign-in is another matter
  database.statements.length = 0
  const { data, errors } = await ask(`{ viewer { ${selection} } }`, { headers })
  return { viewer: data.viewer, errors, statements: database.statements.length }
}

describe('viewer tells', () => {
  it('nobody that they are nobody, without an error and without a statement', async () => {
    expect(await viewer({})).toEqual({
      viewer: {
        ...{ kind: 'NOBODY', party: null, assurance: 'NONE', signedInAt: null },
        ...{ mandates: null, agencies: [], program: null },
      },
      ...{ errors: undefined, statements: 0 },
    })
  })

  it('a person who they are, how surely, and since when', async () => {
    const { viewer: who } = await viewer(await as('citizen', { auth_time: 1_764_000_000 }))
    expect(who).toEqual({
      ...{ kind: 'PERSON', assurance: 'HIGH', signedInAt: '2025-11-24T16:00:00.000Z' },
      party: { id: partyId(await persona('citizen')), name: 'Vətəndaş Sınaq' },
      ...{ mandates: { nodes: [] }, agencies: [], program: null },
    })
  })

  it('an officer where they are one, and that they act for nobody', async () => {
    const { viewer: who } = await viewer(await as('officer'))
    expect(who).toMatchObject({ kind: 'OFFICER', party: { name: 'Məmur Sınaq' }, mandates: null, program: null })
    expect(who.agencies).toEqual([{ agency: { code: 'DVX' }, roles: ['REVIEWER', 'FINANCE'] }])
  })

  it.each(['operator', 'auditor'])('the %s the same', async (who) => {
    const { viewer: told } = await viewer(await as(who))
    expect(told).toMatchObject({ kind: who.toUpperCase(), mandates: null, agencies: [] })
  })

  it('a program its name, its scopes and its organisation; of mandates with the scope alone', async () => {
    const party = await firm('Proqram MMC', '8888888801')
    const given = await firm('Müştəri MMC', '8888888802')
    await give(given, party, { services: ['DVX-RETURN'] })
    const reading = await asProgram(database, { party, scopes: ['mandates:read', 'filings:write'] })
    const { viewer: told, errors } = await viewer(reading)
    expect(errors).toBeUndefined()
    expect(told).toMatchObject({
      ...{ kind: 'PROGRAM', party: { name: 'Proqram MMC' }, assurance: 'SUBSTANTIAL' },
      program: { name: 'A program', scopes: ['FILINGS_WRITE', 'MANDATES_READ'] },
      mandates: { nodes: [{ party: { name: 'Müştəri MMC' }, services: ['DVX-RETURN'], kind: 'DELEGATE' }] },
    })
    const without = await viewer(await asProgram(database, { party }))
    expect(without.viewer).toMatchObject({ program: { scopes: ['CATALOGUE_READ'] }, mandates: null })
    expect(without.errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'FORBIDDEN', scope: 'mandates:read' }])
  })
})

describe('viewer tells for whom somebody may act', async () => {
  const head = await persona('company-head')
  const [company, accountants] = [await firm('Sınaq MMC', '8888888803'), await firm('Mühasib MMC', '8888888804')]
  const [client, far] = [await firm('Uzaq Müştəri MMC', '8888888805'), await firm('Başqa MMC', '8888888806')]
  await give(company, head, { kind: MandateKind.HEAD, powers: Object.values(Power) })
  await give(accountants, head, { kind: MandateKind.EMPLOYEE, powers: [Power.VIEW, Power.PAY], services: ['A', 'B'] })
  await give(client, accountants, { powers: [Power.VIEW, Power.FILE], services: ['B', 'C'] })
  await give(far, accountants, { services: ['D'] })

  it('and by what: their own mandates, and through a firm in what both links have in common', async () => {
    const { viewer: told } = await viewer(await as('company-head'))
    const ways = told.mandates.nodes.map(({ party, ...way }: { party: { name: string } }) => [party.name, way])
    expect(Object.fromEntries(ways)).toEqual({
      'Sınaq MMC': {
        ...{ powers: Object.values(Power), services: null, kind: 'HEAD', through: null },
        ...{ mandate: { kind: 'HEAD' }, validTo: null },
      },
      'Mühasib MMC': {
        ...{ powers: ['VIEW', 'PAY'], services: ['A', 'B'], kind: 'EMPLOYEE', through: null },
        ...{ mandate: { kind: 'EMPLOYEE' }, validTo: null },
      },
      'Uzaq Müştəri MMC': {
        ...{ powers: ['VIEW'], services: ['B'], kind: 'DELEGATE', through: { name: 'Mühasib MMC' } },
        ...{ mandate: null, validTo: null }, // for some services only
      },
    })
  })

  it('whose id is known without VIEW too, and nothing else of them', async () => {
    const party = await firm('Görünməz MMC', '8888888807')
    await give(party, await persona('other-citizen'), { powers: [Power.FILE] })
    const { viewer: told } = await viewer(
      await as('other-citizen'),
      'mandates(first: 5) { nodes { partyId party { name } } }',
    )
    expect(told.mandates.nodes).toEqual([{ partyId: partyId(party), party: null }])
  })

  it('which two links without a service in common do not add to', async () => {
    const { data } = await ask(`query ($id: ID!) { node(id: $id) { id } }`, {
      ...{ headers: await as('company-head'), variables: { id: partyId(far) } },
    })
    expect(data.node).toBeNull()
  })

  it('in pages, forward and backward, that together are all', async () => {
    const headers = await as('company-head')
    const page = async (args: string) =>
      (
        await viewer(
          headers,
          `mandates(${args}) { totalCount edges { cursor node { party { name } } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`,
        )
      ).viewer.mandates
    const whole = await page('first: 10')
    expect(whole).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: false, hasPreviousPage: false } })
    const first = await page('first: 2')
    expect(first.edges).toEqual(whole.edges.slice(0, 2))
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
    const rest = await page(`first: 2, after: "${first.pageInfo.endCursor}"`)
    expect(rest.edges).toEqual(whole.edges.slice(2))
    expect(rest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
    const back = await page(`last: 2, before: "${rest.pageInfo.startCursor}"`)
    expect(back.edges).toEqual(first.edges)
    expect(back.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
    expect((await page('last: 1')).edges).toEqual(rest.edges)
  })

  it('and takes no cursor that it did not give', async () => {
    const forged = Buffer.from(JSON.stringify(['viewer.mandates', 'x', ''])).toString('base64')
    for (const after of ['x', forged]) {
      const { viewer: told, errors } = await viewer(
        await as('company-head'),
        `mandates(first: 1, after: "${after}") { totalCount }`,
      )
      expect([told.mandates, errors?.[0]?.extensions.code]).toEqual([null, 'BAD_USER_INPUT'])
    }
  })

  it('in a number of statements that does not grow with them', async () => {
    for (const at of [1, 2, 3, 4]) await give(await firm(`Firma ${at}`, `777777770${at}`), head)
    const many = await viewer(await as('company-head'))
    expect(many.viewer.mandates.nodes).toHaveLength(7)
    // The sign-in, the page, and once each: the parties, firms and mandates that it names, and what is sealed of them.
    expect(many.statements).toBeLessThanOrEqual(9)
  })
})
