import { sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { longestScan } from '../../src/changes/change.repository.js'
import { eventTypes } from '../../src/domains.js'
import { nodeIdOf, parseNodeId } from '../../src/engine/node.js'
import type { Happened } from '../../src/events/record.js'
import { Power } from '../../src/identity/mandates/mandate.table.js'
import { commit, happened, holdOpen, sweepAll } from '../events/happened.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { asProgram } from '../support/programs.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db } = database
const ask = await apiOf(database)
const { persona, organisation, give } = partiesIn(database)
await sweepAll(database)
const citizen = await persona('citizen')
const head = await persona('company-head')

const query = `query ($party: ID, $after: String, $first: Int!, $types: [String!]) {
  changes(party: $party, after: $after, first: $first, types: $types) {
    nodes { cursor type version at serviceCode subjectId subjectType isGone references { name id } }
    pageInfo { endCursor hasNextPage }
  } }`
interface Asked {
  party?: string
  after?: string | null
  first?: number
  types?: string[]
}
const answered = async (headers: Record<string, string>, { party, first = 100, ...more }: Asked = {}) =>
  await ask(query, { headers, language: 'en', variables: { first, ...more, ...(party && { party: partyId(party) }) } })
const read = async (headers: Record<string, string>, asked: Asked = {}) =>
  (await answered(headers, asked)).data.changes as {
    nodes: any[]
    pageInfo: { endCursor: string; hasNextPage: boolean }
  }
const subjectsOf = ({ nodes }: { nodes: { subjectId: string }[] }) =>
  nodes.map(({ subjectId }) => parseNodeId(subjectId)?.key)
const paid = (party: string, more: Partial<Happened> = {}) =>
  happened({ domain: 'payments', type: 'charge.paid', partyId: party, ...more })
async function put(...what: Happened[]) {
  await commit(database, ...what)
  await sweepAll(database)
}

describe('changes', () => {
  it('returns what concerns the caller, in the order of commits, and continues from a cursor', async () => {
    const [first, second, third] = [
      paid(citizen, { serviceCode: 'A-SERVICE', at: new Date('2026-03-02T08:00:00Z') }),
      happened({ type: 'application.started', partyId: citizen, ids: { service: head, under: head } }),
      paid(citizen),
    ]
    await put(first, paid(head), second, third)
    const headers = await as('citizen')
    const page = await read(headers, { first: 2 })
    expect(page.nodes).toEqual([
      {
        cursor: expect.any(String),
        type: 'charge.paid',
        version: 1,
        at: '2026-03-02T08:00:00.000Z',
        serviceCode: 'A-SERVICE',
        subjectId: nodeIdOf('Charge', first.subject),
        subjectType: 'Charge',
        isGone: true,
        references: [],
      },
      expect.objectContaining({
        subjectType: 'Application',
        serviceCode: null,
        references: [{ name: 'service', id: nodeIdOf('Service', head) }],
      }),
    ])
    expect(page.pageInfo).toEqual({ endCursor: page.nodes[1].cursor, hasNextPage: true })
    const rest = await read(headers, { after: page.pageInfo.endCursor })
    expect([subjectsOf(rest), rest.pageInfo.hasNextPage]).toEqual([[third.subject], false])
    const none = await read(headers, { after: rest.pageInfo.endCursor })
    expect(none).toEqual({ nodes: [], pageInfo: rest.pageInfo })
  })

  it('returns a change that was begun first and committed last after those read meanwhile', async () => {
    const headers = await as('citizen')
    const { pageInfo } = await read(headers)
    const [early, late, unseen] = [paid(citizen), paid(citizen), paid(citizen)]
    const open = await holdOpen(database, early)
    await put(late)
    const seen = await read(headers, { after: pageInfo.endCursor })
    expect(subjectsOf(seen)).toEqual([late.subject])
    await open.commit()
    await sweepAll(database)
    await commit(database, unseen) // without a position
    const then = await read(headers, { after: seen.pageInfo.endCursor })
    expect(subjectsOf(then)).toEqual([early.subject])
    await sweepAll(database)
    expect(subjectsOf(await read(headers, { after: then.pageInfo.endCursor }))).toEqual([unseen.subject])
  })

  it('shows a holder the services of the mandate, and leads past the others', async () => {
    const firm = await organisation()
    await give(firm, await persona('company-delegate'), { services: ['A-SERVICE'] })
    await give(firm, await persona('accounting-head'))
    await give(firm, await persona('other-citizen'), { powers: [Power.FILE] })
    const [ofA, ofB, ofNone] = [
      paid(firm, { serviceCode: 'A-SERVICE' }),
      paid(firm, { serviceCode: 'B-SERVICE' }),
      paid(firm),
    ]
    await put(ofB, ofA, ofNone)
    const [some, all, none] = await Promise.all(
      ['company-delegate', 'accounting-head', 'other-citizen'].map(async (name) =>
        read(await as(name), { party: firm, types: ['charge.paid'] }),
      ),
    )
    expect([some, all, none].map((page) => page && subjectsOf(page))).toEqual([
      [ofA.subject],
      [ofB.subject, ofA.subject, ofNone.subject],
      [],
    ])
    expect(some?.pageInfo).toEqual(all?.pageInfo)
  })

  it('answers about the party of somebody else as about one that never was', async () => {
    const headers = await as('citizen')
    await read(headers, { party: v7() })
    const answers = []
    for (const party of [head, v7()]) {
      database.statements.length = 0
      answers.push([await read(headers, { party }), [...database.statements]])
    }
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.[0]).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false } })
  })

  it('shows no id that a type does not declare, and no internal type', async () => {
    const owner = await persona('pensioner')
    const secret = v7()
    const names = ['officer', 'under', 'through', 'actor', 'mandate', 'signer', 'about', 'reason', 'from', 'decision']
    const ids = Object.fromEntries(names.map((name) => [name, secret]))
    const shown = eventTypes.filter(({ shown }) => shown !== null)
    const declared = new Set(shown.flatMap((one) => Object.keys(one.shown?.ids ?? {})))
    expect(names.filter((name) => declared.has(name))).toEqual([])
    await put(...eventTypes.map(({ type }) => paid(owner, { type, actor: `person:${secret}`, agencyId: secret, ids })))
    const { nodes } = await read(await as('pensioner'))
    expect(new Set(nodes.map(({ type }) => type))).toEqual(new Set(shown.map(({ type }) => type)))
    const texts = [JSON.stringify(nodes), ...nodes.map(({ subjectId }) => parseNodeId(subjectId)?.key)].join()
    expect(texts).not.toContain(secret)
    expect(nodes.flatMap(({ references }) => references)).toEqual([])
  })

  it('says what exists no more', async () => {
    const firm = await organisation()
    const [known, unknown] = [await give(firm, citizen), v7()]
    await put(happened({ type: 'mandate.revoked', partyId: firm, subject: unknown }))
    const { nodes } = await read(await asProgram(database, { party: firm, scopes: ['mandates:read'] }))
    expect(nodes.map(({ subjectId, isGone }) => [parseNodeId(subjectId)?.key, isGone])).toEqual([
      [known, false],
      [unknown, true],
    ])
  })

  it('shows a program the types of its scopes', async () => {
    const firm = await organisation()
    await put(
      paid(firm),
      happened({ type: 'filing.accepted', partyId: firm }),
      happened({ type: 'consent.given', partyId: firm }),
    )
    const types = async (scopes: NonNullable<Parameters<typeof asProgram>[1]>['scopes'], of = firm) =>
      (await read(await asProgram(database, { party: of, scopes }), { party: firm })).nodes.map(({ type }) => type)
    expect(await types(['payments:read'])).toEqual(['charge.paid'])
    expect(await types(['filings:write'])).toEqual(['filing.accepted'])
    expect(await types(['payments:read', 'filings:read', 'registries:read'])).toEqual([
      'charge.paid',
      'filing.accepted',
      'consent.given',
    ])
    const accountants = await organisation()
    await give(firm, accountants)
    expect(await types(['payments:read', 'registries:read'], accountants)).toEqual(['charge.paid'])
  })

  it('refuses a program without a scope that it needs', async () => {
    const none = await answered(await asProgram(database))
    expect(none.errors?.map(({ extensions: { code } }) => code)).toEqual(['FORBIDDEN'])
    const payments = await asProgram(database, { scopes: ['payments:read'] })
    const other = await answered(payments, { types: ['charge.paid', 'filing.accepted'] })
    expect(other.errors?.map(({ extensions }) => extensions)).toEqual([
      expect.objectContaining({ code: 'FORBIDDEN', scope: 'filings:read' }),
    ])
  })

  it('finds one change among thousands that are not asked for, in bounded steps', async () => {
    const firm = await organisation()
    const headers = await asProgram(database, { party: firm, scopes: ['payments:read'] })
    await db.execute(sql`
      insert into events (domain, type, subject, party_id, at, actor, ids)
      select 'payments', 'charge.raised', gen_random_uuid(), ${firm}::uuid, now(), 'test', '{}'
      from generate_series(1, ${longestScan + 10})`)
    const one = paid(firm)
    await put(one)
    const steps: unknown[] = []
    for (let after: string | null = null, more = true; more; ) {
      const page = await read(headers, { types: ['charge.paid'], after })
      after = page.pageInfo.endCursor
      more = page.pageInfo.hasNextPage
      steps.push(subjectsOf(page))
    }
    expect(steps).toEqual([[], [one.subject]])
    const stranger = await as('citizen')
    expect(await read(stranger, { party: firm })).toEqual(await read(stranger, { party: v7() }))
  })

  it.each([
    ['no page', { first: 0 }, '`first` must be 1 to 100; it is 0.'],
    ['a page that is too long', { first: 101 }, '`first` must be 1 to 100; it is 101.'],
    ['a cursor of another list', { after: 'bm9uZSAx' }, '"bm9uZSAx" is not a cursor of `changes`.'],
    [
      'an unknown type',
      { types: ['charge.lost'] },
      '"charge.lost" is not a type of changes. docs/changes.md lists them.',
    ],
    [
      'an internal type',
      { types: ['refund.check'] },
      '"refund.check" is not a type of changes. docs/changes.md lists them.',
    ],
  ])('refuses %s', async (_what, asked, message) => {
    const { errors } = await answered(await as('citizen'), asked)
    expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }])
  })

  it('requires the assurance that the account has had', async () => {
    await read(await as('citizen'))
    const { errors } = await answered(await as('citizen', { acr: undefined }))
    expect(errors).toMatchObject([{ extensions: { code: 'STEP_UP_REQUIRED' } }])
  })
})
