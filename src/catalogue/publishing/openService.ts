import { eq } from 'drizzle-orm'
import { refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { refuseUnlessAdminOf } from '../../identity/officers/offices.js'
import { ServiceStatus, services } from '../services/service.table.js'
import { isKnownTo, notAllowedNow, unknownService } from './status.rules.js'

/** Locks an active or suspended service for its ADMIN or the operator, or returns why they may not change it. */
export async function lockOpenService(acting: Acting, code: string) {
  const [service] = await acting.tx.select().from(services).where(eq(services.code, code)).for('update')
  if (!service || !isKnownTo(acting.context.caller, service)) return refused([unknownService(code)])
  const under = await refuseUnlessAdminOf(acting, [service.agencyId])
  const isOpen = [ServiceStatus.ACTIVE, ServiceStatus.SUSPENDED].includes(service.status)
  return isOpen ? { service, under } : refused([notAllowedNow(service.status)])
}
