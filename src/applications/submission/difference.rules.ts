import { answerAt, mismatch, userErrorsOf } from '../../catalogue/forms/answers.rules.js'
import type { FormNode } from '../../catalogue/forms/form.fields.js'
import type { Fault } from '../../catalogue/forms/form.rules.js'
import type { UserError } from '../../engine/userError.js'

type Answers = Record<string, unknown>

/** Errors for the co-applicant, with the written and the known value. */
export const differencesOf = (schema: FormNode, answers: Answers, faults: readonly Fault[]): UserError[] =>
  faults.flatMap((fault) => {
    const [written] = disputedIn(schema, answers, [fault.at])
    return userErrorsOf(schema, [fault]).map(({ params = {}, ...one }) =>
      params.known
        ? { ...one, reason: 'application.differs', params: { ...written?.params, known: params.known } }
        : { ...one, params },
    )
  })

/** Errors for the applicant: the answers that a co-applicant did not confirm, without the known values. */
export const disputedIn = (schema: FormNode, answers: Answers, places: readonly string[]): UserError[] =>
  places
    .filter((at) => answerAt(answers, at) !== undefined)
    .flatMap((at) => userErrorsOf(schema, [mismatch(at, [answerAt(answers, at)])]))
    .map(({ params: { label, known } = {}, ...one }) => ({
      ...one,
      reason: 'application.disputed',
      params: { label: label ?? '', written: known ?? '' },
    }))
