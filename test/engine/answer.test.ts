import { sql } from 'drizzle-orm'
import type { Sql } from 'postgres'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { answersOf } from '../../src/engine/answer.js'
import { apolloOf } from '../../src/engine/apollo.js'
import { asked } from '../../src/engine/declare.js'
import { limits } from '../../src/engine/limits.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { unmetered } from '../../src/engine/rates.js'
import { emptyDatabase } from '../support/database.js'
import { received } from './asking.js'
import { uid } from './uid.js'
import { forgetRuns, makeWorkshop, ran, type WorkshopContext, workshopOn } from './workshop.js'

const { client: real } = await emptyDatabase()
await makeWorkshop(real)

/** What was sent to the database, and what it fails with instead of an answer. */
const sent = { statements: [] as string[], fault: undefined as object | undefined }
const client = {
  unsafe: (text: string, ...more: []) => {
    sent.statements.push(text)
    if (sent.fault) return { latin1: () => Promise.reject(sent.fault) }
    return real.unsafe(text, ...more)
  },
} as Sql // the engine asks by nothing else

const meterOf = ({ meter }: WorkshopContext) => meter
const schema = workshopOn(client, meterOf)
const silent = { error() {} }
const { answer, plugin } = answersOf(schema, silent, { meterOf })
const apollo = apolloOf<WorkshopContext>(schema, silent, meterOf, [plugin])
afterAll(() => apollo.stop())

interface As extends Partial<Pick<WorkshopContext, 'caller' | 'deadline' | 'meter'>> {
  variables?: Record<string, unknown>
}
const requestOf = ({ caller = { kind: 'WORKER' }, deadline = Date.now() + 60_000, meter = { ...unmetered } }: As) => ({
  caller,
  deadline,
  meter,
})
/** Ids of masked errors differ each time, and errors come in the order of their time. */
function comparable(text: string): { data?: any; errors?: any[] } {
  const body = JSON.parse(text.replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'some id'))
  body.errors?.sort((a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return body
}

/** The answer of Apollo, which makes the document known. */
async function ofApollo(query: string, as: As = {}) {
  const asking = { query, ...(as.variables ? { variables: as.variables } : {}) }
  const { body, http } = await apollo.executeOperation(asking, { contextValue: requestOf(as) })
  if (body.kind !== 'single') throw new Error('One answer was required; it came in parts.')
  return { status: http.status ?? 200, ...comparable(JSON.stringify(body.singleResult)) }
}
/** The answer in one statement. Undefined if it is left to Apollo. */
async function inOneStatement(query: string, as: As = {}) {
  sent.statements.length = 0
  forgetRuns()
  const answered = await answer({ query, variables: as.variables }, requestOf(as))
  return answered && { status: answered.status, ...comparable(received(answered)) }
}
/** Both, which must be equal, with keys in the same order. */
async function answeredAlike(query: string, as: As = {}) {
  const expected = await ofApollo(query, as)
  const answered = await inOneStatement(query, as)
  expect(answered).toEqual(expected)
  expect(JSON.stringify(answered?.data)).toBe(JSON.stringify(expected.data))
  return expected
}
async function withFault<T>(fault: object, act: () => Promise<T>): Promise<T> {
  sent.fault = fault
  try {
    return await act()
  } finally {
    sent.fault = undefined
  }
}

/** Tools as the change makes them, for one test. */
async function withTools(change: string, act: () => Promise<void>): Promise<void> {
  await real.unsafe(`create table kept as table tools; update tools set ${change}`)
  try {
    await act()
  } finally {
    await real.unsafe('truncate tools; insert into tools table kept; drop table kept')
  }
}

beforeEach(() => {
  sent.statements.length = 0
})

describe('A database that fails', () => {
  const query =
    '{ now: clock(zone: "Baku") b: bench(code: "B1") { code } noon: clock __typename benches(first: 1) { nodes { code } } }'

  const at = (field: string) => ({ line: 1, column: query.indexOf(field) + 1 })

  it.each([
    ['is unreachable', 'ECONNREFUSED', 'SERVICE_UNAVAILABLE'],
    ['shuts down', '57P01', 'SERVICE_UNAVAILABLE'],
    ['takes too long', '57014', 'TIMEOUT'],
    ['meets a lock', '55P03', 'SERVICE_UNAVAILABLE'],
    ['does not know a column', '42703', 'INTERNAL_SERVER_ERROR'],
  ])('leaves the computed fields and is asked once when it %s', async (_what, code, expected) => {
    await ofApollo(query)
    await withFault(Object.assign(new Error('no'), { code }), async () => {
      const answered = await inOneStatement(query)
      expect([sent.statements.length, ran.clock]).toEqual([1, 2])
      expect(answered).toEqual(await ofApollo(query))
      expect(answered).toMatchObject({
        data: { now: 'Baku', b: null, noon: null, __typename: 'Query', benches: null },
        errors: [
          { path: ['b'], locations: [at('b: bench')], extensions: { code: expected } },
          { path: ['benches'], locations: [at('benches')], extensions: { code: expected } },
        ],
      })
    })
  })

  it('is not asked after the deadline', async () => {
    await ofApollo(query)
    const late = { deadline: Date.now() - 1 }
    const answered = await inOneStatement(query, late)
    expect(answered).toEqual(await ofApollo(query, late))
    expect([answered?.errors?.[0].extensions.code, sent.statements]).toEqual(['TIMEOUT', []])
  })
})

describe('An error for the client', () => {
  const cursor = 'query ($after: String) { clock(zone: "Baku") benches(first: 1, after: $after) { nodes { code } } }'
  const forged = (value: string) => Buffer.from(JSON.stringify(['benches.code', value, value])).toString('base64')

  it.each<[what: string, query: string, variables: object]>([
    [
      'an argument out of range',
      'query ($n: Int) { a: bench(code: "B1") { tools(first: $n) { totalCount } } }',
      { n: 101 },
    ],
    ['a text that is no cursor', cursor, { after: 'x' }],
    ['a null where none may be', 'query ($code: String = "x") { bench(code: $code) { code } clock }', { code: null }],
    ['a null in the id of a node', 'query ($id: ID = "x") { node(id: $id) { id } clock }', { id: null }],
    [
      'a null in a directive',
      'query ($no: Boolean = true) { bench(code: "B1") { code @skip(if: $no) } }',
      { no: null },
    ],
  ])('comes from Apollo for %s', async (_what, query, given) => {
    const variables = given as Record<string, unknown> // as the table has them
    const { errors } = await ofApollo(query, { variables })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(await inOneStatement(query, { variables })).toBeUndefined()
    expect([ran.clock, sent.statements]).toEqual([0, []])
  })

  it.each<[what: string, query: string, variables: object]>([
    ['a forged cursor', cursor, { after: forged('x') }],
    [
      'a NUL',
      'query ($code: String!) { b: benches(first: 1) { nodes { code } } clock bench(code: $code) { code } }',
      { code: '\0' },
    ],
  ])('has its path, and lets computed fields run once, for %s', async (_what, query, given) => {
    const variables = given as Record<string, unknown> // as the table has them
    const { errors } = await answeredAlike(query, { variables })
    expect([errors?.length, errors?.[0].extensions.code, ran.clock]).toEqual([1, 'BAD_USER_INPUT', 1])
  })
})

describe('An operation', () => {
  it('costs its points once', async () => {
    const query = '{ a: benches(first: 1, after: "x") { totalCount } b: clock c: clock }'
    await ofApollo(query)
    const points: number[] = []
    const meter = { ...unmetered, operation: async (spent: number) => points.push(spent) && 0 }
    await inOneStatement(query, { meter })
    await ofApollo(query, { meter })
    expect(points).toEqual([2])
  })

  it('is refused for too many points by one charge', async () => {
    const query = '{ a: bench(code: "B1") { code } b: clock }'
    await ofApollo(query)
    let charges = 0
    const meter = { ...unmetered, operation: async () => 7 * ++charges }
    expect(await inOneStatement(query, { meter })).toBeUndefined()
    expect(await ofApollo(query, { meter })).toMatchObject({
      status: 429,
      errors: [{ extensions: { code: 'RATE_LIMITED', retryAfter: 7 } }],
    })
    expect([charges, ran.clock, sent.statements]).toEqual([1, 0, []])
  })

  it('is refused for its cost before it is planned', async () => {
    const query =
      '{ benches(first: 100) { nodes { tools(first: 100) { nodes { bench { tools(first: 9) { totalCount } } } } } } }'
    expect(await ofApollo(query)).toMatchObject({ status: 400, errors: [{ extensions: { limit: 'nodes' } }] })
    const request = requestOf({})
    // A plan is made for a caller.
    const unplannable = Object.defineProperty(request, 'caller', { get: () => expect.fail('planned') })
    expect(await answer({ query }, unplannable)).toBeUndefined()
  })
})

describe('node', () => {
  const query = 'query ($id: ID!) { node(id: $id) { __typename id ... on Bench { code } } }'

  it.each([
    ['of an object', nodeIdOf('Bench', uid('bench1'))],
    ['of an object that the caller may not see', nodeIdOf('Tool', uid('tool14'))],
    ['of a type that only its parent shows', nodeIdOf('Part', uid('part111'))],
    ['of an interface', nodeIdOf('Node', uid('bench1'))],
    ['of the root', nodeIdOf('Query', uid('bench1'))],
    ['of an unknown type', nodeIdOf('Gone', uid('bench1'))],
    ['that is no id', 'none'],
  ])('answers an id %s as Apollo does', async (_what, id) => {
    const [variables, asked] = [{ id }, `${query.slice(0, -1)} bench(code: "B1") { code } }`]
    const { data } = await answeredAlike(asked, { variables })
    expect(data.node === null).toBe(!id.startsWith(nodeIdOf('Bench', uid('bench1'))))
  })
})

describe('A rule', () => {
  const query = '{ tools(first: 2) { nodes { name } } clock(zone: "Baku") }'
  const guest = { caller: { kind: 'GUEST' } as const }

  it('is asked once, before any statement', async () => {
    await ofApollo(query)
    await inOneStatement(query)
    expect([ran.worker, sent.statements.length]).toEqual([1, 1])
    const request = requestOf(guest)
    sent.statements.length = 0
    forgetRuns()
    expect(await answer({ query }, request)).toBeUndefined()
    expect([ran.worker, ran.clock, sent.statements]).toEqual([1, 0, []])
    const { body } = await apollo.executeOperation({ query }, { contextValue: request })
    expect(body).toMatchObject({
      singleResult: {
        data: { tools: null, clock: 'Baku' },
        errors: [{ path: ['tools'], extensions: { code: 'UNAUTHENTICATED' } }],
      },
    })
    expect([ran.worker, ran.clock, sent.statements]).toEqual([1, 1, []])
  })

  it('holds for a part of a stored field', async () => {
    const query = '{ bench(code: "B1") { origin { town price } } }'
    expect(await answeredAlike(query)).toMatchObject({ data: { bench: { origin: { town: 'B1', price: 'B1' } } } })
    expect(sent.statements).toHaveLength(1)
    const { data } = await ofApollo(query, guest)
    expect([data, await inOneStatement(query, guest)]).toEqual([
      { bench: { origin: { town: 'B1', price: null } } },
      undefined,
    ])
  })

  it('that fails is reported in the place of its field', async () => {
    await ofApollo(query)
    const broken = { caller: { kind: 'BROKEN' } as never } // the rule throws
    expect(await inOneStatement(query, broken)).toBeUndefined()
    const { data, errors } = await ofApollo(query, broken)
    expect([data, errors]).toMatchObject([{ tools: null, clock: 'Baku' }, [{ path: ['tools'] }]])
  })
})

describe('A limited field', () => {
  const forged = Buffer.from(JSON.stringify(['benches.code', 'x', 'x'])).toString('base64')

  it('is counted once, also if the statement fails', async () => {
    const query = `{ a: knock(door: "1") b: knock(door: "2") benches(first: 1, after: "${forged}") { totalCount } }`
    const counted: string[] = []
    const field = async (_name: string, _rate: object, asked: string) => {
      counted.push(asked)
      return asked === '2' ? 9 : 0
    }
    const { data, errors } = await answeredAlike(query, { meter: { ...unmetered, field } })
    expect(data).toEqual({ a: 'nobody at 1', b: null, benches: null })
    expect(errors?.map(({ path, extensions }) => [path[0], extensions.code]).sort()).toEqual([
      ['b', 'RATE_LIMITED'],
      ['benches', 'BAD_USER_INPUT'],
    ])
    expect(counted).toEqual(['1', '2', '1', '2']) // by Apollo, and beside the statement
  })

  it('that cannot be null takes the whole answer with it, as in Apollo', async () => {
    const query = '{ ring(door: "1") bench(code: "B1") { code } }'
    const meter = { ...unmetered, field: async () => 9 }
    const { data } = await ofApollo(query, { meter })
    const answered = await inOneStatement(query, { meter })
    expect([data, answered]).toEqual([null, undefined])
  })
})

describe('A plan', () => {
  const query = `query ($n: Int) { benches(first: 3) { nodes { code tools(first: $n) { nodes { name weight } } } }
    node(id: "${nodeIdOf('Tool', uid('tool14'))}") { id } }`
  const callers = [
    { kind: 'GUEST' },
    { kind: 'WORKER' },
    { kind: 'WORKER', variant: 'CHIEF' },
    { kind: 'WORKER', variant: undefined },
  ] as NonNullable<As['caller']>[]

  it('made for one kind or variant of caller is never used for another, also at once', async () => {
    const expected = await Promise.all(callers.map((caller) => ofApollo(query, { caller, variables: { n: 4 } })))
    const sizes = expected.map(({ data }) => data.benches.nodes[0].tools.nodes.length)
    expect(sizes).toEqual([1, 3, 4, 3])
    for (let round = 0; round < 3; round++) {
      const turn = <T>(all: readonly T[]) => [...all.slice(round), ...all.slice(0, round)]
      const asked = turn(callers).map((caller) => inOneStatement(query, { caller, variables: { n: 4 } }))
      expect(await Promise.all(asked)).toEqual(turn(expected))
    }
  })
})

describe('Computed fields', () => {
  const tools = 'nodes { name weight serial parts { name } bench { sign(text: "near") } }'
  const query = `{
    now: clock(zone: "Baku") benches(first: 3) { nodes { code a: tools(first: 2) { ${tools} } b: tools(last: 2) { edges { node { w: weight } } } } }
    one: bench(code: "B2") { sign(text: "one") tools(first: 1) { ${tools} } } clock(zone: "nowhere") }`

  it('run once a request, with one batch for all rows', async () => {
    const { data } = await answeredAlike(query)
    expect(data.benches.nodes).toHaveLength(3)
    expect(ran).toMatchObject({ clock: 2, serial: 7, batches: [9] })
    expect(sent.statements).toHaveLength(1)
  })

  it('report each error at its path', async () => {
    await withTools("name = name || ' lead' where name in ('T12', 'T21')", async () => {
      const { errors } = await answeredAlike(query)
      expect(errors?.map(({ path }) => path.join('.')).sort()).toEqual([
        'benches.nodes.0.a.nodes.1.weight',
        'benches.nodes.0.b.edges.0.node.w',
        'benches.nodes.1.a.nodes.0.weight',
        'clock',
        'one.tools.nodes.0.weight',
      ])
    })
  })

  it('let a null travel up as far as Apollo does, without running roots again', async () => {
    await withTools("name = name || ' lost' where name = 'T22'", async () => {
      const { data } = await answeredAlike(query)
      expect(data.benches.nodes.map(({ a }: { a: unknown }) => a === null)).toEqual([false, true, false])
      expect([data.one.tools.nodes.length, ran.clock]).toEqual([1, 2])
    })
  })
})

describe('A premise', () => {
  const premises = {
    WORKER: sql`(select count(*) from tools) = ${asked(({ premise }: { premise: { tools: number } }) => premise.tools)}::integer`,
  }
  const assuming = answersOf(schema, silent, { meterOf, premises })
  const reference = apolloOf<WorkshopContext>(schema, silent, meterOf, [assuming.plugin])
  afterAll(() => reference.stop())
  const stored = '{ benches(first: 2) { nodes { code tools(first: 1) { nodes { name weight } } } } }'
  const mixed = '{ now: clock(zone: "Baku") benches(first: 2) { nodes { code } } }'

  /** What Apollo answers, and what is answered on a premise about the number of tools, of which there are 12. */
  async function onPremise(query: string, premise: { tools: number; isRead: boolean }) {
    const { body } = await reference.executeOperation({ query }, { contextValue: requestOf({}) })
    if (body.kind !== 'single') throw new Error('One answer was required; it came in parts.')
    sent.statements.length = 0
    forgetRuns()
    const answered = await assuming.answer({ query }, Object.assign(requestOf({}), { premise }))
    return {
      expected: comparable(JSON.stringify(body.singleResult)),
      answered: answered && comparable(received(answered)),
    }
  }

  it('that is unread and true is checked by the statement that answers', async () => {
    const { expected, answered } = await onPremise(stored, { tools: 12, isRead: false })
    expect(answered).toEqual(expected)
    expect(sent.statements).toHaveLength(1)
  })

  it('is part of the same statement when it has been read', async () => {
    await onPremise(stored, { tools: 12, isRead: false })
    const [statement] = sent.statements
    await onPremise(stored, { tools: 12, isRead: true })
    expect(sent.statements).toEqual([statement])
  })

  it('that is unread and false gets no answer, and computes nothing', async () => {
    const { answered } = await onPremise(stored, { tools: 11, isRead: false })
    expect(answered).toBeUndefined()
    expect(ran.batches).toEqual([])
  })

  it('must be read before anything is computed beside the statement', async () => {
    const { answered } = await onPremise(mixed, { tools: 12, isRead: false })
    expect([answered, sent.statements, ran.clock]).toEqual([undefined, [], 0])
    const { expected, answered: then } = await onPremise(mixed, { tools: 12, isRead: true })
    expect(then).toEqual(expected)
  })

  it('must be read before a failure of the database is reported', async () => {
    await withFault(Object.assign(new Error('no'), { code: '57014' }), async () => {
      expect((await onPremise(stored, { tools: 12, isRead: false })).answered).toBeUndefined()
      const { expected, answered } = await onPremise(stored, { tools: 12, isRead: true })
      expect(answered).toEqual(expected)
    })
  })

  it('that became false after it was read leaves the stored fields to their resolvers', async () => {
    const { expected, answered } = await onPremise(mixed, { tools: 11, isRead: true })
    expect(answered).toEqual(expected)
    expect(ran.clock).toBe(1)
  })
})

describe('A text', () => {
  it.each<[string, string]>([
    ['JSON', '{"p1":[null,"x"]},"'],
    ['the end of a value', '"}]}'],
    ['quotes and backslashes', `'"\\\\" \\u0041 $$ $1 \\'`],
    ['control characters', '\u0001\b\f\n\r\t\u007f'],
    ['separators of lines', '\u2028\u2029\u0085\ufeff'],
    ...Array.from('\u00a0\u1680\u2003\u2028\u202f\u3000\ufeff', (space): [string, string] => [
      `U+${space.codePointAt(0)!.toString(16)}`,
      `a${space}b`,
    ]),
    ['characters of four bytes', '𝄞🪟\u{10ffff}'],
    ['half a character', 'a\ud83d'],
  ])('of %s is the same in arguments, in rows and in computed fields', async (_what, text) => {
    await real`update benches set note = ${text} where code = 'B1'`
    const [row] = await real`select note from benches where code = 'B1'`
    const query = `query ($text: String!) { clock(zone: $text) none: bench(code: $text) { code }
      bench(code: "B1") { note sign(text: $text) again: note } benches(first: 1) { nodes { sign(text: $text) note } } }`
    const { data } = await answeredAlike(query, { variables: { text } })
    const [sign, note] = [`B1: ${text}`, row?.note]
    expect(data).toEqual({
      clock: text,
      none: null,
      bench: { note, sign, again: note },
      benches: { nodes: [{ sign, note }] },
    })
  })
})

describe('An alias', () => {
  const query = `{ p1: bench(code: "B1") { p0: code Rows: sign(text: "x") p2: tools(first: 2) { nodes { Tool: weight p3: name p4: serial } } }
    __proto__: clock(zone: "Baku") constructor: __typename toString: clock
    hasOwnProperty: benches(first: 1) { nodes { __proto__: sign(text: "a") constructor: code toString: note valueOf: __typename } } }`

  it('may be any name', async () => {
    await answeredAlike(query)
    await withFault(Object.assign(new Error('no'), { code: '57P01' }), () => answeredAlike(query))
  })

  it('may repeat a part of a page more often than PostgreSQL takes arguments', async () => {
    const aliases = Array.from({ length: 60 }, (_, at) => `a${at}: hasNextPage`).join(' ')
    await ofApollo(`{ benches(first: 1) { pageInfo { ${aliases} } } }`)
    const answered = await inOneStatement(`{ benches(first: 1) { pageInfo { ${aliases} } } }`)
    expect(answered?.errors).toBeUndefined()
  })
})

describe('An answer', () => {
  const withNote = (length: number) => real`update benches set note = repeat('x', ${length}) where code = 'B1'`

  it('has an error in place of a field whose text is too long', async () => {
    await withNote(limits.answer)
    const { data, errors } = await answeredAlike('{ bench(code: "B1") { note } clock(zone: "Baku") }')
    expect([data, errors]).toMatchObject([
      { bench: null, clock: 'Baku' },
      [{ path: ['bench'], extensions: { code: 'TOO_COSTLY', limit: 'answer' } }],
    ])
    expect(ran.clock).toBe(1)
  })

  it.each([
    ['aliases repeat a text', '{ bench(code: "B1") { a: note b: note c: note } }'],
    [
      'computed fields fill it',
      'query ($text: String) { bench(code: "B1") { note } a: clock(zone: $text) b: clock(zone: $text) }',
    ],
    [
      'a field of a row fills it',
      'query ($text: String!) { bench(code: "B1") { note a: sign(text: $text) b: sign(text: $text) } }',
    ],
  ])('is refused as too long when %s', async (_what, query) => {
    await withNote(0.36 * limits.answer)
    const refused = await answeredAlike(query, { variables: { text: 'x'.repeat(0.36 * limits.answer) } })
    expect(refused).toMatchObject({ status: 400, errors: [{ extensions: { code: 'TOO_COSTLY', limit: 'answer' } }] })
    expect(refused.data).toBeUndefined()
  })
})

describe('What is kept', () => {
  const flags = Array.from({ length: 7 }, (_, at) => `f${at}`)
  const shaped = `query (${flags.map((flag) => `$${flag}: Boolean!`)}) { bench(code: "B1") { tools(first: 1) { nodes {
    ${flags.map((flag, at) => `${flag}: ${at % 2 ? 'name' : 'size'} @include(if: $${flag})`).join(' ')} } } } }`
  const shape = (bits: number) => Object.fromEntries(flags.map((flag, at) => [flag, Boolean(bits & (1 << at))]))

  it('for an operation are plans of at most 64 shapes of its variables', async () => {
    const plansMadeFor = async (bits: number) => {
      const { data } = await answeredAlike(shaped, { variables: shape(bits) })
      expect(Object.keys(data.bench.tools.nodes[0])).toEqual(flags.filter((_, at) => bits & (1 << at)))
      return ran.plans
    }
    for (let bits = 0; bits < 64; bits++) expect(await plansMadeFor(bits)).toBe(1)
    expect(await plansMadeFor(0)).toBe(0)
    expect(await plansMadeFor(64)).toBe(1)
    expect(await plansMadeFor(0)).toBe(0)
    expect(await plansMadeFor(1)).toBe(1)
  })

  it('is no plan whose statement is too long', async () => {
    const named = (count: number, field: (at: number) => string) =>
      Array.from({ length: count }, (_, at) => field(at)).join(' ')
    const query = `{ bench(code: "B1") { ${named(10, (at) => `a${at}: tools(first: 1) { nodes { ...T } }`)} } }
      fragment T on Tool { ${named(10, (at) => `b${at}: bench { ...B }`)} }
      fragment B on Bench { ${named(40, (at) => `${'c'.repeat(60)}${at}: code`)} }`
    await answeredAlike(query)
    expect(ran.plans).toBe(10)
    await answeredAlike(query)
    expect(ran.plans).toBe(10)
  })

  it('are documents of at most half a million characters', async () => {
    const query = '{ bench(code: "B1") { code } }'
    await ofApollo(query)
    const others = Array.from({ length: 25 }, (_, at) => `{ __typename } #${at} `.padEnd(limits.document, '.'))
    for (const other of others.slice(1)) await ofApollo(other)
    expect(await inOneStatement(query)).toBeDefined()
    for (const other of others) await ofApollo(other)
    expect(await inOneStatement(query)).toBeUndefined()
  })
})
