import type { Label } from '../catalogue/forms/answers.rules.js'
import type { UserError } from '../engine/userError.js'

/** Why an action on an application is not allowed now. */
export const reasons = [
  'not_yours',
  'wrong_state',
  'unsigned',
  'signed_already',
  'not_assigned',
  'is_yours',
  'own_case',
  'another_officer',
  'needs_officer',
  'proposed',
  'no_proposal',
  'term_waits',
  'no_term',
  'no_extension',
  'extended',
  'term_over',
  'law_decides',
  'decided',
  'unsettled',
  'settled',
  'appealed',
  'no_appeal',
  'appeal_late',
  'objection_runs',
  'objection_late',
  'transferred_often',
  'nothing_to_assess',
  'nothing_to_pay',
  'unpaid',
] as const
export type Reason = (typeof reasons)[number]

/** One code for all reasons, also for those that time does not change. Labels name the unsettled answers. */
export const notNow = (reason: Reason, labels: readonly Label[] = []): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: `application.${reason}`,
  ...(labels.length > 0 && { params: { labels } }),
})
