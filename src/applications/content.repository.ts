import { eq, inArray, sql } from 'drizzle-orm'
import { loadFor } from '../engine/fetch.js'
import { beforeDeadline } from '../engine/statement.js'
import { AccessKind, AccessOutcome } from '../exchange/access.table.js'
import { logAccesses } from '../exchange/logAccesses.js'
import { purposes } from '../exchange/purpose.table.js'
import { OfficerRole } from '../identity/appointment.table.js'
import { agenciesOf } from '../identity/offices.js'
import { keysOf } from '../identity/party.js'
import { powersOver } from '../identity/powers.js'
import type { Context } from '../shared/context.js'
import { open } from '../shared/personal.js'
import type { Transaction } from '../shared/seeding.js'
import { applications } from './application.table.js'
import { type Form, findForm } from './form.repository.js'
import type { Prefilled } from './prefill.js'
import type { Relation, Standing } from './transition.rules.js'

type Row = typeof applications.$inferSelect
export interface Content {
  answers: Record<string, unknown>
  prefilled: Prefilled
  versionId: string
}
type Readable = { content: Content } | { refused: true }

/** Of applications that the caller sees: what they say, each look logged before it is shown, but those of the applicant. */
export async function contentsOf(ids: readonly string[], context: Context): Promise<(Readable | Error)[]> {
  const { database, keyring, caller, deadline } = context
  const rows = await beforeDeadline(deadline, () =>
    database.db
      .select()
      .from(applications)
      .where(inArray(applications.id, [...ids])),
  )
  const readable = rows.filter((row) => mayRead(row, context))
  const keys = await keysOf(database, keyring, [...new Set(readable.map(({ partyId }) => partyId))])
  const looked = readable.filter(({ partyId }) => caller.kind !== 'PERSON' || partyId !== caller.party)
  if (looked.length > 0) await logLooks(looked, context)
  const byId = new Map(readable.map((row) => [row.id, row]))
  return ids.map((id) => {
    const row = byId.get(id)
    if (!row) return { refused: true }
    const key = keys.get(row.partyId)
    if (!key) return new Error(`the party of the application ${id} was forgotten`)
    const { answers, prefilled } = open(key, applications, row)
    return { content: { answers, prefilled, versionId: row.versionId } }
  })
}

/** Who sees the row of an application sees what it says, but officers that of theirs alone, and auditors none. */
function mayRead({ officerId }: Row, { caller }: Context): boolean {
  if (caller.kind === 'OFFICER') return officerId !== null && officerId === caller.party
  return caller.kind === 'PERSON' || caller.kind === 'PROGRAM'
}

async function logLooks(rows: readonly Row[], { database, caller, deadline, now }: Context): Promise<void> {
  const asOfficer = caller.kind === 'OFFICER'
  const code = asOfficer ? 'APPLICATION' : 'OWN_DATA'
  await beforeDeadline(deadline, () =>
    database.db.transaction(async (tx) => {
      const [purpose] = await tx.select({ id: purposes.id }).from(purposes).where(eq(purposes.code, code))
      if (!purpose) throw new Error(`the purpose ${code} must be there, as the data files have it; it is not`)
      await logAccesses(
        tx,
        rows.map(({ partyId, agencyId, number }) => ({
          ...{ at: now(), kind: AccessKind.FILE, partyId, actor: caller.id, actorPartyId: caller.party ?? null },
          ...{ clientId: caller.program?.id ?? null, agencyId: asOfficer ? agencyId : null, mandateIds: [] },
          ...{ fields: ['application'], purposeId: purpose.id, application: number, outcome: AccessOutcome.SHOWN },
        })),
      )
    }),
  )
}

/** Read anew at each request, compiled once. */
export const findFormOf = (versionId: string, context: Context): Promise<Form | undefined> =>
  loadFor(context, formsOf, versionId)
const formsOf = (ids: readonly string[], { database }: Context): Promise<(Form | undefined)[]> =>
  Promise.all(ids.map((id) => findForm(database.db, id)))

export interface Known {
  standing: Standing
  relation: Relation
}
interface Counted extends Record<string, unknown> {
  id: string
  unconfirmed: number
  payment: Standing['payment']
  appealUntil: string | null
  appealed: boolean
  decidedBy: string | null
}

/** How it stands with applications that the caller sees, and what the caller is to each: in as many statements as for one. */
export async function standingsOf(ids: readonly string[], context: Context): Promise<(Known | Error)[]> {
  const { database, caller } = context
  const tx = database.db as unknown as Transaction // what is only read needs none
  const rows = await tx
    .select()
    .from(applications)
    .where(inArray(applications.id, [...ids]))
  const counted = new Map((await countedOf(tx, ids)).map((row) => [row.id, row]))
  const powers = await powersOver({ tx, context }, [...new Set(rows.map(({ partyId }) => partyId))])
  const known = rows.map(({ id, state, notBefore, decidedAt, ...row }): [string, Known] => {
    const told = counted.get(id) as Counted // of each row
    const isOf = (role: OfficerRole) => agenciesOf(caller, role).includes(row.agencyId)
    return [
      id,
      {
        standing: {
          ...{ state, notBefore, decided: decidedAt !== null, unconfirmed: told.unconfirmed, payment: told.payment },
          ...{ appealUntil: told.appealUntil === null ? null : new Date(told.appealUntil), appealed: told.appealed },
        },
        relation: {
          ...{ powers: powers(row.partyId, row.serviceCode), isInvited: false },
          ...{ isReviewer: isOf(OfficerRole.REVIEWER), isApprover: isOf(OfficerRole.APPROVER) },
          isAssigned: row.officerId !== null && row.officerId === caller.party,
          hasDecided: told.decidedBy !== null && told.decidedBy === caller.party,
        },
      },
    ]
  })
  const byId = new Map(known)
  return ids.map((id) => byId.get(id) ?? new Error(`the application ${id} was just there, and is not`))
}

const countedOf = (tx: Transaction, ids: readonly string[]): Promise<Counted[]> =>
  tx.execute<Counted>(sql`
    select applications.id,
      (select count(*)::int from co_applicants where application_id = applications.id and confirmed_at is null) as unconfirmed,
      coalesce((
        select case when bool_or(due = 'BEFORE_PROCESSING') then 'BEFORE' when bool_or(due = 'AFTER_APPROVAL') then 'AFTER' end
        from fees where version_id = applications.version_id and amount is distinct from 0), 'NONE') as payment,
      last.appeal_until as "appealUntil", last.officer_id as "decidedBy",
      exists (select from appeals where decision_id = last.id) as appealed
    from applications
    left join lateral (
      select * from decisions where application_id = applications.id order by at desc, id desc limit 1) last on true
    where applications.id = any(${`{${ids.join()}}`}::uuid[])`)
