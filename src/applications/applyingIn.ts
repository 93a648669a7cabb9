import { and, eq, isNotNull } from 'drizzle-orm'
import type { ApplyingIn } from '../exchange/registries/officerRecords.js'
import { relationsOf } from './application.repository.js'
import { applications } from './application.table.js'
import { isOpenTo } from './reading.repository.js'

/** Takes the same statements whether or not the application exists. */
export const applyingIn: ApplyingIn = async (acting, { number, agencyId }) => {
  const isMeant = and(
    eq(applications.number, number),
    eq(applications.agencyId, agencyId),
    isNotNull(applications.submittedAt),
  )
  const rows = await acting.tx.select().from(applications).where(isMeant)
  const [found] = await relationsOf(acting, rows, { held: false })
  return found && isOpenTo(found) && found.relation.tie === null ? found.parties : []
}
