import { and, eq, gt, isNotNull, isNull } from 'drizzle-orm'
import { getForm } from '../../catalogue/forms/form.repository.js'
import { identifiersOf } from '../../identity/parties/identifiers.js'
import { keysOf } from '../../identity/parties/party.js'
import { parties } from '../../identity/parties/party.table.js'
import { digestOf } from '../../identity/programs/secret.js'
import type { Database } from '../../platform/database.js'
import type { Keyring } from '../../platform/keyring.js'
import { decrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { readCode } from '../../shared/code.js'
import { readNumber } from '../../shared/number.js'
import { ApplicationState, applications } from '../application.table.js'
import { applicationParties } from '../applicationParty.table.js'
import { isOf, type Named, namedToConfirm } from './invitation.rules.js'

type Reading = Transaction | Database['db']

/** What a co-applicant gets from the applicant. */
export interface InvitationKey {
  number: string
  code: string
}

/** An application that awaits confirmation, with its invitation. Does not tell a wrong number from a wrong code. */
export async function findInvitation(reading: Reading, { number, code }: InvitationKey, now: Date) {
  const isOpen = and(
    eq(applications.number, readNumber(number) ?? ''),
    eq(applications.state, ApplicationState.AWAITING_CONFIRMATION),
    eq(applicationParties.codeHash, digestOf(readCode(code))),
    isNull(applicationParties.confirmedAt),
    gt(applicationParties.expiresAt, now),
    isNotNull(parties.key), // the applicant was not forgotten
  )
  const [found] = await reading
    .select({
      application: applications,
      invited: { id: applicationParties.id, expiresAt: applicationParties.expiresAt },
    })
    .from(applications)
    .innerJoin(applicationParties, eq(applicationParties.applicationId, applications.id))
    .innerJoin(parties, eq(parties.id, applications.partyId))
    .where(isOpen)
  // The cast: the condition excludes null.
  return (
    found && {
      application: found.application,
      invited: { ...found.invited, expiresAt: found.invited.expiresAt as Date },
    }
  )
}

/** Where the answers name this party as a co-applicant. Null if they name others, or cannot be read. `named` is missing if the form names nobody. */
export async function findOwnPart(
  reading: Reading,
  keyring: Keyring,
  application: typeof applications.$inferSelect,
  party: string,
): Promise<{ named?: Named } | null> {
  const { partyId, versionId } = application
  const keys = await keysOf({ db: reading }, keyring, [partyId, party])
  const [key, own] = [keys.get(partyId), keys.get(party)]
  if (!key) return null // the applicant was forgotten
  const { schema } = await getForm(reading, versionId)
  const named = namedToConfirm(schema, decrypt(key, applications, application).answers)
  // If the form names nobody, the code is enough.
  if (named === null) return {}
  const found = own && named.find(isOf(await identifiersOf(reading, own)))
  return found ? { named: found } : null
}
