import { and, eq } from 'drizzle-orm'
import type { Job } from '../../events/job.js'
import { record } from '../../events/record.js'
import type { FileStore } from '../files/fileStore.js'
import { quarantineOf } from '../files/places.js'
import { UploadState, uploads } from './upload.table.js'

/** Type of the event at which an upload that is still WAITING expires. */
export const termEnded = 'upload.term_ended'

/** Refuses an announced file that was not received, with effect from the deadline. */
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
    // The file may be there although the API died before recording it. `removeLeftovers` removes what a worker that dies here leaves.
    if (isExpired) await files.remove(quarantineOf(id).file)
  },
})
