import 'reflect-metadata'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { GraphQLSchema } from 'graphql'
import type { Sql } from 'postgres'
import type { Request } from '../../src/engine/declare.js'
import { type Domain, schemaOf } from '../../src/engine/engine.js'
import type { Language } from '../../src/shared/words.js'
import { uid } from './uid.js'
import { byHand } from './worldByHand.js'
import { worldQueries } from './worldFields.js'

export const kinds = ['ANONYMOUS', 'READER', 'LIBRARIAN', 'AUDITOR'] as const
export interface Caller {
  kind: (typeof kinds)[number]
  readerId?: string
  /** Borrows for a child as well. */
  variant?: 'PARENT'
  childId?: string
  libraryId?: string
}
export interface WorldContext extends Request {
  caller: Caller
  language: Language
  /** What resolvers by hand read. */
  db: PostgresJsDatabase
}

export const callers = {
  anonymous: { kind: 'ANONYMOUS' },
  reader: { kind: 'READER', readerId: uid('reader1') },
  otherReader: { kind: 'READER', readerId: uid('reader2') },
  parent: { kind: 'READER', variant: 'PARENT', readerId: uid('reader1'), childId: uid('reader3') },
  librarian: { kind: 'LIBRARIAN', libraryId: uid('library2') },
  auditor: { kind: 'AUDITOR' }, // no scope names it
} satisfies Record<string, Caller>

const world: Domain = {
  name: 'world',
  queries: [worldQueries],
  resolvers: byHand,
}

export const schemaOn = (client: Sql, lookAhead = true): GraphQLSchema =>
  schemaOf([world], { clientOf: () => client, kinds, lookAhead })

/** A request of its own: loaders and verdicts are kept for each. */
export const contextFor =
  (db: PostgresJsDatabase) =>
  (caller: Caller, language: Language = 'az'): WorldContext => ({ caller, language, db, deadline: Date.now() + 60_000 })
