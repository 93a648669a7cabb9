import 'reflect-metadata'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { GraphQLSchema } from 'graphql'
import type { Sql } from 'postgres'
import type { Request } from '../../src/engine/declare.js'
import { type Domain, schemaOf } from '../../src/engine/engine.js'
import { refusal } from '../../src/engine/errors.js'
import type { Rule } from '../../src/engine/guard.js'
import { rule } from '../../src/engine/shield.js'
import { anyone } from '../../src/shared/context.js'
import type { Language } from '../../src/shared/words.js'
import { uid } from './uid.js'
import { byHand } from './worldByHand.js'
import { worldQueries } from './worldFields.js'

export const kinds = ['NOBODY', 'READER', 'LIBRARIAN', 'AUDITOR'] as const
export interface Caller {
  kind: (typeof kinds)[number]
  readerId?: string
  libraryId?: string
}
export interface WorldContext extends Request {
  caller: Caller
  language: Language
  /** What resolvers by hand read. */
  db: PostgresJsDatabase
}

export const callers = {
  nobody: { kind: 'NOBODY' },
  reader: { kind: 'READER', readerId: uid('reader1') },
  otherReader: { kind: 'READER', readerId: uid('reader2') },
  librarian: { kind: 'LIBRARIAN', libraryId: uid('library2') },
  auditor: { kind: 'AUDITOR' }, // no scope names it
} satisfies Record<string, Caller>

// Shield's own types keep private what the guard must see.
const known = rule('known', { cache: 'contextual' })(
  (_parent, _args, { caller }: WorldContext) => caller.kind !== 'NOBODY' || refusal('UNAUTHENTICATED', 'Who asks?'),
) as unknown as Rule
const librarian = rule('librarian', { cache: 'contextual' })(
  (_parent, _args, { caller }: WorldContext) => caller.kind === 'LIBRARIAN',
) as unknown as Rule

const world: Domain = {
  name: 'world',
  queries: [worldQueries],
  resolvers: byHand,
  access: {
    Query: {
      node: anyone,
      nodes: anyone,
      libraries: anyone,
      library: anyone,
      books: anyone,
      book: anyone,
      loans: known,
      loan: anyone,
      overdueLoans: anyone,
      found: anyone,
    },
    Library: anyone,
    Book: anyone,
    Review: anyone,
    LoanEvent: anyone,
    LocalizedText: anyone,
    Loan: { '*': known, fine: librarian },
  },
}

export const schemaOn = (client: Sql, lookAhead = true): GraphQLSchema =>
  schemaOf([world], { clientOf: () => client, kinds, lookAhead })

/** A request of its own: loaders and verdicts are kept for each. */
export const contextFor =
  (db: PostgresJsDatabase) =>
  (caller: Caller, language: Language = 'az'): WorldContext => ({ caller, language, db, deadline: Date.now() + 60_000 })
