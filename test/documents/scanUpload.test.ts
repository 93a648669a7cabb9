import { randomBytes } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { keptOf, quarantineOf } from '../../src/documents/files/places.js'
import { removeForgottenUploads } from '../../src/documents/uploads/removeForgottenUploads.js'
import { type Scanner, scannerOf } from '../../src/documents/uploads/scanner.js'
import { scanUpload } from '../../src/documents/uploads/scanUpload.js'
import { armFailpoints } from '../../src/engine/failpoint.js'
import { forgetParty, keysOf } from '../../src/identity/parties/party.js'
import { encryptFile } from '../../src/platform/encryptedFile.js'
import { freePorts } from '../../src/sandbox/freePorts.js'
import { eicar, filesOfTest, pdfOf, pngOf, wholeOf } from '../support/files.js'
import { keyringOfFile } from '../support/server.js'
import { piecesOf, uploading } from '../support/uploading.js'

const files = filesOfTest()
const { app, database, insertUpload, rowOf, eventsOf, seen, has, scan, work } = await uploading({}, { files })
const pdf = pdfOf()

const filesOf = async (key: string) => ({
  quarantined: await has(quarantineOf(key).file),
  kept: await has(keptOf(key).file),
})
const nothing = { quarantined: false, kept: false }
const received = { quarantined: true, kept: false }
const accepted = { quarantined: false, kept: true }

/** Replaces the quarantined bytes, encrypted with the right key, as an intruder on the server could. */
async function replace({ key, partyId }: { key: string; partyId: string }, bytes: Buffer) {
  const partyKey = (await keysOf(database, keyringOfFile, [partyId])).get(partyId)!
  const { file, place } = quarantineOf(key)
  await files.put(file, encryptFile(piecesOf(bytes), partyKey, place))
}
const forget = (partyId: string) => database.db.transaction((tx) => forgetParty(tx, partyId, new Date()))
afterEach(() => armFailpoints(''))

describe('scanUpload', () => {
  it('runs after an upload is received', () => {
    expect(scanUpload({ files, scanner: scannerOf(undefined) }).on).toEqual(['upload.received'])
  })

  it('keeps a clean file, and empties the quarantine', async () => {
    const { id, key } = await insertUpload('SCANNING', pngOf(), { name: 'a letter.pdf' })
    await scan(id)
    expect(await filesOf(key)).toEqual(accepted)
    expect(await seen(id)).toMatchObject({ state: 'CLEAN', mediaType: 'image/png' })
    expect((await rowOf(id)).scannedAt).toEqual(expect.any(Date))
  })

  it.each([
    ['the EICAR file', eicar],
    ['a PDF that contains it', pdfOf({ objects: [`4 0 obj\n(${eicar})\nendobj`] })],
  ])('removes %s as infected', async (_what, bytes) => {
    const { id, key } = await insertUpload('SCANNING', bytes)
    await scan(id)
    expect(await seen(id, undefined, 'ru')).toMatchObject({
      state: 'INFECTED',
      refusedFor: 'upload.infected',
      refusal: 'В файле найден вредоносный код; файл удалён.',
      mediaType: null,
      downloadUrl: null,
    })
    expect([await filesOf(key), await eventsOf(id)]).toEqual([nothing, ['upload.refused']])
  })

  it('removes a file of a kind that is not accepted, whatever its name', async () => {
    const { id, key } = await insertUpload('SCANNING', Buffer.from('<html><script>alert(1)</script>'))
    await scan(id)
    expect(await seen(id)).toMatchObject({ state: 'REFUSED', refusedFor: 'upload.kind_not_taken' })
    expect(await filesOf(key)).toEqual(nothing)
  })

  it('refuses bytes that were replaced in the quarantine', async () => {
    const upload = await insertUpload('SCANNING', pdf)
    await replace(upload, pdfOf({ pages: 2 }))
    await scan(upload.id)
    expect(await seen(upload.id)).toMatchObject({ state: 'REFUSED', refusedFor: 'upload.changed' })
    expect(await filesOf(upload.key)).toEqual(nothing)
  })

  it('keeps the bytes that it scanned, not those that replaced them meanwhile', async () => {
    const upload = await insertUpload('SCANNING', pdf)
    const scanner: Scanner = {
      check: async () => {},
      async findsIn(bytes) {
        expect(bytes.equals(pdf)).toBe(true)
        await replace(upload, eicar)
        return 'NOTHING'
      },
    }
    await scan(upload.id, scanner)
    const { downloadUrl } = await seen(upload.id)
    expect((await app.inject(downloadUrl)).rawPayload.equals(pdf)).toBe(true)
    expect(await filesOf(upload.key)).toEqual(accepted)
  })

  it.each([
    ['those of another upload', async (key: string) => (await wholeOf(await files.get(quarantineOf(key).file)))!],
    ['noise', async () => randomBytes(5000)],
    ['no bytes', async () => Buffer.alloc(0)],
  ])('refuses encrypted bytes that are replaced by %s', async (_what, bytesOf) => {
    const [{ id, key }, other] = [await insertUpload('SCANNING', pdf), await insertUpload('SCANNING', pdf)]
    await files.put(quarantineOf(key).file, piecesOf(await bytesOf(other.key)))
    await scan(id)
    expect(await rowOf(id)).toMatchObject({ state: 'REFUSED', refusedFor: 'upload.changed' })
  })

  it('records one event when it runs twice, at once or later', async () => {
    const { id, key } = await insertUpload('SCANNING', pdf)
    await Promise.allSettled([scan(id), scan(id), scan(id)])
    await scan(id)
    expect([await filesOf(key), await eventsOf(id)]).toEqual([accepted, ['upload.found_clean']])
  })

  it.each(['upload.kept', 'upload.scanned'])('completes a scan that died at %s', async (place) => {
    const [clean, infected] = [await insertUpload('SCANNING', pdf), await insertUpload('SCANNING', eicar)]
    for (const { id, key } of [clean, infected]) {
      armFailpoints(`${place}=throw`)
      await expect(scan(id)).rejects.toThrow(place)
      expect((await filesOf(key)).quarantined).toBe(true)
      await scan(id)
    }
    expect([await filesOf(clean.key), await eventsOf(clean.id), (await rowOf(clean.id)).state]).toEqual([
      accepted,
      ['upload.found_clean'],
      'CLEAN',
    ])
    expect([await filesOf(infected.key), (await rowOf(infected.id)).state]).toEqual([nothing, 'INFECTED'])
  })

  it('fails and leaves the upload SCANNING while the file store has no file', async () => {
    const { id, key } = await insertUpload('SCANNING', pdf)
    await expect(scan(id, undefined, filesOfTest())).rejects.toThrow(
      `the file of the upload ${key} must be in quarantine`,
    )
    expect((await rowOf(id)).state).toBe('SCANNING')
  })

  it('stores nothing if the data of the party is erased before or during the scan', async () => {
    const { id, key, partyId } = await insertUpload('SCANNING', pdf, { persona: 'other-citizen' })
    const other = await insertUpload('SCANNING', pdf, { persona: 'other-citizen' })
    await scan(id, {
      check: async () => {},
      async findsIn() {
        await forget(partyId)
        return 'NOTHING'
      },
    })
    expect([await filesOf(key), (await rowOf(id)).state]).toEqual([nothing, 'SCANNING'])
    await files.put(keptOf(other.key).file, piecesOf(Buffer.from('of a worker that died')))
    await scan(other.id)
    expect(await filesOf(other.key)).toEqual(nothing)
  })

  it('marks an upload as infected when clamd finds something', async () => {
    const { id } = await insertUpload('SCANNING', pdf)
    await scan(id, (await clamd('stream: Eicar-Test-Signature FOUND\0')).scanner)
    expect((await rowOf(id)).state).toBe('INFECTED')
  })

  it('fails and leaves the upload SCANNING while clamd does not answer', async () => {
    const { id, key } = await insertUpload('SCANNING', pdf)
    await expect(scan(id, (await clamd('')).scanner)).rejects.toThrow()
    expect([(await rowOf(id)).state, await filesOf(key)]).toEqual(['SCANNING', received])
    await scan(id)
    expect((await rowOf(id)).state).toBe('CLEAN')
  })
})

describe('removeForgottenUploads', () => {
  it('removes the files and hashes of a forgotten party, also when it runs twice', async () => {
    const persona = 'company-head'
    const uploads = [
      await insertUpload('CLEAN', pdf, { persona }),
      await insertUpload('SCANNING', pdfOf({ pages: 2 }), { persona }),
    ]
    const { partyId, downloadUrl } = uploads[0]!
    await forget(partyId)
    expect((await app.inject(downloadUrl)).statusCode).toBe(404)
    const other = await insertUpload('CLEAN', pdf)
    const job = removeForgottenUploads(files)
    expect(job.on).toEqual(['party.forgotten'])
    for (let time = 0; time < 2; time++) await job.run({ subject: partyId } as never, work) // it reads only the subject
    for (const { id, key } of uploads) {
      const { state, refusedFor, sha256 } = await rowOf(id)
      expect([state, refusedFor, sha256.toString('hex')]).toEqual(['REFUSED', 'upload.forgotten', '0'.repeat(64)])
      expect(await filesOf(key)).toEqual(nothing)
    }
    expect([(await rowOf(other.id)).state, await filesOf(other.key)]).toEqual(['CLEAN', accepted])
  })
})

/** A clamd that reads all of a file, and answers so. `heard` gives what it read. */
async function clamd(answer: string | ((socket: Socket) => void)) {
  let heard = Buffer.alloc(0)
  const server = createServer((socket) => {
    socket.on('error', () => {}) // the test looks at the scanner
    if (typeof answer !== 'string') return answer(socket)
    let bytes = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      if (!bytes.subarray(-4).equals(Buffer.alloc(4)) || bytes.length < 15) return
      heard = bytes
      socket.end(answer)
    })
  })
  afterAll(() => server.close())
  const [port] = await freePorts(1)
  await new Promise<void>((begun) => server.listen(port, '127.0.0.1', begun))
  const address = { host: '127.0.0.1', port: port! }
  return { address, scanner: scannerOf(address), heard: () => heard }
}

describe('scannerOf', () => {
  it('sends all of a file to clamd, in pieces with their lengths', async () => {
    const { scanner, heard } = await clamd('stream: OK\0')
    const bytes = randomBytes(150_000)
    expect(await scanner.findsIn(bytes)).toBe('NOTHING')
    expect(heard().subarray(0, 10).toString()).toBe('zINSTREAM\0')
    const pieces: Buffer[] = []
    for (let at = 10; ; ) {
      const length = heard().readUInt32BE(at)
      if (length === 0) break
      pieces.push(heard().subarray(at + 4, at + 4 + length))
      at += 4 + length
    }
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
  })

  it.each([
    ['reports an error', 'INSTREAM size limit exceeded. ERROR\0'],
    ['gives an unknown answer', 'stream: OK FOUND it all good\0'],
    ['gives no answer', ''],
    ['closes the connection', (socket: Socket) => void socket.destroy()],
    ['never ends its answer', (socket: Socket) => void socket.end('stream: OK'.repeat(1000))],
  ])('fails when clamd %s', async (_how, answer) => {
    await expect((await clamd(answer)).scanner.findsIn(pdf)).rejects.toThrow()
  })

  it.each([
    ['is silent', () => {}, { silence: 50, whole: 10_000 }, 'clamd must answer within 50 ms; it does not'],
    [
      'answers without an end',
      (socket: Socket) => {
        const drop = setInterval(() => socket.write('s'), 10)
        socket.on('close', () => clearInterval(drop))
      },
      { silence: 10_000, whole: 100 },
      'clamd must answer within 100 ms; it does not',
    ],
  ])('gives up on a clamd that %s', async (_how, answer, limits, message) => {
    const { address } = await clamd(answer)
    await expect(scannerOf(address, limits).findsIn(pdf)).rejects.toThrow(message)
  })

  it('fails when clamd does not run', async () => {
    const [port] = await freePorts(1)
    await expect(scannerOf({ host: '127.0.0.1', port: port! }).findsIn(pdf)).rejects.toThrow('ECONNREFUSED')
  })
})
