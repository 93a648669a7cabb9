import { pgEnum } from 'drizzle-orm/pg-core'

export enum ApplicationRole {
  APPLICANT = 'APPLICANT',
  /** Invited by a code. Applies together with the applicant once confirmed. */
  CO_APPLICANT = 'CO_APPLICANT',
  /** Invited by a code. Founds a company together with the applicant once confirmed. */
  FOUNDER = 'FOUNDER',
}
export const applicationRole = pgEnum('application_role', ApplicationRole)
