import type { UserError } from '../../engine/userError.js'
import { longest, userErrorsInText, userErrorsInWords } from '../../shared/texts.rules.js'
import { momentOf } from '../../shared/time.js'
import { invalid, missing, unknownCode } from '../../shared/userErrors.js'
import { ServiceStatus, type services } from '../services/service.table.js'
import type { PublishServiceInput } from './publishService.input.js'
import { isCode, type KnownOfVersion, userErrorsInVersion } from './version.rules.js'

type Row = typeof services.$inferSelect

/** What the input refers to, as read under the service's lock. */
export interface Known extends KnownOfVersion {
  agencyId: string | undefined
  lifeEventId: string | undefined
  service: Pick<Row, 'agencyId' | 'status'> | undefined
  /** Whether rules are in force today. */
  hasRules: boolean
}

/** All errors at once. */
export const userErrorsInPublication = (input: PublishServiceInput, known: Known): UserError[] =>
  [...userErrorsInService(input, known), ...(input.version ? userErrorsInVersion(input.version, known) : [])].filter(
    (userError) => userError !== false,
  )

/** An omitted field keeps its value. A new service requires all fields except the description. */
const lasting = [
  ['agencyCode', 'service.agency'],
  ['lifeEventCode', 'service.life_event'],
  ['name', 'service.name'],
  ['audiences', 'service.audiences'],
  ['direction', 'service.direction'],
  ['source', 'service.source'],
] as const

function userErrorsInService(input: PublishServiceInput, known: Known): (UserError | false)[] {
  const { service } = known
  return [
    !isCode(input.code) && invalid('service.code', ['code']),
    ...lasting.map(([name, reason]) => !service && input[name] == null && missing(reason, [name])),
    input.agencyCode != null && !known.agencyId && unknownCode('agency.unknown', ['agencyCode'], input.agencyCode),
    input.lifeEventCode != null &&
      !known.lifeEventId &&
      unknownCode('life_event.unknown', ['lifeEventCode'], input.lifeEventCode),
    input.audiences?.length === 0 && missing('service.audiences', ['audiences']),
    ...userErrorsInWords(['name'], input.name, longest.name),
    ...userErrorsInWords(['description'], input.description, longest.prose),
    ...userErrorsInWords(['searchWords'], input.searchWords, longest.name),
    ...userErrorsInText(['source'], input.source, longest.reference, 'service.source'),
    service?.status === ServiceStatus.RETIRED && retired,
    service !== undefined &&
      known.agencyId !== undefined &&
      service.agencyId !== known.agencyId &&
      invalid('service.agency_differs', ['agencyCode']),
    !input.version && !needsNoVersion(known) && missing('service.version', ['version']),
  ]
}

/** An active service may change its description alone. A suspended one needs a version in force to resume. */
const needsNoVersion = ({ service, hasRules }: Known) =>
  service?.status === ServiceStatus.RETIRED || // another error reports it
  service?.status === ServiceStatus.ACTIVE ||
  (service?.status === ServiceStatus.SUSPENDED && hasRules)

type StatusColumns = Pick<Row, 'status' | 'statusNote' | 'suspendedUntil'>
/**
 * The status after publishing. An active service stays active until its next version begins. A new or suspended one is
 * suspended until the first day of its version.
 */
export function standingOf(
  service: StatusColumns | undefined,
  { validFrom, today, hasRules }: { validFrom: string | undefined; today: string; hasRules: boolean },
): StatusColumns {
  const isActive = service?.status === ServiceStatus.ACTIVE
  if (validFrom === undefined || validFrom <= today || (isActive && hasRules))
    return { status: ServiceStatus.ACTIVE, statusNote: null, suspendedUntil: null }
  const statusNote = service?.status === ServiceStatus.SUSPENDED ? service.statusNote : null
  return { status: ServiceStatus.SUSPENDED, statusNote, suspendedUntil: beginningOf(validFrom) }
}
export const beginningOf = (date: string): Date => momentOf(date, '00:00:00')

const retired: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'service.retired',
  field: ['code'],
}
