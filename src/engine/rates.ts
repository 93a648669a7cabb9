import { HeaderMap } from '@apollo/server'
import { defaultFieldResolver, type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql'
import type { Cost } from './cost.js'
import { fail } from './declare.js'
import { refusal } from './errors.js'

/** So many points in so many seconds, from the first that is spent. */
export interface Rate {
  points: number
  seconds: number
}
/** A field or a command that may be asked for one thing only so often, whoever asks. */
export interface FieldRate extends Rate {
  /** What it is asked for, as it will be looked up: written otherwise it is counted apart. Undefined is not counted. */
  by(args: any, context: any): string | undefined
}
/** By `Type.field`. */
export type FieldRates = Record<string, FieldRate>

/** Counts for one request. Each gives the seconds to wait, 0 where there is room. */
export interface Meter {
  /** Points of an operation, by where it came from. */
  operation(points: number): Promise<number>
  /** One call of a mutation, by who calls. */
  command(name: string): Promise<number>
  /** One call of a field, by what it is asked for. */
  field(name: string, rate: Rate, asked: string): Promise<number>
  /** One wrong guess at something secret, by the address that it came from. */
  wrongGuess(name: string, rate: Rate): Promise<number>
}
export type MeterOf = (context: any) => Meter

/** What an operation costs beside the request that brought it: its root fields by weight, its nodes by the hundred, its values by the thousand. */
export const pointsOf = ({ points, nodes, leaves }: Cost) =>
  points + Math.floor(nodes / 100) + Math.floor(leaves / 1000) - 1

/** Refuses a whole operation. */
export async function spend(meter: Meter, points: number): Promise<void> {
  if (points <= 0) return
  const retryAfter = await meter.operation(points)
  if (retryAfter === 0) return
  const headers = new HeaderMap([['retry-after', String(retryAfter)]])
  throw rateLimited(tooMany.requests, retryAfter, { http: { status: 429, headers } })
}

export const tooMany = {
  requests: 'Too much was asked from this address.',
  calls: (name: string) => `\`${name}\` was called too often.`,
  askedFor: 'This one thing was asked for too often.',
  wrongGuesses: 'Too many wrong codes or hashes came from this address.',
}
/** In the form of GraphQL; `http` says so where nothing is run. */
export const rateLimited = (what: string, retryAfter: number, more: object = {}) =>
  refusal('RATE_LIMITED', `${what} ${tryAgain(retryAfter)}`, { retryAfter, ...more })
export const tryAgain = (seconds: number) => `Try again in ${seconds} second${seconds === 1 ? '' : 's'}.`

/** Counts each call of a resolver, so that aliases do not get round it. Within the guard: who may not call spends nothing. */
export function limitCalls(schema: GraphQLSchema, rates: FieldRates, meterOf: MeterOf): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {}))
    limit(field, async (_args, context) => {
      const retryAfter = await meterOf(context).command(field.name)
      if (retryAfter) throw rateLimited(tooMany.calls(field.name), retryAfter)
    })
  for (const [name, { by, ...rate }] of Object.entries(rates))
    limit(fieldNamed(schema, name), async (args, context) => {
      const asked = by(args, context)
      const retryAfter = asked === undefined ? 0 : await meterOf(context).field(name, rate, asked)
      if (retryAfter) throw rateLimited(tooMany.askedFor, retryAfter)
    })
}

function limit(field: GraphQLField<any, any>, count: (args: any, context: any) => Promise<void>): void {
  const inner = field.resolve ?? defaultFieldResolver
  field.resolve = async (parent, args, context, info) => {
    await count(args, context)
    return inner(parent, args, context, info)
  }
}

function fieldNamed(schema: GraphQLSchema, name: string): GraphQLField<any, any> {
  const [typeName = '', fieldName = ''] = name.split('.')
  const type = schema.getType(typeName)
  return (isObjectType(type) && type.getFields()[fieldName]) || fail(`${name} has a limit, and is no field.`)
}
