import { and, eq, isNotNull } from 'drizzle-orm'
import { ArgsType, Field } from 'type-graphql'
import { badInput, refusal } from '../../engine/errors.js'
import type { FieldRate } from '../../engine/rates.js'
import type { Acting } from '../../events/commandKeys.js'
import { logAccesses } from '../../exchange/accessLog/logAccesses.js'
import { refusedAccess } from '../../exchange/accessLog/logAndStore.js'
import { purposes } from '../../exchange/accessLog/purpose.table.js'
import type { RecordsOf } from '../../exchange/registries/records.js'
import { caseOfficesOf } from '../../identity/officers/offices.js'
import { refuseOwnCase } from '../../identity/officers/ownCase.js'
import { type Identifier, partyNamedByOther } from '../../identity/parties/identifiers.js'
import type { PartyKind } from '../../identity/parties/party.table.js'
import type { Caller, Context } from '../../shared/context.js'
import { type Related, relationsOf } from '../application.repository.js'
import { applications } from '../application.table.js'
import { findNeeds } from '../drafts/form.repository.js'
import { isOpenTo } from '../reading.repository.js'

/** Calls by one officer a minute: more is not a person at a counter. */
export const looksOfOfficer: FieldRate = {
  points: 60,
  seconds: 60,
  by: (_args: object, { caller }: Context) => caller.id,
}

@ArgsType()
export class Reason {
  @Field(() => String, {
    description: 'Code of the purpose: see `purposes`. Returns BAD_USER_INPUT if there is no such purpose.',
  })
  purpose!: string
  @Field(() => String, {
    description:
      'Number of the application or case: 1 to 64 letters, digits and the signs `-`, `.` and `/`. The purpose ' +
      'APPLICATION requires an application at the agency that the officer has or has opened, and in which the subject ' +
      'applies. The number is logged and sent to the registry.',
  })
  application!: string
  @Field(() => String, {
    nullable: true,
    description: 'Code of the officer’s agency. Required if the officer reviews or approves at several agencies.',
  })
  agency?: string | null
}

/** The purpose of an application. Other purposes are for cases kept in other systems. */
const ofApplication = 'APPLICATION'

/** Checks the agency, that the case is not the officer's own, and that the application exists, before any query. */
export async function askingOf(
  named: { kind: PartyKind; identifier: Identifier },
  reason: Reason,
  context: Context,
): Promise<RecordsOf> {
  const { purpose, application } = reason
  if (!/^[\p{L}\p{N}./-]{1,64}$/u.test(application))
    throw badInput('`application` is the number of a case: 1 to 64 letters, digits and -./ signs.')
  const agency = officeOf(context.caller, reason.agency ?? undefined)
  const at = context.now()
  const asked = await context.database.db.transaction(async (tx) => {
    const [known] = await tx.select({ id: purposes.id }).from(purposes).where(eq(purposes.code, purpose))
    if (!known) throw badInput(`There is no purpose ${purpose}: see \`purposes\`.`)
    const { party } = await partyNamedByOther(tx, context.keyring, { ...named, createdAt: at })
    await refuseOwnCase({ tx, context }, party)
    const asked = { party, purpose, agency, application }
    if (purpose !== ofApplication) return asked
    const found = await openToOfficer({ tx, context }, { number: application, agencyId: agency })
    if (found?.parties.includes(party)) return { ...asked, needs: await findNeeds(tx, found.application) }
    const tried = { party, agencyId: agency, application, purposeId: known.id }
    await logAccesses(tx, [refusedAccess(tried, at, context)])
    return null
  })
  if (!asked)
    throw refusal(
      'FORBIDDEN',
      'The purpose APPLICATION requires an application at your agency that you have or have opened, and in which they apply.',
      { reason: 'case.not_yours' },
    )
  return asked
}

/**
 * The application at that agency, if the officer has it or has opened it. Not in their own case. Takes the same statements
 * whether or not it exists.
 */
async function openToOfficer(
  acting: Acting,
  { number, agencyId }: { number: string; agencyId: string },
): Promise<Related | undefined> {
  const isMeant = and(
    eq(applications.number, number),
    eq(applications.agencyId, agencyId),
    isNotNull(applications.submittedAt),
  )
  const rows = await acting.tx.select().from(applications).where(isMeant)
  const [found] = await relationsOf(acting, rows, { held: false })
  return found && isOpenTo(found) && found.relation.tie === null ? found : undefined
}

function officeOf(caller: Caller, wanted: string | undefined): string {
  const theirs = caseOfficesOf(caller)
  const [office, ...others] = wanted === undefined ? theirs : theirs.filter(({ agency }) => agency === wanted)
  if (wanted === undefined && others.length > 0)
    throw badInput('You work for several agencies: provide the code of one as `agency`.')
  if (!office)
    throw refusal('FORBIDDEN', 'This requires an officer who reviews or approves at that agency.', {
      reason: 'agency.not_yours',
    })
  return office.agencyId
}
