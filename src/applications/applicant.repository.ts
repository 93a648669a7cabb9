import { and, eq } from 'drizzle-orm'
import { Audience } from '../catalogue/services/service.table.js'
import type { UserError } from '../engine/userError.js'
import type { Acting } from '../events/commandKeys.js'
import { IdentifierType, identifiers } from '../identity/parties/identifier.table.js'
import { PersonStatus, particulars } from '../identity/parties/particulars.table.js'
import { PartyKind, parties } from '../identity/parties/party.table.js'
import { invalid } from '../shared/userErrors.js'
import type { Version } from './drafts/form.repository.js'
import { userErrorsInRepetition } from './repetition.repository.js'

interface Wanted {
  service: { id: string; code: string; audiences: Audience[] }
  version: Version
}
/** Checked at the start and at submission: somebody else or the agency may have started the draft. */
export async function userErrorsInApplicant(
  acting: Acting,
  { party, isOther, application }: { party: string; isOther: boolean; application?: string },
  { service, version }: Wanted,
): Promise<UserError[]> {
  const audiences = await audiencesOf(acting, party)
  return [
    ...(isOther && !version.delegable ? [notDelegable] : []),
    ...(service.audiences.some((audience) => audiences.includes(audience)) ? [] : [notForThem]),
    ...(await userErrorsInRepetition(acting, { party, application, service, versionId: version.id })),
  ]
}

const byStatus: Record<PersonStatus, Audience> = {
  [PersonStatus.CITIZEN]: Audience.CITIZEN,
  [PersonStatus.FOREIGNER]: Audience.FOREIGNER,
  [PersonStatus.STATELESS]: Audience.STATELESS,
}

/** The kind of applicant as which a party applies for a service. Undefined if the service is not for them. */
export async function applicantKindOf(
  acting: Acting,
  party: string,
  service: Pick<Wanted['service'], 'audiences'>,
): Promise<Audience | undefined> {
  const audiences = await audiencesOf(acting, party)
  return audiences.find((audience) => service.audiences.includes(audience))
}

/** The audiences that a party belongs to, by their own status first. A person of unknown status belongs to none, except by a VÖEN. */
export async function audiencesOf({ tx }: Acting, party: string): Promise<Audience[]> {
  const [found] = await tx
    .select({ kind: parties.kind, status: particulars.status })
    .from(parties)
    .leftJoin(particulars, eq(particulars.partyId, parties.id))
    .where(eq(parties.id, party))
  if (found?.kind === PartyKind.LEGAL_ENTITY) return [Audience.LEGAL_ENTITY]
  const isVoen = and(eq(identifiers.partyId, party), eq(identifiers.type, IdentifierType.VOEN))
  const [voen] = await tx.select({ id: identifiers.id }).from(identifiers).where(isVoen).limit(1)
  return [...(found?.status ? [byStatus[found.status]] : []), ...(voen ? [Audience.SOLE_ENTREPRENEUR] : [])]
}

const notDelegable = invalid('service.not_delegable', ['partyId'])
export const notForThem = invalid('service.not_for_them', ['partyId'])
