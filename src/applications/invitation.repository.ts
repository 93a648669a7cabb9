import { and, eq, gt, isNull } from 'drizzle-orm'
import { IdentifierType, identifiers } from '../identity/identifier.table.js'
import { hashesOfIdentifier } from '../identity/identifiers.js'
import { keysOf } from '../identity/party.js'
import { digestOf } from '../identity/secret.js'
import { readCode } from '../shared/code.js'
import type { Database } from '../shared/database.js'
import type { Keyring } from '../shared/keyring.js'
import { readNumber } from '../shared/number.js'
import { open } from '../shared/personal.js'
import type { Transaction } from '../shared/seeding.js'
import { ApplicationState, applications, coApplicants } from './application.table.js'
import { getForm } from './form.repository.js'
import { namedToConfirm } from './invitation.rules.js'

type Reading = Transaction | Database['db']

/** What the applicant has told whom they invite. */
export interface Told {
  number: string
  code: string
}

/** An application that waits to be confirmed, and the invitation to it. Nothing tells which of number and code was wrong. */
export async function findInvitation(reading: Reading, { number, code }: Told, now: Date) {
  const isOpen = and(
    eq(applications.number, readNumber(number) ?? ''),
    eq(applications.state, ApplicationState.AWAITING_CONFIRMATION),
    eq(coApplicants.codeHash, digestOf(readCode(code))),
    isNull(coApplicants.confirmedAt),
    gt(coApplicants.expiresAt, now),
  )
  const [found] = await reading
    .select({ application: applications, invited: coApplicants })
    .from(applications)
    .innerJoin(coApplicants, eq(coApplicants.applicationId, applications.id))
    .where(isOpen)
  return found
}

/** Whether somebody is one of those whom the answers name as applying together: by their FİN, or as one who has none. */
export async function isNamedIn(
  reading: Reading,
  keyring: Keyring,
  application: typeof applications.$inferSelect,
  party: string,
): Promise<boolean> {
  const { partyId, versionId } = application
  const key = (await keysOf({ db: reading }, keyring, [partyId])).get(partyId)
  if (!key) return false
  const { schema } = await getForm(reading, versionId)
  const named = namedToConfirm(schema, open(key, applications, application).answers)
  // A form that asks for nobody leaves it to who was told the code.
  if (named.length === 0) return true
  const isFin = and(eq(identifiers.partyId, party), eq(identifiers.type, IdentifierType.FIN))
  const own = await reading.select({ hash: identifiers.valueIndex }).from(identifiers).where(isFin)
  if (own.length === 0) return named.includes(undefined)
  const hashes = named.flatMap((value) =>
    value === undefined ? [] : hashesOfIdentifier(keyring, { type: IdentifierType.FIN, value }),
  )
  return own.some(({ hash }) => hash !== null && hashes.includes(hash))
}
