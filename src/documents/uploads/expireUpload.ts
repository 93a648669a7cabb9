import { and, eq } from 'drizzle-orm'
import type { Job } from '../../events/job.js'
import { record } from '../../events/record.js'
import type { FileStore } from '../files/fileStore.js'
import { quarantineOf } from '../issued/places.js'
import { UploadState, uploads } from './upload.table.js'

/** The type of the event at which an upload that still waits is refused. */
export const termEnded = 'upload.term_ended'

/** Refuses what was announced and has not come, with effect at the end of its term. */
export const expireUpload = (files: FileStore): Job => ({
  name: 'expireUpload',
  on: [termEnded],
  async run({ subject: id, partyId, at }, { database: { db } }) {
    const isExpired = await db.transaction(async (tx) => {
      const [expired] = await tx
        .update(uploads)
        .set({ state: UploadState.REFUSED, refusedFor: 'upload.expired' })
        .where(and(eq(uploads.id, id), eq(uploads.state, UploadState.WAITING)))
        .returning({ id: uploads.id })
      const refused = { domain: 'documents', type: 'upload.refused', subject: id, at, actor: 'expireUpload' }
      if (expired) await record(tx, [{ ...refused, ...(partyId && { partyId }) }])
      return expired !== undefined
    })
    // Whole, and never told so: its API died between. What a worker that dies here leaves, `removeLeftovers` takes out.
    if (isExpired) await files.remove(quarantineOf(id).file)
  },
})
