import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { expireUpload } from '../../src/documents/expireUpload.js'
import { localFiles } from '../../src/documents/localFiles.js'
import { keptOf, quarantineOf } from '../../src/documents/places.js'
import { removeLeftovers } from '../../src/documents/removeLeftovers.js'
import { armFailpoints } from '../../src/engine/failpoint.js'
import { tick } from '../../src/events/deadlines.js'
import { events } from '../../src/events/event.table.js'
import { pdfOf } from '../support/files.js'
import { folderOfTest } from '../support/folder.js'
import { keyOf, uploading } from '../support/uploading.js'

const folder = folderOfTest()
const files = localFiles(folder, 'sandbox')
const { announce, put, rowOf, eventsOf, seen, hours, work, uploaded } = await uploading({}, { files })
const pdf = pdfOf()
const has = async (file: string) => {
  const found = await files.get(file)
  found?.destroy()
  return found !== undefined
}
async function* piecesOf(text: string) {
  yield Buffer.from(text)
}

/** What is due by the clock of the test, and what follows from it. */
async function letTimeTell() {
  await tick(work.database, work.now())
  const due = await work.database.db.select().from(events).where(eq(events.type, 'upload.term_ended'))
  for (const event of due) await expireUpload(files).run(event as never, work)
  return due.map(({ subject }) => subject)
}

describe('What was announced and did not come', () => {
  it('is refused once its term is over, with what of it stood in quarantine, and once', async () => {
    const [gone, halfway, received] = await Promise.all([announce(pdf), announce(pdf), announce(pdf)])
    // Whole, and its API died before it could say so.
    armFailpoints('upload.stored=throw')
    await put(halfway.upload.putAddress, pdf)
    await put(received.upload.putAddress, pdf)
    hours(23)
    const young = await announce(pdf)
    expect(await letTimeTell()).toEqual([])
    hours(1)
    expect((await letTimeTell()).sort()).toEqual([gone, halfway].map(({ upload }) => keyOf(upload.id)).sort())
    await letTimeTell()
    for (const { upload } of [gone, halfway]) {
      const row = await rowOf(upload.id)
      expect([row, await eventsOf(upload.id)]).toEqual([
        expect.objectContaining({ state: 'REFUSED', refusedFor: 'upload.expired' }),
        ['upload.announced', 'upload.term_ended', 'upload.refused'],
      ])
      expect(await has(quarantineOf(keyOf(upload.id)).file)).toBe(false)
    }
    expect([(await rowOf(received.upload.id)).state, (await rowOf(young.upload.id)).state]).toEqual([
      'SCANNING',
      'WAITING',
    ])
    expect(await seen(gone.upload.id)).toMatchObject({ refusal: 'The file was not sent in time.', putAddress: null })
  })

  it('until its last moment is taken, though the moment was told of before', async () => {
    const { upload } = await announce(pdf)
    hours(23.9)
    const { putAddress } = await seen(upload.id)
    files.put = async (name, chunks) => {
      hours(0.2)
      await tick(work.database, work.now())
      await localFiles(folder, 'sandbox').put(name, chunks)
    }
    expect((await put(putAddress, pdf)).json().state).toBe('SCANNING')
    Object.assign(files, localFiles(folder, 'sandbox'))
    await letTimeTell()
    expect([(await rowOf(upload.id)).state, await eventsOf(upload.id)]).toEqual([
      'SCANNING',
      ['upload.announced', 'upload.term_ended', 'upload.received'],
    ])
  })
})

describe('What nobody will ask for', () => {
  const old = (file: string) => utimesSync(join(folder, 'sandbox', file), new Date(0), new Date(0))

  it('is taken out of quarantine, and what somebody waits for is not', async () => {
    const waiting = (await announce(pdf)).upload
    armFailpoints('upload.stored=throw')
    await put(waiting.putAddress, pdf)
    const scanning = (await announce(pdf)).upload
    await put(scanning.putAddress, pdf)
    const clean = await uploaded(pdf)
    const stale = [quarantineOf(keyOf(clean)).file, quarantineOf(v7()).file, 'quarantine/of-a-stranger']
    const fresh = quarantineOf(v7()).file
    for (const file of [...stale, fresh]) await files.put(file, piecesOf('x'))
    const wanted = [waiting, scanning].map(({ id }) => quarantineOf(keyOf(id)).file)
    for (const file of [...stale, ...wanted]) old(file)
    await removeLeftovers(work, files)
    expect(await Promise.all(stale.map(has))).toEqual([false, false, false])
    expect(await Promise.all([...wanted, fresh, keptOf(keyOf(clean)).file].map(has))).toEqual([true, true, true, true])
  })
})
