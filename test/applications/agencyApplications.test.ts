import { beforeAll, describe, expect, it } from 'vitest'
import { applyingOf, registrars } from '../support/applying.js'
import { as } from '../support/tokens.js'

const { database, ask, draft, registered, inReview } = await applyingOf()
const { client } = database
const [officer, deputy, head] = ['registration-officer', 'registration-deputy', 'registration-head'] as const
let appointments: Record<string, string>
beforeAll(async () => {
  appointments = await registrars(database)
})

async function numbersIn(args: string) {
  const query = `{ agencyApplications(first: 100 ${args}) { nodes { number } totalCount } }`
  const { data, errors } = await ask(query, { headers: await as(head) })
  expect(errors).toBeUndefined()
  return data.agencyApplications.nodes.map(({ number }: { number: string }) => number)
}

describe('agencyApplications', () => {
  it('lists what was submitted to the agency, by each filter', async () => {
    const [assigned, free] = [(await inReview(officer)).number, (await registered()).number]
    await draft()
    const shown: [args: string, numbers: string[]][] = [
      ['', [assigned, free]],
      ['agency: "BPQMI"', [assigned, free]],
      ['agency: "DVX"', []],
      ['filter: { state: IN_REVIEW }', [assigned]],
      ['filter: { phase: WAITING_FOR_AGENCY }', [assigned, free]],
      ['filter: { phase: WAITING_FOR_APPLICANT }', []],
      ['filter: { service: "DIN-ADDRESS-REG" }', [assigned, free]],
      ['filter: { service: "DIN-PASSPORT" }', []],
      [`filter: { appointmentId: "${appointments[officer]}" }`, [assigned]],
      [`filter: { appointmentId: "${appointments[deputy]}" }`, []],
      ['filter: { appointmentId: "nobody" }', []],
      [`filter: { number: "${assigned.toLowerCase()}" }`, [assigned]],
      ['filter: { number: "nothing" }', []],
      ['filter: { dueBefore: "2026-12-02T14:00:01Z" } orderBy: DUE', [assigned, free]],
      ['filter: { dueBefore: "2026-12-02T14:00:00Z" }', []],
    ]
    for (const [args, numbers] of shown) expect([args, await numbersIn(args)]).toEqual([args, numbers])
  })

  it('reads a page of one phase from an index, in its order', async () => {
    const { key } = await registered()
    await client`
      insert into applications (id, number, service_id, service_code, version_id, agency_id, party_id, origin, state, revision,
        answers, prefilled, created_by, mandate_ids, created_at, submitted_at)
      select gen_random_uuid(), n::text, service_id, service_code, version_id, agency_id, party_id, origin, 'COMPLETED', revision,
        answers, prefilled, created_by, mandate_ids, created_at, created_at - n * interval '1 hour'
      from applications row, generate_series(1, 2000) n where row.id = ${key}`
    await client`analyze applications`
    database.statements.length = 0
    expect(await numbersIn('filter: { phase: WAITING_FOR_AGENCY }')).not.toEqual([])
    const text = database.statements.find((statement) => statement.includes('"applications"')) as string // the page was read
    const plan = JSON.stringify(await client.unsafe(`explain (generic_plan) ${text}`).simple())
    expect(plan).toContain('applications_of_agency_by_phase')
    expect(plan).not.toContain('Sort Key: t1')
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
