import { eq } from 'drizzle-orm'
import type { Job } from '../events/job.js'
import { keyToSeal, PartyForgotten } from '../identity/party.js'
import { seal } from '../shared/personal.js'
import { move } from './application.repository.js'
import { ApplicationState, applications, attachments } from './application.table.js'
import { nothingPrefilled } from './prefill.js'
import { confirmationOver, draftExpires } from './term.js'

const waited: Record<string, ApplicationState> = {
  [draftExpires]: ApplicationState.DRAFT,
  [confirmationOver]: ApplicationState.AWAITING_CONFIRMATION,
}

/** A draft that nobody sent, or that not all have confirmed, is over; what a draft said is taken out, and what was put to it. */
export const expireApplication: Job = {
  name: 'expireApplication',
  on: [draftExpires, confirmationOver],
  run: ({ subject, type, at }, { database, keyring }) =>
    database.db.transaction(async (tx) => {
      const [application] = await tx.select().from(applications).where(eq(applications.id, subject)).for('update')
      if (!application || application.state !== waited[type]) return
      const { id, partyId } = application
      const key = await keyToSeal(tx, keyring, partyId).catch((error) => {
        if (error instanceof PartyForgotten) return undefined // then it says nothing any more
        throw error
      })
      const emptied =
        key && application.state === ApplicationState.DRAFT
          ? seal(key, applications, { id, partyId, answers: {}, prefilled: nothingPrefilled })
          : {}
      if (application.state === ApplicationState.DRAFT)
        await tx.delete(attachments).where(eq(attachments.applicationId, id))
      await move(tx, keyring, {
        ...{ application, to: ApplicationState.DISCONTINUED, event: 'application.expired', at, actor: 'deadline' },
        set: { ...emptied, expiresAt: null },
      })
    }),
}
