import { describe, expect, it } from 'vitest'
import { AgencyType, agencies } from '../../src/agencies/agency.table.js'
import { registries } from '../../src/agencies/registry.table.js'
import { legalBases } from '../../src/catalogue/services/legalBasis.table.js'
import { lifeEvents } from '../../src/catalogue/services/lifeEvent.table.js'
import { requiredDocuments } from '../../src/catalogue/services/requiredDocument.table.js'
import { Audience, Direction, ServiceStatus, services } from '../../src/catalogue/services/service.table.js'
import { serviceSteps } from '../../src/catalogue/services/serviceStep.table.js'
import {
  Automation,
  HandledAs,
  Interaction,
  ResultKind,
  serviceVersions,
} from '../../src/catalogue/services/serviceVersion.table.js'
import { FeeDue, fees } from '../../src/catalogue/tariffs/fee.table.js'
import { processingTerms, TermPurpose } from '../../src/catalogue/tariffs/processingTerm.table.js'
import { tariffs } from '../../src/catalogue/tariffs/tariff.table.js'
import { unmetered } from '../../src/engine/rates.js'
import { Confidence } from '../../src/platform/confidence.table.js'
import { publicSchema } from '../../src/schema.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { anonymous, type Context, contextOf } from '../../src/shared/context.js'
import { TermUnit } from '../../src/shared/termUnit.table.js'
import { cloneDatabase, emptyCatalogue } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { askerOf } from './asking.js'
import { nodeId } from './baseline.js'
import { uid } from './uid.js'

const database = await cloneDatabase()
const { db, statements } = database
await emptyCatalogue(database)
const ways = {
  'with look-ahead': askerOf<Context>(publicSchema()),
  'without look-ahead': askerOf<Context>(publicSchema(false)),
}
type Way = keyof typeof ways

const many = 100
/** What a list that its parent bounds may hold. */
const full = 30
const numbers = Array.from({ length: many }, (_, at) => at)
const name = (at: number) => ({ az: `Ad ${at}` })
const confidence = Confidence.GENERAL_KNOWLEDGE
const [agency, lifeEvent, service, version] = ['agency', 'lifeEvent', 'service', 'version'].map((of) =>
  uid(`${of}0`),
) as [string, string, string, string]

/** Rows number so many to so many of every list: all of the first agency, the first life event, the first service. */
async function put(from: number, to: number): Promise<void> {
  const rows = numbers.slice(from, to)
  const bounded = rows.filter((at) => at < full)
  const common = (at: number) => ({ code: `C${at}`, name: name(at), confidence })
  const id = (of: string, at: number) => uid(`${of}${at}`)
  await db.insert(agencies).values(
    rows.map((at) => ({
      ...common(at),
      id: id('agency', at),
      type: AgencyType.MINISTRY,
      parentId: at < full ? agency : null,
    })),
  )
  await db.insert(registries).values(bounded.map((position) => ({ ...common(position), agencyId: agency, position })))
  await db
    .insert(lifeEvents)
    .values(rows.map((position) => ({ ...common(position), id: id('lifeEvent', position), position })))
  const lasting = {
    agencyId: agency,
    lifeEventId: lifeEvent,
    audiences: [Audience.CITIZEN],
    direction: Direction.G2C,
    status: ServiceStatus.ACTIVE,
  }
  await db.insert(services).values(rows.map((at) => ({ ...common(at), ...lasting, id: id('service', at) })))
  const rules = {
    interaction: Interaction.INFORMATIVE,
    handledAs: HandledAs.APPLICATION,
    automation: Automation.FULL,
    assurance: Assurance.NONE,
    result: ResultKind.DOCUMENT,
    signers: [],
    delegable: false,
    validFrom: '2026-01-01',
  }
  await db
    .insert(serviceVersions)
    .values(rows.map((at) => ({ ...rules, id: id('version', at), serviceId: service, number: many - at })))
  const part = (position: number) => ({ versionId: version, position, name: name(position) })
  const condition = { answers: [], applicants: null, age: null }
  await db
    .insert(tariffs)
    .values(bounded.map((at) => ({ ...part(at), id: id('tariff', at), code: `T${at}`, condition })))
  await db.insert(fees).values(
    bounded.map((at) => ({
      tariffId: id('tariff', at),
      position: 0,
      code: 'DUTY',
      name: name(at),
      amount: 100n,
      currency: 'AZN',
      due: FeeDue.AT_HANDOVER,
      confidence,
    })),
  )
  await db.insert(processingTerms).values(
    bounded.map((at) => ({
      tariffId: id('tariff', at),
      position: 0,
      purpose: TermPurpose.DECISION,
      value: 1,
      unit: TermUnit.HOUR,
      confidence,
    })),
  )
  await db.insert(serviceSteps).values(bounded.map((at) => ({ ...part(at), confidence })))
  await db
    .insert(requiredDocuments)
    .values(bounded.map((at) => ({ ...part(at), code: `PROOF-${at}`, mandatory: true, confidence })))
  await db.insert(legalBases).values(bounded.map((at) => ({ ...part(at), title: name(at) })))
}

async function askedOf(way: Way, query: string, variables: Record<string, unknown> = {}) {
  const context = contextOf({
    caller: anonymous,
    language: 'az',
    database,
    keyring: keyringOfTest(),
    meter: unmetered,
    now: () => new Date('2026-08-01'),
    timeout: 60_000,
  })
  statements.length = 0
  const { data, errors } = await ways[way]({ query, variables }, context)
  expect(errors).toEqual([])
  return { data, sql: [...statements] }
}

const page = `services(first: 100) { nodes {
  name agency { name parent { code } } lifeEvent { name } currentVersion { validFrom tariffs { fees { money { amount } } } } } }`
interface Case {
  query: string
  ids?: string[]
  /** How many rows the longest list of the answer has, when there are a hundred. */
  rows: number
}
const lists: Record<string, Case> = {
  services: { query: `{ ${page} }`, rows: 100 },
  agencies: { query: '{ agencies(first: 100) { nodes { name parent { code } registries { name } } } }', rows: 100 },
  lifeEvents: { query: '{ lifeEvents { name services(first: 1) { totalCount } } }', rows: 100 },
  'agency.services': { query: `{ agency(code: "C0") { ${page} } }`, rows: 100 },
  'agency.children': {
    query: '{ agency(code: "C0") { children { name registries { name } parent { code } } } }',
    rows: full,
  },
  'agency.registries': { query: '{ agency(code: "C0") { registries { name } } }', rows: full },
  'lifeEvent.services': {
    query: `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on LifeEvent { ${page} } } }`,
    ids: [nodeId('LifeEvent', { id: lifeEvent })],
    rows: 100,
  },
  'service.versions': { query: '{ service(code: "C0") { versions { number tariffs { code } } } }', rows: full },
  'tariffs.fees': {
    query: '{ service(code: "C0") { currentVersion { tariffs { name fees { name money { amount } } } } } }',
    rows: full,
  },
  'tariffs.terms': {
    query: '{ service(code: "C0") { currentVersion { tariffs { terms { value } } } } }',
    rows: full,
  },
  'currentVersion.steps': {
    query: '{ service(code: "C0") { currentVersion { steps { name agency { code } } } } }',
    rows: full,
  },
  'currentVersion.requiredDocuments': {
    query: '{ service(code: "C0") { currentVersion { requiredDocuments { name obtainableFromRegistry { code } } } } }',
    rows: full,
  },
  'currentVersion.legalBases': {
    query: '{ service(code: "C0") { currentVersion { legalBases { title } } } }',
    rows: full,
  },
  nodes: {
    query:
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Service { name agency { name } currentVersion { validFrom } } } }',
    ids: numbers.map((at) => nodeId('Service', { id: uid(`service${at}`) })),
    rows: 100,
  },
}

describe('A list', async () => {
  const measured = async (way: Way) => {
    const all: Record<string, { rows: number; statements: number }> = {}
    for (const [list, { query, ids }] of Object.entries(lists)) {
      const { data, sql } = await askedOf(way, query, ids && { ids })
      all[list] = { rows: longestIn(data), statements: sql.length }
    }
    return all
  }
  const both = async () => ({ deep: await measured('with look-ahead'), shallow: await measured('without look-ahead') })
  await put(0, 1)
  const one = await both()
  await put(1, many)
  const hundred = await both()

  it.each(Object.keys(lists))('%s takes as many statements for 100 rows as for 1', (list) => {
    const rows = lists[list]?.rows
    expect(one.deep[list]).toEqual({ rows: list === 'nodes' ? 100 : 1, statements: 1 })
    expect(hundred.deep[list]).toEqual({ rows, statements: 1 })
    expect(hundred.shallow[list]).toEqual({ rows, statements: one.shallow[list]?.statements })
    expect(hundred.shallow[list]?.statements).toBeGreaterThanOrEqual(list === 'nodes' ? 3 : 1)
  })
})

describe('nodes', () => {
  it('takes one statement per type for ids of every type', async () => {
    const of = (type: string, name: string) =>
      numbers.slice(0, 33).map((at) => nodeId(type, { id: uid(`${name}${at}`) }))
    const ids = [...of('Agency', 'agency'), ...of('Service', 'service'), ...of('LifeEvent', 'lifeEvent')]
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }'
    const { data, sql } = await askedOf('with look-ahead', query, { ids })
    expect(data.nodes.map(({ id }: { id: string }) => id)).toEqual(ids)
    expect(sql).toHaveLength(3)
  })
})

describe('A statement', () => {
  const counted = 'count(*)::int'
  it('counts rows only for totalCount', async () => {
    for (const way of Object.keys(ways) as Way[]) {
      const without = await askedOf(
        way,
        '{ services(first: 1) { nodes { code } } lifeEvents { services(first: 1) { nodes { code } } } }',
      )
      expect(without.sql.join()).not.toContain(counted)
      const at = await askedOf(
        way,
        '{ services(first: 1) { totalCount } lifeEvents { services(first: 1) { nodes { code } } } }',
      )
      expect(at.sql.filter((text) => text.includes(counted))).toHaveLength(1)
      const skipped = '{ services(first: 1) { nodes { code } totalCount @skip(if: true) } }'
      expect((await askedOf(way, skipped)).sql.join()).not.toContain(counted)
    }
  })
  it('looks behind a page only for pageInfo', async () => {
    const { data } = await askedOf('with look-ahead', '{ services(first: 1) { pageInfo { endCursor } } }')
    const page = (asked: string) =>
      askedOf('with look-ahead', `query ($after: String) { services(first: 1, after: $after) { ${asked} } }`, {
        after: data.services.pageInfo.endCursor,
      })
    expect((await page('nodes { code } pageInfo { endCursor hasNextPage }')).sql.join()).not.toContain('exists')
    expect((await page('nodes { code } pageInfo { hasPreviousPage }')).sql.join()).toContain('exists')
  })
  it('reads only the columns of selected fields', async () => {
    const { sql } = await askedOf('with look-ahead', '{ services(first: 1) { nodes { code agency { website } } } }')
    expect(sql.join()).not.toMatch(/"(description|seeded|audiences|type)"/)
  })
})

/** The most items of any list in an answer. */
function longestIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const own = Array.isArray(value) ? value.length : 0
  return Math.max(own, ...Object.values(value).map(longestIn))
}
