import { eq } from 'drizzle-orm'
import type { Job } from '../events/job.js'
import { DocumentKind, issuedDocuments } from './issuedDocument.table.js'
import { numberSeries } from './numberSeries.js'
import { signDecision } from './signDecision.js'

/** What an issued document gets after its commit: its number in a series, and of a decision its signature. Each once. */
export const completeDocument: Job = {
  name: 'completeDocument',
  on: ['document.issued'],
  async run({ subject: id }, work) {
    const [document] = await work.database.db
      .select({ kind: issuedDocuments.kind, series: issuedDocuments.series })
      .from(issuedDocuments)
      .where(eq(issuedDocuments.id, id))
    if (!document) return
    if (document.series !== null) await numberSeries(work, document.series)
    if (document.kind === DocumentKind.DECISION) await signDecision(work, id)
  },
}
