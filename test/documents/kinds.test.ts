import { deflateRawSync, deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { inspected } from '../../src/documents/uploads/kinds.js'
import { jpegOf, pdfOf, pngOf } from '../support/files.js'
import { long } from '../support/long.js'

/** Why a file is refused, or its media type. */
const outcomeOf = (bytes: Buffer) => {
  const found = inspected(bytes)
  return 'refused' in found ? found.refused : found.mediaType
}
const withCatalogue = (text: string) => pdfOf({ catalogue: text })
const withObjects = (...text: string[]) => pdfOf({ objects: text })
const script = '<< /S /JavaScript /JS (app.alert\\(1\\)) >>'
const address = '<< /S /URI /URI (https://example.org) >>'
const opening = (reference: string) => `5 0 obj << /Type /Other /OpenAction ${reference} >> endobj`
const packedScript = `4 0 ${script}`

describe('inspected', () => {
  it.each([
    ['one page', pdfOf()],
    ['500 pages', pdfOf({ pages: 500 })],
    ['an object stream', pdfOf({ packed: '4 0 << /Type /Metadata >>' })],
    ['an OpenAction that goes to one of its pages', withCatalogue('/OpenAction [10 0 R /Fit]')],
    ['a link', withObjects('4 0 obj\n<< /S /URI /URI (https://example.org/page) >>\nendobj')],
    [
      'a link, and an OpenAction that refers to one of its pages',
      withObjects(
        '4 0 obj << /S /URI /URI (https://example.org) >> endobj',
        '6 0 obj [10 0 R /Fit] endobj',
        opening('6 0 R'),
      ),
    ],
    [
      'a font that is called F',
      withObjects('4 0 obj << /Resources << /Font << /F 5 0 R >> >> /Length 1 >> stream\nx\nendstream endobj'),
    ],
    [
      'names that only begin like forbidden ones',
      withObjects('4 0 obj\n<< /JavaScriptless 1 /Launcher 2 /EncryptNot 3 >>\nendobj'),
    ],
    ['a JPEG stream', withObjects('4 0 obj\n<< /Filter /DCTDecode /Length 3 >>\nstream\nxyz\nendstream\nendobj')],
  ])('accepts a PDF with %s', (_what, bytes) => {
    expect(outcomeOf(bytes)).toBe('application/pdf')
  })

  // A name inside a string counts, too: a reference to that place makes it an object.
  it.each([
    ['a script', withCatalogue(`/OpenAction ${script}`)],
    ['a script whose name is escaped', withCatalogue('/OpenAction << /S /J#61vaScrip#74 >>')],
    ['a script in its name tree', withCatalogue('/Names << /JavaScript 4 0 R >>')],
    ['an action that starts a program', withObjects('4 0 obj<</S/Launch/F(cmd.exe)>>endobj')],
    ['an embedded file', withCatalogue('/Names << /EmbeddedFiles 4 0 R >>')],
    ['a file attached to a page', withObjects('4 0 obj << /Subtype /FileAttachment >> endobj')],
    ['a script in a rendition', withObjects('4 0 obj << /S /Rendition /JS (x) >> endobj')],
    ['a script in a 3D model', withObjects('4 0 obj << /Subtype /3D /OnInstantiate 5 0 R >> endobj')],
    ['a link to another file', withObjects('4 0 obj << /S /GoToR /F (\\\\\\\\host\\\\share\\\\x.pdf) >> endobj')],
    ['a link to an embedded file', withObjects('4 0 obj << /S /GoToE >> endobj')],
    ['a form that sends itself', withObjects('4 0 obj << /S /SubmitForm /F (https://example.org) >> endobj')],
    ['a film', withObjects('4 0 obj << /Subtype /Movie >> endobj')],
    ['a 3D model', withObjects('4 0 obj << /Subtype %\n /3D >> endobj')],
    ['the stream of a 3D model', withObjects('4 0 obj << /3DD 5 0 R >> endobj')],
    ['an address that it opens', withCatalogue(`/OpenAction ${address}`)],
    ['an address that it opens by a reference', withObjects(opening('6 0 R'), `6 0 obj ${address} endobj`)],
    [
      'an address that it opens by a packed reference',
      pdfOf({ packed: `6 0 ${address}`, catalogue: '/OpenAction 6 0 R' }),
    ],
    [
      'an address that it opens after a page',
      withCatalogue(`/OpenAction << /S /GoTo /D [10 0 R /Fit] /Next ${address} >>`),
    ],
    ['an address that it opens with a page', withObjects(`4 0 obj << /Type /Other /AA << /O ${address} >> >> endobj`)],
    [
      'a stream from elsewhere',
      withObjects('4 0 obj << /F << /FS /URL /F (https://example.org) >> /Length 0 >> stream\n\nendstream endobj'),
    ],
    ['an XFA form', withCatalogue('/AcroForm << /XFA 4 0 R >>')],
    ['a script in an object stream', pdfOf({ packed: packedScript })],
    [
      'a script in an object stream that has no type',
      pdfOf({ packed: packedScript, dictionary: '/N 1 /First 4 /Filter /FlateDecode' }),
    ],
    [
      'a script in an object stream whose names are escaped',
      pdfOf({ packed: packedScript, dictionary: '/Type /Obj#53tm /N 1 /F#69rst 4 /Filter [ /FlateDecode ]' }),
    ],
    [
      'a script in an object stream behind a string that imitates its end',
      pdfOf({
        packed: packedScript,
        dictionary: '/Type /ObjStm /X (>> stream obj <<) /N 1 /First 4 /Filter /FlateDecode',
      }),
    ],
    [
      'a script in an object stream behind a comment that imitates its end',
      pdfOf({ packed: packedScript, dictionary: '/Type /ObjStm %>>\n/N 1 /First 4 /Filter /FlateDecode' }),
    ],
    [
      'a script in an object stream that is not compressed',
      pdfOf({ packed: packedScript, dictionary: '/Type /ObjStm /N 1 /First 4', pack: (bytes) => bytes }),
    ],
    [
      'a script in the bytes of another stream',
      withObjects(`4 0 obj\n<< /Length 60 >>\nstream\n7 0 obj ${script} endobj\nendstream\nendobj`),
    ],
  ])('rejects a PDF with %s as active', (_what, bytes) => {
    expect(outcomeOf(bytes)).toBe('upload.active')
  })

  it.each([
    ['with encryption', 'upload.encrypted', pdfOf({ trailer: '/Encrypt 4 0 R' })],
    ['of 501 pages', 'upload.too_many_pages', pdfOf({ pages: 501 })],
    [
      'of 600 pages in an object stream',
      'upload.too_many_pages',
      pdfOf({ packed: '4 0 << /Type /Page >>'.repeat(600) }),
    ],
    ['without a page', 'upload.unreadable', pdfOf({ pages: 0 })],
    ['without its end', 'upload.unreadable', pdfOf().subarray(0, -30)],
    [
      'whose object stream has an unusual filter',
      'upload.unreadable',
      pdfOf({ packed: packedScript, dictionary: '/Type /ObjStm /N 1 /First 4 /Filter /LZWDecode' }),
    ],
    [
      'whose object stream has two filters',
      'upload.unreadable',
      pdfOf({ packed: packedScript, dictionary: '/Type /ObjStm /N 1 /First 4 /Filter [/ASCIIHexDecode /FlateDecode]' }),
    ],
    [
      'whose object stream refers to its filter',
      'upload.unreadable',
      pdfOf({ packed: packedScript, dictionary: '/Type /ObjStm /N 1 /First 4 /Filter 6 0 R' }),
    ],
    [
      'whose object stream has a predictor',
      'upload.unreadable',
      pdfOf({
        packed: packedScript,
        dictionary: '/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /DecodeParms << /Predictor 12 >>',
      }),
    ],
    [
      'whose object stream names its filter twice',
      'upload.unreadable',
      pdfOf({ packed: '4 0', dictionary: '/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Filter /ASCIIHexDecode' }),
    ],
    [
      'whose objects all lie in one comment',
      'upload.unreadable',
      Buffer.concat([pdfOf(), Buffer.from('1 0 obj<<>>%'.repeat(2_000))]),
    ],
    ['whose object stream is broken', 'upload.unreadable', pdfOf({ packed: packedScript, pack: deflateRawSync })],
  ])('rejects a PDF %s: %s', (_what, reason, bytes) => {
    expect(outcomeOf(bytes)).toBe(reason)
  })

  const mebibytes = (count: number) => deflateSync(Buffer.alloc(count * 1024 * 1024, ' '), { level: 1 })

  it('rejects a PDF whose object streams unpack to more than 64 MiB together', () => {
    const half = mebibytes(33)
    const stream = Buffer.from('7 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n')
    const twice = Buffer.concat([pdfOf({ packed: '', pack: () => half }), stream, half, Buffer.from('%%EOF')])
    expect(outcomeOf(twice)).toBe('upload.unreadable')
    if (long) expect(outcomeOf(pdfOf({ packed: '', pack: () => mebibytes(200) }))).toBe('upload.unreadable')
  })

  it.each([
    ['dictionaries that never end', '1 0 obj<<'],
    ['strings that never end', '1 0 obj<<(('],
    ['comments', '1 0 obj %'],
    ['nested dictionaries', '<<'],
    ['names', '/Type'],
    ['spaces', 'obj    '],
    ['comments behind objects', '1 0 obj<<>>%'],
  ])('takes linear time for a PDF that is full of %s', { timeout: long ? 20_000 : 5_000 }, (_what, text) => {
    const length = long ? 8_000_000 : 200_000
    const bytes = Buffer.concat([pdfOf(), Buffer.from(text.repeat(Math.floor(length / text.length)))])
    expect(['upload.unreadable', 'application/pdf']).toContain(outcomeOf(bytes))
  })

  it('accepts a small PDF that unpacks to millions of escaped characters', { timeout: 20_000 }, () => {
    const packed = deflateSync(Buffer.from('#41'.repeat(long ? 20_000_000 : 2_000_000)))
    expect(packed.length).toBeLessThan(100_000)
    expect(outcomeOf(pdfOf({ packed: '', pack: () => packed }))).toBe('application/pdf')
  })

  it('rejects a PDF in which one compressed stream begins inside another', () => {
    const object = Buffer.concat([
      Buffer.from('7 0 obj<</First 4/Filter/FlateDecode>>stream\n'),
      Buffer.from('7801', 'hex'),
    ])
    const stored = (bytes: Buffer) => {
      const head = Buffer.alloc(5)
      head.writeUInt16LE(bytes.length, 1)
      head.writeUInt16LE(0xffff - bytes.length, 3)
      return Buffer.concat([head, bytes])
    }
    // The second begins in a block of the first that leaves the checksum as it is, and both end with the same blocks of nothing.
    const nothing = Buffer.alloc(100_000, stored(Buffer.of()))
    const end = Buffer.concat([nothing, Buffer.from('010000ffff00000001', 'hex')])
    const both = Buffer.concat([pdfOf(), object, stored(withoutSum(object)), end, Buffer.from('%%EOF')])
    expect(outcomeOf(both)).toBe('upload.unreadable')
    expect(outcomeOf(Buffer.concat([pdfOf(), object, end, Buffer.from('%%EOF')]))).toBe('application/pdf')
  })

  it.each([
    ['PNG', 'image/png', pngOf()],
    ['PNG of 100 megapixels', 'image/png', pngOf(10_000, 10_000)],
    ['PNG of more than 100 megapixels', 'upload.too_many_pixels', pngOf(10_001, 10_000)],
    ['PNG of the largest width and height', 'upload.too_many_pixels', pngOf(0xffffffff, 0xffffffff)],
    ['PNG without a pixel', 'upload.unreadable', pngOf(0, 5)],
    ['PNG without its end', 'upload.unreadable', pngOf().subarray(0, -12)],
    ['PNG without a header', 'upload.unreadable', Buffer.concat([pngOf().subarray(0, 8), Buffer.alloc(60)])],
    ['PNG of a few bytes', 'upload.unreadable', pngOf().subarray(0, 12)],
    ['JPEG', 'image/jpeg', jpegOf()],
    ['JPEG of 65,535 × 1,525', 'image/jpeg', jpegOf(65_535, 1_525)],
    ['JPEG of 65,535 × 1,526', 'upload.too_many_pixels', jpegOf(65_535, 1_526)],
    ['JPEG that gives its height later', 'upload.unreadable', jpegOf(5, 0)],
    ['JPEG without a frame', 'upload.unreadable', Buffer.from('ffd8ffe000044a46ffda0002ffd9', 'hex')],
    ['JPEG of a few bytes', 'upload.unreadable', Buffer.from('ffd8ff', 'hex')],
    [
      'JPEG full of fill bytes',
      'upload.unreadable',
      Buffer.concat([Buffer.from('ffd8', 'hex'), Buffer.alloc(1_000_000, 0xff)]),
    ],
    [
      'JPEG whose segments have no length',
      'upload.unreadable',
      Buffer.concat([Buffer.from('ffd8', 'hex'), Buffer.from('ffe00000'.repeat(10_000), 'hex')]),
    ],
  ])('inspects a %s as %s', (_what, outcome, bytes) => {
    expect(outcomeOf(bytes)).toBe(outcome)
  })

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['an HTML page', Buffer.from('<!doctype html><script></script>')],
    ['an SVG with a script', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>')],
    ['a Windows program', Buffer.from('MZ\x90\0')],
    ['a ZIP archive', Buffer.from('PK\x03\x04')],
    ['a GIF', Buffer.from('GIF89a')],
    ['a PDF behind something else', Buffer.concat([Buffer.from('<script></script>'), pdfOf()])],
  ])('rejects %s as a kind that is not accepted', (_what, bytes) => {
    expect(outcomeOf(bytes)).toBe('upload.kind_not_taken')
  })
})

/** Puts bytes in front that make the Adler-32 of all of them 1, as of no bytes. */
function withoutSum(bytes: Buffer): Buffer {
  const prime = 65_521
  const lacking = prime - bytes.reduce((sum, byte) => sum + byte, 0)
  const before = Buffer.alloc(800, Math.floor(lacking / 800))
  for (let at = 0; at < lacking % 800; at++) before[at]! += 1
  const whole = Buffer.concat([before, bytes])
  const weighed = whole.reduce((sum, byte, at) => sum + byte * (whole.length - at), whole.length)
  const short = prime - (weighed % prime)
  // Moving 1 from a later place to an earlier one adds the distance between them.
  for (let at = 0; at <= short / 400; at++) {
    const apart = at < Math.floor(short / 400) ? 400 : short % 400
    whole[at]! += 1
    whole[at + apart]! -= 1
  }
  return whole
}
