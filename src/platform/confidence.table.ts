import { pgEnum } from 'drizzle-orm/pg-core'

/** How reliable a value is. */
export enum Confidence {
  SEEN_IN_SOURCE = 'SEEN_IN_SOURCE',
  GENERAL_KNOWLEDGE = 'GENERAL_KNOWLEDGE',
  COMMUNITY_ONLY = 'COMMUNITY_ONLY',
  RULE_DERIVED = 'RULE_DERIVED',
  UNKNOWN = 'UNKNOWN',
}

export const confidence = pgEnum('confidence', Confidence)
