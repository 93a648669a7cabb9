import { NIL, v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { MandateKind, mandates, Power } from '../../src/identity/mandate.table.js'
import { forgetParty } from '../../src/identity/party.js'
import { ofParty, partyNamed, partyOrSelf } from '../../src/identity/partyArgument.js'
import { nobody, type ProgramScope } from '../../src/shared/context.js'
import { apiOf } from '../support/api.js'
import { appointed, asProgram } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const ask = await apiOf(database)
const { persona, firm, give } = partiesIn(database)

const shown = '{ id kind name status birthDate identifiers { type value } }'
const node = `query ($id: ID!) { node(id: $id) { ... on Party ${shown} } }`
async function look(who: string | undefined, party: string) {
  const headers = who ? await as(who) : {}
  await ask('{ __typename }', { headers }) // the first sign-in is another matter
  database.statements.length = 0
  const { data, errors } = await ask(node, { headers, variables: { id: party } })
  expect(errors).toBeUndefined()
  return { party: data.node, statements: [...database.statements] }
}

describe('a party is seen', async () => {
  const citizen = partyId(await persona('citizen'))
  const company = await firm('Sınaq MMC', '0000000001')
  await appointed(database, 'officer', 'DVX', ['REVIEWER'])
  await give(company, await persona('company-delegate'), { services: ['DVX-RETURN'] })
  await give(company, await persona('other-citizen'), { powers: [Power.FILE] })

  it('by itself, with what is known of it', async () => {
    const { party } = await look('citizen', citizen)
    expect(party).toEqual({
      ...{ id: citizen, kind: 'NATURAL_PERSON', name: 'Vətəndaş Sınaq', status: 'CITIZEN', birthDate: '1990-01-01' },
      identifiers: [{ type: 'FIN', value: 'TEST001' }],
    })
  })

  it('by whoever has the power VIEW over it', async () => {
    const { party } = await look('company-delegate', partyId(company))
    expect(party).toEqual({
      ...{ id: partyId(company), kind: 'LEGAL_ENTITY', name: 'Sınaq MMC', status: null, birthDate: null },
      identifiers: [{ type: 'VOEN', value: '0000000001' }],
    })
    expect((await look('other-citizen', partyId(company))).party).toBeNull()
  })

  it.each(['minor', 'foreigner', 'officer', 'operator', 'auditor', undefined])('not by %s', async (who) => {
    expect((await look(who, citizen)).party).toBeNull()
  })

  it('alike, whether it is another’s or was never there: by the same statements', async () => {
    const [foreign, absent] = [await look('other-citizen', citizen), await look('other-citizen', partyId(v7()))]
    expect([foreign.party, absent.party]).toEqual([null, null])
    expect(foreign.statements).toEqual(absent.statements)
    expect(foreign.statements.length).toBeGreaterThan(0)
  })

  it('by an officer where it is themselves, with what they signed in as', async () => {
    const { party } = await look('officer', partyId(await persona('officer')))
    expect(party).toMatchObject({ name: 'Məmur Sınaq', status: null, identifiers: [{ value: 'TEST009' }] })
  })

  it('by a program where it is its organisation, and where that has VIEW only with the scope mandates:read', async () => {
    const client = await persona('stateless')
    await give(client, company, { powers: [Power.VIEW] })
    const seen = async (...scopes: ProgramScope[]) => {
      const headers = await asProgram(database, { party: company, scopes })
      const found = []
      for (const id of [partyId(company), partyId(client)])
        found.push((await ask(node, { headers, variables: { id } })).data.node !== null)
      return found
    }
    expect(await seen('catalogue:read', 'filings:write')).toEqual([true, false])
    expect(await seen('mandates:read')).toEqual([true, true])
  })

  it('with a document where there is no FİN', async () => {
    const { party } = await look('stateless', partyId(await persona('stateless')))
    expect(party).toMatchObject({ status: 'STATELESS', identifiers: [{ type: 'DOCUMENT', value: 'XXA:TEST0005' }] })
  })
})

it('Of a page of parties all that is known comes in one statement', async () => {
  const head = await persona('company-head')
  const all = await Promise.all(['1', '2', '3'].map((at) => firm(`Firma ${at}`, `999999990${at}`)))
  for (const company of all) await give(company, head, { kind: MandateKind.HEAD })
  const headers = await as('company-head')
  await ask('{ __typename }', { headers })
  const asked = async (parties: string[]) => {
    database.statements.length = 0
    const variables = { ids: parties.map(partyId) }
    const { data } = await ask(`query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Party ${shown} } }`, {
      ...{ headers, variables },
    })
    expect(data.nodes.map(({ name }: { name: string }) => name)).toEqual(
      parties.map((party) => `Firma ${all.indexOf(party) + 1}`),
    )
    return database.statements.length
  }
  expect(await asked(all.slice(0, 1))).toBe(await asked(all))
})

it('A party that was forgotten is not there for who acted for it', async () => {
  const party = await persona('stateless')
  const headers = await as('stateless')
  await ask('{ __typename }', { headers })
  await give(party, await persona('other-company-head'))
  expect((await look('other-company-head', partyId(party))).party).not.toBeNull()
  await database.db.transaction((tx) => forgetParty(tx, party, new Date()))
  expect((await look('other-company-head', partyId(party))).party).toBeNull()
})

describe('the argument `party`', () => {
  const { keyOf } = ofParty(mandates.principalId)
  const context = { caller: { ...nobody, party: v7() } }
  const party = v7()

  it('is oneself where none is named, and of nobody nothing', () => {
    expect(keyOf(undefined, context)).toBe(context.caller.party)
    expect(keyOf(null, context)).toBe(context.caller.party)
    expect(keyOf(undefined, { caller: nobody })).toBeNull()
    expect(partyOrSelf(null)).toBeUndefined()
  })

  it('is the party that its id names; what is no such id is nobody’s, and asked for alike', async () => {
    expect(keyOf(partyId(party), context)).toBe(party)
    for (const id of ['', 'x', party, nodeIdOf('Agency', party)]) expect(partyNamed(id)).toBe(NIL)
    expect((await look('citizen', nodeIdOf('Agency', await persona('citizen')))).party).toBeNull()
  })
})
