import 'reflect-metadata'
import { Arg, Field, getMetadataStorage, Mutation, ObjectType, Resolver } from 'type-graphql'
import { AllowedTo, anyone, type Rule } from './allowedTo.js'
import { type Class, fail, type Noun, nounOf, whoSeesItsParent } from './declare.js'
import { forgetLoaded } from './fetch.js'
import { IdempotencyKey } from './idempotencyKey.js'
import { type FieldRate, LimitedTo } from './rates.js'
import type { Messages } from './say.js'
import { type UserError, UserErrorType, userErrorTypeOf } from './userError.js'

/** Keys of what a command made or changed, by payload field: of a list, all of them. */
export interface Made<Part extends string = string> {
  made: Partial<Record<Part, Keys>>
  /** What was asked for had happened before, and nothing changed. */
  replayed?: boolean
  /** Returned once and never stored. */
  once?: Record<string, unknown>
}
export type Keys = string | readonly string[]
export const made = <Part extends string>(ids: Record<Part, Keys>, once: Record<string, unknown> = {}): Made<Part> => ({
  made: ids,
  once,
})

/** A refused command changes nothing and lists all errors at once. */
export interface Refused {
  userErrors: readonly UserError[]
}
export const refused = (userErrors: readonly UserError[]): Refused =>
  userErrors.length > 0 ? { userErrors } : fail('A command that refuses must say why; it gave no reason.')

interface Described {
  description: string
}
export interface Declaration<Input extends object, Part extends string, Acting, Prepared = undefined>
  extends Described {
  name: string
  /** Who may send it and read its result. Objects in the result have their own rule and scope. */
  allowedTo: Rule
  /** A limit of its own, beside the one of every command. */
  limitedTo?: FieldRate
  /** Its own input fields; the engine adds `idempotencyKey`. */
  input: Class<Input>
  /** Required for anything that is created, filed or paid. */
  key: 'required' | 'optional'
  /**
   * Names what the input is about. A key of an anonymous caller belongs to it: such callers have nothing else of their own.
   * Without this they cannot send a key. Whoever names the same and guesses key and input gets the same result, so it must show
   * them nothing new.
   */
  keyScope?(input: Input): string
  creates: boolean
  /** The payload fields that contain nouns, each one or a list. */
  made: Record<Part, Described & { type: Class; list?: true }>
  /** The payload fields that a repeat omits: secrets. */
  once?: Record<string, Described & { type: () => any }>
  /**
   * Calls to other systems, made once and before the transaction, which must not wait for them. Runs on a repeat too,
   * and for callers who may not act: it changes nothing, and checks the caller's rights itself.
   */
  prepare?(input: Input, context: ContextOf<Acting>): Promise<Prepared>
  /** Runs in one transaction, and again if that fails to serialize. It uses nothing but the transaction. */
  act(input: Input, acting: Acting, prepared: Prepared): Promise<Made<NoInfer<Part>> | Refused>
}
type ContextOf<Acting> = Acting extends { context: infer Context } ? Context : never

/** A mutation with a transaction, an idempotency key and events. */
export interface Command {
  name: string
  made: Record<string, Noun>
  once: string[]
  payload: Class
  resolver: new () => object
  keyScope?(input: any): string
  prepare?(input: any, context: any): Promise<any>
  act(input: any, acting: any, prepared: any): Promise<Made | Refused>
}

/** Supplied by whoever serves the schema, because the engine knows no database and no language. */
export interface Ground {
  /** Runs the command in a transaction; a known key returns the stored result. */
  once(context: any, given: Given, act: (acting: any) => Promise<Made | Refused>): Promise<Outcome>
  messages: Messages
  languageOf(context: any): string
}
export interface Given {
  mutation: string
  key: string | undefined
  /** To what a key of an anonymous caller belongs. Undefined if they cannot send one. */
  scope?: string | undefined
  input: Record<string, unknown>
}
export type Outcome = (Made & { replayed: boolean }) | Refused

/** Declares a mutation, for `commands` of its domain. */
export function command<Input extends object, Part extends string, Acting, Prepared = undefined>(
  declaration: Declaration<Input, Part, Acting, Prepared>,
): Command {
  const {
    name,
    description,
    allowedTo,
    limitedTo,
    input,
    key,
    creates,
    once = {},
    keyScope,
    prepare,
    act,
  } = declaration
  if (creates && key !== 'required') fail(`${name} creates something, and its idempotencyKey is not required.`)
  addKey(name, input, key === 'optional')
  const payload = payloadOf(declaration)
  const resolver = class {}
  Resolver()(resolver)
  Mutation(() => payload, { nullable: true, description })(resolver.prototype, name, { value() {} })
  AllowedTo(allowedTo)(resolver.prototype, name)
  if (limitedTo) LimitedTo(limitedTo)(resolver.prototype, name)
  Arg('input', () => input, { description: 'Input of the mutation.' })(resolver.prototype, name, 0)
  const known = { name, made: nounsOf(declaration), once: Object.keys(once), payload, resolver, act }
  return { ...known, ...(keyScope && { keyScope }), ...(prepare && { prepare }) }
}

function nounsOf({ name, made }: Pick<Declaration<any, string, any, any>, 'name' | 'made'>): Record<string, Noun> {
  return Object.fromEntries(
    Object.entries(made).map(([part, { type }]) => {
      const noun = nounOf(type)
      if (noun.scope === whoSeesItsParent) fail(`${name} makes ${type.name}, which is only seen through its parent.`)
      return [part, noun]
    }),
  )
}

function addKey(name: string, input: Class, nullable: boolean) {
  const { inputTypes, fields } = getMetadataStorage()
  if (!inputTypes.some(({ target }) => target === input))
    fail(`${name} takes ${input.name}, which is not an @InputType.`)
  const isOf = (type: unknown) => type === input || input.prototype instanceof (type as new () => object)
  if (fields.some((field) => field.schemaName === 'idempotencyKey' && isOf(field.target)))
    fail(`${name} takes ${input.name}, which has an idempotencyKey already: its own, or that of another command.`)
  const description = nullable
    ? 'Makes a retry safe. A request with the same key and input returns the stored result.'
    : 'Makes a retry safe. A request with the same key and input returns the stored result and changes nothing.'
  Field(() => IdempotencyKey, { nullable, description })(input.prototype, 'idempotencyKey')
}

function payloadOf({ name, made, once = {} }: Declaration<any, string, any, any>): Class {
  const payload = `${name[0]?.toUpperCase()}${name.slice(1)}Payload`
  const type = { [payload]: class {} }[payload] as Class // just made
  const parts = new Set(['userErrors', 'replayed'])
  const add = (part: string, of: () => any, description: string, nullable: boolean) => {
    Field(of, { description, nullable })(type.prototype, part)
  }
  for (const part of [...Object.keys(made), ...Object.keys(once)]) {
    if (parts.has(part)) fail(`${payload}.${part} is declared twice.`)
    parts.add(part)
  }
  for (const [part, { type, list, description }] of Object.entries(made))
    add(part, list ? () => [type] : () => type, description, true)
  for (const [part, { type, description }] of Object.entries(once)) add(part, type, description, true)
  add(
    'userErrors',
    () => [UserErrorType],
    'Everything the caller must correct. If not empty, nothing was changed.',
    false,
  )
  add('replayed', () => Boolean, 'True if this is the stored result of an earlier request with the same key.', false)
  AllowedTo(anyone)(type)
  ObjectType(payload, { simpleResolvers: true, description: `Result of \`${name}\`.` })(type)
  return type
}

interface Payload {
  made: Record<string, Keys>
  once: Record<string, unknown>
  userErrors: UserErrorType[]
  replayed: boolean
}
/** Runs a command. The fields of its payload read the result anew. */
export async function runCommand(
  { name, keyScope, prepare, act, made: parts }: Command,
  { once, messages, languageOf }: Ground,
  { idempotencyKey, ...input }: Record<string, any>,
  context: any,
): Promise<Payload> {
  try {
    const given = { mutation: name, key: idempotencyKey ?? undefined, scope: keyScope?.(input), input }
    const prepared = await prepare?.(input, context)
    const outcome = await once(context, given, async (acting) => {
      const done = await act(input, acting, prepared)
      // Not on a repeat: it may name a payload field that has been renamed since.
      const strange = 'made' in done && Object.keys(done.made).find((part) => !parts[part])
      return strange ? fail(`${name} made ${strange}, which its payload does not have.`) : done
    })
    if ('userErrors' in outcome) {
      const language = languageOf(context)
      const userErrors = outcome.userErrors.map((userError) => userErrorTypeOf(userError, messages, language))
      return { made: {}, once: {}, userErrors, replayed: false }
    }
    return { once: {}, ...outcome, userErrors: [] } as Payload // its fields read by their own names
  } finally {
    forgetLoaded(context)
  }
}
