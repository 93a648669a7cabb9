import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { schemaFromCode } from '../../src/contract.js'
import type { Answer } from '../support/api.js'
import { askingFor } from './asking.js'
import { openWorld, personas, type World } from './world.js'

const [header = '', ...lines] = readFileSync(new URL('matrix.csv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
const [, ...columns] = header.split(',')
const rows = lines.map((line) => {
  const [field = '', ...cells] = line.split(',')
  return { field, cells }
})

const schema = schemaFromCode()
const roots = [schema.getQueryType(), schema.getMutationType()].flatMap((root) =>
  Object.keys(root?.getFields() ?? {}).map((name) => `${root?.name}.${name}`),
)

/** Where the least that a field takes says too little: of the company, and of the State Tax Service (DVX). */
const toldOf = ({ spare: { party, mandate, client, appointment, consent, shown } }: World): Record<string, object> => ({
  'Query.deadline': { term: 5, unit: 'WORKING_DAY', receivedAt: '2026-03-02T08:00:00Z' },
  'Query.clients': { party },
  'Mutation.startApplication': { service: 'DIN-ADDRESS-REG' },
  'Query.personRecords': { fin: 'TEST096', purpose: 'APPLICATION', application: 'T-1' },
  'Query.companyRecords': { voen: '9900000421', purpose: 'APPLICATION', application: 'T-1' },
  'Query.consents': { party },
  'Query.documents': { party },
  'Query.verifyDocument': shown,
  'Query.accessLog': { party },
  'Query.agencyAccessLog': { agency: 'DVX' },
  'Query.appointments': { agency: 'DVX' },
  'Mutation.publishService': { agency: 'DVX' },
  'Mutation.suspendService': { code: 'DVX-RETURN' },
  'Mutation.retireService': { code: 'DVX-RETURN' },
  'Mutation.proposeAdmin': { agency: 'DMX' },
  'Mutation.appointOfficer': { agency: 'DVX' },
  'Mutation.grantMandate': { party, kind: 'DELEGATE', holder: { fin: 'TEST097' } },
  'Mutation.changeRoles': { appointment },
  'Mutation.dismissOfficer': { appointment },
  'Mutation.revokeMandate': { mandate },
  'Mutation.giveConsent': { party, agency: 'DVX', purpose: 'APPLICATION', registries: ['MEIS'] },
  'Mutation.withdrawConsent': { consent },
  'Mutation.registerClient': { party },
  'Mutation.rotateClientSecret': { client },
  'Mutation.revokeClient': { client },
})

/** What is not there for somebody is as what is nowhere; whatever else they may mend, they were let in. */
function told({ data, errors }: Answer): string {
  if (errors) return errors[0]?.extensions.code ?? 'an error without a code'
  const [answer] = Object.values(data as Record<string, { userErrors?: { code: string }[] } | null>)
  const userErrors = answer?.userErrors ?? []
  return userErrors.length > 0 && userErrors.every(({ code }) => code === 'NOT_FOUND') ? 'NOT_FOUND' : 'yes'
}

const world = await openWorld()

it('Each root field has a row, and each row a cell for each persona', () => {
  expect(rows.map(({ field }) => field).sort()).toEqual([...roots].sort())
  expect(rows.filter(({ cells }) => cells.length !== columns.length)).toEqual([])
  expect(columns).toEqual(personas())
})

describe('Who may ask', () => {
  it.each(rows)('$field', async ({ field, cells }) => {
    const found: string[] = []
    for (const persona of columns) {
      found.push(told(await world.askAs(persona, askingFor(schema, field, toldOf(world)[field]))))
    }
    expect(Object.fromEntries(columns.map((persona, at) => [persona, found[at]]))).toEqual(
      Object.fromEntries(columns.map((persona, at) => [persona, cells[at]])),
    )
  })
})
