import type { UserError } from '../../engine/userError.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { agenciesOf } from '../../identity/officers/offices.js'
import type { Caller } from '../../shared/context.js'
import { ServiceStatus, type services } from '../services/service.table.js'

/** Types of events, and of the deadlines that cause them. */
export const suspensionEnded = 'service.suspension_ended'
export const versionStarted = 'service.version_started'

export const publicStatuses: readonly ServiceStatus[] = [
  ServiceStatus.ACTIVE,
  ServiceStatus.SUSPENDED,
  ServiceStatus.RETIRED,
]

/** Only the operator and the ADMIN of its agency may learn that a service exists before it is public. */
export const isKnownTo = (
  caller: Caller,
  { status, agencyId }: Pick<typeof services.$inferSelect, 'status' | 'agencyId'>,
): boolean =>
  caller.kind === 'OPERATOR' ||
  publicStatuses.includes(status) ||
  agenciesOf(caller, OfficerRole.ADMIN).includes(agencyId)

export const codeTaken: UserError = {
  code: 'CONFLICT',
  reason: 'service.code_taken',
  field: ['code'],
}

export const unknownService = (code: string): UserError => ({
  code: 'NOT_FOUND',
  reason: 'service.unknown',
  field: ['code'],

  params: { code: code.slice(0, 60) },
})

export const notAllowedNow = (status: ServiceStatus): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: `service.${status.toLowerCase()}`,
  field: ['code'],
  params: { status },
})
