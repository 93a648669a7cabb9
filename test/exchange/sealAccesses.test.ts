import { asc, isNotNull } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { armFailpoints } from '../../src/engine/failpoint.js'
import { accesses, accessSeals } from '../../src/exchange/access.table.js'
import { isSignedBy, publicKeyOf } from '../../src/exchange/accessSeal.js'
import { logAccesses } from '../../src/exchange/logAccesses.js'
import { mostInSeal, sealAccesses } from '../../src/exchange/sealAccesses.js'
import { verifyAccessLog } from '../../src/exchange/verifyAccessLog.js'
import { workOf } from '../events/happened.js'
import { cloneDatabase } from '../support/database.js'
import { lookingIn } from './looking.js'

const database = await cloneDatabase()
const { db, client } = database
const { look, log } = await lookingIn(database)
const { work } = workOf(database)

const placed = () => db.select().from(accesses).where(isNotNull(accesses.position)).orderBy(asc(accesses.position))
const seals = () => db.select().from(accessSeals).orderBy(asc(accessSeals.number))
const sealAll = async () => {
  while ((await sealAccesses(work)) > 0);
}
const expectWhole = async () => expect((await verifyAccessLog(work, [])).faults).toEqual([])

test('what has become visible is sealed in the order of its ids, and each seal follows from the one before', async () => {
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

test('what was begun first and committed last is sealed behind what was sealed meanwhile', async () => {
  let commit: () => void = () => {}
  const told = new Promise<void>((settle) => {
    commit = settle
  })
  let wrote: () => void = () => {}
  const written = new Promise<void>((settle) => {
    wrote = settle
  })
  const early = db.transaction(async (tx) => {
    await logAccesses(tx, [look({ application: 'early' })])
    wrote()
    await told
  })
  await written
  await log(look({ application: 'late' }))
  await sealAll()
  commit()
  await early
  await sealAll()
  expect((await placed()).slice(-2).map(({ application }) => application)).toEqual(['late', 'early'])
  await expectWhole()
})

test('several workers at once give each place once, and none is left out', async () => {
  const before = await db.$count(accesses)
  let sealed = 0
  const worker = async () => {
    for (let round = 0; round < 30; round++) {
      const some = await sealAccesses(work)
      sealed += some
    }
  }
  const writer = async () => {
    for (let round = 0; round < 50; round++) await log(look(), look())
  }
  await Promise.all([writer(), writer(), worker(), worker(), worker()])
  for (let some = 1; some > 0; sealed += some) some = await sealAccesses(work)
  expect(sealed).toBe(200)
  expect((await placed()).map(({ position }) => position)).toEqual(
    Array.from({ length: before + 200 }, (_, at) => BigInt(at + 1)),
  )
  await expectWhole()
})

test('while one seals, another has nothing to do and waits for nothing', async () => {
  await log(look())
  const other = await client.reserve()
  await other`begin`
  await other`select pg_advisory_xact_lock(723642303)`
  expect(await sealAccesses(work)).toBe(0)
  await other`rollback`
  other.release()
  expect(await sealAccesses(work)).toBe(1)
})

test.each(['access.placed', 'access.sealed'])('what failed at %s has done nothing, and is done anew', async (name) => {
  const before = await seals()
  await log(look(), look())
  armFailpoints(`${name}=throw`)
  await expect(sealAccesses(work)).rejects.toThrow(`failpoint ${name}`)
  expect(await seals()).toEqual(before)
  expect(await sealAccesses(work)).toBe(2)
  await expectWhole()
})

test('a seal is over so many rows at most, those that were first', async () => {
  await log(...Array.from({ length: mostInSeal + 5 }, () => look()))
  expect(await sealAccesses(work)).toBe(mostInSeal)
  expect(await sealAccesses(work)).toBe(5)
  await expectWhole()
})
