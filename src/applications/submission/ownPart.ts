import { answerAt } from '../../catalogue/forms/answers.rules.js'
import { getForm } from '../../catalogue/forms/form.repository.js'
import type { Fault } from '../../catalogue/forms/form.rules.js'
import type { Acting } from '../../events/commandKeys.js'
import { isAtLeast } from '../../shared/assurance.js'
import { Assurance } from '../../shared/assurance.table.js'
import type { Context } from '../../shared/context.js'
import type { Draft } from '../drafts/filledLater.js'
import { unknownPerson } from '../drafts/identity.rules.js'
import { identitiesOf } from '../drafts/persons.repository.js'
import {
  askRegistries,
  mismatchesOf,
  nothingPrefilled,
  type Prefilled,
  prefill,
  type RegistryAnswers,
  registriesAt,
} from '../drafts/prefill.js'
import { findInvitation, findOwnPart, type InvitationKey } from './invitation.repository.js'
import type { Named } from './invitation.rules.js'

/** Asks the registries about the caller, for the part of the form that they are invited to confirm. */
export async function askAboutInvited(invitation: InvitationKey, context: Context): Promise<RegistryAnswers> {
  const { caller, database, keyring, now } = context
  if (caller.party === undefined || !isAtLeast(caller.assurance, Assurance.SUBSTANTIAL)) return new Map()
  const { application } = (await findInvitation(database.db, invitation, now())) ?? {}
  if (!application) return new Map()
  const { named } = (await findOwnPart(database.db, keyring, application, caller.party)) ?? {}
  if (!named) return new Map()
  const form = await getForm(database.db, application.versionId)
  return await askRegistries(form, [], { ...application, partyId: caller.party, own: named.part }, context)
}

interface Checked {
  prefilled: Prefilled
  /** Where the answers differ from what sign-in and registries know about the party. */
  differences: Fault[]
}
/** Compares a part of the answers with what sign-in and registries know about the party, and marks where they agree, and where a registry was down. */
export async function checkOwnPart(
  acting: Acting,
  { answers, prefilled, versionId }: Draft,
  { named: { part, at }, party, fetched }: { named: Named; party: string; fetched: RegistryAnswers },
): Promise<Checked> {
  const form = await getForm(acting.tx, versionId)
  const applicant = (await identitiesOf(acting, [party])).get(party) ?? unknownPerson
  const known = { persons: { applicant, heads: [], wards: [] }, own: part }
  const filled = prefill(answers, form, fetched, known, nothingPrefilled)
  const isWithin = (place: string) => place.startsWith(`/${at.join('/')}/`)
  const differences = mismatchesOf(answers, form, filled, known).filter((fault) => isWithin(fault.at))
  const isAnswered = (place: string) => isWithin(place) && answerAt(answers, place) !== undefined
  const agreed = Object.entries(filled.prefilled.places).filter(([place]) => isAnswered(place))
  const declaredAt = acting.context.now().toISOString()
  const declared = registriesAt(form, filled.prefilled.missing.filter(isAnswered), part).map(
    ({ at: place, code: registry }) => [place, { registry, declaredAt }] as const,
  )
  return {
    prefilled: {
      ...prefilled,
      places: { ...prefilled.places, ...Object.fromEntries(agreed) },
      declared: { ...prefilled.declared, ...Object.fromEntries(declared) },
    },
    differences,
  }
}
