import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../src/exchange/accessLog/access.digest.js'
import { AccessKind, AccessOutcome, accesses } from '../../src/exchange/accessLog/access.table.js'
import { cloneDatabase } from '../support/database.js'
import { lookingIn } from './looking.js'

const database = await cloneDatabase()
const { db, statements } = database
const { look, log, purpose, open } = await lookingIn(database)
const at = new Date('2026-11-30T20:30:00.123Z')

const releaseOf = async (purposeId: string) =>
  (await db.select().from(accesses).where(eq(accesses.purposeId, purposeId))).map(({ releaseAt }) => releaseAt)

describe('logAccesses', () => {
  it('takes one statement for any number of accesses, and none for none', async () => {
    statements.length = 0
    await log()
    await log(look({ at }))
    await log(...Array.from({ length: 100 }, () => look({ at })))
    expect(statements.filter((statement) => statement.includes('accesses'))).toHaveLength(2)
  })

  it('writes a digest that can be computed again from the stored row', async () => {
    const odd = 'ə "\\" \n\u007f\u2028 😀'
    await log(
      look({ at, application: odd, fields: [odd, 'null', ''], mandateIds: [v7(), v7()], requestHash: 'a:b' }),
      look({ registryId: null, kind: AccessKind.FILE, fields: [], actor: odd, outcome: AccessOutcome.NOT_FOUND }),
      look({ at, purposeId: await purpose('1 month 2 days 00:00:00.0009') }),
    )
    const rows = await db.select().from(accesses)
    expect(rows.length).toBeGreaterThan(2)
    for (const { digest, position, ...digested } of rows) {
      expect(digest).toEqual(digestOf(digested))
      expect(position).toBeNull()
    }
    expect(new Set(rows.map(({ salt }) => salt.toString('hex'))).size).toBe(rows.length)
  })

  it('releases an access to the subject when its purpose says, whatever the outcome', async () => {
    const secret = await purpose('3 months')
    await log(...Object.values(AccessOutcome).map((outcome) => look({ at, purposeId: secret, outcome })), look({ at }))
    const released = new Date('2027-02-28T20:30:00.123Z')
    expect(await releaseOf(secret)).toEqual(Object.values(AccessOutcome).map(() => released))
    for (const row of await db.select().from(accesses).where(eq(accesses.purposeId, open)))
      expect(row.releaseAt).toEqual(row.at)
  })

  it('writes all accesses or none', async () => {
    const before = await db.$count(accesses)
    await expect(log(look(), look({ purposeId: v7() }))).rejects.toMatchObject({ cause: { code: '23503' } })
    expect(await db.$count(accesses)).toBe(before)
  })
})
