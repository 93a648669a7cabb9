import { eq } from 'drizzle-orm'
import { TermEnd } from '../../catalogue/services/process.table.js'
import type { Job, Work } from '../../events/job.js'
import type { Transaction } from '../../platform/seeding.js'
import { type Application, move, standOf } from '../application.repository.js'
import { applications } from '../application.table.js'
import { decide } from '../decisions/decision.repository.js'
import { DecisionOutcome } from '../decisions/decision.table.js'
import { type Process, processOf } from '../drafts/form.repository.js'
import { isAcknowledged } from '../submission/registerApplication.js'
import { Action, transitionOfSystem } from '../transition.rules.js'
import { termOver } from './term.js'

/** In Azerbaijani, because the az text of a decision is authoritative. */
const reasoning = 'Müddət qərar verilmədən bitib.'

/**
 * Escalates an application that was not decided in time, or records the deemed decision. It takes effect at the end of the
 * term, however late this runs. Does nothing if the term has moved or is paused, or a decision was made.
 */
export const termIsOver: Job = {
  name: 'termIsOver',
  on: [termOver],
  run: ({ subject, at }, work) =>
    work.database.db.transaction(async (tx) => {
      const [application] = await tx.select().from(applications).where(eq(applications.id, subject)).for('update')
      if (application?.dueAt?.getTime() !== at.getTime()) return
      // `acknowledgeFiling` completes it in a moment.
      if (await isAcknowledged(tx, application.versionId)) return
      const process = await processOf(tx, application.versionId)
      if (process.termEnd === TermEnd.ESCALATED) await escalate(tx, application, at, work)
      else await deem(tx, application, process, at, work)
    }),
}

async function escalate(tx: Transaction, application: Application, at: Date, { keyring }: Work): Promise<void> {
  const { standing } = await standOf(tx, application)
  const transition = transitionOfSystem(Action.ESCALATE, standing, at)
  if (!transition || application.escalatedAt?.getTime() === at.getTime()) return
  await move(tx, keyring, {
    application,
    to: transition.to(standing),
    event: transition.event,
    at,
    actor: 'deadline',
    set: { escalatedAt: at },
    ids: application.officerId ? { officer: application.officerId } : {},
  })
}

async function deem(
  tx: Transaction,
  application: Application,
  process: Process,
  at: Date,
  { keyring, signingKeys, now }: Work,
): Promise<void> {
  const { standing } = await standOf(tx, application)
  const isApproved = process.termEnd === TermEnd.DEEMED_APPROVED
  const transition = transitionOfSystem(isApproved ? Action.APPROVE : Action.REFUSE, standing, at)
  if (!transition) return
  const context = { keyring, signingKeys, now, caller: { id: 'deadline' } }
  const set = await decide(
    { tx, context },
    {
      application,
      process,
      at,
      officerId: null,
      outcome: isApproved ? DecisionOutcome.APPROVED : DecisionOutcome.REFUSED,
      reasoning,
      norm: process.source,
    },
  )
  await move(tx, keyring, {
    application,
    to: transition.to(standing),
    event: transition.event,
    at,
    actor: context.caller.id,
    set,
  })
}
