import { readFileSync } from 'node:fs'
import { isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { schemaFromCode } from '../../src/contract.js'
import { limits } from '../../src/engine/limits.js'
import { nodeIdOf } from '../../src/engine/node.js'
import type { Answer } from '../support/api.js'
import { long } from '../support/long.js'
import { askingFor } from './asking.js'
import { rowsOf, seenBy } from './seen.js'
import { owned, ownedIn, walksOf } from './walk.js'
import type { World } from './world.js'

const schema = schemaFromCode()
/** May use what a citizen may. */
const asCitizens = ['other-citizen', 'stateless']

/** Where the least that a field takes says too little: of the company, and of the State Tax Service (DVX). */
const toldOf = ({
  spare: { party, mandate, program, appointment, consent, shown, charge, payment, refund, difference },
}: World): Record<string, object> => ({
  'Query.calculateDeadline': { term: 5, unit: 'WORKING_DAY', receivedAt: '2026-03-02T08:00:00Z' },
  'Query.programs': { party },
  'Mutation.startApplication': { serviceCode: 'DIN-ADDRESS-REG' },
  'Query.personRecords': { fin: 'TEST096', purpose: 'TAX_CONTROL', application: 'T-1' },
  'Query.companyRecords': { voen: '9900000421', purpose: 'TAX_CONTROL', application: 'T-1' },
  'Query.consents': { party },
  'Query.documents': { party },
  'Query.verifyDocument': shown,
  'Query.findCharge': { by: { charge: { number: 'C26-0000000-0', code: '' } } },
  'Query.validateFiling': { partyVoen: '9900000141', serviceCode: 'NONE', content: { json: {} } },
  'Mutation.submitFiling': { partyVoen: '9900000141', serviceCode: 'NONE', content: { json: {} } },
  'Mutation.submitFilings': { items: [{ serviceCode: 'NONE', externalNumber: 'X-1', content: { json: {} } }] },
  'Mutation.startPayment': { charges: [{ chargeId: 'bm90aGluZw' }] },
  'Mutation.cancelPayment': { paymentId: payment },
  'Mutation.requestRefund': { paymentId: payment, chargeId: charge },
  'Mutation.approveRefund': { refundId: refund },
  'Mutation.rejectRefund': { refundId: refund, reason: ' ' },
  'Mutation.settleDifference': { differenceId: difference, reason: ' ' },
  'Query.accessLog': { party },
  'Query.agencyAccessLog': { agency: 'DVX' },
  'Query.appointments': { agency: 'DVX' },
  'Query.agencyPrograms': { agency: 'DVX' },
  'Mutation.publishService': { agencyCode: 'DVX' },
  'Mutation.suspendService': { code: 'DVX-RETURN' },
  'Mutation.retireService': { code: 'DVX-RETURN' },
  'Mutation.proposeAdmin': { agencyCode: 'DMX' },
  'Mutation.appointOfficer': { agencyCode: 'DVX' },
  'Mutation.grantMandate': { partyId: party, kind: 'DELEGATE', holder: { fin: 'TEST097' } },
  'Mutation.changeRoles': { appointmentId: appointment },
  'Mutation.dismissOfficer': { appointmentId: appointment },
  'Mutation.revokeMandate': { mandateId: mandate },
  'Mutation.giveConsent': { partyId: party, agencyCode: 'DVX', purposeCode: 'APPLICATION', registryCodes: ['MEIS'] },
  'Mutation.withdrawConsent': { consentId: consent },
  'Mutation.registerProgram': { partyId: party },
  'Mutation.rotateProgramSecret': { programId: program },
  'Mutation.revokeProgram': { programId: program },
})

/** What came of each field. What is not there for somebody is as what is nowhere; whatever else they may mend, they were let in. */
function cameOf({ data, errors = [] }: Answer, names: readonly string[]): Record<string, string> {
  const came = names.map((name) => {
    const refused = errors.find(({ path }) => path?.[0] === name)
    if (refused) return refused.extensions.code
    const userErrors: { code: string }[] = data[name]?.userErrors ?? []
    return userErrors.length > 0 && userErrors.every(({ code }) => code === 'NOT_FOUND') ? 'NOT_FOUND' : 'yes'
  })
  return Object.fromEntries(names.map((name, at) => [name, came[at] as string]))
}

/** What each persona may use. */
function matrixIn(file: string) {
  const [header = '', ...lines] = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  const [, ...columns] = header.split(',')
  const rows = lines.map((line) => {
    const [field = '', ...cells] = line.split(',')
    return { field, cells }
  })
  return { columns, rows }
}
export const matrix = matrixIn('matrix.csv')
export const roots = [schema.getQueryType(), schema.getMutationType()].filter((root) => isObjectType(root))

/** That each of them sees all that is theirs and nothing else. Before commands change what there is. */
export function testWalks(world: World, asked: string[]): void {
  describe('node, nodes and every relation', async () => {
    const rows = await rowsOf(world)
    const ids = owned.flatMap((type) => rows[type].map(({ id }) => nodeIdOf(type, id)))
    const walks = [...walksOf(schema, ids)]

    it.each(asked)('show %s all that is theirs and nothing else', async (persona) => {
      const found = new Set<string>()
      for (const walk of walks) {
        const { data, errors = [] } = await world.askAs(persona, walk)
        const codes = errors.map(({ extensions: { code } }) => code)
        expect(codes.filter((code) => !['FORBIDDEN', 'UNAUTHENTICATED', 'STEP_UP_REQUIRED'].includes(code))).toEqual([])
        for (const id of ownedIn(data)) found.add(id)
      }
      expect(ids.length).toBeGreaterThan(30)
      expect([...found].sort()).toEqual(seenBy(world.whoIs(persona), rows).sort())
    })
  })
}

/** That each of them may use what the matrix says. */
export function testMatrix(world: World, asked: string[]): void {
  describe('matrix.csv', () => {
    it.each(asked.filter((persona) => long || !asCitizens.includes(persona)))(
      'says what %s may use',
      async (persona) => {
        const told = toldOf(world)
        for (const root of roots) {
          const names = Object.keys(root.getFields())
          for (let at = 0; at < names.length; at += limits.rootFields) {
            const some = names.slice(at, at + limits.rootFields)
            const found = cameOf(await world.askAs(persona, askingFor(root, some, told)), some)
            const cellOf = (name: string) =>
              matrix.rows.find(({ field }) => field === `${root.name}.${name}`)?.cells[matrix.columns.indexOf(persona)]
            expect(found).toEqual(Object.fromEntries(some.map((name) => [name, cellOf(name)])))
          }
        }
      },
    )
  })
}
