import { and, eq } from 'drizzle-orm'
import { applicationJob } from '../applicationJob.js'
import { officerOf } from '../casework/term.js'
import { Action } from '../transition.rules.js'
import { opinionOver } from './opinion.repository.js'
import { OpinionState, opinions } from './opinion.table.js'

/**
 * Informs the officer of a case that an opinion is late; the event itself informs the asked agency. Does nothing once the
 * opinion was given or withdrawn.
 */
export const opinionIsOver = applicationJob({
  name: 'opinionIsOver',
  on: [opinionOver],
  actor: 'deadline',
  subjectOf: ({ ids }) => ids.application ?? '',
  async steps({ tx, application, event: { subject, at } }) {
    const isOpen = and(eq(opinions.id, subject), eq(opinions.state, OpinionState.REQUESTED))
    const [opinion] = await tx.select({ id: opinions.id }).from(opinions).where(isOpen)
    if (!opinion) return []
    const change = async () => ({ ids: { opinion: subject, ...officerOf(application) }, revises: false })
    return [{ action: Action.OPINION_OVERDUE, at, change }]
  },
})
