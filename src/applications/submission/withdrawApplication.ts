import { clearDeadline } from '../../events/deadlines.js'
import { person } from '../../shared/context.js'
import { applicationCommand } from '../applicationCommand.js'
import { deadlinesOf } from '../casework/term.js'
import { emptiedDraft } from '../drafts/draft.repository.js'
import { Action } from '../transition.rules.js'

export const withdrawApplication = applicationCommand({
  name: 'withdrawApplication',
  description:
    'Withdraws an application before the decision. Deletes the answers and files of a draft. A co-applicant who has ' +
    'confirmed takes the consent back, which ends the application for all. Requires the applicant, such a ' +
    'co-applicant, or the power FILE over one of them in that service. Returns NOT_ALLOWED_NOW once it is decided, by an ' +
    'officer or by law.',
  allowedTo: person,
  action: Action.WITHDRAW,
  async change({ tx, context, application }) {
    for (const type of deadlinesOf) await clearDeadline(tx, type, application.id)
    const emptied = await emptiedDraft(tx, context.keyring, application)
    return { set: { ...emptied, expiresAt: null, pausedAt: null, respondBy: null } }
  },
})
