import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import { registries } from '../../src/agencies/registry.table.js'
import { digestOf } from '../../src/exchange/access.digest.js'
import { AccessKind, AccessOutcome, accesses } from '../../src/exchange/access.table.js'
import { type Looked, logAccesses } from '../../src/exchange/logAccesses.js'
import { purposes } from '../../src/exchange/purpose.table.js'
import { IdentifierType } from '../../src/identity/identifier.table.js'
import { PartyKind } from '../../src/identity/party.table.js'
import { Confidence } from '../../src/shared/confidence.table.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn } from '../support/parties.js'

const database = await cloneDatabase()
const { db, statements } = database
const at = new Date('2026-11-30T20:30:00.123Z')

async function purpose(secretFor: string | null): Promise<string> {
  const [row] = await db
    .insert(purposes)
    .values({
      ...{ code: `TEST_${v7()}`, name: { az: 'sınaq', en: 'test', ru: 'тест' }, secretFor },
      confidence: Confidence.UNKNOWN,
    })
    .returning()
  return row!.id
}
const subject = await partiesIn(database).by(PartyKind.NATURAL_PERSON, IdentifierType.FIN, 'TEST001')
const [registry] = await db.select().from(registries).limit(1)
const open = await purpose(null)

const look = (given: Partial<Looked> = {}): Looked => ({
  ...{ at, kind: AccessKind.CALL, partyId: subject, actor: `person:${subject}`, actorPartyId: subject },
  ...{ mandateIds: [], registryId: registry!.id, fields: ['surname', 'address'], purposeId: open },
  ...{ outcome: AccessOutcome.SHOWN, ...given },
})
const log = (...looked: Looked[]) => db.transaction((tx) => logAccesses(tx, looked))
const releaseOf = async (purposeId: string) =>
  (await db.select().from(accesses).where(eq(accesses.purposeId, purposeId))).map(({ releaseAt }) => releaseAt)

describe('who looked is logged', () => {
  test('by one statement, however many they are, and by none where there are none', async () => {
    statements.length = 0
    await log()
    await log(look())
    await log(...Array.from({ length: 100 }, () => look()))
    expect(statements.filter((statement) => statement.includes('accesses'))).toHaveLength(2)
  })

  test('with a digest that is made again from the row as it stands', async () => {
    const odd = 'ə "\\" \n\u007f\u2028 😀'
    await log(
      look({ application: odd, fields: [odd, 'null', ''], mandateIds: [v7(), v7()], requestHash: 'a:b' }),
      look({ registryId: null, kind: AccessKind.FILE, fields: [], actor: odd, outcome: AccessOutcome.NOTHING_HELD }),
      look({ purposeId: await purpose('1 month 2 days 00:00:00.0009') }),
    )
    const rows = await db.select().from(accesses)
    expect(rows.length).toBeGreaterThan(2)
    for (const row of rows) {
      const { digest, position, ...digested } = row
      expect(digest).toEqual(digestOf(digested))
      expect(position).toBeNull()
    }
    expect(new Set(rows.map(({ salt }) => salt.toString('hex'))).size).toBe(rows.length)
  })

  test('to be read by the subject when the purpose says, whatever came of it', async () => {
    const secret = await purpose('3 months')
    await log(...Object.values(AccessOutcome).map((outcome) => look({ purposeId: secret, outcome })), look())
    const released = new Date('2027-02-28T20:30:00.123Z')
    expect(await releaseOf(secret)).toEqual([released, released, released])
    for (const release of await releaseOf(open)) expect(release).toEqual(at)
  })

  test('all of them or none: a purpose that there is not takes the rest along', async () => {
    const before = await db.$count(accesses)
    await expect(log(look(), look({ purposeId: v7() }))).rejects.toMatchObject({ cause: { code: '23503' } })
    expect(await db.$count(accesses)).toBe(before)
  })
})
