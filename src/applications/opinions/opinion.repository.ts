import { and, eq } from 'drizzle-orm'
import { clearDeadline } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import type { Transaction } from '../../platform/seeding.js'
import type { applications } from '../application.table.js'
import { OpinionState, opinions } from './opinion.table.js'

export type Opinion = typeof opinions.$inferSelect

/** The asked agency has not given its opinion in time. */
export const opinionOver = 'opinion.over'

/** An opinion as the subject of deadlines and events for the asked agency. */
export const subjectOfOpinion = ({
  id: subject,
  partyId,
  agencyId,
  serviceCode,
}: Pick<Opinion, 'id' | 'partyId' | 'agencyId' | 'serviceCode'>) => ({
  domain: 'applications',
  subject,
  partyId,
  agencyId,
  serviceCode,
})

interface Ending {
  at: Date
  actor: string
  /** Only this one. */
  id?: string
}
/** Withdraws the open requests of an application, which the transaction has locked, and informs the asked agencies. */
export async function withdrawOpinions(
  tx: Transaction,
  application: Pick<typeof applications.$inferSelect, 'id'>,
  { at, actor, id }: Ending,
): Promise<Opinion[]> {
  const areOpen = and(
    eq(opinions.applicationId, application.id),
    eq(opinions.state, OpinionState.REQUESTED),
    id === undefined ? undefined : eq(opinions.id, id),
  )
  const ended = await tx.update(opinions).set({ state: OpinionState.WITHDRAWN, endedAt: at }).where(areOpen).returning()
  for (const one of ended) await clearDeadline(tx, opinionOver, one.id)
  await record(
    tx,
    ended.map((one) => ({
      ...subjectOfOpinion(one),
      type: 'opinion.withdrawn',
      at,
      actor,
      ids: { application: application.id },
    })),
  )
  return ended
}
