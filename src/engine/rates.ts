import { defaultFieldResolver, type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql'
import { Extensions } from 'type-graphql'
import type { Cost } from './cost.js'
import { refusal } from './errors.js'

/** A number of points in a number of seconds, starting with the first point. */
export interface Rate {
  points: number
  seconds: number
}
/** Limits how often one thing may be asked for, whoever asks. */
export interface FieldRate extends Rate {
  /**
   * The key of the thing, normalized like the look-up: different spellings must not count separately. Undefined is not
   * counted.
   */
  by(args: any, context: any): string | undefined
}
/** The rate of a field. A command declares its own as `limitedTo`. docs/limits.md lists all of them. */
export const LimitedTo =
  (limitedTo: FieldRate) =>
  (target: object, member: string): void =>
    Extensions({ limitedTo })(target, member)

/** How a mutation with several items counts: as so many calls of a mutation. */
export interface Counted {
  as: string
  calls(input: any): number
}
export const CountedAs =
  (counted: Counted) =>
  (target: object, member: string): void =>
    Extensions({ counted })(target, member)

/** Counts for one request. Each returns the seconds to wait, or 0. */
export interface Meter {
  /** Points of an operation, by address. */
  operation(points: number): Promise<number>
  /** Calls of a mutation, by caller. */
  command(name: string, calls?: number): Promise<number>
  /** One call of a field, by its argument. */
  field(name: string, rate: Rate, asked: string): Promise<number>
  /** One wrong guess of a secret, by address. */
  wrongGuess(name: string, rate: Rate): Promise<number>
  /**
   * One look-up by a number that could be guessed: by caller or address, and in all. Also by number, if it comes with a second
   * factor to guess: otherwise a stranger could block a number for everybody.
   */
  lookUp(name: string, guessedNumber?: string): Promise<number>
}
export type MeterOf = (context: any) => Meter
/** For jobs and tests. */
export const unmetered: Meter = {
  operation: async () => 0,
  command: async () => 0,
  field: async () => 0,
  wrongGuess: async () => 0,
  lookUp: async () => 0,
}

/**
 * The cost of an operation in addition to its request: root fields by weight, nodes by the hundred, values by the
 * thousand.
 */
export const pointsOf = ({ points, nodes, leaves }: Cost) =>
  points + Math.floor(nodes / 100) + Math.floor(leaves / 1000) - 1

/** Refuses a whole operation. */
export async function spend(meter: Meter, points: number): Promise<void> {
  const retryAfter = await meter.operation(points)
  if (retryAfter === 0) return
  const headers = new Map([['retry-after', String(retryAfter)]])
  throw rateLimited(tooMany.requests, retryAfter, { http: { status: 429, headers } })
}

export const tooMany = {
  requests: 'There were too many requests from this address.',
  calls: (name: string) => `There were too many calls of \`${name}\`.`,
  askedFor: 'There were too many requests for this value.',
  lookUps: 'There were too many look-ups by this caller or address, of this number, or in all.',
  wrongGuesses: 'There were too many wrong codes or hashes from this address.',
}
/** As a GraphQL error; `http` sets the status when nothing runs. */
export const rateLimited = (what: string, retryAfter: number, more: object = {}) =>
  refusal('RATE_LIMITED', `${what} ${tryAgain(retryAfter)}`, { retryAfter, ...more })
export const tryAgain = (seconds: number) => `Try again in ${seconds} second${seconds === 1 ? '' : 's'}.`

type Field = GraphQLField<any, any> // as in graphql's schema

/** Counts each resolver call, so aliases do not help. Inside the guard: forbidden callers spend nothing. */
export function limitCalls(schema: GraphQLSchema, meterOf: MeterOf): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {}))
    limit(field, async ({ input }, context) => {
      const counted = field.extensions.counted as Counted | undefined // `CountedAs` put it there
      const calls = counted?.calls(input) ?? 1
      const retryAfter = await meterOf(context).command(counted?.as ?? field.name, calls)
      if (retryAfter) throw rateLimited(tooMany.calls(field.name), retryAfter)
    })
  for (const type of Object.values(schema.getTypeMap()).filter(isObjectType))
    for (const field of Object.values(type.getFields())) {
      const limitedTo = field.extensions.limitedTo as FieldRate | undefined // `LimitedTo` put it there
      if (limitedTo) limitField(field, `${type.name}.${field.name}`, limitedTo, meterOf)
    }
}

function limitField(field: Field, name: string, { by, ...rate }: FieldRate, meterOf: MeterOf): void {
  limit(field, async (args, context) => {
    const asked = by(args, context)
    const retryAfter = asked === undefined ? 0 : await meterOf(context).field(name, rate, asked)
    if (retryAfter) throw rateLimited(tooMany.askedFor, retryAfter)
  })
}

function limit(field: Field, count: (args: any, context: any) => Promise<void>): void {
  const inner = field.resolve ?? defaultFieldResolver
  field.resolve = async (parent, args, context, info) => {
    await count(args, context)
    return inner(parent, args, context, info)
  }
}
