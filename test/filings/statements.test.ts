import { describe, expect, it } from 'vitest'
import { Power } from '../../src/identity/mandates/mandate.table.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { addFilingService, withoutPeriods } from '../support/filingService.js'
import { partiesIn } from '../support/parties.js'
import { asProgram } from '../support/programs.js'
import { testSigningKeys } from '../support/signingKeys.js'

const database = await cloneDatabase()
const ask = await apiOf(database, { signingKeys: testSigningKeys() })
const parties = partiesIn(database)
const client = '9900000271'
await addFilingService(database, { code: 'T-ANY', rule: withoutPeriods })
const firm = await parties.firm('Firma MMC', '9900000141')
const company = await parties.firm('Müştəri MMC', client)
await parties.give(company, firm, { powers: [Power.VIEW, Power.FILE] })
const scopes = ['filings:read', 'filings:write', 'documents:read'] as const
const asFirm = await asProgram(database, { party: firm, scopes: [...scopes] })
const asCompany = await asProgram(database, { party: company, scopes: [...scopes] })

let last = 0
const itemOf = (more: object = {}) => ({
  serviceCode: 'T-ANY',
  externalNumber: `number-${++last}`,
  content: { json: { total: 1 } },
  ...more,
})
const fields = 'filing { number state } receipt { number } userErrors { reason }'
/** The statements of a request, once one like it was sent before, and the filings that it made. */
async function statementsOf(name: string, inputOf: () => object, headers: Record<string, string>) {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
  const selected = name === 'submitFilings' ? `results { ${fields} }` : fields
  const send = async () =>
    await ask(`mutation ($input: ${type}!) { ${name}(input: $input) { ${selected} } }`, {
      variables: { input: inputOf() },
      headers,
    })
  await send()
  database.statements.length = 0
  const { data } = await send()
  const { results = [data[name]] } = data[name]
  return { count: database.statements.length, states: results.map(({ filing }: any) => filing?.state) }
}

describe.each([
  ['an accounting firm for its client', asFirm],
  ['a company for itself', asCompany],
])('Statements for %s', (_who, headers) => {
  const one = () => itemOf({ partyVoen: client })

  it('are at most 14 for submitFiling, with its authentication and its transaction', async () => {
    const { count, states } = await statementsOf('submitFiling', one, headers)
    expect(states).toEqual(['ACCEPTED'])
    expect(count).toBeLessThanOrEqual(14)
  })

  it('do not grow with the items of submitFilings', async () => {
    const item = () => ({ ...one(), content: { json: { total: 1, recipient: 'DVX' } } })
    const many = (length: number) => () => ({ items: Array.from({ length }, item) })
    const two = await statementsOf('submitFilings', many(2), headers)
    const hundred = await statementsOf('submitFilings', many(100), headers)
    expect(hundred.states).toEqual(Array(100).fill('ACCEPTED'))
    expect(hundred.count).toBe(two.count)
    expect(two.count).toBeLessThanOrEqual(15)
  })
})
