import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import type { Caller } from '../../src/shared/context.js'
import { operator } from '../../src/shared/context.js'
import { Mode } from '../../src/shared/installation.table.js'
import { callerBy, operatorKeyOf } from '../../src/shared/operator.js'

const key = 'k'.repeat(40)
const callerOf = callerBy(key)

describe('Who asks is', () => {
  it('nobody, where no header says so', () => expect(callerOf([])).toEqual({ kind: 'NOBODY', id: 'nobody' }))

  it.each([`Bearer ${key}`, `bearer ${key}`, `BEARER   ${key}`])('the operator, by their key: %s', (header) =>
    expect(callerOf([header])).toEqual({ kind: 'OPERATOR', id: 'operator' }),
  )

  it.each([
    ['a key of one letter less', [`Bearer ${key.slice(1)}`], 'unknown_key'],
    ['a key of one letter more', [`Bearer ${key}k`], 'unknown_key'],
    ['a key of other case', [`Bearer ${key.toUpperCase()}`], 'unknown_key'],
    ['a key in letters of full width', [`Bearer ${'ｋ'.repeat(40)}`], 'malformed'],
    ['a very long key', [`Bearer ${'k'.repeat(15_000)}`], 'unknown_key'],
    ['an empty header', [''], 'malformed'],
    ['an empty key', ['Bearer '], 'malformed'],
    ['no scheme', [key], 'malformed'],
    ['another scheme', [`Basic ${key}`], 'malformed'],
    ['a scheme that begins so', [`BearerX ${key}`], 'malformed'],
    ['two keys', [`Bearer ${key} ${key}`], 'malformed'],
    ['two headers in one', [`Bearer ${key}, Bearer ${key}`], 'malformed'],
    ['two headers', [`Bearer ${key}`, `Bearer ${key}`], 'repeated'],
    ['a right key and an empty one', [`Bearer ${key}`, ''], 'repeated'],
  ])('not believed with %s', (_what, headers, why) => expect(callerOf(headers)).toBe(`authorization.${why}`))

  it('not believed where the server knows no key', () =>
    expect(callerBy(undefined)(['Bearer undefined'])).toBe('authorization.unknown_key'))
})

describe('The key of the operator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pencere-operator-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const of = (more: object) => operatorKeyOf(configFrom({ DATA_DIR: join(folder, 'data'), ...more }))

  it('is the one that is given', () => expect(of({ OPERATOR_KEY: key })).toBe(key))

  it('is made once by a sandbox, for its owner to read', () => {
    const made = of({})
    const path = join(folder, 'data/operator-key')
    expect([made?.length, of({}), readFileSync(path, 'utf8').trim()]).toEqual([43, made, made])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('stops the start where its file holds something else', () => {
    const dataDir = join(folder, 'touched')
    of({ DATA_DIR: dataDir })
    writeFileSync(join(dataDir, 'operator-key'), 'short')
    expect(() => of({ DATA_DIR: dataDir })).toThrow('must hold 32 to 200 visible characters of ASCII; it does not')
  })

  it('is never made by a production', () =>
    expect(operatorKeyOf({ ...configFrom({}), mode: Mode.PRODUCTION })).toBeUndefined())
})

describe('What is the operator’s alone', () => {
  const verdict = (kind: string) =>
    operator.resolve({}, {}, { caller: { kind } as Caller, _shield: { cache: {} } }, {}, { debug: true })

  it.each([
    ['NOBODY', 'UNAUTHENTICATED', 'Authorization: Bearer'],
    ['OFFICER', 'FORBIDDEN', 'alone'],
  ])('is not for %s: %s', async (kind, code, said) =>
    expect(await verdict(kind)).toMatchObject({ message: expect.stringContaining(said), extensions: { code } }),
  )

  it('is for the operator', async () => expect(await verdict('OPERATOR')).toBe(true))
})
