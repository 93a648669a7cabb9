import 'reflect-metadata'
import { createRequire } from 'node:module'
import { buildSchema, type GraphQLAbstractType, type GraphQLObjectType, graphql, parse, subscribe } from 'graphql'
import type * as Shield from 'graphql-shield'
import { describe, expect, it } from 'vitest'
import { anyone, type Rule } from '../../src/engine/allowedTo.js'
import { refusal } from '../../src/engine/errors.js'
import { guard } from '../../src/engine/guard.js'
import { rule } from '../../src/engine/shield.js'

// Asked for after the door was opened: on Node 24 they would fail without it.
const { and, chain, not, or } = createRequire(import.meta.url)('graphql-shield') as typeof Shield

interface Caller {
  signedIn?: boolean
  asked?: number
}
/** For a root a rule a field; for any other type one rule, or that as `'*'` beside rules of fields. */
type Access = Record<string, Rule | Record<string, Rule>>
const isRule = (rules: Access[string]): rules is Rule => typeof rules.resolve === 'function'
// Shield's own types keep private what the guard must see.
const ruleOf = (name: string, ask: (caller: Caller) => unknown, cache: 'contextual' | 'strict' = 'contextual') =>
  rule(name, { cache })((_parent, _args, caller: Caller) => ask(caller) as boolean) as unknown as Rule
const logic = (made: unknown) => made as Rule

const signedIn = ruleOf('signedIn', (caller) => {
  caller.asked = (caller.asked ?? 0) + 1
  return caller.signedIn === true
})
const never = ruleOf('never', () => false)
const loose = ruleOf('loose', () => true, 'strict')

const sdl = `
  interface Named { name: String }
  type Person implements Named { name: String house: House secret: String }
  type House { rooms: Int owner: Person }
  type Street implements Named { name: String }
  union Thing = Person | Street
  type PersonConnection { edges: [PersonEdge!]! nodes: [Person!]! pageInfo: PageInfo! totalCount: Int! totalCountIsExact: Boolean! }
  type PersonEdge { cursor: String! node: Person! }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type Query { person: Person people: PersonConnection named: Named things: [Thing] open: Int! street: Street! }
  type Subscription { moved: Person seen: Named }`
const whole = {
  Query: { person: anyone, people: anyone, named: anyone, things: anyone, open: anyone, street: anyone },
  Subscription: { moved: anyone, seen: anyone },
  Person: signedIn,
  House: anyone,
  Street: anyone,
} satisfies Access
const { Person: _person, ...withoutPerson } = whole
const { open: _open, ...withoutOpen } = whole.Query

function guarded(access: Access = whole, definitions = sdl) {
  const schema = buildSchema(definitions)
  for (const name of ['Named', 'Thing'])
    (schema.getType(name) as GraphQLAbstractType).resolveType = ({ is }: { is: string }) => is
  for (const [name, rules] of Object.entries(access)) {
    const type = schema.getType(name) as GraphQLObjectType
    for (const [part, allowedTo] of Object.entries(isRule(rules) ? { '*': rules } : rules))
      (part === '*' ? type : type.getFields()[part]!).extensions = { allowedTo }
  }
  guard(schema)
  return schema
}
const field = (schema: ReturnType<typeof guarded>, type: string, name: string) =>
  (schema.getType(type) as GraphQLObjectType).getFields()[name]

describe('guard', () => {
  it('accepts a schema where everything has a rule', () => expect(() => guarded()).not.toThrow())

  it.each<[string, Access, said: string]>([
    ['a root field without a rule', { ...whole, Query: withoutOpen }, 'Query.open has no rule'],
    ['a subscription without a rule', { ...whole, Subscription: { seen: anyone } }, 'Subscription.moved has no rule'],
    [
      'one rule for all of a root',
      { ...whole, Query: anyone },
      'Query must have a rule for each field, not one of its own',
    ],
    [
      'a rule for the rest of a root',
      { ...whole, Query: { '*': anyone } },
      'Query must have a rule for each field, not one of its own',
    ],
    ['an object type without a rule', withoutPerson, 'Person has no rule'],
    ['rules of fields without one for the rest', { ...whole, Person: { secret: never } }, 'Person has no rule'],
    ['a rule on an interface', { ...whole, Named: never }, 'Named has a rule, but is not an object type'],
    ['a rule on a union', { ...whole, Thing: never }, 'Thing has a rule, but is not an object type'],
    [
      'a rule that reads more than the context',
      { ...whole, House: loose },
      'House: its rule depends on more than the context',
    ],
    [
      'such a rule inside another rule',
      { ...whole, House: logic(or(never as never, and(loose as never))) },
      'House: its rule depends on more',
    ],
    [
      'two rules of one name',
      { ...whole, House: ruleOf('one', () => true), Street: logic(not(ruleOf('one', () => false) as never)) },
      'Street: two rules are named one',
    ],
    [
      'a non-null field with a rule',
      { ...whole, Query: { ...whole.Query, open: never } },
      'Query.open is not nullable',
    ],
    ['a non-null field of a type with a rule', { ...whole, Street: signedIn }, 'Query.street is not nullable'],
  ])('refuses %s', (_what, access, said) => expect(() => guarded(access)).toThrow(said))

  it('refuses a non-null field of an interface with a guarded type', () =>
    expect(() => guarded(whole, sdl.replace('named: Named', 'named: Named!'))).toThrow('Query.named is not nullable'))

  it('refuses a type without a rule that is only named like a page', () => {
    const definitions = `${sdl} type DatabaseConnection { password: String } extend type House { database: DatabaseConnection }`
    expect(() => guarded(whole, definitions)).toThrow('DatabaseConnection has no rule')
  })

  it('lists all gaps at once', () =>
    expect(() => guarded({ ...withoutPerson, Named: never })).toThrow(
      'The guard has gaps:\nNamed has a rule, but is not an object type\nPerson has no rule',
    ))
})

const person = { is: 'Person', name: 'x', house: { rooms: 2, owner: { name: 'y' } }, secret: 's' }
const street = { is: 'Street', name: 'z' }
const page = { edges: [{ cursor: 'c', node: person }], nodes: [person], pageInfo: {}, totalCount: 1 }
const root = { person, people: page, named: person, things: [street, person], open: 1, street }
const answer = async (source: string, caller: Caller, access: Access = whole) => {
  const { data, errors } = await graphql({ schema: guarded(access), source, rootValue: root, contextValue: caller })
  const told = errors?.map(({ extensions, path }) => [extensions.code, path?.join('.')]).sort()
  return { data: JSON.parse(JSON.stringify(data)), errors: told }
}

describe('A refusal', () => {
  it('returns FORBIDDEN for its field and keeps the rest of the answer', async () =>
    expect(await answer('{ person { name } open }', {})).toEqual({
      data: { person: null, open: 1 },
      errors: [['FORBIDDEN', 'person']],
    }))

  it('returns the code that the rule gives', async () => {
    const Person = ruleOf('unknown', () => refusal('UNAUTHENTICATED', 'Who are you?'))
    const { errors } = await answer('{ person { name } }', {}, { ...whole, Person })
    expect(errors).toEqual([['UNAUTHENTICATED', 'person']])
  })

  it('returns FORBIDDEN with the message of a rule that gives only a message', async () => {
    const schema = guarded({ ...whole, Person: ruleOf('words', () => 'Not on Sundays.') })
    const { errors } = await graphql({ schema, source: '{ person { name } }', rootValue: root, contextValue: {} })
    expect(errors).toMatchObject([{ message: 'Not on Sundays.', extensions: { code: 'FORBIDDEN' } }])
  })

  it('reports a rule that throws as an error', async () => {
    const broken = ruleOf('broken', () => {
      throw new TypeError('a bug')
    })
    const schema = guarded({ ...whole, Person: logic(not(broken as never)) })
    const { data, errors } = await graphql({ schema, source: '{ person { name } }', rootValue: root, contextValue: {} })
    expect(data).toEqual({ person: null })
    expect(errors).toMatchObject([{ message: 'a bug', originalError: { name: 'TypeError' }, extensions: {} }])
  })

  it('follows every verdict but true', async () => {
    for (const verdict of [1, 'true', {}, undefined, null]) {
      const { data } = await answer('{ person { name } }', {}, { ...whole, Person: ruleOf('odd', () => verdict) })
      expect(data).toEqual({ person: null })
    }
  })
})

describe('A rule', () => {
  it('is evaluated once per request', async () => {
    const caller: Caller = { signedIn: true }
    const { errors } = await answer(
      '{ person { house { owner { name } } } again: person { name } named { name } things { __typename } people { nodes { name } } }',
      caller,
    )
    expect([errors, caller.asked]).toEqual([undefined, 1])
  })

  it('is evaluated anew for each caller', async () => {
    const schema = guarded()
    const ask = async (contextValue: Caller) =>
      (await graphql({ schema, source: '{ person { name } }', rootValue: root, contextValue })).data?.person
    expect([await ask({ signedIn: true }), await ask({}), await ask({ signedIn: true })]).toEqual([
      { name: 'x' },
      null,
      { name: 'x' },
    ])
  })

  it('is evaluated on every path that leads to its type', async () =>
    expect(await answer('{ person { name } named { name } things { __typename } people { totalCount } }', {})).toEqual({
      data: { person: null, named: null, things: [{ __typename: 'Street' }, null], people: null },
      errors: ['named', 'people', 'person', 'things.1'].map((path) => ['FORBIDDEN', path]),
    }))

  it('guards the counts and cursors of a page like its nodes', async () => {
    for (const asked of ['totalCount', 'edges { cursor }', 'pageInfo { endCursor }'])
      expect((await answer(`{ people { ${asked} } }`, {})).data).toEqual({ people: null })
  })

  it('is that of the concrete type behind an interface or a union', async () => {
    const access = { ...whole, Street: { '*': anyone, name: never } }
    expect(
      (await answer('{ named { __typename } things { ... on Street { name } } }', { signedIn: true }, access)).errors,
    ).toEqual([['FORBIDDEN', 'things.0.name']])
  })

  it('of a field adds to the rule of its type', async () => {
    const access = { ...whole, Person: { '*': signedIn, secret: never } }
    expect(await answer('{ person { name secret } }', { signedIn: true }, access)).toEqual({
      data: { person: { name: 'x', secret: null } },
      errors: [['FORBIDDEN', 'person.secret']],
    })
    expect((await answer('{ person { name } }', {}, access)).data).toEqual({ person: null })
  })

  it.each([
    [and, false],
    [or, true],
    [chain, false],
  ])('combines other rules', async (made, seen) => {
    const Person = logic(made(signedIn as never, never as never))
    const { data } = await answer('{ person { name } }', { signedIn: true }, { ...whole, Person })
    expect(data).toEqual({ person: seen ? { name: 'x' } : null })
  })

  it('leaves the resolvers of unrestricted fields alone', () => {
    const schema = guarded()
    const open = { Person: 'name', House: 'rooms', Query: 'open', PersonConnection: 'nodes' }
    for (const [type, name] of Object.entries(open)) expect(field(schema, type, name)?.resolve).toBeUndefined()
    expect(field(schema, 'Person', 'house')?.resolve).toBeUndefined()
    expect(field(schema, 'House', 'owner')?.resolve).toBeDefined()
  })
})

describe('A list behind a slow rule', () => {
  it('leaves no unhandled rejections', async () => {
    const unheard: unknown[] = []
    const hear = (error: unknown) => unheard.push(error)
    process.on('unhandledRejection', hear)
    const slow = ruleOf('slow', () => new Promise((settle) => setTimeout(settle, 5, false)))
    const { data } = await answer(
      '{ things { __typename } named { name } person { name } }',
      {},
      { ...whole, Person: slow, Street: anyone },
    )
    await new Promise((settle) => setTimeout(settle, 10))
    process.off('unhandledRejection', hear)
    expect([data.things, unheard]).toEqual([[{ __typename: 'Street' }, null], []])
  })
})

describe('A subscription', () => {
  async function* events() {
    yield { moved: person, seen: person }
    yield { moved: person, seen: street }
  }
  const open = (source: string, contextValue: Caller) =>
    subscribe({
      schema: guarded(),
      document: parse(source),
      rootValue: { moved: events, seen: events },
      contextValue,
    })

  it('is refused before its stream opens', async () => {
    expect(await open('subscription { moved { name } }', {})).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    })
    expect(Symbol.asyncIterator in (await open('subscription { moved { name } }', { signedIn: true }))).toBe(true)
  })

  it('of an interface checks each event by the rule of its type', async () => {
    const stream = (await open('subscription { seen { name } }', {})) as AsyncGenerator<{ data: unknown }>
    const seen = []
    for await (const { data } of stream) seen.push(data)
    expect(seen).toEqual([{ seen: null }, { seen: { name: 'z' } }])
  })
})
