import { and, eq, ne } from 'drizzle-orm'
import { getForm } from '../../catalogue/forms/form.repository.js'
import { setDeadline } from '../../events/deadlines.js'
import { contextOfJob, type EventRow, type Work } from '../../events/job.js'
import { keysToEncrypt } from '../../identity/parties/party.js'
import { decrypt, encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import type { Application } from '../application.repository.js'
import { applications } from '../application.table.js'
import { applicationJob } from '../applicationJob.js'
import { applicationParties } from '../applicationParty.table.js'
import { findNeeds, formVersionOf } from '../drafts/form.repository.js'
import { askAbout, type Prefilled, type RegistryAnswers, registriesAt } from '../drafts/prefill.js'
import { findOwnPart } from '../submission/invitation.repository.js'
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

/** What registries answered about a party, for its part of the form. */
interface Asked {
  own?: string | undefined
  fetched: RegistryAnswers
}
/** Asks registries about declared answers of an application that is not decided: about each party whose they are. */
async function asked({ subject }: EventRow, work: Work): Promise<Asked[]> {
  const { db } = work.database
  const [application] = await db.select().from(applications).where(eq(applications.id, subject))
  if (!application || application.unsettled.length === 0 || !undecided.includes(application.state)) return []
  const { agencyId: agency, number, unsettled } = application
  const form = await getForm(db, formVersionOf(application))
  const context = contextOfJob(actor, work)
  const needs = await findNeeds(db, application)
  const parts = await partsOf(application, work)
  const about = parts.map(async ({ party, own }) => {
    // After a transfer to a service that does not need a registry, its agency may not query it.
    const names = registriesAt(form, unsettled, own).flatMap(({ name, code }) => (code in needs.registries ? name : []))
    const question = { party, purpose: 'APPLICATION', agency, application: number, needs }
    return { own, fetched: await askAbout(new Set(names), question, context) }
  })
  return await Promise.all(about)
}

/** The applicant, and those who have confirmed a part of their own. Registries fill no lists, so those are few. */
async function partsOf(application: Application, { database: { db }, keyring }: Work) {
  const { id, partyId: applicant } = application
  const { applicationId, partyId } = applicationParties
  const others = await db
    .select({ party: partyId })
    .from(applicationParties)
    .where(and(eq(applicationId, id), ne(partyId, applicant)))
  const found = others.map(async ({ party }) => {
    if (party === null) return []
    const own = (await findOwnPart(db, keyring, application, party))?.named?.part
    return own === undefined ? [] : [{ party, own }]
  })
  return [{ party: applicant, own: undefined }, ...(await Promise.all(found)).flat()]
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
    const { id, partyId, state } = application
    const key = (await keysToEncrypt(tx, work.keyring, [partyId])).get(partyId)
    const isAsked = prepared.some(({ fetched }) => fetched.size > 0)
    if (!key || !isAsked || !undecided.includes(state)) return []
    const before = decrypt(key, applications, application)
    const form = await getForm(tx, formVersionOf(application))
    const heard = prepared.reduce(
      (sum, { own, fetched }) => {
        const { prefilled, confirmed, disputed } = hearing({ ...before, prefilled: sum.prefilled }, form, fetched, own)
        return { prefilled, confirmed: sum.confirmed || confirmed, disputed: sum.disputed || disputed }
      },
      { prefilled: before.prefilled, confirmed: false, disputed: false },
    )
    const { prefilled, confirmed, disputed } = heard
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
