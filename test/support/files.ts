import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { deflateSync } from 'node:zlib'
import { localFiles } from '../../src/documents/files/localFiles.js'
import { folderOfTest } from './folder.js'

/** A file store in a folder of this test file. Call it at the top of the file. */
export const filesOfTest = () => localFiles(folderOfTest(), 'sandbox')

export const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

export async function wholeOf(chunks: AsyncIterable<Buffer> | undefined): Promise<Buffer | undefined> {
  return chunks && Buffer.concat(await Readable.from(chunks).toArray())
}

interface PdfOptions {
  pages?: number
  /** Further objects, as the text of the file. */
  objects?: string[]
  /** Further entries of the catalogue. */
  catalogue?: string
  trailer?: string
  /** Objects in an object stream. */
  packed?: string
  /** The dictionary of that stream. */
  dictionary?: string
  pack?: (bytes: Buffer) => Buffer
}
/** The smallest PDF that readers open. */
export function pdfOf(options: PdfOptions = {}): Buffer {
  const { pages = 1, objects = [], catalogue = '', trailer = '', packed, pack = deflateSync } = options
  const { dictionary = '/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode' } = options
  const kids = Array.from({ length: pages }, (_, at) => `${at + 10} 0 R`)
  const all = [
    `1 0 obj\n<< /Type /Catalog /Pages 2 0 R ${catalogue} >>\nendobj`,
    `2 0 obj\n<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${pages} >>\nendobj`,
    ...kids.map((kid) => `${kid.replace(' R', ' obj')}\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 10 10] >>\nendobj`),
    ...objects,
  ].map((object) => Buffer.from(object, 'latin1'))
  if (packed !== undefined) {
    const data = pack(Buffer.from(packed, 'latin1'))
    const head = `5 0 obj\n<< ${dictionary} /Length ${data.length} >>\nstream\r\n`
    all.push(Buffer.concat([Buffer.from(head, 'latin1'), data, Buffer.from('\nendstream\nendobj')]))
  }
  const body = all.flatMap((object) => [object, Buffer.from('\n')])
  const end = `trailer\n<< /Root 1 0 R /Size ${pages + 10} ${trailer} >>\nstartxref\n0\n%%EOF\n`
  return Buffer.concat([Buffer.from('%PDF-1.7\n'), ...body, Buffer.from(end, 'latin1')])
}

/** A PNG of one colour. */
export function pngOf(width = 3, height = 2): Buffer {
  const chunk = (type: string, bytes: Buffer) => {
    const head = Buffer.alloc(4)
    head.writeUInt32BE(bytes.length)
    return Buffer.concat([head, Buffer.from(type), bytes, Buffer.alloc(4)])
  }
  const size = Buffer.alloc(13)
  size.writeUInt32BE(width)
  size.writeUInt32BE(height, 4)
  size.set([8, 0], 8)
  const pixels = deflateSync(Buffer.alloc(Math.min(height, 100) * (Math.min(width, 100) + 1)))
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', size),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** A JPEG that has a header and an end, and no pixels. */
export function jpegOf(width = 3, height = 2): Buffer {
  const frame = Buffer.from('ffc0000b080000000001012200', 'hex')
  frame.writeUInt16BE(height, 5)
  frame.writeUInt16BE(width, 7)
  const tables = Buffer.from('ffe000104a46494600010100000100010000', 'hex')
  return Buffer.concat([Buffer.from('ffd8', 'hex'), tables, frame, Buffer.from('ffda0002ffd9', 'hex')])
}

/** The test file of eicar.org that every scanner finds. It is split here, or scanners would find it in this file. */
export const eicar = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
)
