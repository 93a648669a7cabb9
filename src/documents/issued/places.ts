import type { Place } from '../../platform/personal.js'

// Where the bytes of files stand, and as what they are encrypted: from one place they do not open in another.

/** Those of an upload as they came, until they are looked through. */
export const quarantineOf = (id: string) => ({ file: `quarantine/${id}`, place: placeOf('quarantine', id) })
/** Once they are found clean. */
export const keptOf = (id: string) => ({ file: `uploads/${id.slice(-2)}/${id}`, place: placeOf('file', id) })

const placeOf = (column: string, row: string): Place => ({ table: 'uploads', column, row })

/** The PDFs of an issued document: one at last, whose hash stands in its row. */
export const folderOfPdf = (id: string) => `documents/${id.slice(-2)}/${id}`
export const pdfOf = (id: string, sha256: Buffer) => ({
  file: `${folderOfPdf(id)}/${sha256.toString('hex')}`,
  place: { table: 'issued_documents', column: 'pdf', row: id } satisfies Place,
})
