import { unwrapped } from '../../identity/parties/party.js'
import { bytesIn } from '../../platform/bytes.js'
import { decrypt, type Encrypted } from '../../platform/personal.js'
import type { Context } from '../../shared/context.js'
import { type Evidence, FailureReason, type Reply } from '../../shared/exchange.js'
import type { AccessBasis, Question } from '../consents/accessBasis.repository.js'
import type { Lookup, Subject } from '../registries/lookup.js'
import { registryAnswers } from '../registries/registryAnswer.table.js'
import { RefusalReason } from '../registries/unavailable.js'

/** A registry's answer and its time. */
export interface DatedAnswer<Held> extends Evidence {
  record: Held | null
  at: Date
}
/** A permitted question, with all that is known about it. */
export interface Case<Held> {
  question: Question
  basis: AccessBasis & { mandateIds: string[]; ground: NonNullable<AccessBasis['ground']> }
  /** The subject's identifier in the registry. */
  key: string
  subject: Subject
  /** The stored answer. None for a question about a part of the record. */
  kept: DatedAnswer<Held> | null
  reply?: Reply<Held>
}

/** The permitted question, or the reason why it is not asked. */
export function caseOf<Held extends object>(
  lookup: Lookup<Held>,
  question: Question,
  basis: AccessBasis,
  subject: Subject,
  context: Context,
): Case<Held> | RefusalReason {
  const { mandateIds, ground } = basis
  if (!mandateIds || !ground) return RefusalReason.NOT_PERMITTED
  if (!ground.consents) return RefusalReason.CONSENT_REQUIRED
  const key = lookup.keyOf(subject)
  if (key === undefined) return RefusalReason.NOT_IDENTIFIED
  const kept = question.vehicle === undefined ? keptIn<Held>(basis, question.party, context) : null
  return { question, basis: { ...basis, mandateIds, ground }, key, subject, kept }
}

function keptIn<Held>(
  { kept, key, wrappedBy }: AccessBasis,
  party: string,
  { keyring }: Context,
): DatedAnswer<Held> | null {
  if (!kept || !key) return null
  const own = unwrapped(keyring, { id: party, key: bytesIn(key), wrappedBy })
  const { id, record, fetchedAt, ...evidence } = kept
  const encrypted = record === null ? null : (bytesIn(record) as Encrypted<object>) // as it stood in that column
  // The cast: it was read as such a record before it was kept.
  const opened = decrypt(own, registryAnswers, { id, record: encrypted }).record as Held | null
  return { ...evidence, record: opened, at: new Date(fetchedAt) }
}

/** The answer to show: the new one, or else the stored one. */
export function answerIn<Held>({ reply, kept }: Case<Held>, at: Date): DatedAnswer<Held> | null {
  if (!reply) return kept
  // A registry that refuses now is not answered from its earlier answer.
  if ('failed' in reply) return reply.failed === FailureReason.REFUSED ? null : kept
  const { answer: record, ...evidence } = reply
  return { ...evidence, record, at }
}

/** The fields of the record that the legal ground covers. */
export const fieldsOf = <Held extends object>({ fields }: Lookup<Held>, { basis: { ground } }: Case<Held>): string[] =>
  fields.filter((field) => ground.fields === null || ground.fields.includes(field))
