import type { Place } from '../../platform/personal.js'

// Where files are stored. The encryption is bound to the place: a file moved to another does not decrypt.

/** An upload as received, until it is scanned. */
export const quarantineOf = (id: string) => ({ file: `quarantine/${id}`, place: placeOf('quarantine', id) })
/** An upload that was found clean. */
export const keptOf = (id: string) => ({ file: `uploads/${id.slice(-2)}/${id}`, place: placeOf('file', id) })

const placeOf = (column: string, row: string): Place => ({ table: 'uploads', column, row })

/** The PDFs of an issued document. The row has the hash of the final one. */
export const folderOfPdf = (id: string) => `documents/${id.slice(-2)}/${id}`
export const pdfOf = (id: string, sha256: Buffer) => ({
  file: `${folderOfPdf(id)}/${sha256.toString('hex')}`,
  place: { table: 'issued_documents', column: 'pdf', row: id } satisfies Place,
})
