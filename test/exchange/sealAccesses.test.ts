import { asc, isNotNull, isNull } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { armFailpoints } from '../../src/engine/failpoint.js'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { isSignedBy, publicKeyOf } from '../../src/exchange/accessLog/accessSeal.js'
import { accessSeals } from '../../src/exchange/accessLog/accessSeal.table.js'
import { logAccesses } from '../../src/exchange/accessLog/logAccesses.js'
import { mostInSeal, sealAccesses } from '../../src/exchange/accessLog/sealAccesses.js'
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
const seals = () => db.select().from(accessSeals).orderBy(asc(accessSeals.number))
const sealAll = async () => {
  let all = 0
  for (let some = 1; some > 0; all += some) some = await sealAccesses(work)
  return all
}
const expectWhole = async () => expect((await verifyAccessLog(work, [])).faults).toEqual([])

describe('sealAccesses', () => {
  it('numbers visible accesses in the order of their ids and signs a chain of seals over them', async () => {
    await log(look(), look(), look())
    expect(await sealAccesses(work)).toBe(3)
    expect(await sealAccesses(work)).toBe(0)
    await log(look())
    expect(await sealAccesses(work)).toBe(1)
    const rows = await placed()
    expect(rows.map(({ position }) => position)).toEqual([1n, 2n, 3n, 4n])
    expect(rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).sort())
    const [first, second] = await seals()
    expect([first?.firstPosition, first?.lastPosition]).toEqual([1n, 3n])
    expect(first?.previous).toEqual(Buffer.alloc(32))
    expect([second?.firstPosition, second?.lastPosition, second?.previous]).toEqual([4n, 4n, first?.hash])
    const key = work.keyring.current('accessLog')
    expect(isSignedBy(second!, publicKeyOf(key))).toBe(true)
    expect(isSignedBy({ ...second!, hash: first!.hash }, publicKeyOf(key))).toBe(false)
    await expectWhole()
  })

  it('seals an access that began first and committed last behind those sealed meanwhile', async () => {
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
    await sealAll()
    commit()
    await early
    await sealAll()
    expect((await placed()).slice(-2).map(({ application }) => application)).toEqual(['late', 'early'])
    await expectWhole()
  })

  it('gives each position once while several workers seal and others log', async () => {
    const rounds = long ? 50 : 10
    const before = await db.$count(accesses)
    let sealed = 0
    const worker = async () => {
      for (let round = 0; round < rounds; round++) {
        const some = await sealAccesses(work)
        sealed += some
      }
    }
    const writer = async () => {
      for (let round = 0; round < rounds; round++) await log(look(), look())
    }
    await Promise.all([writer(), writer(), worker(), worker(), worker()])
    sealed += await sealAll()
    expect(sealed).toBe(4 * rounds)
    expect((await placed()).map(({ position }) => position)).toEqual(
      Array.from({ length: before + sealed }, (_, at) => BigInt(at + 1)),
    )
    await expectWhole()
  })

  it('does nothing and does not wait while another worker seals', async () => {
    await log(look())
    const other = await client.reserve()
    await other`begin`
    await other`select from accesses where position is null for update`
    expect(await sealAccesses(work)).toBe(0)
    await other`rollback`
    other.release()
    expect(await sealAccesses(work)).toBe(1)
  })

  it('goes on while somebody without rights to the log holds advisory locks and reads it', async () => {
    await log(look())
    const other = await client.reserve()
    await other`begin`
    await other`select pg_advisory_xact_lock(723642303), count(*) from accesses`
    expect(await sealAccesses(work)).toBe(1)
    await other`rollback`
    other.release()
  })

  it.each(['access.placed', 'access.sealed'])('leaves nothing behind when it fails at %s', async (name) => {
    const before = await seals()
    await log(look(), look())
    armFailpoints(`${name}=throw`)
    await expect(sealAccesses(work)).rejects.toThrow(`failpoint ${name}`)
    expect(await seals()).toEqual(before)
    expect(await sealAccesses(work)).toBe(2)
    await expectWhole()
  })

  it('puts at most 1000 accesses under one seal, oldest first', async () => {
    expect(mostInSeal).toBe(1000)
    await log(look())
    await client`insert into accesses
      select (jsonb_populate_record(access, jsonb_build_object('id', gen_random_uuid()))).*
      from accesses access, generate_series(2, ${mostInSeal + 5}) where position is null`
    const [first] = await db.select().from(accesses).where(isNull(accesses.position)).orderBy(asc(accesses.id)).limit(1)
    expect(await sealAccesses(work)).toBe(mostInSeal)
    const [last] = (await seals()).slice(-1)
    expect((await placed()).find(({ position }) => position === last?.firstPosition)?.id).toBe(first?.id)
    expect(await sealAccesses(work)).toBe(5)
  })
})
