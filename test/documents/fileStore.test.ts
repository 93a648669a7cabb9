import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { NoRoom } from '../../src/documents/files/fileStore.js'
import { localFiles, refuseUnwritable } from '../../src/documents/files/localFiles.js'
import { openFiles } from '../../src/documents/files/openFiles.js'
import { s3Files } from '../../src/documents/files/s3Files.js'
import { Mode } from '../../src/platform/installation.table.js'
import { wholeOf } from '../support/files.js'
import { folderOfTest } from '../support/folder.js'
import { long } from '../support/long.js'
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
  ['localFiles', local],
  ['s3Files', bucket],
])('%s', (_name, store) => {
  it.each([1, 65_552, long ? 12_000_000 : 6_000_000])('returns %d bytes as they were put', async (size) => {
    const bytes = randomBytes(size)
    await store.put('uploads/ab/one', pieces(bytes))
    expect((await wholeOf(await store.get('uploads/ab/one')))?.equals(bytes)).toBe(true)
  })

  it('replaces a file for later readers, and not for one that reads already', async () => {
    await store.put('uploads/ab/two', pieces(Buffer.from('the first')))
    const reader = await store.get('uploads/ab/two')
    await store.put('uploads/ab/two', pieces(Buffer.from('the second')))
    expect(String(await wholeOf(await store.get('uploads/ab/two')))).toBe('the second')
    expect(String(await wholeOf(reader))).toBe('the first')
  })

  it('returns undefined for a file that never was or was removed, and removes twice', async () => {
    expect(await store.get('uploads/ab/nothing')).toBeUndefined()
    await store.put('uploads/ab/three', pieces(Buffer.from('x')))
    await store.remove('uploads/ab/three')
    await store.remove('uploads/ab/three')
    expect(await store.get('uploads/ab/three')).toBeUndefined()
  })

  it.each([10, 6_000_000])(
    'keeps the earlier file, and nothing else, when a put fails after %d bytes',
    async (size) => {
      const fault = new Error('the sender left')
      await store.put('uploads/ab/four', pieces(Buffer.from('as before')))
      await expect(store.put('uploads/ab/four', failing(randomBytes(size), fault))).rejects.toBe(fault)
      expect(String(await wholeOf(await store.get('uploads/ab/four')))).toBe('as before')
      expect(s3.multiparts.size).toBe(0)
      expect(readdirSync(join(folder, 'sandbox/unfinished'))).toEqual([])
    },
  )

  it('lists the files of one folder that are older than a moment', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await store.put(`quarantine/${name}`, pieces(Buffer.from('x')))
    expect(await listed(store)).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => `quarantine/${name}`))
    expect(await listed(store, new Date(Date.now() - 60_000))).toEqual([])
  })
})

describe('localFiles', () => {
  it('makes files and folders that only their owner can read', async () => {
    await local.put('uploads/cd/mine', pieces(Buffer.from('x')))
    const modes = ['', 'uploads', 'uploads/cd', 'uploads/cd/mine'].map(
      (path) => statSync(join(folder, 'sandbox', path)).mode & 0o777,
    )
    expect(modes).toEqual([0o700, 0o700, 0o700, 0o600])
  })

  it('throws NoRoom when the disk is full, and leaves nothing behind', async () => {
    const handle = await (await import('node:fs/promises')).open(join(folder, 'any'), 'w')
    const write = vi.spyOn(Object.getPrototypeOf(handle), 'write')
    await handle.close()
    write.mockRejectedValue(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
    await expect(local.put('uploads/ab/full', pieces(Buffer.from('x')))).rejects.toThrow(NoRoom)
    write.mockRestore()
    expect(existsSync(join(folder, 'sandbox/uploads/ab/full'))).toBe(false)
    expect(readdirSync(join(folder, 'sandbox/unfinished'))).toEqual([])
  })

  it('continues after a partial write', async () => {
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

  it('removes the unfinished files of writers that died', async () => {
    const part = join(folder, 'sandbox/unfinished/abandoned')
    writeFileSync(part, 'x')
    utimesSync(part, new Date(0), new Date(0))
    await local.removeUnfinished(new Date(Date.now() - 1000))
    expect(existsSync(part)).toBe(false)
  })
})

describe('refuseUnwritable', () => {
  it.skipIf(isRoot)('rejects a folder that cannot be written', () => {
    const closed = join(folder, 'closed')
    mkdirSync(closed)
    chmodSync(closed, 0o500)
    expect(() => refuseUnwritable(join(closed, 'files'))).toThrow(
      /^FILES_DIR must be a folder that can be written; EACCES/,
    )
  })

  it('rejects a file, and accepts a folder that does not exist yet', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() => refuseUnwritable(join(folder, 'file'))).toThrow(/^FILES_DIR must be a folder that can be written; /)
    expect(() => refuseUnwritable(join(folder, 'made'))).not.toThrow()
  })
})

describe('s3Files', () => {
  it('uploads a file of more than 5 MiB in parts of 5 MiB', async () => {
    s3.asked.length = 0
    await bucket.put('uploads/ab/parts', pieces(randomBytes(6_000_000)))
    expect(s3.asked).toEqual(['POST uploads', 'PUT partNumber,uploadId', 'PUT partNumber,uploadId', 'POST uploadId'])
  })

  it('signs its requests with the secret', async () => {
    const stranger = s3Files({ ...s3.settings, secretAccessKey: 'another' }, 'sandbox')
    await expect(stranger.put('uploads/ab/x', pieces(Buffer.from('x')))).rejects.toThrow('SignatureDoesNotMatch')
    stranger.close()
  })

  it('fails when a response stops before its end', async () => {
    const impatient = s3Files(s3.settings, 'sandbox', { socketTimeout: 200 })
    await impatient.put('uploads/ab/half', pieces(Buffer.from('half')))
    s3.stall(true)
    onTestFinished(() => s3.stall(false))
    await expect(wholeOf(await impatient.get('uploads/ab/half'))).rejects.toThrow()
    impatient.close()
  })

  it('throws NoRoom when the bucket is full, and other faults as they are', async () => {
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

  it('aborts the multipart uploads of writers that died', async () => {
    s3.multiparts.set('abandoned', { key: 'sandbox/uploads/x', parts: new Map(), at: new Date(0) })
    s3.multiparts.set('current', { key: 'sandbox/uploads/y', parts: new Map(), at: new Date() })
    await bucket.removeUnfinished(new Date(Date.now() - 1000))
    expect([...s3.multiparts.keys()]).toEqual(['current'])
    s3.multiparts.clear()
  })
})

describe('openFiles', () => {
  it('separates a sandbox from a production in one folder or bucket', async () => {
    for (const where of [
      { filesDir: folder, filesS3: undefined },
      { filesDir: folder, filesS3: s3.settings },
    ]) {
      const [sandbox, production] = [Mode.SANDBOX, Mode.PRODUCTION].map((mode) => openFiles({ mode, ...where }))
      await sandbox!.put('quarantine/of-a-sandbox', pieces(Buffer.from('x')))
      expect(await production!.get('quarantine/of-a-sandbox')).toBeUndefined()
      expect(String(await wholeOf(await sandbox!.get('quarantine/of-a-sandbox')))).toBe('x')
      for (const store of [sandbox, production]) store!.close()
    }
  })
})
