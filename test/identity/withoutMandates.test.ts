import { afterAll, describe, expect, it } from 'vitest'
import { MandateKind, Power } from '../../src/identity/mandates/mandate.table.js'
import { openDatabase } from '../../src/platform/database.js'
import { apiOf } from '../support/api.js'
import { appointed } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { asProgram } from '../support/programs.js'
import { as } from '../support/tokens.js'

const cloned = await cloneDatabase()
/** One connection, so that what it has prepared is all that is prepared. */
const statements: string[] = []
const single = await openDatabase(cloned.url, {
  connections: 1,
  statementTimeout: 10_000,
  debug: (_connection, statement) => statements.push(statement),
})
afterAll(() => single.close())
const database = { ...single, statements }
const ask = await apiOf(database)
const send = commanding(ask)
const { persona, firm, organisation, give } = partiesIn(database)

const every = [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN]
const head = await persona('company-head')
const company = await firm('Sınaq MMC', '0000000001')
await give(company, head, { kind: MandateKind.HEAD, powers: every })
await appointed(database, 'officer', 'DVX', ['REVIEWER'])
const ownFirm = await organisation()
const programs = await asProgram(database, { party: ownFirm, scopes: ['mandates:read'] })

type Headers = Record<string, string>
const askers: [who: string, headersOf: () => Promise<Headers>][] = [
  ['a person without mandates', () => as('citizen')],
  ['a person with a mandate', () => as('company-head')],
  ['an officer', () => as('officer')],
  ['a program', async () => programs],
]
/** How often the only connection has run a prepared text. */
async function runsOf(text: string): Promise<number> {
  const [row] = await single.client<{ runs: number }[]>`
    select (generic_plans + custom_plans)::int as runs from pg_prepared_statements where statement = ${text}`
  return row?.runs ?? 0
}
async function sentFor<T>(act: () => Promise<T>) {
  statements.length = 0
  const answer = await act()
  return { answer, sent: [...statements] }
}

describe('A known caller', () => {
  it.each(askers)('that is %s is looked up in one prepared statement', async (_who, headersOf) => {
    const headers = await headersOf()
    const request = async () => (await sentFor(() => ask('{ __typename }', { headers }))).sent
    await request()
    const [lookUp = '', ...others] = await request()
    expect(others).toEqual([])
    const before = await runsOf(lookUp)
    expect(before).toBeGreaterThan(0)
    expect(await request()).toEqual([lookUp])
    expect(await runsOf(lookUp)).toBe(before + 1)
  })
})

describe('A caller of an earlier request', () => {
  const query = 'query ($id: ID!) { node(id: $id) { id ... on Party { id } } }'
  const own = async (headers: Headers, party: string) =>
    await sentFor(() => ask(query, { headers, variables: { id: partyId(party) } }))

  it('is checked by the statement that answers', async () => {
    const headers = await as('company-head')
    await own(headers, head)
    expect(await own(headers, head)).toMatchObject({ answer: { data: { node: { id: partyId(head) } } }, sent: [{}] })
  })

  it('is refused once an officer has no appointment', async () => {
    const headers = await as('officer')
    await ask(query, { headers, variables: { id: partyId(head) } })
    await cloned.client`update appointments set state = 'ENDED', ended_at = now()`
    expect(JSON.stringify((await own(headers, head)).answer)).toContain('token.no_appointment')
  })
})

describe('A caller without mandates', () => {
  const query = 'query ($id: ID!) { node(id: $id) { id } }'
  /** Whether the caller sees the party, and whether its statement looked for mandates. */
  async function looks(headers: Headers, party: string) {
    const variables = { id: partyId(party) }
    const { answer, sent } = await sentFor(() => ask(query, { headers, variables }))
    return { sees: answer.data.node !== null, asksForPowers: asksForPowers(sent) }
  }
  const asksForPowers = (sent: string[]) => sent.some((text) => text.includes('powers_of'))
  /** A grant of the company by whoever asks. */
  const grant = async (headers: Headers, kind = 'DELEGATE') =>
    await send(
      headers,
      'grantMandate',
      {
        partyId: partyId(company),
        holder: { fin: 'TEST001' },
        kind,
        powers: ['VIEW'],
        validTo: new Date(Date.now() + 86_400_000).toISOString(),
      },
      'mandate { id }',
    )
  const unseen = { sees: false, asksForPowers: false }
  const seen = { sees: true, asksForPowers: true }

  it('sees their own party without a question for powers', async () => {
    expect(await looks(await as('citizen'), await persona('citizen'))).toEqual({ sees: true, asksForPowers: false })
  })

  it('has no mandates and no organisations but their own, and may do nothing for others, without a question for powers', async () => {
    const shown =
      'viewer { mandates(first: 1) { nodes { kind } totalCount } companies(first: 1) { nodes { id } totalCount } }'
    for (const [headers, companies] of [
      [await as('citizen'), []],
      [programs, [{ id: partyId(ownFirm) }]],
    ] as const) {
      const { answer, sent } = await sentFor(() => ask(`{ ${shown} }`, { headers }))
      expect(answer).toEqual({
        data: {
          viewer: {
            mandates: { nodes: [], totalCount: 0 },
            companies: { nodes: companies, totalCount: companies.length },
          },
        },
      })
      expect(asksForPowers(sent)).toBe(false)
    }
    const { answer, sent } = await sentFor(async () => await grant(await as('citizen'), 'CONSENT'))
    expect([answer.code, asksForPowers(sent)]).toEqual(['FORBIDDEN', false])
  })

  it('sees by a mandate in the request after its grant, and nothing in the request after its revocation', async () => {
    const citizen = await as('citizen')
    expect(await looks(citizen, company)).toEqual(unseen)
    const granted = await grant(await as('company-head'))
    expect(await looks(citizen, company)).toEqual(seen)
    const input = { mandateId: granted.payload.mandate.id, reason: 'LEFT' }
    expect((await send(await as('company-head'), 'revokeMandate', input, 'mandate { id }')).reasons).toEqual([])
    // The statement that assumed mandates answers nothing.
    expect(await looks(citizen, company)).toMatchObject({ sees: false })
    expect(await looks(citizen, company)).toEqual(unseen)
  })

  it('may be a program, which sees by a mandate of its organisation in the request after its grant', async () => {
    expect(await looks(programs, company)).toEqual(unseen)
    await give(company, ownFirm)
    expect(await looks(programs, company)).toEqual(seen)
  })
})
