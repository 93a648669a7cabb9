import type { UserError } from '../engine/userError.js'

/** Why somebody may not do something to an application at present. */
export const reasons = [
  'not_yours',
  'wrong_state',
  'not_assigned',
  'is_yours',
  'own_case',
  'another_officer',
  'term_waits',
  'no_term',
  'no_extension',
  'extended',
  'term_over',
  'law_decides',
  'decided',
  'appealed',
  'no_appeal',
  'appeal_late',
] as const
export type Reason = (typeof reasons)[number]

/** Whoever may not is told so by the same code, as the state may change and their part in it does not. */
export const notNow = (reason: Reason): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: `application.${reason}`,
})
