import { describe, expect, it } from 'vitest'
import { MandateKind, Power } from '../../src/identity/mandates/mandate.table.js'
import { acrOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { apiOf } from '../support/api.js'
import { appointed } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { asProgram } from '../support/programs.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const ask = await apiOf(database)
const { persona, firm, give } = partiesIn(database)

const way = '{ partyId party { name } powers services kind through { name } mandate { kind } validTo }'
const all = `kind party { id name } assurance signedInAt mandates(first: 50) { nodes ${way} }
  agencies { agency { code } roles } program { clientId name scopes }`
async function viewer(headers: Record<string, string>, selection = all) {
  const { data, errors } = await ask(`{ viewer { ${selection} } }`, { headers })
  return { viewer: data.viewer, errors }
}

describe('viewer', () => {
  it('tells nobody that they are nobody, without an error or a statement', async () => {
    database.statements.length = 0
    expect(await viewer({})).toEqual({
      viewer: {
        kind: 'ANONYMOUS',
        party: null,
        assurance: 'NONE',
        signedInAt: null,
        mandates: null,
        agencies: [],
        program: null,
      },
      errors: undefined,
    })
    expect(database.statements).toEqual([])
  })

  it('tells persons who they are, how surely that is known, and when they signed in', async () => {
    const { viewer: shown } = await viewer(await as('citizen', { auth_time: 1_764_000_000 }))
    expect(shown).toEqual({
      kind: 'PERSON',
      assurance: 'HIGH',
      signedInAt: '2025-11-24T16:00:00.000Z',
      party: { id: partyId(await persona('citizen')), name: 'Vətəndaş Sınaq' },
      mandates: { nodes: [] },
      agencies: [],
      program: null,
    })
  })

  it('tells officers their agencies and roles, and no mandates', async () => {
    await appointed(database, 'officer', 'DVX', ['REVIEWER', 'FINANCE'])
    const { viewer: shown } = await viewer(await as('officer'))
    expect(shown).toMatchObject({ kind: 'OFFICER', party: { name: 'Məmur Sınaq' }, mandates: null, program: null })
    expect(shown.agencies).toEqual([{ agency: { code: 'DVX' }, roles: ['REVIEWER', 'FINANCE'] }])
  })

  it.each(['operator', 'auditor'])('tells an %s no mandates and no agencies', async (who) => {
    const { viewer: shown } = await viewer(await as(who))
    expect(shown).toMatchObject({ kind: who.toUpperCase(), mandates: null, agencies: [] })
  })

  it('tells programs their name, scopes and organisation, and its mandates with the scope mandates:read', async () => {
    const party = await firm('Proqram MMC', '8888888801')
    await give(await firm('Müştəri MMC', '8888888802'), party, { services: ['DVX-RETURN'] })
    const reading = await asProgram(database, { party, scopes: ['mandates:read', 'filings:write'] })
    const { viewer: shown, errors } = await viewer(reading)
    expect(errors).toBeUndefined()
    expect(shown).toMatchObject({
      kind: 'PROGRAM',
      party: { name: 'Proqram MMC' },
      assurance: 'SUBSTANTIAL',
      program: { name: 'A program', scopes: ['FILINGS_WRITE', 'MANDATES_READ'] },
      mandates: { nodes: [{ party: { name: 'Müştəri MMC' }, services: ['DVX-RETURN'], kind: 'DELEGATE' }] },
    })
    const without = await viewer(await asProgram(database, { party }))
    expect(without.viewer).toMatchObject({ program: { scopes: ['CATALOGUE_READ'] }, mandates: null })
    expect(without.errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'FORBIDDEN', scope: 'mandates:read' }])
  })
})

describe('An account that was known SUBSTANTIAL or more surely', async () => {
  const query = `{
    viewer { kind party { kind name identifiers { value } status birthDate } mandates(first: 1) { totalCount }
      companies(first: 1) { totalCount } }
    mandatesHeld(first: 1) { totalCount } consents(first: 1) { totalCount } programs(first: 1) { totalCount } }`
  const party = { name: null, identifiers: null, status: null, birthDate: null }
  const hidden = { mandatesHeld: null, consents: null, programs: null }

  it.each([
    ['LOW', acrOf(Assurance.LOW)],
    ['no assurance', undefined],
  ])('sees nothing personal with %s, and asks for a stronger sign-in', async (_, acr) => {
    await ask(query, { headers: await as('citizen') })
    const { data, errors } = await ask(query, { headers: await as('citizen', { acr }) })
    expect(data).toEqual({
      viewer: { kind: 'PERSON', party: { kind: 'NATURAL_PERSON', ...party }, mandates: null, companies: null },
      ...hidden,
    })
    const stepUp = { code: 'STEP_UP_REQUIRED', assurance: 'SUBSTANTIAL', maxAge: null }
    expect(errors?.map(({ extensions }) => extensions)).toEqual(Array(9).fill(expect.objectContaining(stepUp)))
  })

  it('sees all of it with SUBSTANTIAL', async () => {
    const { data, errors } = await ask(query, { headers: await as('citizen', { acr: acrOf(Assurance.SUBSTANTIAL) }) })
    expect([data.viewer.party.identifiers, errors]).toEqual([[{ value: 'TEST001' }], undefined])
  })
})

describe('An account that was never known more surely than LOW', () => {
  it('sees its own name and birth date', async () => {
    const { viewer: shown, errors } = await viewer(await as('foreigner'), 'assurance party { name birthDate }')
    expect([shown, errors]).toEqual([
      { assurance: 'LOW', party: { name: 'Foreigner Test', birthDate: '1980-04-04' } },
      undefined,
    ])
  })
})

describe('viewer.mandates', async () => {
  const head = await persona('company-head')
  const [company, accountants] = [await firm('Sınaq MMC', '8888888803'), await firm('Mühasib MMC', '8888888804')]
  const [client, far] = [await firm('Uzaq Müştəri MMC', '8888888805'), await firm('Başqa MMC', '8888888806')]
  await give(company, head, { kind: MandateKind.HEAD, powers: Object.values(Power) })
  await give(accountants, head, { kind: MandateKind.EMPLOYEE, powers: [Power.VIEW, Power.PAY], services: ['A', 'B'] })
  await give(client, accountants, { powers: [Power.VIEW, Power.FILE], services: ['B', 'C'] })
  await give(far, accountants, { services: ['D'] })
  const headers = await as('company-head')

  it('lists own mandates, and through a representative what both mandates have in common', async () => {
    const { viewer: shown } = await viewer(headers)
    const ways = shown.mandates.nodes.map(
      ({ partyId: _, party, ...way }: { partyId: string; party: { name: string } }) => [party.name, way],
    )
    expect(Object.fromEntries(ways)).toEqual({
      'Sınaq MMC': {
        powers: Object.values(Power),
        services: null,
        kind: 'HEAD',
        through: null,
        mandate: { kind: 'HEAD' },
        validTo: null,
      },
      'Mühasib MMC': {
        powers: ['VIEW', 'PAY'],
        services: ['A', 'B'],
        kind: 'EMPLOYEE',
        through: null,
        mandate: { kind: 'EMPLOYEE' },
        validTo: null,
      },
      'Uzaq Müştəri MMC': {
        powers: ['VIEW'],
        services: ['B'],
        kind: 'DELEGATE',
        through: { name: 'Mühasib MMC' },
        mandate: null, // for some services only
        validTo: null,
      },
    })
  })

  it('leads to no party through mandates without a service in common', async () => {
    const query = 'query ($id: ID!) { node(id: $id) { id } }'
    expect((await ask(query, { headers, variables: { id: partyId(far) } })).data.node).toBeNull()
  })

  it('tells only the id of a party without the power VIEW', async () => {
    const party = await firm('Görünməz MMC', '8888888807')
    await give(party, await persona('other-citizen'), { powers: [Power.FILE] })
    const selection = 'mandates(first: 5) { nodes { partyId party { name } } }'
    const { viewer: shown } = await viewer(await as('other-citizen'), selection)
    expect(shown.mandates.nodes).toEqual([{ partyId: partyId(party), party: null }])
  })

  it('pages forward and backward', async () => {
    const page = async (args: string) => {
      const selection = `mandates(${args}) { totalCount edges { cursor node { party { name } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`
      return (await viewer(headers, selection)).viewer.mandates
    }
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

  it('refuses a cursor of something else', async () => {
    const forged = Buffer.from(JSON.stringify(['viewer.mandates', 'x', ''])).toString('base64')
    for (const after of ['x', forged]) {
      const { viewer: shown, errors } = await viewer(headers, `mandates(first: 1, after: "${after}") { totalCount }`)
      expect([shown.mandates, errors?.[0]?.extensions.code]).toEqual([null, 'BAD_USER_INPUT'])
    }
  })

  it('takes as many statements for many mandates as for a few', async () => {
    for (const at of [1, 2, 3, 4]) await give(await firm(`Firma ${at}`, `777777770${at}`), head)
    database.statements.length = 0
    expect((await viewer(headers)).viewer.mandates.nodes).toHaveLength(7)
    // The sign-in, the page, and once each: the parties, firms and mandates that it names, and what is encrypted of them.
    expect(database.statements.length).toBeLessThanOrEqual(9)
  })
})
