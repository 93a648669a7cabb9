import { NIL, v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import { mandates, Power } from '../../src/identity/mandates/mandate.table.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import { ofParty, partyNamed, partyOrSelf } from '../../src/identity/parties/partyArgument.js'
import { anonymous, type ProgramScope } from '../../src/shared/context.js'
import { apiOf } from '../support/api.js'
import { appointed } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { asProgram } from '../support/programs.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const ask = await apiOf(database)
const { persona, firm, give } = partiesIn(database)

const shown = '{ id kind name status birthDate identifiers { type value } }'
const node = `query ($id: ID!) { node(id: $id) { ... on Party ${shown} } }`
async function look(headers: Record<string, string>, party: string) {
  const { data, errors } = await ask(node, { headers, variables: { id: partyId(party) } })
  expect(errors).toBeUndefined()
  return data.node
}
/** After their first sign-in. */
async function lookAs(who: string, party: string) {
  const headers = await as(who)
  await ask('{ __typename }', { headers })
  return await look(headers, party)
}

describe('Party', async () => {
  const company = await firm('Sınaq MMC', '0000000001')

  it('shows persons what is known of them', async () => {
    const citizen = await persona('citizen')
    expect(await lookAs('citizen', citizen)).toEqual({
      id: partyId(citizen),
      kind: 'NATURAL_PERSON',
      name: 'Vətəndaş Sınaq',
      status: 'CITIZEN',
      birthDate: '1990-01-01',
      identifiers: [{ type: 'FIN', value: 'TEST001' }],
    })
  })

  it('shows the document of a person without a FİN', async () => {
    const shown = { status: 'STATELESS', identifiers: [{ type: 'DOCUMENT', value: 'AZE:DYITEST0005' }] }
    expect(await lookAs('stateless', await persona('stateless'))).toMatchObject(shown)
  })

  it('shows officers themselves, without a status', async () => {
    await appointed(database, 'officer', 'DVX', ['REVIEWER'])
    const shown = { name: 'Məmur Sınaq', status: null, identifiers: [{ value: 'TEST009' }] }
    expect(await lookAs('officer', await persona('officer'))).toMatchObject(shown)
  })

  it('shows an organisation to whoever has the power VIEW over it', async () => {
    await give(company, await persona('company-delegate'), { services: ['DVX-RETURN'] })
    await give(company, await persona('other-citizen'), { powers: [Power.FILE] })
    expect(await lookAs('company-delegate', company)).toEqual({
      id: partyId(company),
      kind: 'LEGAL_ENTITY',
      name: 'Sınaq MMC',
      status: null,
      birthDate: null,
      identifiers: [{ type: 'VOEN', value: '0000000001' }],
    })
    expect(await lookAs('other-citizen', company)).toBeNull()
  })

  it('shows a program its organisation, and the principals of that with the scope mandates:read', async () => {
    const client = await persona('minor')
    await give(client, company, { powers: [Power.VIEW] })
    const seen = async (...scopes: ProgramScope[]) => {
      const headers = await asProgram(database, { party: company, scopes })
      return [await look(headers, company), await look(headers, client)].map((party) => party !== null)
    }
    expect(await seen('catalogue:read', 'filings:write')).toEqual([true, false])
    expect(await seen('mandates:read')).toEqual([true, true])
  })

  it('shows a forgotten party to nobody', async () => {
    const party = await persona('stateless')
    await give(party, await persona('other-company-head'))
    expect(await lookAs('other-company-head', party)).not.toBeNull()
    await database.db.transaction((tx) => forgetParty(tx, party, new Date()))
    expect(await lookAs('other-company-head', party)).toBeNull()
  })

  it('is read in as many statements for a page as for one', async () => {
    const all = await Promise.all(['1', '2', '3'].map((at) => firm(`Firma ${at}`, `999999990${at}`)))
    for (const company of all) await give(company, await persona('company-head'))
    const headers = await as('company-head')
    await ask('{ __typename }', { headers })
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Party ${shown} } }`
    const statementsFor = async (parties: string[]) => {
      database.statements.length = 0
      const { data } = await ask(query, { headers, variables: { ids: parties.map(partyId) } })
      const names = parties.map((party) => `Firma ${all.indexOf(party) + 1}`)
      expect(data.nodes.map(({ name }: { name: string }) => name)).toEqual(names)
      return database.statements.length
    }
    expect(await statementsFor(all.slice(0, 1))).toBe(await statementsFor(all))
  })
})

describe('ofParty', () => {
  const { keyOf } = ofParty(mandates.principalId)
  const caller = { caller: { ...anonymous, party: v7() } }

  it('defaults to the caller, and to nothing for an anonymous caller', () => {
    expect(keyOf(undefined, caller)).toBe(caller.caller.party)
    expect(keyOf(null, caller)).toBe(caller.caller.party)
    expect(keyOf(undefined, { caller: anonymous })).toBeNull()
    expect(partyOrSelf(null)).toBeUndefined()
  })

  it('reads the party of an ID, and maps any other text to a party that does not exist', () => {
    const party = v7()
    expect(keyOf(partyId(party), caller)).toBe(party)
    for (const id of ['', 'x', party, nodeIdOf('Agency', party)]) expect(partyNamed(id)).toBe(NIL)
  })
})
