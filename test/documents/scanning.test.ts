import { randomBytes } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { keptOf, quarantineOf } from '../../src/documents/places.js'
import { removeForgottenUploads } from '../../src/documents/removeForgottenUploads.js'
import { type Scanner, scannerOf } from '../../src/documents/scanner.js'
import { scanUpload } from '../../src/documents/scanUpload.js'
import { armFailpoints } from '../../src/engine/failpoint.js'
import { forgetParty, keysOf } from '../../src/identity/party.js'
import { freePorts } from '../../src/sandbox/freePorts.js'
import { sealedFile } from '../../src/shared/sealedFile.js'
import { eicar, filesOfTest, pdfOf, pngOf, wholeOf } from '../support/files.js'
import { keyringOfFile } from '../support/server.js'
import { as } from '../support/tokens.js'
import { keyOf, uploading } from '../support/uploading.js'

const files = filesOfTest()
const { app, database, announce, put, rowOf, eventsOf, seen, scan, uploaded, work } = await uploading({}, { files })
const pdf = pdfOf()

/** Announced and sent, and not looked through yet. */
async function sent(bytes = pdf, headers?: Record<string, string>) {
  const { upload } = await announce(bytes, {}, headers)
  expect((await put(upload.putAddress, bytes)).statusCode).toBe(200)
  return { id: upload.id as string, key: keyOf(upload.id) }
}
const has = async (file: string) => {
  const found = await files.get(file)
  found?.destroy()
  return found !== undefined
}
const standing = async (key: string) => ({
  ...{ quarantined: await has(quarantineOf(key).file), kept: await has(keptOf(key).file) },
})
async function* piecesOf(bytes: Buffer) {
  yield bytes
}
/** What somebody puts in place of the bytes that came: under the right key, as whoever has that of the server could. */
async function swapped(id: string, bytes: Buffer) {
  const { partyId } = await rowOf(id)
  const key = (await keysOf(database, keyringOfFile, [partyId])).get(partyId)!
  const { file, place } = quarantineOf(keyOf(id))
  await files.put(file, sealedFile(piecesOf(bytes), key, place))
}
afterEach(() => armFailpoints(''))

describe('What has come is looked through: ', () => {
  it('a file that is clean is kept, and nothing stays in quarantine', async () => {
    const { id, key } = await sent()
    await scan(id)
    expect([await standing(key), (await rowOf(id)).scannedAt]).toEqual([
      { quarantined: false, kept: true },
      expect.any(Date),
    ])
  })

  it('one with something hostile in it is found out, whatever it is called, and taken out', async () => {
    const infected = pdfOf({ objects: [`4 0 obj\n(${eicar})\nendobj`] })
    for (const bytes of [eicar, infected]) {
      const { id, key } = await sent(bytes)
      await scan(id)
      expect([await seen(id, undefined, 'ru'), await standing(key), await eventsOf(id)]).toEqual([
        expect.objectContaining({
          ...{ state: 'INFECTED', refusedFor: 'upload.infected', mediaType: null, downloadAddress: null },
          refusal: 'В файле найден вредоносный код; файл удалён.',
        }),
        { quarantined: false, kept: false },
        ['upload.announced', 'upload.received', 'upload.refused'],
      ])
    }
  })

  it('one of a kind that is not taken is refused by its bytes, whatever its name says', async () => {
    for (const bytes of [
      Buffer.from('<html><script>alert(1)</script>'),
      Buffer.from('PK\x03\x04 and so on'),
      randomBytes(500),
    ]) {
      const { id, key } = await sent(bytes)
      await scan(id)
      expect([await seen(id), await standing(key)]).toEqual([
        expect.objectContaining({ state: 'REFUSED', refusedFor: 'upload.kind_not_taken' }),
        { quarantined: false, kept: false },
      ])
    }
    const id = await uploaded(pngOf(), { name: 'a letter.pdf' })
    expect(await seen(id)).toMatchObject({ state: 'CLEAN', mediaType: 'image/png' })
  })
})

describe('Nothing is kept that was not looked through: ', () => {
  it('bytes that were swapped before are refused', async () => {
    const { id, key } = await sent()
    await swapped(id, pdfOf({ pages: 2 }))
    await scan(id)
    expect([await seen(id), await standing(key)]).toEqual([
      expect.objectContaining({ state: 'REFUSED', refusedFor: 'upload.changed' }),
      { quarantined: false, kept: false },
    ])
  })

  it('bytes that are swapped while others are looked through are not what is kept', async () => {
    const { id, key } = await sent()
    const scanner: Scanner = {
      async findsIn(bytes) {
        expect(bytes.equals(pdf)).toBe(true)
        await swapped(id, eicar)
        return 'NOTHING'
      },
    }
    await scan(id, scanner)
    const { downloadAddress } = await seen(id)
    expect((await app.inject(downloadAddress)).rawPayload.equals(pdf)).toBe(true)
    expect(await standing(key)).toEqual({ quarantined: false, kept: true })
  })

  it.each([
    ['another’s', async (key: string) => (await wholeOf(await files.get(quarantineOf(key).file)))!],
    ['noise', async () => randomBytes(5000)],
    ['none', async () => Buffer.alloc(0)],
  ])('bytes that are %s do not open, and are refused', async (_whose, bytesOf) => {
    const { id, key } = await sent()
    const other = await sent(pdfOf({ pages: 3 }))
    await files.put(quarantineOf(key).file, piecesOf(await bytesOf(other.key)))
    await scan(id)
    expect(await seen(id)).toMatchObject({ state: 'REFUSED', refusedFor: 'upload.changed' })
  })
})

describe('What looks through it may be run twice, and die anywhere: ', () => {
  const outcome = { quarantined: false, kept: true }
  const once = ['upload.announced', 'upload.received', 'upload.found_clean']

  it('a second time nothing comes of it', async () => {
    const { id, key } = await sent()
    await scan(id)
    await scan(id)
    expect([await standing(key), await eventsOf(id)]).toEqual([outcome, once])
  })

  it('by two at once it is found once', async () => {
    const { id, key } = await sent()
    await Promise.allSettled([scan(id), scan(id), scan(id)])
    await scan(id)
    expect([await standing(key), await eventsOf(id)]).toEqual([outcome, once])
  })

  it.each(['upload.kept', 'upload.scanned'])('at %s', async (place) => {
    const { id, key } = await sent()
    armFailpoints(`${place}=throw`)
    await expect(scan(id)).rejects.toThrow(place)
    expect((await standing(key)).quarantined).toBe(true)
    await scan(id)
    expect([await standing(key), await eventsOf(id), (await rowOf(id)).state]).toEqual([outcome, once, 'CLEAN'])
  })

  it.each(['upload.kept', 'upload.scanned'])('at %s, of what is hostile', async (place) => {
    const { id, key } = await sent(eicar)
    armFailpoints(`${place}=throw`)
    await expect(scan(id)).rejects.toThrow(place)
    await scan(id)
    expect([await standing(key), (await rowOf(id)).state]).toEqual([{ quarantined: false, kept: false }, 'INFECTED'])
  })

  it('where the files cannot be had it waits', async () => {
    const { id, key } = await sent()
    const away = filesOfTest()
    await expect(scan(id, undefined, away)).rejects.toThrow(`what came of the upload ${key} must stand in quarantine`)
    expect((await rowOf(id)).state).toBe('SCANNING')
    await scan(id)
    expect((await rowOf(id)).state).toBe('CLEAN')
  })
})

describe('Whose party is forgotten', () => {
  const forget = async (id: string) => {
    const { partyId } = await rowOf(id)
    await database.db.transaction((tx) => forgetParty(tx, partyId, new Date()))
    return partyId
  }
  const gone = { quarantined: false, kept: false }

  it('while it is looked through, leaves nothing', async () => {
    const { id, key } = await sent(pdf, await as('other-citizen'))
    await scan(id, {
      async findsIn() {
        await forget(id)
        return 'NOTHING'
      },
    })
    expect([await standing(key), (await rowOf(id)).state]).toEqual([gone, 'SCANNING'])
  })

  it('before it is looked through, or when the worker dies beside it, leaves nothing', async () => {
    const { id, key } = await sent(pdf, await as('company-delegate'))
    await files.put(keptOf(key).file, piecesOf(Buffer.from('of a worker that died')))
    await forget(id)
    await scan(id)
    expect(await standing(key)).toEqual(gone)
  })

  it('has no files any more, nor their hashes: the job of the event sees to it, and may be run twice', async () => {
    const headers = await as('company-head')
    const ids = [await uploaded(pdf, {}, headers), (await sent(pdfOf({ pages: 2 }), headers)).id]
    const { downloadAddress } = await seen(ids[0]!, headers)
    const partyId = await forget(ids[0]!)
    expect((await app.inject(downloadAddress)).statusCode).toBe(404)
    const [event] =
      await database.client`select type, subject from events where type = 'party.forgotten' and subject = ${partyId}`
    expect(event).toBeDefined()
    const other = await uploaded(pdf)
    for (let time = 0; time < 2; time++) await removeForgottenUploads(files).run({ subject: partyId } as never, work)
    for (const id of ids) {
      const { state, refusedFor, sha256 } = await rowOf(id)
      expect([state, refusedFor, sha256.toString('hex')]).toEqual(['REFUSED', 'upload.forgotten', '0'.repeat(64)])
      expect(await standing(keyOf(id))).toEqual(gone)
    }
    expect((await rowOf(other)).state).toBe('CLEAN')
  })
})

describe('clamd', () => {
  /** Says what it is told to, once it has heard all; what it heard is kept. */
  async function clamd(says: string | ((socket: Socket) => void)) {
    let heard = Buffer.alloc(0)
    const server = createServer((socket) => {
      socket.on('error', () => {})
      if (typeof says !== 'string') return says(socket)
      let bytes = Buffer.alloc(0)
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk])
        if (!bytes.subarray(-4).equals(Buffer.alloc(4)) || bytes.length < 15) return
        heard = bytes
        socket.end(says)
      })
    })
    afterAll(() => server.close())
    const [port] = await freePorts(1)
    await new Promise<void>((begun) => server.listen(port, '127.0.0.1', begun))
    const address = { host: '127.0.0.1', port: port! }
    return { address, scanner: scannerOf(address), heard: () => heard }
  }
  const infected = 'stream: Eicar-Test-Signature FOUND\0'

  it('is given all of a file, in pieces with their lengths', async () => {
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

  it('finds what it finds', async () => {
    const { id } = await sent()
    await scan(id, (await clamd(infected)).scanner)
    expect((await rowOf(id)).state).toBe('INFECTED')
  })

  it.each([
    ['is too small for it', 'INSTREAM size limit exceeded. ERROR\0'],
    ['says something else', 'stream: OK FOUND it all good\0'],
    ['says nothing', ''],
    ['goes away', (socket: Socket) => void socket.destroy()],
    ['talks without an end', (socket: Socket) => void socket.end('stream: OK'.repeat(1000))],
  ])('that %s lets the upload wait, and be looked through later', async (_how, says) => {
    const { id, key } = await sent()
    await expect(scan(id, (await clamd(says)).scanner)).rejects.toThrow()
    expect([(await rowOf(id)).state, await standing(key)]).toEqual(['SCANNING', { quarantined: true, kept: false }])
    await scan(id)
    expect((await rowOf(id)).state).toBe('CLEAN')
  })

  it.each([
    ['is silent', () => {}, { silence: 50, whole: 10_000 }, 'clamd must answer within 50 ms; it does not'],
    [
      'says a little again and again',
      (socket: Socket) => {
        const drop = setInterval(() => socket.write('s'), 10)
        socket.on('close', () => clearInterval(drop))
      },
      { silence: 10_000, whole: 100 },
      'clamd must answer within 100 ms; it does not',
    ],
  ])('that %s is not waited for without an end', async (_how, says, limits, told) => {
    const { id } = await sent()
    const { address } = await clamd(says)
    await expect(scan(id, scannerOf(address, limits))).rejects.toThrow(told)
    expect((await rowOf(id)).state).toBe('SCANNING')
  })

  it('that is not there lets it wait as well', async () => {
    const [port] = await freePorts(1)
    const { id } = await sent()
    await expect(scan(id, scannerOf({ host: '127.0.0.1', port: port! }))).rejects.toThrow('ECONNREFUSED')
    expect((await rowOf(id)).state).toBe('SCANNING')
  })
})

it('The job follows from what was received, and from nothing else', () => {
  expect(scanUpload({ files, scanner: scannerOf(undefined) }).on).toEqual(['upload.received'])
})
