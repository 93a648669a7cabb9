import { getForm } from '../../catalogue/forms/form.repository.js'
import { TermEnd } from '../../catalogue/services/process.table.js'
import { paramText } from '../../engine/say.js'
import type { Transaction } from '../../platform/seeding.js'
import { messageIn, messages } from '../../shared/messages.js'
import type { Language, Words } from '../../shared/words.js'
import type { Application } from '../application.repository.js'
import { applicationJob } from '../applicationJob.js'
import { decide } from '../decisions/decision.repository.js'
import { DecisionOutcome } from '../decisions/decision.table.js'
import { formVersionOf, labelsIn, processOf } from '../drafts/form.repository.js'
import { Action } from '../transition.rules.js'
import { officerOf, termOver } from './term.js'

/** In all languages. Names the answers that nobody has settled. */
async function reasoningFor(tx: Transaction, application: Application): Promise<Words> {
  const { unsettled } = application
  const labels = unsettled.length > 0 ? labelsIn(await getForm(tx, formVersionOf(application)), unsettled) : []
  const textIn = (language: Language) =>
    labels.length > 0
      ? messageIn(language, {
          reason: 'decision.deemed_unsettled',
          params: { answers: paramText(labels, messages, language) },
        })
      : messageIn(language, { reason: 'decision.deemed' })
  return { az: textIn('az'), en: textIn('en'), ru: textIn('ru') }
}

/**
 * Escalates an application that was not decided in time, or records the deemed decision. It takes effect at the end of the
 * term, however late this runs. Does nothing if the term has moved or is paused, or a decision was made.
 */
export const termIsOver = applicationJob({
  name: 'termIsOver',
  on: [termOver],
  actor: 'deadline',
  async steps({ tx, application, event: { at }, work }) {
    if (application.dueAt?.getTime() !== at.getTime()) return []
    const process = await processOf(tx, application.versionId)
    if (process.termEnd === TermEnd.ESCALATED) {
      const change = async () => ({ set: { escalatedAt: at }, ids: officerOf(application) })
      return application.escalatedAt?.getTime() === at.getTime() ? [] : [{ action: Action.ESCALATE, at, change }]
    }
    const isApproved = process.termEnd === TermEnd.DEEMED_APPROVED
    const outcome = isApproved ? DecisionOutcome.APPROVED : DecisionOutcome.REFUSED
    const deciding = { tx, context: { ...work, caller: { id: 'deadline' } } }
    const reasoning = await reasoningFor(tx, application)
    const deemed = { application, process, outcome, at, reasoning, norm: process.termEndNorm }
    const change = () => decide(deciding, deemed)
    return [{ action: isApproved ? Action.APPROVE : Action.REFUSE, at, change }]
  },
})
