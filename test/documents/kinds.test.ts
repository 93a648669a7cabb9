import { deflateRawSync, deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { inspected } from '../../src/documents/kinds.js'
import { jpegOf, pdfOf, pngOf } from '../support/files.js'

const refusalOf = (bytes: Buffer) => {
  const found = inspected(bytes)
  return 'refused' in found ? found.refused : found.mediaType
}
const catalogue = (text: string) => pdfOf({ catalogue: text })
const objects = (...text: string[]) => pdfOf({ objects: text })
const script = '<< /S /JavaScript /JS (app.alert\\(1\\)) >>'
const packedScript = `4 0 ${script}`

describe('A PDF', () => {
  it.each([
    ['is taken', pdfOf()],
    ['of 500 pages is taken', pdfOf({ pages: 500 })],
    ['with packed objects is taken', pdfOf({ packed: '4 0 << /Type /Metadata >>' })],
    ['that opens at a page of its own is taken', catalogue('/OpenAction [10 0 R /Fit]')],
    ['with a link is taken', objects('4 0 obj\n<< /S /URI /URI (https://example.org/page) >>\nendobj')],
    [
      'with words that only look like it is taken',
      objects('4 0 obj\n<< /JavaScriptless 1 /Launcher 2 /EncryptNot 3 >>\nendobj'),
    ],
    [
      'whose picture is packed in its own way is taken',
      objects('4 0 obj\n<< /Filter /DCTDecode /Length 3 >>\nstream\nxyz\nendstream\nendobj'),
    ],
  ])('%s', (_which, bytes) => {
    expect(refusalOf(bytes)).toBe('application/pdf')
  })

  // A name within a text counts too: what points there makes an object of it.
  it.each([
    ['with a script', catalogue(`/OpenAction ${script}`)],
    ['with a script whose name is written otherwise', catalogue('/OpenAction << /S /J#61vaScrip#74 >>')],
    ['with a script beside another’s', catalogue('/Names << /JavaScript 4 0 R >>')],
    ['that starts a program', objects('4 0 obj<</S/Launch/F(cmd.exe)>>endobj')],
    ['with a file in it', catalogue('/Names << /EmbeddedFiles 4 0 R >>')],
    ['with a file on a page', objects('4 0 obj << /Subtype /FileAttachment >> endobj')],
    ['with a script in a film', objects('4 0 obj << /S /Rendition /JS (x) >> endobj')],
    ['with a script in a model', objects('4 0 obj << /Subtype /3D /OnInstantiate 5 0 R >> endobj')],
    ['with a form that is a program', catalogue('/AcroForm << /XFA 4 0 R >>')],
    ['with a script in an object stream', pdfOf({ packed: packedScript })],
    [
      'with a script in an object stream without its type',
      pdfOf({ packed: packedScript, dictionary: '/N 1 /First 4 /Filter /FlateDecode' }),
    ],
    [
      'with a script in an object stream whose names are written otherwise',
      pdfOf({ packed: packedScript, dictionary: '/Type /Obj#53tm /N 1 /F#69rst 4 /Filter [ /FlateDecode ]' }),
    ],
    [
      'with a script in an object stream that a string would hide',
      pdfOf({
        packed: packedScript,
        dictionary: '/Type /ObjStm /X (>> stream obj <<) /N 1 /First 4 /Filter /FlateDecode',
      }),
    ],
    [
      'with a script in an object stream that a comment would hide',
      pdfOf({ packed: packedScript, dictionary: '/Type /ObjStm %>>\n/N 1 /First 4 /Filter /FlateDecode' }),
    ],
    [
      'with a script in an object stream that is not packed',
      pdfOf({ packed: packedScript, dictionary: '/Type /ObjStm /N 1 /First 4', pack: (bytes) => bytes }),
    ],
    [
      'with a script within the bytes of something else',
      objects(`4 0 obj\n<< /Length 60 >>\nstream\n7 0 obj ${script} endobj\nendstream\nendobj`),
    ],
  ])('%s is refused as active', (_which, bytes) => {
    expect(refusalOf(bytes)).toBe('upload.active')
  })

  it.each([
    ['that is encrypted', pdfOf({ trailer: '/Encrypt 4 0 R' }), 'upload.encrypted'],
    ['of 501 pages', pdfOf({ pages: 501 }), 'upload.too_many_pages'],
    [
      'whose pages stand in an object stream',
      pdfOf({ packed: '4 0 << /Type /Page >>'.repeat(600) }),
      'upload.too_many_pages',
    ],
    ['without a page', pdfOf({ pages: 0 }), 'upload.unreadable'],
    ['without its end', pdfOf().subarray(0, -30), 'upload.unreadable'],
    [
      'whose objects are packed as nobody packs them',
      pdfOf({ packed: packedScript, dictionary: '/Type /ObjStm /N 1 /First 4 /Filter /LZWDecode' }),
      'upload.unreadable',
    ],
    [
      'whose objects are packed twice',
      pdfOf({ packed: packedScript, dictionary: '/Type /ObjStm /N 1 /First 4 /Filter [/ASCIIHexDecode /FlateDecode]' }),
      'upload.unreadable',
    ],
    [
      'whose packing stands elsewhere',
      pdfOf({ packed: packedScript, dictionary: '/Type /ObjStm /N 1 /First 4 /Filter 6 0 R' }),
      'upload.unreadable',
    ],
    [
      'whose objects are mixed up',
      pdfOf({
        packed: packedScript,
        dictionary: '/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /DecodeParms << /Predictor 12 >>',
      }),
      'upload.unreadable',
    ],
    [
      'whose packing is told twice',
      pdfOf({ packed: '4 0', dictionary: '/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Filter /ASCIIHexDecode' }),
      'upload.unreadable',
    ],
    [
      'whose objects all lie in one comment',
      Buffer.concat([pdfOf(), Buffer.from('1 0 obj<<>>%'.repeat(2_000))]),
      'upload.unreadable',
    ],
    ['whose packed objects are broken', pdfOf({ packed: packedScript, pack: deflateRawSync }), 'upload.unreadable'],
  ])('%s is refused', (_which, bytes, reason) => {
    expect(refusalOf(bytes)).toBe(reason)
  })

  it('that unpacks to more than anybody needs is not unpacked', () => {
    const bomb = deflateSync(Buffer.alloc(200 * 1024 * 1024, ' '))
    expect(bomb.length).toBeLessThan(250_000)
    expect(refusalOf(pdfOf({ packed: '', pack: () => bomb }))).toBe('upload.unreadable')
    const half = deflateSync(Buffer.alloc(40 * 1024 * 1024, ' '))
    const stream = Buffer.from('7 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n')
    const twice = Buffer.concat([pdfOf({ packed: '', pack: () => half }), stream, half, Buffer.from('%%EOF')])
    expect(refusalOf(twice)).toBe('upload.unreadable')
  })

  it.each([
    ['begins what never ends, again and again', '1 0 obj<<'],
    ['opens strings, again and again', '1 0 obj<<(('],
    ['comments, again and again', '1 0 obj %'],
    ['nests, again and again', '<<'],
    ['names, again and again', '/Type'],
    ['spaces', 'obj    '],
    ['comments behind what has ended, again and again', '1 0 obj<<>>%'],
  ])('that %s is soon seen to be none', { timeout: 20_000 }, (_how, text) => {
    const bytes = Buffer.concat([pdfOf(), Buffer.from(text.repeat(Math.floor(8_000_000 / text.length)))])
    expect(['upload.unreadable', 'application/pdf']).toContain(refusalOf(bytes))
  })
})

describe('A PDF of little length', () => {
  it('may hold millions of characters that are written otherwise', { timeout: 20_000 }, () => {
    const packed = deflateSync(Buffer.from('#41'.repeat(20_000_000)))
    expect(packed.length).toBeLessThan(100_000)
    expect(refusalOf(pdfOf({ packed: '', pack: () => packed }))).toBe('application/pdf')
  })

  it('has what is packed once, and not for one object in another', () => {
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
    expect(refusalOf(both)).toBe('upload.unreadable')
    expect(refusalOf(Buffer.concat([pdfOf(), object, end, Buffer.from('%%EOF')]))).toBe('application/pdf')
  })

  /** Behind bytes that make their Adler-32 that of nothing: 1. */
  function withoutSum(bytes: Buffer): Buffer {
    const prime = 65_521
    const lacking = prime - bytes.reduce((sum, byte) => sum + byte, 0)
    const before = Buffer.alloc(800, Math.floor(lacking / 800))
    for (let at = 0; at < lacking % 800; at++) before[at]! += 1
    const whole = Buffer.concat([before, bytes])
    const weighed = whole.reduce((sum, byte, at) => sum + byte * (whole.length - at), whole.length)
    const short = prime - (weighed % prime)
    // One that is taken from a later place and put to an earlier one counts for as many more as they are apart.
    for (let at = 0; at <= short / 400; at++) {
      const apart = at < Math.floor(short / 400) ? 400 : short % 400
      whole[at]! += 1
      whole[at + apart]! -= 1
    }
    return whole
  }
})

describe('A picture', () => {
  it.each([
    ['PNG', pngOf(), 'image/png'],
    ['PNG of 100 megapixels', pngOf(10_000, 10_000), 'image/png'],
    ['PNG of more', pngOf(10_001, 10_000), 'upload.too_many_pixels'],
    ['PNG as wide as can be written', pngOf(0xffffffff, 0xffffffff), 'upload.too_many_pixels'],
    ['PNG of nothing', pngOf(0, 5), 'upload.unreadable'],
    ['PNG without its end', pngOf().subarray(0, -12), 'upload.unreadable'],
    ['PNG without a head', Buffer.concat([pngOf().subarray(0, 8), Buffer.alloc(60)]), 'upload.unreadable'],
    ['PNG of a few bytes', pngOf().subarray(0, 12), 'upload.unreadable'],
    ['JPEG', jpegOf(), 'image/jpeg'],
    ['JPEG of 65,535 × 1,525', jpegOf(65_535, 1_525), 'image/jpeg'],
    ['JPEG of more', jpegOf(65_535, 1_526), 'upload.too_many_pixels'],
    ['JPEG that tells its height later', jpegOf(5, 0), 'upload.unreadable'],
    ['JPEG without a frame', Buffer.from('ffd8ffe000044a46ffda0002ffd9', 'hex'), 'upload.unreadable'],
    ['JPEG of a few bytes', Buffer.from('ffd8ff', 'hex'), 'upload.unreadable'],
    [
      'JPEG full of nothing',
      Buffer.concat([Buffer.from('ffd8', 'hex'), Buffer.alloc(1_000_000, 0xff)]),
      'upload.unreadable',
    ],
    [
      'JPEG whose segments have no length',
      Buffer.concat([Buffer.from('ffd8', 'hex'), Buffer.from('ffe00000'.repeat(10_000), 'hex')]),
      'upload.unreadable',
    ],
  ])('%s', (_which, bytes, outcome) => {
    expect(refusalOf(bytes)).toBe(outcome)
  })
})

it.each([
  ['nothing', Buffer.alloc(0)],
  ['a page', Buffer.from('<!doctype html><script></script>')],
  ['a drawing that is a program', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>')],
  ['a program', Buffer.from('MZ\x90\0')],
  ['an archive', Buffer.from('PK\x03\x04')],
  ['a GIF', Buffer.from('GIF89a')],
  ['something before a PDF', Buffer.concat([Buffer.from('<script></script>'), pdfOf()])],
])('%s is not taken', (_which, bytes) => {
  expect(refusalOf(bytes)).toBe('upload.kind_not_taken')
})
