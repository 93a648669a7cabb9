import { eq } from 'drizzle-orm'
import type { Job } from '../../events/job.js'
import { move } from '../application.repository.js'
import { ApplicationState, applications } from '../application.table.js'
import { confirmationOver, draftExpires } from '../casework/term.js'
import { emptiedDraft } from './draft.repository.js'

const stateByDeadline: Record<string, ApplicationState> = {
  [draftExpires]: ApplicationState.DRAFT,
  [confirmationOver]: ApplicationState.AWAITING_CONFIRMATION,
}

/** Ends an application that was not submitted or confirmed in time. Deletes the content of a draft. */
export const expireApplication: Job = {
  name: 'expireApplication',
  on: [draftExpires, confirmationOver],
  run: ({ subject, type, at }, { database, keyring }) =>
    database.db.transaction(async (tx) => {
      const [application] = await tx.select().from(applications).where(eq(applications.id, subject)).for('update')
      if (!application || application.state !== stateByDeadline[type]) return
      await move(tx, keyring, {
        application,
        to: ApplicationState.DISCONTINUED,
        event: 'application.expired',
        at,
        actor: 'deadline',
        set: { ...(await emptiedDraft(tx, keyring, application)), expiresAt: null },
      })
    }),
}
