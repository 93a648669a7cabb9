import { and, asc, eq, gt } from 'drizzle-orm'
import type { Job } from '../../events/job.js'
import type { FileStore } from '../files/fileStore.js'
import { issuedDocuments } from './issuedDocument.table.js'
import { makePdf, namesIn, type PdfTools } from './makePdf.js'
import { numberSeries } from './numberSeries.js'
import { signDocument } from './signDocument.js'

/**
 * Completes an issued document after its commit, or a receipt when its PDF is requested: its number in a series, its signature if it has none yet, and the PDF. Each step is
 * repeatable and does nothing if it is already done.
 */
export const completeDocument = (tools: PdfTools): Job => ({
  name: 'completeDocument',
  on: ['document.issued', 'document.requested'],
  isLong: true,
  async run({ subject: id }, work) {
    const [document] = await work.database.db
      .select({ keyId: issuedDocuments.keyId, series: issuedDocuments.series })
      .from(issuedDocuments)
      .where(eq(issuedDocuments.id, id))
    if (!document) return
    if (document.series !== null) await numberSeries(work, document.series)
    if (document.keyId === null) await signDocument(work, id)
    await makePdf(work, tools, id)
  },
})

/** Removes the PDFs of a party whose data was erased. */
export const removeForgottenPdfs = (files: FileStore): Job => ({
  name: 'removeForgottenPdfs',
  on: ['party.forgotten'],
  async run({ subject: partyId }, { database: { db } }) {
    for (let last: string | undefined; ; ) {
      const some = await db
        .select({ id: issuedDocuments.id })
        .from(issuedDocuments)
        .where(and(eq(issuedDocuments.partyId, partyId), last ? gt(issuedDocuments.id, last) : undefined))
        .orderBy(asc(issuedDocuments.id))
        .limit(200)
      for (const { id } of some) for (const name of await namesIn(files, id)) await files.remove(name)
      last = some.at(-1)?.id
      if (!last) return
    }
  },
})
