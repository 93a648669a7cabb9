import { loadFor } from '../../engine/fetch.js'
import { IdentifierType } from '../../identity/parties/identifier.table.js'
import { knownOf } from '../../identity/parties/party.repository.js'
import type { Context } from '../../shared/context.js'
import { answerIn, type Case, caseOf, type DatedAnswer, fieldsOf } from '../accessLog/case.js'
import { logAndStore } from '../accessLog/logAndStore.js'
import { type AccessBasis, accessBasisOf, type Question } from '../consents/accessBasis.repository.js'
import type { Answer } from './answer.js'
import type { Lookup, Subject } from './lookup.js'
import type { ProvenanceRow } from './provenance.js'
import { call } from './send.js'
import { RefusalReason } from './unavailable.js'

type Batch<Held> = (keys: readonly string[], context: Context) => Promise<(Answer<Held> | Error)[]>
const batches = new WeakMap<Lookup, Batch<never>>()

/** Queries a registry about a party. Batches all questions of a request to the same registry. */
export function ask<Held extends object>(
  lookup: Lookup<Held>,
  question: Question,
  context: Context,
): Promise<Answer<Held>> {
  // The cast: each look-up has its own batch.
  const batch =
    (batches.get(lookup) as Batch<Held> | undefined) ?? ((keys, context) => answersOf(lookup, keys, context))
  batches.set(lookup, batch as unknown as Batch<never>)
  return loadFor(context, batch, JSON.stringify(question))
}

async function answersOf<Held extends object>(
  lookup: Lookup<Held>,
  keys: readonly string[],
  context: Context,
): Promise<(Answer<Held> | Error)[]> {
  const questions = keys.map((key): Question => JSON.parse(key))
  const [bases, subjects] = await Promise.all([
    Promise.all(questions.map((question) => accessBasisOf(lookup.registry, question, context))),
    Promise.all(questions.map(({ party }) => subjectOf(party, context).catch((error: Error) => error))),
  ])
  const cases = questions.map((question, place) =>
    caseOrWhyNot(lookup, question, bases[place] as AccessBasis, subjects[place] as Subject | Error, context),
  )
  const open = cases.filter((one): one is Case<Held> => typeof one === 'object' && !(one instanceof Error))
  const now = context.now().getTime()
  const freshFor = Math.min(lookup.freshFor, context.timings.registryAnswersFreshFor)
  await call(
    lookup,
    open.filter(({ kept }) => !kept || now - kept.at.getTime() >= freshFor),
    context,
  )
  const at = context.now()
  const refused = questions.flatMap((question, place) =>
    cases[place] === RefusalReason.NOT_PERMITTED ? [{ question, basis: bases[place] as AccessBasis }] : [],
  )
  await logAndStore(lookup, { open, refused }, at, context)
  return cases.map((one, place) => {
    if (one instanceof Error) return one
    return typeof one === 'object' ? answerOfCase(lookup, one, at) : refusedFor(one, bases[place] as AccessBasis)
  })
}

/** A subject whose stored data does not decrypt fails alone, not the whole page. */
function caseOrWhyNot<Held extends object>(
  lookup: Lookup<Held>,
  question: Question,
  basis: AccessBasis,
  subject: Subject | Error,
  context: Context,
): Case<Held> | RefusalReason | Error {
  if (subject instanceof Error) return subject
  try {
    return caseOf(lookup, question, basis, subject, context)
  } catch (error) {
    return error as Error // nothing else is thrown
  }
}

async function subjectOf(party: string, context: Context): Promise<Subject> {
  const { identifiers } = await loadFor(context, knownOf, party)
  const by = (wanted: IdentifierType) => identifiers.find(({ type }) => type === wanted)?.value
  const [fin, voen, document] = [IdentifierType.FIN, IdentifierType.VOEN, IdentifierType.DOCUMENT].map(by)
  return { ...(fin && { fin }), ...(voen && { voen }), ...(document && { document }) }
}

function answerOfCase<Held extends object>(lookup: Lookup<Held>, one: Case<Held>, at: Date): Answer<Held> {
  const { basis, reply } = one
  const answer = answerIn(one, at)
  const registry = { id: basis.registryId, agencyId: basis.agencyId }
  const failed = reply && 'failed' in reply ? reply : null
  const staleAsOf = failed && answer ? answer.at : null
  return {
    record: answer?.record ? limitedTo(fieldsOf(lookup, one), answer.record) : null,
    provenance: answer && provenanceOf(answer, one, { ...registry, staleAsOf }),
    staleAsOf,
    unavailable: failed && { ...registry, reason: failed.failed, retryAt: failed.retryAt },
  }
}

// The cast: all fields of a record are optional.
const limitedTo = <Held extends object>(fields: string[], record: Held): Held =>
  Object.fromEntries(Object.entries(record).filter(([field]) => fields.includes(field))) as Held

function provenanceOf<Held>(
  { service, messageId, requestHash, at }: DatedAnswer<Held>,
  { basis: { ground } }: Case<Held>,
  beside: Pick<ProvenanceRow, 'id' | 'agencyId' | 'staleAsOf'>,
): ProvenanceRow {
  return { ...beside, service, messageId, requestHash, fetchedAt: at, legalBasis: ground.basis }
}

const refusedFor = (reason: RefusalReason, { registryId, agencyId }: AccessBasis): Answer<never> => ({
  record: null,
  provenance: null,
  staleAsOf: null,
  unavailable: { id: registryId, agencyId, reason, retryAt: null },
})
