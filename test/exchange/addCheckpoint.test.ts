import { asc, isNotNull, isNull } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { armFailpoints } from '../../src/engine/failpoint.js'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { isSignedBy, publicKeyOf } from '../../src/exchange/accessLog/accessCheckpoint.js'
import { accessCheckpoints } from '../../src/exchange/accessLog/accessCheckpoint.table.js'
import { addCheckpoint, checkpointLimit } from '../../src/exchange/accessLog/addCheckpoint.js'
import { logAccesses } from '../../src/exchange/accessLog/logAccesses.js'
import { verifyAccessLog } from '../../src/exchange/accessLog/verifyAccessLog.js'
import { workOf } from '../events/happened.js'
import { cloneDatabase } from '../support/database.js'
import { long } from '../support/long.js'
import { lookingIn } from './looking.js'

const database = await cloneDatabase()
const { db, client } = database
const { look, log } = await lookingIn(database)
const { work } = workOf(database)

const placed = () => db.select().from(accesses).where(isNotNull(accesses.position)).orderBy(asc(accesses.position))
const checkpoints = () => db.select().from(accessCheckpoints).orderBy(asc(accessCheckpoints.number))
const coverAll = async () => {
  let all = 0
  for (let some = 1; some > 0; all += some) some = await addCheckpoint(work)
  return all
}
const expectWhole = async () => expect((await verifyAccessLog(work, [])).faults).toEqual([])

describe('addCheckpoint', () => {
  it('numbers visible accesses in the order of their ids and signs a chain of checkpoints over them', async () => {
    await log(look(), look(), look())
    expect(await addCheckpoint(work)).toBe(3)
    expect(await addCheckpoint(work)).toBe(0)
    await log(look())
    expect(await addCheckpoint(work)).toBe(1)
    const rows = await placed()
    expect(rows.map(({ position }) => position)).toEqual([1n, 2n, 3n, 4n])
    expect(rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).sort())
    const [first, second] = await checkpoints()
    expect([first?.firstPosition, first?.lastPosition]).toEqual([1n, 3n])
    expect(first?.previous).toEqual(Buffer.alloc(32))
    expect([second?.firstPosition, second?.lastPosition, second?.previous]).toEqual([4n, 4n, first?.hash])
    const key = work.keyring.current('accessLog')
    expect(isSignedBy(second!, publicKeyOf(key))).toBe(true)
    expect(isSignedBy({ ...second!, hash: first!.hash }, publicKeyOf(key))).toBe(false)
    await expectWhole()
  })

  it('covers an access that began first and committed last behind those covered meanwhile', async () => {
    let commit: () => void = () => {}
    let early: Promise<void> | undefined
    await new Promise<void>((isWritten) => {
      early = db.transaction(async (tx) => {
        await logAccesses(tx, [look({ application: 'early' })])
        isWritten()
        await new Promise<void>((settle) => {
          commit = settle
        })
      })
    })
    await log(look({ application: 'late' }))
    await coverAll()
    commit()
    await early
    await coverAll()
    expect((await placed()).slice(-2).map(({ application }) => application)).toEqual(['late', 'early'])
    await expectWhole()
  })

  it('gives each position once while several workers checkpoint and others log', async () => {
    const rounds = long ? 50 : 10
    const before = await db.$count(accesses)
    let covered = 0
    const worker = async () => {
      for (let round = 0; round < rounds; round++) {
        const some = await addCheckpoint(work)
        covered += some
      }
    }
    const writer = async () => {
      for (let round = 0; round < rounds; round++) await log(look(), look())
    }
    await Promise.all([writer(), writer(), worker(), worker(), worker()])
    covered += await coverAll()
    expect(covered).toBe(4 * rounds)
    expect((await placed()).map(({ position }) => position)).toEqual(
      Array.from({ length: before + covered }, (_, at) => BigInt(at + 1)),
    )
    await expectWhole()
  })

  it('does nothing and does not wait while another worker checkpoints', async () => {
    await log(look())
    const other = await client.reserve()
    await other`begin`
    await other`select from accesses where position is null for update`
    expect(await addCheckpoint(work)).toBe(0)
    await other`rollback`
    other.release()
    expect(await addCheckpoint(work)).toBe(1)
  })

  it('continues while somebody without rights to the log holds advisory locks and reads it', async () => {
    await log(look())
    const other = await client.reserve()
    await other`begin`
    await other`select pg_advisory_xact_lock(723642303), count(*) from accesses`
    expect(await addCheckpoint(work)).toBe(1)
    await other`rollback`
    other.release()
  })

  it.each(['access.placed', 'access.signed'])('leaves nothing behind when it fails at %s', async (name) => {
    const before = await checkpoints()
    await log(look(), look())
    armFailpoints(`${name}=throw`)
    await expect(addCheckpoint(work)).rejects.toThrow(`failpoint ${name}`)
    expect(await checkpoints()).toEqual(before)
    expect(await addCheckpoint(work)).toBe(2)
    await expectWhole()
  })

  it('puts at most 1000 accesses under one checkpoint, oldest first', async () => {
    expect(checkpointLimit).toBe(1000)
    await log(look())
    await client`insert into accesses
      select (jsonb_populate_record(access, jsonb_build_object('id', gen_random_uuid()))).*
      from accesses access, generate_series(2, ${checkpointLimit + 5}) where position is null`
    const [first] = await db.select().from(accesses).where(isNull(accesses.position)).orderBy(asc(accesses.id)).limit(1)
    expect(await addCheckpoint(work)).toBe(checkpointLimit)
    const [last] = (await checkpoints()).slice(-1)
    expect((await placed()).find(({ position }) => position === last?.firstPosition)?.id).toBe(first?.id)
    expect(await addCheckpoint(work)).toBe(5)
  })
})
