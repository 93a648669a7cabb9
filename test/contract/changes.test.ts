import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { brokenPromises, changesBetween, contractOf, elementsOf, release, withSection } from '../../src/contract.js'
import { folderOfTest } from '../support/folder.js'

const today = '2027-03-01'
const schemaOf = (service: string, rest = '') =>
  buildSchema(`type Query { service(code: String): Service } type Service { ${service} } ${rest}`)

const released = schemaOf(
  'code: String fee(on: String): Fee state: State',
  'type Fee { amount: Int } enum State { A B }',
)
const agoDeprecated = (reason: string) =>
  schemaOf(
    `code: String
    fee(on: String @deprecated(reason: "${reason}")): Fee @deprecated(reason: "${reason}")
    state: State`,
    `type Fee { amount: Int } enum State { A B @deprecated(reason: "${reason}") }`,
  )
const withoutFee = schemaOf('code: String state: State', 'enum State { A }')

describe('brokenPromises', () => {
  it.each([
    ['a removed field', schemaOf('code: String state: State', 'enum State { A B }'), /Service\.fee was removed/],
    [
      'a changed type',
      schemaOf('code: Int fee(on: String): Fee state: State', 'type Fee { amount: Int } enum State { A B }'),
      /changed type from String to Int/,
    ],
    [
      'a new required argument',
      schemaOf(
        'code: String fee(on: String, of: Int!): Fee state: State',
        'type Fee { amount: Int } enum State { A B }',
      ),
      /required arg of/,
    ],
    [
      'a removed enum value',
      schemaOf('code: String fee(on: String): Fee state: State', 'type Fee { amount: Int } enum State { A }'),
      /B was removed from enum type State/,
    ],
  ])('reports %s', (_, next, fault) => {
    expect(brokenPromises(released, next, today)).toContainEqual(expect.stringMatching(fault))
  })

  it('allows additions', () => {
    const next = schemaOf(
      'code: String fee(on: String, of: Int): Fee state: State name: String',
      'type Fee { amount: Int } enum State { A B C }',
    )
    expect(brokenPromises(released, next, today)).toEqual([])
  })

  it('allows a removal, with its types, from the day after the announced one', () => {
    const announced = agoDeprecated('Until 2027-03-01. Use `terms`.')
    expect(brokenPromises(announced, withoutFee, '2027-03-01')).not.toEqual([])
    expect(brokenPromises(announced, withoutFee, '2027-03-02')).toEqual([])
  })

  it('reports a removal whose deprecation had no day or no replacement', () => {
    for (const reason of ['Use `terms`.', 'Until 2020-01-01.', 'Until soon. Use `terms`.']) {
      expect(brokenPromises(agoDeprecated(reason), withoutFee, today)).not.toEqual([])
    }
  })

  it('reports the removal of a field beside a deprecated one', () => {
    const announced = agoDeprecated('Until 2027-01-01. Use `terms`.')
    const next = schemaOf('state: State', 'enum State { A }')
    expect(brokenPromises(announced, next, today)).toEqual([expect.stringContaining('Service.code was removed')])
  })
})

describe('changesBetween and withSection', () => {
  it('list what was added, deprecated and removed, and what needs care', () => {
    const next = schemaOf(
      'code: String @deprecated(reason: "Until 2028-01-01. Use `number`.") number: String terms(first: Int): Terms state: State',
      'type Terms { unit: String } enum State { A B C }',
    )
    expect(changesBetween(released, next, today)).toBe(`## 2027-03-01

- Added: \`Service.number\`
- Added: \`Service.terms\`
- Added: \`State.C\`
- Added: \`Terms\`
- Deprecated: \`Service.code\`. Until 2028-01-01. Use \`number\`.
- Removed: \`Fee\`
- Removed: \`Service.fee\`
- Dangerous: C was added to enum type State.
`)
  })

  it('list nothing when only descriptions changed', () => {
    const worded = schemaOf(
      'code: String "A fee." fee(on: String): Fee state: State',
      'type Fee { amount: Int } enum State { A B }',
    )
    expect(changesBetween(released, worded, today)).toBe('')
  })

  it('put the newest section first and keep the others', () => {
    const first = withSection(withSection('', ''), '## 1\n\n- a\n')
    const second = withSection(first, '## 2\n\n- b\n')
    expect(second.slice(second.indexOf('## 2'))).toBe(`## 2\n\n- b\n\n## 1\n\n- a\n`)
    expect(withSection(second, '')).toBe(second)
  })
})

describe('contractOf and elementsOf', () => {
  it('print one contract for any order of the code, with its directives', () => {
    const one = buildSchema('type Query { b: Int a: Int @deprecated(reason: "Until 2028-01-01. Use `b`.") }')
    const other = buildSchema('type Query { a: Int @deprecated(reason: "Until 2028-01-01. Use `b`.") b: Int }')
    expect(contractOf(one)).toBe(contractOf(other))
    expect(contractOf(one)).toContain('@deprecated(reason: "Until 2028-01-01. Use `b`.")')
  })

  it('list every type, field, argument, enum value, input field and directive', () => {
    const schema = buildSchema(`
      directive @cost(by: Int) on FIELD_DEFINITION
      interface Node { id: ID }
      type Query { a(b: In): E }
      input In { c: Int }
      enum E { F }
      union U = Query
      scalar S`)
    expect([...elementsOf(schema).keys()].sort()).toEqual([
      '@cost',
      '@cost(by:)',
      'E',
      'E.F',
      'In',
      'In.c',
      'Node',
      'Node.id',
      'Query',
      'Query.a',
      'Query.a(b:)',
      'S',
      'U',
    ])
  })
})

describe('release', () => {
  it('records the first contract, then additions, and refuses to break it', () => {
    const folder = folderOfTest()
    mkdirSync(join(folder, 'docs'))
    const releaseOf = (fields: string) => {
      writeFileSync(join(folder, 'schema.graphql'), `type Query { ${fields} }`)
      return release(today, folder)
    }
    expect(releaseOf('code: String')).toBe('## 2027-03-01\n\n- The first contract.\n')
    expect(releaseOf('code: String name: String')).toBe('## 2027-03-01\n\n- Added: `Query.name`\n')
    expect(() => releaseOf('name: String')).toThrow(/must not break the released contract:\nQuery\.code was removed/)
    expect(readFileSync(join(folder, 'docs/released.graphql'), 'utf8')).toBe('type Query { code: String name: String }')
    expect(readFileSync(join(folder, 'docs/schema-changelog.md'), 'utf8')).toMatch(/Query\.name.*The first contract/s)
  })
})
