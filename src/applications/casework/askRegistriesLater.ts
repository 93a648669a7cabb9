import { eq } from 'drizzle-orm'
import { setDeadline } from '../../events/deadlines.js'
import { contextOfJob, type EventRow, type Work } from '../../events/job.js'
import { keysToEncrypt } from '../../identity/parties/party.js'
import { decrypt, encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import type { Application } from '../application.repository.js'
import { applications } from '../application.table.js'
import { applicationJob } from '../applicationJob.js'
import { findNeeds, getForm } from '../drafts/form.repository.js'
import { askAbout, type Prefilled, type RegistryAnswers, registriesAt } from '../drafts/prefill.js'
import { Action, undecided } from '../transition.rules.js'
import { hearing, nextAskedAt, unansweredIn, unsettledIn } from './declared.rules.js'
import { registriesAgain, subjectOf } from './term.js'

/** Schedules the next question about declared answers, unless registries have answered on all. */
export async function askLater(
  tx: Transaction,
  application: Application,
  prefilled: Prefilled,
  now: Date,
): Promise<void> {
  const unanswered = unansweredIn(prefilled)
  if (unanswered.length === 0) return
  await setDeadline(tx, {
    ...subjectOf(application),
    type: registriesAgain,
    dueAt: nextAskedAt(unanswered, now),
  })
}

const actor = 'registries'

/** Asks registries about declared answers of an application that is not decided. */
async function asked({ subject }: EventRow, work: Work): Promise<RegistryAnswers> {
  const { db } = work.database
  const [application] = await db.select().from(applications).where(eq(applications.id, subject))
  if (!application || application.unsettled.length === 0 || !undecided.includes(application.state)) return new Map()
  const { partyId: party, agencyId: agency, number, versionId, unsettled } = application
  const names = registriesAt(await getForm(db, versionId), unsettled).map(({ name }) => name)
  const needs = await findNeeds(db, application)
  const question = { party, purpose: 'APPLICATION', agency, application: number, needs }
  return await askAbout(new Set(names), question, contextOfJob(actor, work))
}

/**
 * Asks the registries that were down about the answers that a person gave instead. Confirms equal answers. An answer that
 * differs waits for an officer or the applicant. Repeats later while a registry is down.
 */
export const askRegistriesLater = applicationJob({
  name: 'askRegistriesLater',
  on: [registriesAgain],
  actor,
  prepare: asked,
  async steps({ tx, application, work, prepared }) {
    const { id, partyId, state, versionId } = application
    const key = (await keysToEncrypt(tx, work.keyring, [partyId])).get(partyId)
    if (!key || !undecided.includes(state)) return []
    const before = decrypt(key, applications, application)
    const { prefilled, confirmed, disputed } = hearing(before, await getForm(tx, versionId), prepared)
    const at = work.now()
    await askLater(tx, application, prefilled, at)
    const { prefilled: encrypted } = encrypt(key, applications, { id, partyId, prefilled })
    const change = async () => ({ set: { prefilled: encrypted, unsettled: unsettledIn(prefilled) } })
    // A dispute comes first, because nothing may be left to settle after a confirmation.
    return [
      ...(disputed ? [{ action: Action.DISPUTE_ANSWERS, at, change }] : []),
      ...(confirmed ? [{ action: Action.CONFIRM_ANSWERS, at, change }] : []),
    ]
  },
})
