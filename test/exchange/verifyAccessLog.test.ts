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
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../src/exchange/accessLog/access.digest.js'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { signed } from '../../src/exchange/accessLog/accessCheckpoint.js'
import { accessCheckpoints } from '../../src/exchange/accessLog/accessCheckpoint.table.js'
import { digestsOf } from '../../src/exchange/accessLog/accessReference.js'
import { accessReferences } from '../../src/exchange/accessLog/accessReference.table.js'
import { addCheckpoint } from '../../src/exchange/accessLog/addCheckpoint.js'
import { copyCheckpoints, copyIn } from '../../src/exchange/accessLog/copyCheckpoints.js'
import { verifyAccessLog } from '../../src/exchange/accessLog/verifyAccessLog.js'
import type { Transaction } from '../../src/platform/seeding.js'
import { workOf } from '../events/happened.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { lookingIn } from './looking.js'

const database = await cloneDatabase()
const { client } = database
const { look, log } = await lookingIn(database)
const { work, logged } = workOf(database)

let folder = ''
let copied = ''
/** Three checkpoints over the positions 1 to 3, 4 to 6 and 7 to 9, and a copy of them. Each test begins with these. */
beforeAll(async () => {
  const first = mkdtempSync(join(tmpdir(), 'pencere-checkpoints-'))
  for (let round = 0; round < 3; round++) {
    await log(look(), look(), look())
    await addCheckpoint(work)
  }
  await copyCheckpoints(work, first)
  copied = readFileSync(copyIn(first), 'utf8')
  rmSync(first, { recursive: true })
  await client.unsafe(`create table whole as table accesses; create table whole_checkpoints as table access_checkpoints;
    create table whole_references as table access_references`)
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pencere-checkpoints-'))
  writeFileSync(copyIn(folder), copied, { mode: 0o600 })
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  await statement(`delete from accesses; delete from access_checkpoints; delete from access_references;
    insert into accesses table whole; insert into access_checkpoints table whole_checkpoints;
    insert into access_references table whole_references`)
})

/** As a superuser can, past every trigger. */
const tamper = (act: (tx: Transaction) => Promise<unknown>) => unkept(database, act)
const statement = (text: string) => tamper((tx) => tx.execute(sql.raw(text)))
const found = async (...folders: string[]) => (await verifyAccessLog(work, folders)).faults
const reported = async () => (await verifyAccessLog(work, [folder])).lines
const linesOf = () => readFileSync(copyIn(folder), 'utf8').split('\n').slice(0, -1)
const coverOneMore = async () => {
  await log(look())
  return await addCheckpoint(work)
}

/** What an insider with the key can do: write the digests and the checkpoints anew. */
async function writeAnew(tx: Transaction, from = 1n): Promise<void> {
  const rows = await tx.select().from(accesses).orderBy(asc(accesses.position))
  for (const { digest, position, ...digested } of rows)
    await tx
      .update(accesses)
      .set({ digest: digestOf(digested) })
      .where(eq(accesses.id, digested.id))
  const references = await tx.select().from(accessReferences)
  const digests = new Map(rows.map(({ digest, position, ...digested }) => [position, digestOf(digested)]))
  let previous: Buffer = Buffer.alloc(32)
  for (const { hash, signature, ...head } of await tx
    .select()
    .from(accessCheckpoints)
    .orderBy(asc(accessCheckpoints.number))) {
    const own = Array.from(
      { length: Number(head.lastPosition - head.firstPosition) + 1 },
      (_, at) => digests.get(head.firstPosition + BigInt(at))!,
    )
    const recorded = digestsOf(references.filter(({ checkpointNumber }) => checkpointNumber === head.number))
    const checkpoint =
      head.number < from
        ? { ...head, hash, signature }
        : signed({ ...head, previous }, [...own, ...recorded], work.keyring.current('accessLog'))
    await tx.update(accessCheckpoints).set(checkpoint).where(eq(accessCheckpoints.number, head.number))
    previous = checkpoint.hash
  }
}

describe('verifyAccessLog', () => {
  it('finds no fault in an intact log, and one in rows that stay uncovered for more than a minute', async () => {
    expect(await verifyAccessLog(work, [folder])).toMatchObject({
      count: 0,
      faults: [],
      lines: [
        'Covered: 9 rows by 3 checkpoints, with 3 recorded references.',
        'Not covered yet: none.',
        `Copy: ${copyIn(folder)} matches the database up to checkpoint 3.`,
      ],
    })
    const now = work.now()
    await log(look({ at: new Date(now.getTime() - 60_000) }), look())
    const [, window] = (await verifyAccessLog({ ...work, now: () => now }, [folder])).lines
    expect(window).toBe(
      `Not covered yet: 2 rows, the oldest of ${new Date(now.getTime() - 60_000).toISOString()}, 60 seconds ago. Their deletion or rewriting is not detected.`,
    )
    const { faults } = await verifyAccessLog({ ...work, now: () => new Date(now.getTime() + 1000) }, [folder])
    expect(faults).toEqual([expect.stringMatching(/^2 rows are not covered\. The oldest is 61 seconds old, .*worker/)])
    await addCheckpoint(work)
    expect((await reported())[2]).toMatch(/up to checkpoint 3\. Checkpoint 4 of .* is not copied yet\.$/)
  })

  it('finds a row with any column changed', async () => {
    await log(look(), look(), look())
    await addCheckpoint(work)
    const changes = [
      `actor = 'nobody'`,
      `fields = '{}'`,
      `fields = fields || '{name}'`,
      `at = at + interval '1 microsecond'`,
      `release_at = at + interval '9 years'`,
      `outcome = 'NOT_FOUND'`,
      `application = ''`,
      'registry_id = null',
      'mandate_ids = array[id]',
      `salt = decode(repeat('00', 16), 'hex')`,
      `digest = decode(repeat('00', 32), 'hex')`,
    ]
    await statement(changes.map((change, at) => `update accesses set ${change} where position = ${at + 1}`).join(';'))
    expect(await found()).toEqual(changes.map((_, at) => `The row at position ${at + 1} was changed.`))
  })

  it('finds a row that was changed together with its digest', async () => {
    await tamper(async (tx) => {
      const [row] = await tx.update(accesses).set({ actor: 'nobody' }).where(eq(accesses.position, 5n)).returning()
      const { digest, position, ...digested } = row!
      await tx
        .update(accesses)
        .set({ digest: digestOf(digested) })
        .where(eq(accesses.position, 5n))
    })
    expect(await found()).toEqual([
      'The rows from position 4 to 6 do not match checkpoint 2. Rows or their order changed.',
    ])
  })

  it('finds missing rows at the beginning, in the middle and at the end', async () => {
    await statement('delete from accesses where position in (1, 5, 9)')
    expect(await found()).toEqual([1, 5, 9].map((position) => `Missing: row at position ${position}.`))
  })

  it('finds rows that changed places', async () => {
    await statement('update accesses set position = case position when 5 then -6 else -5 end where position in (5, 6)')
    await statement('update accesses set position = -position where position < 0')
    expect(await found()).toEqual([
      'The rows from position 4 to 6 do not match checkpoint 2. Rows or their order changed. Out of order: 6.',
    ])
  })

  it('finds a row in the place of another, between others and behind the last', async () => {
    await statement('delete from accesses where position = 5; update accesses set position = 5 where position = 9')
    expect(await found()).toEqual([
      'The rows from position 4 to 6 do not match checkpoint 2. Rows or their order changed. Out of order: 6.',
      'Missing: row at position 9.',
    ])
    await statement(
      'update accesses set position = 40 where position = 8; update accesses set position = 0 where position = 7',
    )
    expect(await found()).toEqual(
      expect.arrayContaining([
        'No checkpoint covers the row at position 0.',
        'No checkpoint covers the rows from position 40 to 40. Checkpoints were deleted, or positions were invented.',
      ]),
    )
  })

  it('finds checkpoints that were removed, with and without their rows', async () => {
    await statement(
      'delete from accesses where position between 4 and 6; delete from access_checkpoints where number = 2',
    )
    expect(await found()).toEqual(['Missing: checkpoint 2 before checkpoint 3.'])
    await statement('delete from access_checkpoints where number = 3')
    expect(await found()).toEqual([
      'No checkpoint covers the rows from position 7 to 9. Checkpoints were deleted, or positions were invented.',
    ])
  })

  it('finds that the last rows were cut off', async () => {
    await statement('delete from accesses where position > 5')
    expect(await found()).toEqual(['Missing: row at position 6.', 'Missing: row at position 7 to 9.'])
  })

  it('finds a checkpoint that was changed or signed with another or an unknown key', async () => {
    await statement(`update access_checkpoints set created_at = created_at + interval '1 hour' where number = 2`)
    expect(await found()).toEqual([
      'The rows from position 4 to 6 do not match checkpoint 2. Rows or their order changed.',
    ])
    await tamper(async (tx) => {
      const { hash, signature, ...head } = (
        await tx.select().from(accessCheckpoints).where(eq(accessCheckpoints.number, 3n))
      )[0]!
      const rows = await tx.select().from(accesses).where(sql`position > 6`).orderBy(asc(accesses.position))
      const digests = rows.map(({ digest }) => digest)
      const other = signed(head, digests, { id: 'test', secret: Buffer.alloc(32, 7) })
      await tx.update(accessCheckpoints).set(other).where(eq(accessCheckpoints.number, 3n))
    })
    expect(await found()).toContain('The signature of checkpoint 3 does not match the key test.')
    await statement(`update access_checkpoints set key_id = 'mine' where number = 3`)
    expect(await found()).toContain('Checkpoint 3 names the key mine, which is not in the keyring.')
  })

  it('finds a checkpoint that was signed anew with the right key while the next ones stayed', async () => {
    await tamper(async (tx) => {
      await tx.update(accesses).set({ actor: 'nobody' }).where(eq(accesses.position, 5n))
      const [, , third] = await tx.select().from(accessCheckpoints).orderBy(asc(accessCheckpoints.number))
      await writeAnew(tx)
      await tx.update(accessCheckpoints).set(third!).where(eq(accessCheckpoints.number, 3n))
    })
    expect(await found()).toEqual([
      'Checkpoint 3 does not contain the hash of checkpoint 2. One of the two was changed.',
    ])
  })

  it('finds a changed row that is not covered yet', async () => {
    await log(look())
    await statement(`update accesses set actor = 'nobody' where position is null`)
    const [{ id } = { id: '' }] = await client`select id from accesses where position is null`
    expect(await found()).toEqual([`The row ${id} was changed. No checkpoint covers it yet.`])
  })

  it('counts all faults and reports the first fifty', async () => {
    await log(...Array.from({ length: 80 }, () => look()))
    await addCheckpoint(work)
    await statement(`update accesses set actor = 'nobody'`)
    const { faults, count } = await verifyAccessLog(work, [])
    expect([faults.length, count]).toEqual([50, 89])
  })
})

describe('verifyAccessLog with a copy of the checkpoints', () => {
  it('finds a log that was written anew with the right key', async () => {
    await tamper(async (tx) => {
      await tx.update(accesses).set({ actor: 'nobody' }).where(eq(accesses.position, 5n))
      await writeAnew(tx, 2n)
    })
    expect(await found()).toEqual([])
    expect(await found(folder)).toEqual([
      `The database and ${copyIn(folder)} differ after checkpoint 1. One of the two was rewritten from position 4 on.`,
    ])
  })

  it('finds a log whose end, or all of it, was removed with its checkpoints', async () => {
    await statement('delete from accesses where position > 3; delete from access_checkpoints where number > 1')
    expect(await found()).toEqual([])
    expect(await found(folder)).toEqual([
      `The database ends with checkpoint 1 at position 3, but ${copyIn(folder)} continues with checkpoint 2. All rows after that position were deleted.`,
    ])
    await statement('delete from accesses; delete from access_checkpoints; delete from access_references')
    expect(await found()).toEqual([])
    expect(await found(folder)).toEqual([
      `The database ends with checkpoint 0 at position 0, but ${copyIn(folder)} continues with checkpoint 1. All rows after that position were deleted.`,
    ])
  })

  it('finds a copy that is missing or has lines changed, removed or added', async () => {
    const path = copyIn(folder)
    const [one, two, three] = linesOf() as [string, string, string]
    const write = (...lines: string[]) => writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
    write(one, three)
    expect(await found(folder)).toEqual([`Line 2 of ${path} should be checkpoint 2, but is checkpoint 3.`])
    write(two, three)
    expect(await found(folder)).toEqual([`Line 1 of ${path} should be checkpoint 1, but is checkpoint 2.`])
    write(one, two.replace('"test"', '"rest"'), three)
    expect(await found(folder)).toEqual([expect.stringMatching(/differ after checkpoint 1\. .* from position 4 on\.$/)])
    write(one, 'rubbish', two, three)
    expect(await found(folder)).toEqual([`Line 2 of ${path} is not a checkpoint.`])
    write(one, two, 'x'.repeat(1_000_000), three)
    expect(await found(folder)).toEqual([`Line 3 of ${path} is not a checkpoint.`])
    write(one, two, three.replace('"test"', '"rest"'), three)
    expect(await found(folder)).toEqual([expect.stringMatching(/differ after checkpoint 2\. .* from position 7 on\.$/)])
    rmSync(path)
    expect(await found(folder)).toEqual([expect.stringContaining(`${path} does not exist.`)])
  })

  it('accepts a copy with torn lines and repeated checkpoints', async () => {
    const [one, two, three] = linesOf() as [string, string, string]
    const torn = two.slice(0, 40)
    writeFileSync(copyIn(folder), [one, torn, `${torn}abc`.slice(0, 40), two, two, three, two, three].join('\n'))
    expect(await found(folder)).toEqual([])
    writeFileSync(copyIn(folder), [one, two, three.slice(0, 50)].join('\n'))
    expect(await found(folder)).toEqual([])
  })
})

describe('copyCheckpoints', () => {
  it('appends new checkpoints to a file that only its owner can read', async () => {
    const before = readFileSync(copyIn(folder), 'utf8')
    const fresh = join(folder, 'fresh')
    await copyCheckpoints(work, fresh)
    expect([statSync(fresh).mode & 0o777, statSync(copyIn(fresh)).mode & 0o777]).toEqual([0o700, 0o600])
    expect(await copyCheckpoints(work, folder)).toBe(0)
    await coverOneMore()
    expect(await copyCheckpoints(work, folder)).toBe(1)
    const after = readFileSync(copyIn(folder), 'utf8')
    expect([after.startsWith(before), after.split('\n')]).toEqual([true, expect.objectContaining({ length: 5 })])
    expect(await found(folder)).toEqual([])
  })

  it.each<[string, (text: string) => number, number]>([
    ['without its last lines', (text) => text.indexOf('\n') + 1, 2],
    ['torn within the last line', (text) => text.length - 30, 1],
    ['torn before its last newline', (text) => text.length - 1, 0],
    ['torn within its first line', () => 100, 3],
  ])('completes a copy that is %s, and changes nothing in it', async (_, lengthOf, missing) => {
    const path = copyIn(folder)
    truncateSync(path, lengthOf(copied))
    const before = readFileSync(path, 'utf8')
    expect(await copyCheckpoints(work, folder)).toBe(missing)
    expect(readFileSync(path, 'utf8').startsWith(before)).toBe(true)
    await coverOneMore()
    expect(await copyCheckpoints(work, folder)).toBe(1)
    expect(await found(folder)).toEqual([])
    expect((await reported())[2]).toBe(`Copy: ${path} matches the database up to checkpoint 4.`)
  })

  it('does nothing and does not wait while another process copies', async () => {
    rmSync(copyIn(folder))
    const other = await client.reserve()
    await other`begin`
    await other`select pg_advisory_xact_lock(hashtextextended(${`pencere access log ${hostname()} ${folder}`}, 0))`
    expect([await copyCheckpoints(work, folder), existsSync(copyIn(folder))]).toEqual([0, false])
    await other`rollback`
    other.release()
    expect(await copyCheckpoints(work, folder)).toBe(3)
  })

  it('rejects a copy that is ahead of the database or differs from it, and leaves it as it is', async () => {
    const before = linesOf()
    await statement('delete from accesses where position > 6; delete from access_checkpoints where number > 2')
    await expect(copyCheckpoints(work, folder)).rejects.toThrow(
      'its last checkpoint is 3, which the database lacks: rows were removed, or a backup was restored',
    )
    expect(await coverOneMore()).toBe(1)
    await expect(copyCheckpoints(work, folder)).rejects.toThrow('checkpoint 3 differs: one of the two was rewritten')
    expect(linesOf()).toEqual(before)
  })

  it('rejects a copy with a foreign last line, and does not change it', async () => {
    appendFileSync(copyIn(folder), `${'x'.repeat(20_000)}\n`)
    await expect(copyCheckpoints(work, folder)).rejects.toThrow('none of its last 16000 bytes does')
  })

  it('fails if the copy cannot be written, and signing goes on', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, '')
    await expect(copyCheckpoints(work, path)).rejects.toThrow('EEXIST')
    expect(await coverOneMore()).toBe(1)
  })

  it('logs that it begins a copy', async () => {
    logged.length = 0
    const other = join(folder, 'other', 'place')
    expect(await copyCheckpoints(work, other)).toBe(3)
    expect(logged).toEqual([
      { what: { path: copyIn(other) }, message: 'a copy of the checkpoints of the access log begins here' },
    ])
    expect(await found(folder, other)).toEqual([])
  })
})
