import { and, eq } from 'drizzle-orm'
import type { Job } from '../../events/job.js'
import { record } from '../../events/record.js'
import { ServiceStatus, services } from '../services/service.table.js'
import { suspensionEnded } from './status.rules.js'

/** Ends a suspension at its deadline. Ignores one that was lifted, moved or replaced in the meantime. */
export const resumeService: Job = {
  name: 'resumeService',
  on: [suspensionEnded],
  run: ({ subject, at }, { database }) =>
    database.db.transaction(async (tx) => {
      const [resumed] = await tx
        .update(services)
        .set({ status: ServiceStatus.ACTIVE, statusNote: null, suspendedUntil: null })
        .where(
          and(eq(services.id, subject), eq(services.status, ServiceStatus.SUSPENDED), eq(services.suspendedUntil, at)),
        )
        .returning()
      if (!resumed) return
      const event = { domain: 'catalogue', type: 'service.resumed', subject, agencyId: resumed.agencyId }
      await record(tx, [{ ...event, at, actor: 'deadline' }])
    }),
}
