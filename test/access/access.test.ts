import { readFileSync } from 'node:fs'
import { isObjectType } from 'graphql'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { schemaFromCode } from '../../src/contract.js'
import { limits } from '../../src/engine/limits.js'
import { nodeIdOf, parseNodeId } from '../../src/engine/node.js'
import { personasOf } from '../../src/sandbox/personas.js'
import type { Answer } from '../support/api.js'
import { long, sampled } from '../support/long.js'
import { as } from '../support/tokens.js'
import { askingFor } from './asking.js'
import { rowsOf, seenBy } from './seen.js'
import { owned, ownedIn, readingOf, walksOf } from './walk.js'
import { inhabitants, openWorld, personas, type World } from './world.js'

const schema = schemaFromCode()
const world = await openWorld()

/** They may see what others of the representatives may. */
const alike = ['minor', 'company-delegate', 'other-company-head', 'other-officer', 'accounting-program']
const asked = inhabitants.filter((persona) => long || !alike.includes(persona))
/** May use what a citizen may. */
const asCitizens = ['other-citizen', 'stateless']

// Before the commands below change what there is.
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

describe('node', async () => {
  const rows = await rowsOf(world)
  const personal = [
    ...personasOf().flatMap(({ fin, fullName, birthDate }) => [fin, fullName, birthDate]),
    'a file.pdf',
    'a filed note',
  ]

  it.each(sampled(['citizen', 'company-head'], 2))(
    'shows %s nothing personal if they sign in without assurance',
    async (persona) => {
      const seen = seenBy(world.whoIs(persona), rows)
      const readBy = async (headers?: Record<string, string>) => {
        const answers = seen.map((id) =>
          world.askAs(persona, { query: readingOf(schema, parseNodeId(id)!.type), variables: { id } }, headers),
        )
        const text = JSON.stringify((await Promise.all(answers)).map(({ data }) => data))
        return personal.filter((value) => value && text.includes(value))
      }
      expect((await readBy()).length).toBeGreaterThan(3)
      expect(await readBy(await as(persona, { acr: undefined }))).toEqual([])
    },
  )
})

describe("somebody else's", () => {
  const known = new Set<string>()
  /** The answer for that id, and what was asked of the database for it. Only a document's first answer takes other statements. */
  async function answered(persona: string, query: string, id: string) {
    if (!known.has(query)) await world.askAs('nobody', { query, variables: { id } })
    known.add(query)
    world.statements.length = 0
    const { data, errors } = await world.askAs(persona, { query, variables: { id } })
    return { data, codes: errors?.map(({ extensions: { code } }) => code), statements: [...world.statements] }
  }
  const kinds = {
    party: 'Party',
    mandate: 'Mandate',
    program: 'Program',
    appointment: 'Appointment',
    consent: 'Consent',
    access: 'AccessLogEntry',
    secretAccess: 'AccessLogEntry',
    document: 'IssuedDocument',
    upload: 'Upload',
    application: 'Application',
    charge: 'Charge',
    payment: 'Payment',
    refund: 'Refund',
    difference: 'Reconciliation',
    filing: 'Filing',
    filingBatch: 'FilingBatch',
  } as const

  it.each(Object.entries(kinds))('%s is answered by node as one that never was', async (which, type) => {
    const query = 'query ($id: ID!) { node(id: $id) { __typename id } }'
    const foreign = world.spare[which as keyof typeof kinds]
    for (const persona of ['nobody', 'citizen', 'other-company-head', 'other-officer', 'reader-program']) {
      const absent = await answered(persona, query, nodeIdOf(type, v7()))
      expect([persona, await answered(persona, query, foreign)]).toEqual([persona, absent])
      expect([persona, absent.data, absent.statements.length > 0]).toEqual([persona, { node: null }, true])
    }
  })

  it.each([
    'programs',
    'mandatesGiven',
    'mandatesHeld',
    'consents',
    'accessLog',
    'documents',
    'uploads',
    'applications',
    'charges',
    'payments',
    'refunds',
    'filings',
    'filingBatches',
  ])('%s are answered as those of a party that never was', async (field) => {
    const query = `query ($id: ID!) { ${field}(party: $id, first: 5) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`
    for (const persona of ['citizen', 'other-company-head']) {
      const absent = await answered(persona, query, nodeIdOf('Party', v7()))
      expect(await answered(persona, query, world.spare.party)).toEqual(absent)
      expect([absent.data[field].totalCount, absent.statements.length > 0]).toEqual([0, true])
    }
  })
})

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

describe('matrix.csv', () => {
  const [header = '', ...lines] = readFileSync(new URL('matrix.csv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  const [, ...columns] = header.split(',')
  const rows = lines.map((line) => {
    const [field = '', ...cells] = line.split(',')
    return { field, cells }
  })
  const roots = [schema.getQueryType(), schema.getMutationType()].filter((root) => isObjectType(root))

  it('has a row for each root field and a cell for each persona', () => {
    const names = roots.flatMap((root) => Object.keys(root.getFields()).map((name) => `${root.name}.${name}`))
    expect(rows.map(({ field }) => field).sort()).toEqual(names.sort())
    expect(rows.filter(({ cells }) => cells.length !== columns.length)).toEqual([])
    expect(columns).toEqual(personas())
  })

  it('lets an auditor use no mutation', () => {
    const mutations = rows.filter(({ field }) => field.startsWith('Mutation.'))
    expect(new Set(mutations.map(({ cells }) => cells[columns.indexOf('auditor')]))).toEqual(new Set(['FORBIDDEN']))
  })

  it.each(asked.filter((persona) => long || !asCitizens.includes(persona)))('says what %s may use', async (persona) => {
    const told = toldOf(world)
    for (const root of roots) {
      const names = Object.keys(root.getFields())
      for (let at = 0; at < names.length; at += limits.rootFields) {
        const some = names.slice(at, at + limits.rootFields)
        const found = cameOf(await world.askAs(persona, askingFor(root, some, told)), some)
        const cellOf = (name: string) =>
          rows.find(({ field }) => field === `${root.name}.${name}`)?.cells[columns.indexOf(persona)]
        expect(found).toEqual(Object.fromEntries(some.map((name) => [name, cellOf(name)])))
      }
    }
  })
})
