import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { NoRoom } from '../../src/documents/fileStore.js'
import { localFiles, refuseUnwritable } from '../../src/documents/localFiles.js'
import { openFiles } from '../../src/documents/openFiles.js'
import { s3Files } from '../../src/documents/s3Files.js'
import { Mode } from '../../src/shared/installation.table.js'
import { wholeOf } from '../support/files.js'
import { folderOfTest } from '../support/folder.js'
import { s3Server } from '../support/s3Server.js'
import { isRoot } from '../support/started.js'

const folder = folderOfTest()
const s3 = await s3Server()
const local = localFiles(folder, 'sandbox')
const bucket = s3Files(s3.settings, 'sandbox')

async function* pieces(bytes: Buffer, length = 65_552) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
async function* failing(bytes: Buffer, error: Error) {
  yield bytes
  throw error
}
const soon = () => new Date(Date.now() + 60_000)
const listed = async (store: typeof local, before = soon()) => {
  const names: string[] = []
  for await (const name of store.list('quarantine', before)) names.push(name)
  return names.sort()
}

describe.each([
  ['a folder', local],
  ['a bucket', bucket],
])('In %s', (_where, store) => {
  it.each([1, 65_552, 12_000_000])('%d bytes are found again as they were put', async (size) => {
    const bytes = randomBytes(size)
    await store.put('uploads/ab/one', pieces(bytes))
    expect((await wholeOf(await store.get('uploads/ab/one')))?.equals(bytes)).toBe(true)
  })

  it('the later one of a name takes the place of the earlier, for who reads anew', async () => {
    await store.put('uploads/ab/two', pieces(Buffer.from('the first')))
    const reader = await store.get('uploads/ab/two')
    await store.put('uploads/ab/two', pieces(Buffer.from('the second')))
    expect(String(await wholeOf(await store.get('uploads/ab/two')))).toBe('the second')
    expect(String(await wholeOf(reader))).toBe('the first')
  })

  it('nothing is there of that name, or any more', async () => {
    expect(await store.get('uploads/ab/nothing')).toBeUndefined()
    await store.put('uploads/ab/three', pieces(Buffer.from('x')))
    await store.remove('uploads/ab/three')
    await store.remove('uploads/ab/three')
    expect(await store.get('uploads/ab/three')).toBeUndefined()
  })

  it.each([10, 7_000_000])('what fails after %d bytes leaves nothing, and fails as it did', async (size) => {
    const fault = new Error('the sender left')
    await store.put('uploads/ab/four', pieces(Buffer.from('as before')))
    await expect(store.put('uploads/ab/four', failing(randomBytes(size), fault))).rejects.toBe(fault)
    expect(String(await wholeOf(await store.get('uploads/ab/four')))).toBe('as before')
    expect(s3.multiparts.size).toBe(0)
    expect(readdirSync(join(folder, 'sandbox/unfinished'))).toEqual([])
  })

  it('those of one folder are listed that were there before a moment', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await store.put(`quarantine/${name}`, pieces(Buffer.from('x')))
    expect(await listed(store)).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => `quarantine/${name}`))
    expect(await listed(store, new Date(Date.now() - 60_000))).toEqual([])
  })
})

describe('A folder', () => {
  it('and what stands in it is its owner’s alone', async () => {
    await local.put('uploads/cd/mine', pieces(Buffer.from('x')))
    const modes = ['', 'uploads', 'uploads/cd', 'uploads/cd/mine'].map(
      (path) => statSync(join(folder, 'sandbox', path)).mode & 0o777,
    )
    expect(modes).toEqual([0o700, 0o700, 0o700, 0o600])
  })

  it('that is full says so, and nothing is left of what came', async () => {
    const handle = await (await import('node:fs/promises')).open(join(folder, 'any'), 'w')
    const write = vi.spyOn(Object.getPrototypeOf(handle), 'write')
    await handle.close()
    write.mockRejectedValue(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
    await expect(local.put('uploads/ab/full', pieces(Buffer.from('x')))).rejects.toThrow(NoRoom)
    write.mockRestore()
    expect(existsSync(join(folder, 'sandbox/uploads/ab/full'))).toBe(false)
    expect(readdirSync(join(folder, 'sandbox/unfinished'))).toEqual([])
  })

  it('that takes a part of a piece is given the rest', async () => {
    const handle = await (await import('node:fs/promises')).open(join(folder, 'any'), 'w')
    const prototype = Object.getPrototypeOf(handle)
    const whole = prototype.write
    await handle.close()
    const write = vi.spyOn(prototype, 'write').mockImplementation(function (this: unknown, ...given: unknown[]) {
      const [bytes, offset = 0] = given as [Buffer, number]
      return whole.call(this, bytes, offset, Math.min(1000, bytes.length - offset))
    })
    const bytes = randomBytes(5_500)
    await local.put('uploads/ab/parts', pieces(bytes))
    expect(write.mock.calls.length).toBe(6)
    write.mockRestore()
    expect((await wholeOf(await local.get('uploads/ab/parts')))?.equals(bytes)).toBe(true)
  })

  it('is rid of what a writer left that died', async () => {
    const part = join(folder, 'sandbox/unfinished/of-the-dead')
    writeFileSync(part, 'x')
    utimesSync(part, new Date(0), new Date(0))
    await local.removeUnfinished(new Date(Date.now() - 1000))
    expect(existsSync(part)).toBe(false)
  })

  it.skipIf(isRoot)('that cannot be written is told at the start', () => {
    const closed = join(folder, 'closed')
    mkdirSync(closed)
    chmodSync(closed, 0o500)
    expect(() => refuseUnwritable(join(closed, 'files'))).toThrow(
      /^FILES_DIR must be a folder that can be written; EACCES/,
    )
  })

  it('that is a file is told at the start', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() => refuseUnwritable(join(folder, 'file'))).toThrow(/^FILES_DIR must be a folder that can be written; /)
    expect(() => refuseUnwritable(join(folder, 'made'))).not.toThrow()
  })
})

describe('A bucket', () => {
  it('is written by parts of 5 MiB, one after another, where a file has more than that', async () => {
    s3.asked.length = 0
    await bucket.put('uploads/ab/parts', pieces(randomBytes(11_000_000)))
    expect(s3.asked).toEqual([
      ...['POST uploads', 'PUT partNumber,uploadId', 'PUT partNumber,uploadId', 'PUT partNumber,uploadId'],
      'POST uploadId',
    ])
  })

  it('believes nobody who does not know the secret', async () => {
    const stranger = s3Files({ ...s3.settings, secretAccessKey: 'another' }, 'sandbox')
    await expect(stranger.put('uploads/ab/x', pieces(Buffer.from('x')))).rejects.toThrow('SignatureDoesNotMatch')
    stranger.close()
  })

  it('that is full says so', async () => {
    for (const fault of [
      { status: 507, code: 'Anything' },
      { status: 403, code: 'QuotaExceeded' },
    ]) {
      s3.failWith(fault)
      await expect(bucket.put('uploads/ab/x', pieces(Buffer.from('x')))).rejects.toThrow(NoRoom)
    }
    s3.failWith({ status: 403, code: 'AccessDenied' })
    await expect(bucket.put('uploads/ab/x', pieces(Buffer.from('x')))).rejects.toThrow('AccessDenied')
    await expect(bucket.get('uploads/ab/one')).rejects.toThrow('AccessDenied')
    s3.failWith(undefined)
  })

  it('is rid of what a writer left that died', async () => {
    s3.multiparts.set('of-the-dead', { key: 'sandbox/uploads/x', parts: new Map(), at: new Date(0) })
    s3.multiparts.set('of-the-living', { key: 'sandbox/uploads/y', parts: new Map(), at: new Date() })
    await bucket.removeUnfinished(new Date(Date.now() - 1000))
    expect([...s3.multiparts.keys()]).toEqual(['of-the-living'])
    s3.multiparts.clear()
  })
})

it('A sandbox and a production that are given one folder or one bucket do not meet', async () => {
  for (const where of [
    { filesDir: folder, filesS3: undefined },
    { filesDir: folder, filesS3: s3.settings },
  ]) {
    const [sandbox, production] = [Mode.SANDBOX, Mode.PRODUCTION].map((mode) => openFiles({ mode, ...where }))
    await sandbox!.put('quarantine/meets', pieces(Buffer.from('x')))
    expect(await production!.get('quarantine/meets')).toBeUndefined()
    expect(await sandbox!.get('quarantine/meets')).toBeDefined()
    for (const store of [sandbox, production]) store!.close()
  }
})
