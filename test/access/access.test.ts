import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { schemaFromCode } from '../../src/contract.js'
import { nodeIdOf, parseNodeId } from '../../src/engine/node.js'
import { personasOf } from '../../src/sandbox/personas.js'
import { sampled } from '../support/long.js'
import { as } from '../support/tokens.js'
import { matrix, roots, testMatrix, testWalks } from './allowed.js'
import { rowsOf, seenBy } from './seen.js'
import { readingOf } from './walk.js'
import { few, openWorld, personas } from './world.js'

const schema = schemaFromCode()
const world = await openWorld()

testWalks(world, few)

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

describe('matrix.csv', () => {
  it('has a row for each root field and a cell for each persona', () => {
    const names = roots.flatMap((root) => Object.keys(root.getFields()).map((name) => `${root.name}.${name}`))
    expect(matrix.rows.map(({ field }) => field).sort()).toEqual(names.sort())
    expect(matrix.rows.filter(({ cells }) => cells.length !== matrix.columns.length)).toEqual([])
    expect(matrix.columns).toEqual(personas())
  })

  it('lets an auditor use no mutation', () => {
    const mutations = matrix.rows.filter(({ field }) => field.startsWith('Mutation.'))
    expect(new Set(mutations.map(({ cells }) => cells[matrix.columns.indexOf('auditor')]))).toEqual(
      new Set(['FORBIDDEN']),
    )
  })
})

testMatrix(world, few)
