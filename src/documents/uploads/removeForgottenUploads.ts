import { and, eq, inArray, ne } from 'drizzle-orm'
import type { Job } from '../../events/job.js'
import type { FileStore } from '../files/fileStore.js'
import { keptOf, quarantineOf } from '../files/places.js'
import { UploadState, uploads } from './upload.table.js'

const zeros = Buffer.alloc(32)

/** Removes the files of a party whose data was erased, and their hashes. */
export const removeForgottenUploads = (files: FileStore): Job => ({
  name: 'removeForgottenUploads',
  on: ['party.forgotten'],
  async run({ subject: partyId }, { database: { db } }) {
    for (;;) {
      const some = await db
        .select({ id: uploads.id })
        .from(uploads)
        .where(and(eq(uploads.partyId, partyId), ne(uploads.sha256, zeros)))
        .limit(200)
      if (some.length === 0) return
      for (const { id } of some) {
        await files.remove(quarantineOf(id).file)
        await files.remove(keptOf(id).file)
      }
      // After the files, so that a worker that dies in between finds them again.
      const ids = some.map(({ id }) => id)
      await db
        .update(uploads)
        .set({ state: UploadState.REFUSED, refusedFor: 'upload.forgotten', mediaType: null, sha256: zeros })
        .where(inArray(uploads.id, ids))
    }
  },
})
