import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { localFiles } from '../../src/documents/files/localFiles.js'
import { keptOf, quarantineOf } from '../../src/documents/files/places.js'
import { removeLeftovers } from '../../src/documents/files/removeLeftovers.js'
import { s3Files } from '../../src/documents/files/s3Files.js'
import { expireUpload } from '../../src/documents/uploads/expireUpload.js'
import { armFailpoints } from '../../src/engine/failpoint.js'
import { tick } from '../../src/events/deadlines.js'
import { events } from '../../src/events/event.table.js'
import { pdfOf } from '../support/files.js'
import { folderOfTest } from '../support/folder.js'
import { s3Server } from '../support/s3Server.js'
import { keyOf, piecesOf, uploading } from '../support/uploading.js'

const folder = folderOfTest()
const files = localFiles(folder, 'sandbox')
const { announce, put, insertUpload, rowOf, eventsOf, seen, has, hours, work } = await uploading({}, { files })
const s3 = await s3Server()
const pdf = pdfOf()
const hour = 3_600_000

/** Handles all deadlines that are due by the clock of the test. Gives the uploads whose deadline ended. */
async function endDeadlines() {
  await tick(work.database, work.now())
  const due = await work.database.db.select().from(events).where(eq(events.type, 'upload.term_ended'))
  for (const event of due) await expireUpload(files).run(event as never, work)
  return due.map(({ subject }) => subject)
}

describe('expireUpload', () => {
  it('refuses an upload that did not arrive within 24 hours, once, and removes its bytes', async () => {
    const [announced, interrupted, received] = await Promise.all([announce(pdf), announce(pdf), announce(pdf)])
    // All bytes are stored, but the API dies before it marks the upload as received.
    armFailpoints('upload.stored=throw')
    await put(interrupted.upload.uploadUrl, pdf)
    await put(received.upload.uploadUrl, pdf)
    hours(23)
    const young = await announce(pdf)
    expect(await endDeadlines()).toEqual([])
    hours(1)
    expect((await endDeadlines()).sort()).toEqual([announced, interrupted].map(({ upload }) => keyOf(upload.id)).sort())
    await endDeadlines()
    for (const { upload } of [announced, interrupted]) {
      expect(await rowOf(upload.id)).toMatchObject({ state: 'REFUSED', refusedFor: 'upload.expired' })
      expect(await eventsOf(upload.id)).toEqual(['upload.announced', 'upload.term_ended', 'upload.refused'])
      expect(await has(quarantineOf(keyOf(upload.id)).file)).toBe(false)
    }
    expect([(await rowOf(received.upload.id)).state, (await rowOf(young.upload.id)).state]).toEqual([
      'SCANNING',
      'WAITING',
    ])
    expect(await seen(announced.upload.id)).toMatchObject({
      refusal: 'The file was not sent in time.',
      uploadUrl: null,
    })
  })

  it('does not expire an upload whose deadline passes while its bytes arrive', async () => {
    const { upload } = await announce(pdf)
    hours(23.9)
    const { uploadUrl } = await seen(upload.id)
    files.put = async (name, chunks) => {
      hours(0.2)
      await tick(work.database, work.now())
      await localFiles(folder, 'sandbox').put(name, chunks)
    }
    expect((await put(uploadUrl, pdf)).json().state).toBe('SCANNING')
    Object.assign(files, localFiles(folder, 'sandbox'))
    await endDeadlines()
    expect([(await rowOf(upload.id)).state, await eventsOf(upload.id)]).toEqual([
      'SCANNING',
      ['upload.announced', 'upload.term_ended', 'upload.received'],
    ])
  })
})

describe('removeLeftovers', () => {
  const old = (file: string) => utimesSync(join(folder, 'sandbox', file), new Date(0), new Date(0))

  it('removes old files from the quarantine that no upload waits for', async () => {
    const waiting = await insertUpload('WAITING')
    const scanning = await insertUpload('SCANNING')
    const clean = await insertUpload('CLEAN')
    const stale = [quarantineOf(clean.key).file, quarantineOf(v7()).file, 'quarantine/of-a-stranger']
    const fresh = quarantineOf(v7()).file
    const wanted = [waiting, scanning].map(({ key }) => quarantineOf(key).file)
    for (const file of [...stale, ...wanted, fresh]) await files.put(file, piecesOf(Buffer.from('x')))
    for (const file of [...stale, ...wanted]) old(file)
    await removeLeftovers(work, files, hour)
    expect(await Promise.all(stale.map(has))).toEqual([false, false, false])
    expect(await Promise.all([...wanted, fresh, keptOf(clean.key).file].map(has))).toEqual([true, true, true, true])
  })

  it('names a call that the store does not know, and removes the rest', async () => {
    const bucket = s3Files(s3.settings, 'sandbox')
    const stale = quarantineOf(v7()).file
    await bucket.put(stale, piecesOf(Buffer.from('x')))
    const stubborn = quarantineOf(v7()).file
    await bucket.put(stubborn, piecesOf(Buffer.from('x')))
    s3.age()
    s3.doNotKnow('GET prefix,uploads')
    const lines: object[] = []
    const log = { info: () => {}, error: (what: object) => void lines.push(what) }
    const remove = bucket.remove
    bucket.remove = async (name) => {
      if (name === stubborn) throw new Error('it is locked')
      await remove(name)
    }
    await removeLeftovers({ ...work, log }, bucket, hour)
    expect(await bucket.get(stale)).toBeUndefined()
    expect(lines).toMatchObject([
      { error: { message: expect.stringMatching(/^ListMultipartUploadsCommand: /) } },
      { files: 1, error: { message: 'it is locked' } },
    ])
    s3.doNotKnow(undefined)
    bucket.close()
  })
})
