import { eq } from 'drizzle-orm'
import { services } from '../catalogue/services/service.table.js'
import type { Transaction } from '../platform/seeding.js'

/** As documents name it. */
export async function serviceOf(tx: Transaction, id: string) {
  const [service] = await tx
    .select({ code: services.code, name: services.name })
    .from(services)
    .where(eq(services.id, id))
  if (!service) throw new Error(`an application must be for a service that is there; ${id} is not`)
  return service
}
