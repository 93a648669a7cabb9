import { and, asc, eq, ne } from 'drizzle-orm'
import { NIL } from 'uuid'
import { processes } from '../catalogue/services/process.table.js'
import { usualProcess } from '../catalogue/services/usualProcess.js'
import type { UserError } from '../engine/userError.js'
import type { Acting } from '../events/commandKeys.js'
import { Power } from '../identity/mandates/mandate.table.js'
import { powersOver } from '../identity/mandates/powers.js'
import { lockHashes } from '../identity/parties/identifiers.js'
import { ApplicationPhase, ApplicationState, applications } from './application.table.js'
import { applicationParties } from './applicationParty.table.js'

interface Wanted {
  party: string
  /** Not counted as another. Omitted before it exists. */
  application?: string | undefined
  service: { id: string; code: string }
  versionId: string
}
/** Refuses a second open application of a party, if the service allows one. Two at the same time wait for each other. */
export async function userErrorsInRepetition(acting: Acting, wanted: Wanted): Promise<UserError[]> {
  const { tx, context } = acting
  const { party, application = NIL, service, versionId } = wanted
  const [process = usualProcess] = await tx
    .select({ oneOpen: processes.oneOpen })
    .from(processes)
    .where(eq(processes.versionId, versionId))
  if (!process.oneOpen) return []
  await lockHashes(tx, [`${party} ${service.id}`])
  const [first] = await tx
    .select({ number: applications.number, applicant: applications.partyId })
    .from(applicationParties)
    .innerJoin(applications, eq(applications.id, applicationParties.applicationId))
    .where(
      and(
        eq(applicationParties.partyId, party),
        eq(applications.serviceId, service.id),
        ne(applications.id, application),
        // A draft may still be abandoned.
        ne(applications.state, ApplicationState.DRAFT),
        ne(applications.phase, ApplicationPhase.CLOSED),
      ),
    )
    .orderBy(asc(applications.createdAt), asc(applications.id))
    .limit(1)
  if (!first) return []
  const isShown =
    context.caller.party === party ||
    (first.applicant === party &&
      (await powersOver(acting, [party], { held: false }))(party, service.code).has(Power.VIEW))
  return [isShown ? openAlready(first.number) : openElsewhere]
}

const openAlready = (number: string): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'application.open_already',
  field: ['partyId'],
  params: { number },
})
const openElsewhere: UserError = { code: 'NOT_ALLOWED_NOW', reason: 'application.open_elsewhere', field: ['partyId'] }
