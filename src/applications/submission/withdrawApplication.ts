import { clearDeadline } from '../../events/deadlines.js'
import { person } from '../../shared/context.js'
import { applicationCommand } from '../applicationCommand.js'
import { deadlinesOf } from '../casework/term.js'
import { emptiedDraft } from '../drafts/draft.repository.js'
import { Action } from '../transition.rules.js'

export const withdrawApplication = applicationCommand({
  name: 'withdrawApplication',
  description:
    'Takes an application back that is not decided: nothing more is done about it. What a draft said, and what was ' +
    'put to it, is taken out. For who may apply for the applicant.',
  allowedTo: person,
  action: Action.WITHDRAW,
  async change({ tx, context, application }) {
    for (const type of deadlinesOf) await clearDeadline(tx, type, application.id)
    const emptied = await emptiedDraft(tx, context.keyring, application)
    return { set: { ...emptied, expiresAt: null, pausedAt: null, respondBy: null } }
  },
})
