import { beforeAll, describe, expect, it } from 'vitest'
import { ApplicationState } from '../../src/applications/application.table.js'
import { applyingOf, registrars, start } from '../support/applying.js'
import { as } from '../support/tokens.js'

const { database, clock, ask, outcomeOf, draft, inserted, registered, inReview, rowOf } = await applyingOf()
const { client } = database
const [officer, deputy, head] = ['registration-officer', 'registration-deputy', 'registration-head'] as const
let appointments: Record<string, string>
beforeAll(async () => {
  appointments = await registrars(database)
})

const later = new Date('2026-11-27T08:00:00Z')
let started: Promise<unknown> | undefined
/** Applications of two services, in all states; one in ten is of the officer, one of nobody. */
const filled = () => {
  started ??= fill()
  return started
}
async function fill() {
  const { key } = await inReview(officer)
  await client`
    insert into applications (id, number, service_id, service_code, version_id, agency_id, party_id, origin, state, revision,
      answers, prefilled, created_by, mandate_ids, created_at, changed_at, submitted_at, due_at, officer_id)
    select gen_random_uuid(), n::text, service.id, service.code, version_id, row.agency_id, party_id, origin,
      (enum_range(null::application_state))[1 + n % cardinality(enum_range(null::application_state))], revision,
      answers, prefilled, created_by, mandate_ids, at, at, at, at, case n % 10 when 0 then officer_id when 1 then null else party_id end
    from applications row, generate_series(1, 4000) n,
      lateral (select created_at - n * interval '1 hour' as at) moment,
      lateral (select id, code from services where code = (array['DIN-ADDRESS-REG', 'DIN-PASSPORT'])[1 + n % 2]) service
    where row.id = ${key}`
  await client`analyze applications`
}

interface PlanNode {
  'Node Type': string
  'Index Name'?: string
  Alias?: string
  Plans?: PlanNode[]
}
const nodesIn = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesIn)]

async function numbersIn(args: string, persona: string = head) {
  const query = `{ agencyApplications(first: 100 ${args}) { nodes { number } totalCount } }`
  const { data, errors } = await ask(query, { headers: await as(persona) })
  expect(errors).toBeUndefined()
  return data.agencyApplications.nodes.map(({ number }: { number: string }) => number)
}

describe('agencyApplications', () => {
  it('lists what was submitted to the agency, by each filter', async () => {
    const [assigned, free] = [(await inReview(officer)).number, (await registered()).number]
    const closed = (await inserted({ state: ApplicationState.REFUSED, more: { changedAt: later } })).number
    await draft()
    const shown: [args: string, numbers: string[]][] = [
      ['', [assigned, free, closed]],
      ['agency: "BPQMI"', [assigned, free, closed]],
      ['agency: "DVX"', []],
      ['filter: { states: [IN_REVIEW] }', [assigned]],
      ['filter: { states: [REFUSED, IN_REVIEW, REFUSED] }', [assigned, closed]],
      ['filter: { states: [] }', []],
      ['filter: { phases: [WAITING_FOR_AGENCY] }', [assigned, free]],
      ['filter: { phases: [WAITING_FOR_APPLICANT] }', []],
      ['filter: { phases: [CLOSED, WAITING_FOR_APPLICANT] }', [closed]],
      ['filter: { phases: [CLOSED], states: [REGISTERED] }', []],
      ['filter: { service: "DIN-ADDRESS-REG" }', [assigned, free, closed]],
      ['filter: { service: "DIN-PASSPORT" }', []],
      [`filter: { appointmentId: "${appointments[officer]}" }`, [assigned]],
      [`filter: { appointmentId: "${appointments[deputy]}" }`, []],
      ['filter: { appointmentId: "nobody" }', []],
      ['filter: { mine: true }', []],
      ['filter: { mine: false, unassigned: false, overdue: false }', [assigned, free, closed]],
      ['filter: { unassigned: true }', [free]],
      [`filter: { number: "${assigned.toLowerCase()}" }`, [assigned]],
      ['filter: { number: "nothing" }', []],
      ['orderBy: DUE', [assigned, free]],
      ['filter: { dueBefore: "2026-12-02T14:00:01Z" } orderBy: DUE', [assigned, free]],
      ['filter: { dueBefore: "2026-12-02T14:00:00Z" } orderBy: DUE', []],
      ['filter: { overdue: true } orderBy: DUE', []],
      ['orderBy: CHANGED', [assigned, free, closed]],
      [`filter: { changedSince: "${later.toISOString()}" } orderBy: CHANGED`, [closed]],
    ]
    for (const [args, numbers] of shown) expect([args, await numbersIn(args)]).toEqual([args, numbers])
    expect(await numbersIn('filter: { mine: true }', officer)).toEqual([assigned])
    clock.set('2026-12-02T14:00:01Z')
    expect(await numbersIn('filter: { overdue: true, unassigned: true } orderBy: DUE')).toEqual([free])
    clock.set(start)
  })

  it('sets changedAt when an application moves', async () => {
    const { id, key } = await inReview(officer)
    clock.set('2026-11-26T09:00:00Z')
    const message = { applicationId: id, text: 'Sual' }
    expect(await outcomeOf(officer, 'sendApplicationMessage', message)).toBe('done')
    expect((await rowOf(key)).changedAt).toEqual(clock.now())
    clock.set(start)
  })

  it('requires the order by a moment for a filter by it', async () => {
    const refused = [
      ['{ overdue: true }', 'DUE'],
      ['{ dueBefore: "2026-12-02T14:00:00Z" }', 'DUE'],
      ['{ changedSince: "2026-12-02T14:00:00Z" }', 'CHANGED'],
    ]
    for (const [filter, order] of refused) {
      const query = `{ agencyApplications(first: 1, filter: ${filter}) { totalCount } }`
      const { errors } = await ask(query, { headers: await as(head) })
      expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
      expect(errors?.[0]?.message).toContain(`\`orderBy: ${order}\``)
    }
  })

  it.each([
    ['applications_submitted', ''],
    ['applications_submitted', 'filter: { states: [IN_REVIEW, REGISTERED] }'],
    ['applications_submitted_by_officer', 'filter: { mine: true, phases: [WAITING_FOR_AGENCY] }'],
    ['applications_submitted_unassigned', 'filter: { unassigned: true }'],
    ['applications_submitted_by_service', 'filter: { service: "DIN-ADDRESS-REG" }'],
    ['applications_due', 'filter: { overdue: true } orderBy: DUE'],
    ['applications_due_unassigned', 'filter: { unassigned: true, service: "DIN-ADDRESS-REG" } orderBy: DUE'],
    ['applications_due_by_officer', 'filter: { mine: true } orderBy: DUE'],
    [
      'applications_due_by_service',
      'filter: { service: "DIN-ADDRESS-REG", dueBefore: "2026-12-02T14:00:00Z" } orderBy: DUE',
    ],
    ['applications_changed', 'filter: { changedSince: "2020-01-01T00:00:00Z" } orderBy: CHANGED'],
    ['applications_changed_by_officer', 'filter: { mine: true } orderBy: CHANGED'],
    ['applications_changed_by_service', 'filter: { service: "DIN-ADDRESS-REG" } orderBy: CHANGED'],
  ])('reads each state of a page in order from the index %s: %s', async (index, args) => {
    await filled()
    database.statements.length = 0
    await numbersIn(args)
    const text = database.statements.find((statement) => statement.includes('"applications"')) as string // the page was read
    const [row] = await client.unsafe(`explain (generic_plan, format json) ${text}`).simple()
    const [{ Plan: plan }] = row?.['QUERY PLAN'] ?? []
    const above = nodesIn(plan).find(({ Plans = [] }) => Plans.some(({ Alias }) => Alias === 't2'))
    // A Sort would mean that all rows of a state are read.
    expect(above).toMatchObject({
      'Node Type': expect.stringMatching(/^(Limit|Result)$/),
      Plans: [{ 'Index Name': index }],
    })
  })

  it('takes as many statements for many applications as for few', async () => {
    for (let count = 0; count < 6; count++) await inReview(officer)
    const statementsFor = async (first: number) => {
      database.statements.length = 0
      const fields = 'nodes { number service { code } officer { name } viewerCan { action allowed } }'
      await ask(`{ agencyApplications(first: ${first}) { ${fields} } }`, { headers: await as(head) })
      return database.statements.length
    }
    await statementsFor(1)
    expect(await statementsFor(6)).toBe(await statementsFor(2))
  })
})
