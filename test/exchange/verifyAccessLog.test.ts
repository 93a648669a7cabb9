import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { asc, eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestOf } from '../../src/exchange/access.digest.js'
import { accesses, accessSeals } from '../../src/exchange/access.table.js'
import { signed } from '../../src/exchange/accessSeal.js'
import { copyIn, copySeals } from '../../src/exchange/copySeals.js'
import { sealAccesses } from '../../src/exchange/sealAccesses.js'
import { verifyAccessLog } from '../../src/exchange/verifyAccessLog.js'
import type { Transaction } from '../../src/shared/seeding.js'
import { workOf } from '../events/happened.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { lookingIn } from './looking.js'

const database = await cloneDatabase()
const { client } = database
const { look, log } = await lookingIn(database)
const { work, said } = workOf(database)

let folder = ''
/** Three seals, over the positions 1 to 3, 4 to 6 and 7 to 9, and a copy of them. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pencere-seals-'))
  for (let round = 0; round < 3; round++) {
    await log(look(), look(), look())
    await sealAccesses(work)
  }
  await copySeals(work, folder)
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  await tamper((tx) => tx.execute('delete from accesses; delete from access_seals'))
})

/** As a superuser may, past every trigger. */
const tamper = (act: (tx: Transaction) => Promise<unknown>) => unkept(database, act)
const statement = (text: string) => tamper((tx) => tx.execute(sql.raw(text)))
const found = async (...folders: string[]) => (await verifyAccessLog(work, folders)).faults
const told = async () => (await verifyAccessLog(work, [folder])).told
const linesOf = () => readFileSync(copyIn(folder), 'utf8').split('\n').slice(0, -1)

/** By somebody who knows how it is made: the digests too, and with the key the seals, each as the first was. */
async function writeAnew(tx: Transaction, from = 1n): Promise<void> {
  const rows = await tx.select().from(accesses).orderBy(asc(accesses.position))
  for (const { digest, position, ...digested } of rows)
    await tx
      .update(accesses)
      .set({ digest: digestOf(digested) })
      .where(eq(accesses.id, digested.id))
  const digests = new Map(rows.map(({ digest, position, ...digested }) => [position, digestOf(digested)]))
  let previous: Buffer = Buffer.alloc(32)
  for (const { hash, signature, ...head } of await tx.select().from(accessSeals).orderBy(asc(accessSeals.number))) {
    const own = Array.from(
      { length: Number(head.lastPosition - head.firstPosition) + 1 },
      (_, at) => digests.get(head.firstPosition + BigInt(at))!,
    )
    const seal =
      head.number < from
        ? { ...head, hash, signature }
        : signed({ ...head, previous }, own, work.keyring.current('accessLog'))
    await tx.update(accessSeals).set(seal).where(eq(accessSeals.number, head.number))
    previous = seal.hash
  }
}

test('a log that nobody touched is told to be so, with what is not sealed yet', async () => {
  expect(await verifyAccessLog(work, [folder])).toMatchObject({
    ...{ count: 0, faults: [] },
    told: [
      'Sealed: 9 rows under 3 seals.',
      'Not sealed yet: none.',
      `Copy: ${copyIn(folder)} tells of the same seals up to number 3.`,
    ],
  })
  const now = work.now()
  await log(look({ at: new Date(now.getTime() - 60_000) }), look())
  const [, window] = (await verifyAccessLog({ ...work, now: () => now }, [folder])).told
  expect(window).toBe(
    `Not sealed yet: 2 rows, the oldest of ${new Date(now.getTime() - 60_000).toISOString()}, 60 seconds ago. Who takes these out, or writes them anew, is not found.`,
  )
  await sealAccesses(work)
  expect((await told())[2]).toMatch(/up to number 3; the next was sealed at .* and is not there yet\.$/)
})

describe('By what stands in the database is found', () => {
  test.each([
    `actor = 'nobody'`,
    `fields = '{}'`,
    `fields = fields || '{name}'`,
    `at = at + interval '1 microsecond'`,
    `release_at = at + interval '9 years'`,
    `outcome = 'NOTHING_HELD'`,
    `application = ''`,
    'registry_id = null',
    'mandate_ids = array[id]',
    `salt = decode(repeat('00', 16), 'hex')`,
    `digest = decode(repeat('00', 32), 'hex')`,
  ])('a row with another %s', async (change) => {
    await statement(`update accesses set ${change} where position = 5`)
    expect(await found()).toContain('The row at position 5 was changed.')
  })

  test('a row that was changed together with its digest', async () => {
    await tamper(async (tx) => {
      const [row] = await tx.update(accesses).set({ actor: 'nobody' }).where(eq(accesses.position, 5n)).returning()
      const { digest, position, ...digested } = row!
      await tx
        .update(accesses)
        .set({ digest: digestOf(digested) })
        .where(eq(accesses.position, 5n))
    })
    expect(await found()).toEqual([
      'The rows from position 4 to 6 are not those that seal 2 was put over, or not in that order.',
    ])
  })

  test('a row that is missing, in the middle, at the beginning and at the end', async () => {
    await statement('delete from accesses where position in (1, 5, 9)')
    expect(await found()).toEqual([1, 5, 9].map((position) => `The row at position ${position} is missing.`))
  })

  test('rows that changed places', async () => {
    await statement('update accesses set position = case position when 5 then -6 else -5 end where position in (5, 6)')
    await statement('update accesses set position = -position where position < 0')
    expect(await found()).toEqual([
      'The rows from position 4 to 6 are not those that seal 2 was put over, or not in that order; they leave their order at 6.',
    ])
  })

  test('a row that took the place of another, and one that was put in between or behind', async () => {
    await statement('delete from accesses where position = 5; update accesses set position = 5 where position = 9')
    expect(await found()).toEqual([
      'The rows from position 4 to 6 are not those that seal 2 was put over, or not in that order; they leave their order at 6.',
      'The row at position 9 is missing.',
    ])
    await statement(
      'update accesses set position = 40 where position = 8; update accesses set position = 0 where position = 7',
    )
    expect(await found()).toEqual(
      expect.arrayContaining([
        'The row at position 0 stands under no seal.',
        'The rows from position 40 to 40 stand under no seal: the seals were taken out, or the positions made up.',
      ]),
    )
  })

  test('rows that were taken out with their seal, and a seal alone', async () => {
    await statement('delete from accesses where position between 4 and 6; delete from access_seals where number = 2')
    expect(await found()).toEqual(['Seal 2 is missing before seal 3.'])
    await statement('delete from access_seals where number = 3')
    expect(await found()).toEqual([
      'The rows from position 7 to 9 stand under no seal: the seals were taken out, or the positions made up.',
    ])
  })

  test('the end of the rows, cut off', async () => {
    await statement('delete from accesses where position > 5')
    expect(await found()).toEqual([
      'The row at position 6 is missing.',
      'The row at position 7 and all up to 9 are missing.',
    ])
  })

  test('a seal that was changed, and one that is signed by another key or by none that is known', async () => {
    await statement(`update access_seals set sealed_at = sealed_at + interval '1 hour' where number = 2`)
    expect(await found()).toEqual([
      'The rows from position 4 to 6 are not those that seal 2 was put over, or not in that order.',
    ])
    await tamper(async (tx) => {
      const { hash, signature, ...head } = (await tx.select().from(accessSeals).where(eq(accessSeals.number, 3n)))[0]!
      const rows = await tx.select().from(accesses).where(sql`position > 6`).orderBy(asc(accesses.position))
      const digests = rows.map(({ digest }) => digest)
      const other = signed(head, digests, { id: 'test', secret: Buffer.alloc(32, 7) })
      await tx.update(accessSeals).set(other).where(eq(accessSeals.number, 3n))
    })
    expect(await found()).toContain('Seal 3 is not signed by test, as it says.')
    await statement(`update access_seals set key_id = 'mine' where number = 3`)
    expect(await found()).toContain('Seal 3 says that it is signed by mine; the keyring has no such key.')
  })

  test('a seal that was put anew over changed rows by who holds the key, while those behind it stayed', async () => {
    await tamper(async (tx) => {
      await tx.update(accesses).set({ actor: 'nobody' }).where(eq(accesses.position, 5n))
      const [, , third] = await tx.select().from(accessSeals).orderBy(asc(accessSeals.number))
      await writeAnew(tx)
      await tx.update(accessSeals).set(third!).where(eq(accessSeals.number, 3n))
    })
    expect(await found()).toEqual(['Seal 3 does not follow from the seal before it: one of the two was changed.'])
  })

  test('a row that is not sealed yet and was changed without its digest', async () => {
    await log(look())
    await statement(`update accesses set actor = 'nobody' where position is null`)
    const [{ id } = { id: '' }] = await client`select id from accesses where position is null`
    expect(await found()).toEqual([`The row ${id}, which is not sealed yet, was changed.`])
  })

  test('many faults, the first of which are told and all counted', async () => {
    await log(...Array.from({ length: 80 }, () => look()))
    await sealAccesses(work)
    await statement(`update accesses set actor = 'nobody'`)
    const { faults, count } = await verifyAccessLog(work, [])
    expect([faults.length, count]).toEqual([50, 89])
  })
})

describe('By the copy outside alone is found', () => {
  test('a log that was written anew as a whole by who holds the key', async () => {
    await tamper(async (tx) => {
      await tx.update(accesses).set({ actor: 'nobody' }).where(eq(accesses.position, 5n))
      await writeAnew(tx, 2n)
    })
    expect(await found()).toEqual([])
    expect(await found(folder)).toEqual([
      `The database has another seal than ${copyIn(folder)}, which agree up to number 1: one of the two was written anew from position 4 on.`,
    ])
  })

  test('a log whose end was cut off with its seals, be it all of it', async () => {
    await statement('delete from accesses where position > 3; delete from access_seals where number > 1')
    expect(await found()).toEqual([])
    expect(await found(folder)).toEqual([
      `The database ends with seal 1 at position 3, and ${copyIn(folder)} goes on with seal 2: all rows behind that position were taken out.`,
    ])
    await statement('delete from accesses; delete from access_seals')
    expect(await found()).toEqual([])
    expect(await found(folder)).toEqual([
      `The database ends with seal 0 at position 0, and ${copyIn(folder)} goes on with seal 1: all rows behind that position were taken out.`,
    ])
  })

  test('a copy that is not there, has a line changed or taken out, or tells of something else', async () => {
    const path = copyIn(folder)
    const [one, two, three] = linesOf() as [string, string, string]
    const write = (...lines: string[]) => writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
    write(one, three)
    expect(await found(folder)).toEqual([`${path} must tell of seal 2 in line 2; it tells of seal 3.`])
    write(two, three)
    expect(await found(folder)).toEqual([`${path} must tell of seal 1 in line 1; it tells of seal 2.`])
    write(one, two.replace('"test"', '"rest"'), three)
    expect(await found(folder)).toEqual([expect.stringMatching(/another seal than .* from position 4 on\.$/)])
    write(one, 'rubbish', two, three)
    expect(await found(folder)).toEqual([`${path} must tell of a seal in line 2; it does not.`])
    write(one, two, 'x'.repeat(1_000_000), three)
    expect(await found(folder)).toEqual([`${path} must tell of a seal in line 3; it does not.`])
    write(one, two, three.replace('"test"', '"rest"'), three)
    expect(await found(folder)).toEqual([expect.stringMatching(/another seal than .* from position 7 on\.$/)])
    rmSync(path)
    expect(await found(folder)).toEqual([expect.stringMatching(/^There must be a copy of the seals .*; there is none/)])
  })

  test('and nothing where a line was torn, or seals were written twice', async () => {
    const [one, two, three] = linesOf() as [string, string, string]
    const torn = two.slice(0, 40)
    writeFileSync(copyIn(folder), [one, torn, `${torn}abc`.slice(0, 40), two, two, three, two, three].join('\n'))
    expect(await found(folder)).toEqual([])
    writeFileSync(copyIn(folder), [one, two, three.slice(0, 50)].join('\n'))
    expect(await found(folder)).toEqual([])
  })
})

describe('The copy outside', () => {
  test('is for its owner alone, and only added to', async () => {
    const before = readFileSync(copyIn(folder), 'utf8')
    expect([statSync(folder).mode & 0o777, statSync(copyIn(folder)).mode & 0o777]).toEqual([0o700, 0o600])
    expect(await copySeals(work, folder)).toBe(0)
    await log(look())
    await sealAccesses(work)
    expect(await copySeals(work, folder)).toBe(1)
    const after = readFileSync(copyIn(folder), 'utf8')
    expect([after.startsWith(before), after.split('\n')]).toEqual([true, expect.objectContaining({ length: 5 })])
    expect(await found(folder)).toEqual([])
  })

  test.each([
    ['lost its last lines', 1],
    ['was torn in a line', 30],
    ['was torn before the end of a line', 1.5],
    ['was torn in its first line', 1000],
  ])('that %s is made whole, and what was there stays', async (_what, less) => {
    const path = copyIn(folder)
    const { size } = statSync(path)
    const kept = less === 1 ? `${linesOf()[0]}\n`.length : less === 1000 ? 100 : size - Math.floor(less)
    truncateSync(path, kept)
    const before = readFileSync(path, 'utf8')
    expect(await copySeals(work, folder)).toBe({ 1: 2, 30: 1, 1.5: 0, 1000: 3 }[less])
    expect(readFileSync(path, 'utf8').startsWith(before)).toBe(true)
    await log(look())
    await sealAccesses(work)
    expect(await copySeals(work, folder)).toBe(1)
    expect(await found(folder)).toEqual([])
    expect((await told())[2]).toBe(`Copy: ${path} tells of the same seals up to number 4.`)
  })

  test('is written by one at a time, and another waits for nothing', async () => {
    rmSync(copyIn(folder))
    const other = await client.reserve()
    await other`begin`
    await other`select pg_advisory_xact_lock(hashtextextended(${`pencere access log ${hostname()} ${folder}`}, 0))`
    expect([await copySeals(work, folder), existsSync(copyIn(folder))]).toEqual([0, false])
    await other`rollback`
    other.release()
    expect(await copySeals(work, folder)).toBe(3)
  })

  test('that is ahead of the database, or other than it, is left as it is, and that is said', async () => {
    const before = linesOf()
    await statement('delete from accesses where position > 6; delete from access_seals where number > 2')
    await expect(copySeals(work, folder)).rejects.toThrow(
      'its last seal is 3, and the database has none of that number: rows were taken out, or it was restored',
    )
    await log(look())
    expect(await sealAccesses(work)).toBe(1)
    await expect(copySeals(work, folder)).rejects.toThrow('of seal 3 each has another: one of the two was rewritten')
    expect(linesOf()).toEqual(before)
  })

  test('that ends in what is none is left as it is', async () => {
    appendFileSync(copyIn(folder), `${'x'.repeat(20_000)}\n`)
    await expect(copySeals(work, folder)).rejects.toThrow('none of its last 16000 bytes does')
  })

  test('that cannot be written fails, and nothing else with it', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, '')
    await log(look())
    await expect(copySeals(work, path)).rejects.toThrow('EEXIST')
    expect(await sealAccesses(work)).toBe(1)
  })

  test('that begins anew is told of', async () => {
    said.length = 0
    const other = join(folder, 'other', 'place')
    expect(await copySeals(work, other)).toBe(3)
    expect(said).toEqual([
      { what: { path: copyIn(other) }, message: 'a copy of the seals of the access log begins here' },
    ])
    expect(await found(folder, other)).toEqual([])
  })
})
