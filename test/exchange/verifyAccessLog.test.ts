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
const { work, said } = workOf(database)

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
        'Covered: 9 rows under 3 checkpoints, with the meaning of 3 ids in them.',
        'Not covered yet: none.',
        `Copy: ${copyIn(folder)} tells of the same checkpoints up to number 3.`,
      ],
    })
    const now = work.now()
    await log(look({ at: new Date(now.getTime() - 60_000) }), look())
    const [, window] = (await verifyAccessLog({ ...work, now: () => now }, [folder])).lines
    expect(window).toBe(
      `Not covered yet: 2 rows, the oldest of ${new Date(now.getTime() - 60_000).toISOString()}, 60 seconds ago. Who takes these out, or writes them anew, is not found.`,
    )
    const { faults } = await verifyAccessLog({ ...work, now: () => new Date(now.getTime() + 1000) }, [folder])
    expect(faults).toEqual([expect.stringMatching(/^2 rows are not covered; the oldest is 61 seconds old, .*worker/)])
    await addCheckpoint(work)
    expect((await reported())[2]).toMatch(/up to number 3; the next got a checkpoint at .* and is not there yet\.$/)
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
      'The rows from position 4 to 6 are not those that checkpoint 2 was put over, or not in that order.',
    ])
  })

  it('finds missing rows at the beginning, in the middle and at the end', async () => {
    await statement('delete from accesses where position in (1, 5, 9)')
    expect(await found()).toEqual([1, 5, 9].map((position) => `The row at position ${position} is missing.`))
  })

  it('finds rows that changed places', async () => {
    await statement('update accesses set position = case position when 5 then -6 else -5 end where position in (5, 6)')
    await statement('update accesses set position = -position where position < 0')
    expect(await found()).toEqual([
      'The rows from position 4 to 6 are not those that checkpoint 2 was put over, or not in that order; they leave their order at 6.',
    ])
  })

  it('finds a row in the place of another, between others and behind the last', async () => {
    await statement('delete from accesses where position = 5; update accesses set position = 5 where position = 9')
    expect(await found()).toEqual([
      'The rows from position 4 to 6 are not those that checkpoint 2 was put over, or not in that order; they leave their order at 6.',
      'The row at position 9 is missing.',
    ])
    await statement(
      'update accesses set position = 40 where position = 8; update accesses set position = 0 where position = 7',
    )
    expect(await found()).toEqual(
      expect.arrayContaining([
        'The row at position 0 stands under no checkpoint.',
        'The rows from position 40 to 40 stand under no checkpoint: the checkpoints were taken out, or the positions made up.',
      ]),
    )
  })

  it('finds checkpoints that were removed, with and without their rows', async () => {
    await statement(
      'delete from accesses where position between 4 and 6; delete from access_checkpoints where number = 2',
    )
    expect(await found()).toEqual(['Checkpoint 2 is missing before checkpoint 3.'])
    await statement('delete from access_checkpoints where number = 3')
    expect(await found()).toEqual([
      'The rows from position 7 to 9 stand under no checkpoint: the checkpoints were taken out, or the positions made up.',
    ])
  })

  it('finds that the last rows were cut off', async () => {
    await statement('delete from accesses where position > 5')
    expect(await found()).toEqual([
      'The row at position 6 is missing.',
      'The row at position 7 and all up to 9 are missing.',
    ])
  })

  it('finds a checkpoint that was changed or signed with another or an unknown key', async () => {
    await statement(`update access_checkpoints set created_at = created_at + interval '1 hour' where number = 2`)
    expect(await found()).toEqual([
      'The rows from position 4 to 6 are not those that checkpoint 2 was put over, or not in that order.',
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
    expect(await found()).toContain('Checkpoint 3 is not signed by test, as it says.')
    await statement(`update access_checkpoints set key_id = 'mine' where number = 3`)
    expect(await found()).toContain('Checkpoint 3 says that it is signed by mine; the keyring has no such key.')
  })

  it('finds a checkpoint that was signed anew with the right key while the next ones stayed', async () => {
    await tamper(async (tx) => {
      await tx.update(accesses).set({ actor: 'nobody' }).where(eq(accesses.position, 5n))
      const [, , third] = await tx.select().from(accessCheckpoints).orderBy(asc(accessCheckpoints.number))
      await writeAnew(tx)
      await tx.update(accessCheckpoints).set(third!).where(eq(accessCheckpoints.number, 3n))
    })
    expect(await found()).toEqual([
      'Checkpoint 3 does not follow from the checkpoint before it: one of the two was changed.',
    ])
  })

  it('finds a changed row that is not covered yet', async () => {
    await log(look())
    await statement(`update accesses set actor = 'nobody' where position is null`)
    const [{ id } = { id: '' }] = await client`select id from accesses where position is null`
    expect(await found()).toEqual([`The row ${id}, which is not covered yet, was changed.`])
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
      `The database has another checkpoint than ${copyIn(folder)}, which agree up to number 1: one of the two was written anew from position 4 on.`,
    ])
  })

  it('finds a log whose end, or all of it, was removed with its checkpoints', async () => {
    await statement('delete from accesses where position > 3; delete from access_checkpoints where number > 1')
    expect(await found()).toEqual([])
    expect(await found(folder)).toEqual([
      `The database ends with checkpoint 1 at position 3, and ${copyIn(folder)} goes on with checkpoint 2: all rows behind that position were taken out.`,
    ])
    await statement('delete from accesses; delete from access_checkpoints; delete from access_references')
    expect(await found()).toEqual([])
    expect(await found(folder)).toEqual([
      `The database ends with checkpoint 0 at position 0, and ${copyIn(folder)} goes on with checkpoint 1: all rows behind that position were taken out.`,
    ])
  })

  it('finds a copy that is missing or has lines changed, removed or added', async () => {
    const path = copyIn(folder)
    const [one, two, three] = linesOf() as [string, string, string]
    const write = (...lines: string[]) => writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
    write(one, three)
    expect(await found(folder)).toEqual([`${path} must tell of checkpoint 2 in line 2; it tells of checkpoint 3.`])
    write(two, three)
    expect(await found(folder)).toEqual([`${path} must tell of checkpoint 1 in line 1; it tells of checkpoint 2.`])
    write(one, two.replace('"test"', '"rest"'), three)
    expect(await found(folder)).toEqual([expect.stringMatching(/another checkpoint than .* from position 4 on\.$/)])
    write(one, 'rubbish', two, three)
    expect(await found(folder)).toEqual([`${path} must tell of a checkpoint in line 2; it does not.`])
    write(one, two, 'x'.repeat(1_000_000), three)
    expect(await found(folder)).toEqual([`${path} must tell of a checkpoint in line 3; it does not.`])
    write(one, two, three.replace('"test"', '"rest"'), three)
    expect(await found(folder)).toEqual([expect.stringMatching(/another checkpoint than .* from position 7 on\.$/)])
    rmSync(path)
    expect(await found(folder)).toEqual([
      expect.stringMatching(/^There must be a copy of the checkpoints .*; there is none/),
    ])
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
    expect((await reported())[2]).toBe(`Copy: ${path} tells of the same checkpoints up to number 4.`)
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
    said.length = 0
    const other = join(folder, 'other', 'place')
    expect(await copyCheckpoints(work, other)).toBe(3)
    expect(said).toEqual([
      { what: { path: copyIn(other) }, message: 'a copy of the checkpoints of the access log begins here' },
    ])
    expect(await found(folder, other)).toEqual([])
  })
})
