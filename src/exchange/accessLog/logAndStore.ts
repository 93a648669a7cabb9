import { sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeDeadline } from '../../engine/statement.js'
import { keysToEncrypt } from '../../identity/parties/party.js'
import { type EncryptionKey, encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { actsForParties, type Context } from '../../shared/context.js'
import type { AccessBasis, Question } from '../consents/accessBasis.repository.js'
import type { Lookup } from '../registries/lookup.js'
import { registryAnswers } from '../registries/registryAnswer.table.js'
import { AccessKind, AccessOutcome } from './access.table.js'
import { answerIn, type Case, type DatedAnswer, fieldsOf } from './case.js'
import { logAccesses, type NewAccess } from './logAccesses.js'

interface Questions<Held> {
  open: readonly Case<Held>[]
  /** Questions that no legal ground permits. */
  refused: readonly { question: Question; basis: AccessBasis }[]
}

/** Logs the accesses and stores the new answers in one transaction, before any answer is used. */
export async function logAndStore<Held extends object>(
  lookup: Lookup<Held>,
  { open, refused }: Questions<Held>,
  at: Date,
  context: Context,
): Promise<void> {
  const accesses = [
    ...open.flatMap((one) => accessesOf(lookup, one, at, context)),
    ...refused.flatMap(({ question, basis: { registryId, purposeId } }) => {
      const { party, agency: agencyId, application } = question
      if (agencyId === undefined || purposeId === null || actsForParties(context.caller)) return []
      return [
        refusedAccess({ party, agencyId, application, purposeId, registryId, fields: lookup.fields }, at, context),
      ]
    }),
  ]
  const fresh = open.filter(
    ({ reply, question, basis }) =>
      reply && !('failed' in reply) && lookup.freshFor > 0 && question.vehicle === undefined && !basis.ground.secret,
  )
  if (accesses.length === 0 && fresh.length === 0) return
  await beforeDeadline(context.deadline, () =>
    context.database.db.transaction(async (tx) => {
      const byParty = new Map(fresh.map((one) => [one.question.party, one]))
      // Sent together, because neither depends on the other. Answers are stored only after the accesses are logged.
      const [keys] = await Promise.all([
        byParty.size > 0 ? keysToEncrypt(tx, context.keyring, [...byParty.keys()]) : new Map<string, EncryptionKey>(),
        logAccesses(tx, accesses),
      ])
      await keep(tx, keys, byParty, at)
    }),
  )
}

interface Attempt {
  party: string
  agencyId: string
  application: string | undefined
  purposeId: string
  registryId?: string
  fields?: readonly string[]
}
/** An access that was refused to an officer. */
export const refusedAccess = (
  { party, registryId = undefined, fields = [], ...attempt }: Attempt,
  at: Date,
  { caller }: Context,
): NewAccess => ({
  ...attempt,
  at,
  kind: AccessKind.CALL,
  partyId: party,
  actor: caller.id,
  actorPartyId: caller.party,
  mandateIds: [],
  registryId,
  fields: [...fields],
  outcome: AccessOutcome.REFUSED,
})

function accessesOf<Held extends object>(
  lookup: Lookup<Held>,
  one: Case<Held>,
  at: Date,
  { caller }: Context,
): NewAccess[] {
  const { question, basis, reply, kept } = one
  const access = {
    at,
    partyId: question.party,
    actor: caller.id,
    actorPartyId: caller.party,
    programId: caller.program?.id,
    // An application that is not submitted stays hidden from the agency.
    agencyId: actsForParties(caller) ? undefined : question.agency,
    mandateIds: basis.mandateIds,
    registryId: basis.registryId,
    fields: fieldsOf(lookup, one),
    purposeId: basis.ground.purposeId,
    groundId: basis.ground.id,
    application: question.application,
  }
  const outcomeOf = (record: Held | null) => (record ? AccessOutcome.SHOWN : AccessOutcome.NOT_FOUND)
  const accesses: NewAccess[] = []
  if (reply?.messageId) {
    const failed = 'failed' in reply
    accesses.push({
      ...access,
      kind: AccessKind.CALL,
      messageId: reply.messageId,
      ...(failed ? {} : { requestHash: reply.requestHash }),
      outcome: failed ? AccessOutcome.NO_ANSWER : outcomeOf(reply.answer),
    })
  }
  const isSubject = caller.kind === 'PERSON' && caller.party === question.party && question.agency === undefined
  const answer = answerIn(one, at)
  if (answer && answer === kept && !isSubject) {
    const { messageId, requestHash, record } = kept
    accesses.push({ ...access, kind: AccessKind.STORED_ANSWER, messageId, requestHash, outcome: outcomeOf(record) })
  }
  return accesses
}

/** Stores the latest answers. Skips parties whose data was erased meanwhile. */
async function keep<Held extends object>(
  tx: Transaction,
  keys: ReadonlyMap<string, EncryptionKey>,
  byParty: ReadonlyMap<string, Case<Held>>,
  at: Date,
): Promise<void> {
  const rows = [...keys].map(([party, key]) => {
    const one = byParty.get(party) as Case<Held> // whose key it is
    const { record, ...evidence } = answerIn(one, at) as DatedAnswer<Held> // a fresh case has an answer
    const row = { id: v7(), partyId: party, registryId: one.basis.registryId, record, ...evidence, fetchedAt: at }
    return encrypt(key, registryAnswers, row)
  })
  if (rows.length === 0) return
  const { partyId, registryId, fetchedAt } = registryAnswers
  await tx
    .insert(registryAnswers)
    // The cast: of the columns of that table.
    .values(rows as (typeof registryAnswers.$inferInsert)[])
    .onConflictDoUpdate({
      target: [partyId, registryId],
      // With its ID, because the encryption is bound to it.
      set: {
        id: sql`excluded.id`,
        record: sql`excluded.record`,
        service: sql`excluded.service`,
        messageId: sql`excluded.message_id`,
        requestHash: sql`excluded.request_hash`,
        fetchedAt: sql`excluded.fetched_at`,
      },
      setWhere: sql`${fetchedAt} < excluded.fetched_at`,
    })
}
