import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildSchema, graphql } from 'graphql'
import type { Sql } from 'postgres'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { emptyDatabase } from '../support/database.js'
import { askerOf } from './asking.js'
import { nodeId } from './baseline.js'
import { uid } from './uid.js'
import { callers, contextFor, schemaOn, type WorldContext } from './world.js'
import { makeTables } from './worldTables.js'

const { client, db } = await emptyDatabase()
await makeTables(client)

// graphql 16 leaves the promises of a list's earlier items alone when a later one throws. Rejected, each would end a
// process that does not listen; start.ts does.
const orphans: unknown[] = []
const keep = (error: unknown) => void orphans.push(error)
let others: NodeJS.UnhandledRejectionListener[]
beforeEach(() => {
  orphans.length = 0
  others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', keep)
})
afterEach(() => {
  process.removeAllListeners('unhandledRejection')
  for (const listener of others) process.on('unhandledRejection', listener)
})

describe('graphql', () => {
  it('orphans the promise of an earlier item when a later one throws', async () => {
    const late = async () => {
      await sleep(5)
      throw new Error('late')
    }
    const atOnce = () => {
      throw new Error('at once')
    }
    const schema = buildSchema('type Query { l: [T!] } type T { a: String! b: String! }')
    const rootValue = {
      l: [
        { a: late, b: 'x' },
        { a: 'y', b: atOnce },
      ],
    }
    expect((await graphql({ schema, source: '{ l { a b } }', rootValue })).data).toEqual({ l: null })
    await sleep(20)
    expect(orphans).toEqual([expect.objectContaining({ message: 'late' })])
  })
})

/** A database that refuses every statement about a table, in its time. */
const without = (table: string): Sql => {
  const unsafe: Sql['unsafe'] = (text, ...more) =>
    text.includes(`from "${table}"`) ? client.unsafe('select nothing_of_that_name()') : client.unsafe(text, ...more)
  return { unsafe } as Sql // the engine asks by nothing else
}
const context = () => contextFor(db)(callers.reader)

describe('The engine', () => {
  it('leaves no orphaned promise when relations and rules reject', async () => {
    for (const lookAhead of [true, false]) {
      const ask = askerOf<WorldContext>(schemaOn(without('libraries'), lookAhead))
      const query =
        '{ loans(first: 9) { nodes { number fine standing book { loans(first: 0) { totalCount } best { stars } } } } books(first: 3) { nodes { library { code } } } }'
      const { data, errors } = await ask({ query }, context())
      expect(data.loans.nodes).toHaveLength(9)
      expect(data.books).toBeNull()
      expect(new Set(errors.map(({ code }) => code))).toEqual(
        new Set(['FORBIDDEN', 'BAD_USER_INPUT', 'SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR']),
      )
    }
    await sleep(20)
    expect(orphans).toEqual([])
  })

  it('answers on after a null in a non-null field has orphaned its siblings', async () => {
    // The last of three alone has no note.
    await client`update loan_events set note = nullif(kind, 'asked') where loan_id = ${uid('loan3')}`
    const ask = askerOf<WorldContext>(schemaOn(without('libraries'), false))
    const query = `{ loan(id: "${nodeId('Loan', { id: uid('loan3') })}") { events { note place { code } } } }`
    const asked = () => ask({ query }, context())
    const { data, errors } = await asked()
    expect(data).toEqual({ loan: null })
    expect(errors.map(({ code }) => code)).toEqual(['INTERNAL_SERVER_ERROR'])
    await expect.poll(() => orphans.length).toBeGreaterThan(0)
    const { length } = orphans
    expect((await asked()).data).toEqual({ loan: null })
    await expect.poll(() => orphans.length).toBe(2 * length)
  })
})

describe('start.ts', () => {
  it('listens for orphaned promises', () => {
    expect(readFileSync(new URL('../../src/start.ts', import.meta.url), 'utf8')).toContain(
      "process.on('unhandledRejection'",
    )
  })
})
