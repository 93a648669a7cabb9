import 'reflect-metadata'
import { Arg, Field, getMetadataStorage, Mutation, ObjectType, Resolver } from 'type-graphql'
import { AllowedTo, anyone, type Rule } from './allowedTo.js'
import { type Class, fail, type Noun, nounOf, whoSeesItsParent } from './declare.js'
import { forgetLoaded } from './fetch.js'
import { IdempotencyKey } from './idempotencyKey.js'
import { type Counted, CountedAs, type FieldRate, LimitedTo } from './rates.js'
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

/** Each item of a command on several was done by itself. Those that were refused have changed nothing. */
export interface Results<Part extends string = string> {
  results: readonly (Made<Part> | Refused)[]
}

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
  /**
   * Required for anything that is created, filed or paid. `own` if a number in the input, which the client gave, is the key:
   * then the command itself recognises a repeat.
   */
  key: 'required' | 'optional' | 'own'
  /** Counts each of several items as a call of that command. */
  counted?: Counted
  /** Returns `results`, one for each of several items. */
  hasResults?: boolean
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
  act(input: Input, acting: Acting, prepared: Prepared): Promise<Made<NoInfer<Part>> | Results<NoInfer<Part>> | Refused>
}
type ContextOf<Acting> = Acting extends { context: infer Context } ? Context : never

/** A mutation with a transaction, an idempotency key and events. */
export interface Command {
  name: string
  made: Record<string, Noun>
  once: string[]
  payload: Class
  /** The type of each result, if it has results. */
  result: Class | undefined
  resolver: new () => object
  keyScope?(input: any): string
  prepare?(input: any, context: any): Promise<any>
  act(input: any, acting: any, prepared: any): Promise<Made | Results | Refused>
}

/** Supplied by whoever serves the schema, because the engine knows no database and no language. */
export interface Ground {
  /** Runs the command in a transaction; a known key returns the stored result. */
  once(context: any, given: Given, act: (acting: any) => Promise<Made | Results | Refused>): Promise<Outcome>
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
export type Outcome = (Made & { replayed: boolean }) | Results | Refused

/** Declares a mutation, for `commands` of its domain. */
export function command<Input extends object, Part extends string, Acting, Prepared = undefined>(
  declaration: Declaration<Input, Part, Acting, Prepared>,
): Command {
  const {
    name,
    description,
    allowedTo,
    limitedTo,
    counted,
    input,
    key,
    creates,
    once = {},
    keyScope,
    prepare,
    act,
  } = declaration
  if (creates && key === 'optional') fail(`${name} creates something, and its idempotencyKey is not required.`)
  if (key !== 'own') addKey(name, input, key === 'optional')
  const { payload, result } = payloadOf(declaration)
  const resolver = class {}
  Resolver()(resolver)
  Mutation(() => payload, { nullable: true, description })(resolver.prototype, name, { value() {} })
  AllowedTo(allowedTo)(resolver.prototype, name)
  if (limitedTo) LimitedTo(limitedTo)(resolver.prototype, name)
  if (counted) CountedAs(counted)(resolver.prototype, name)
  Arg('input', () => input, { description: 'Input of the mutation.' })(resolver.prototype, name, 0)
  const known = { name, made: nounsOf(declaration), once: Object.keys(once), payload, result, resolver, act }
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

type Parts = [field: string, of: () => any, Described, nullable: boolean][]
function payloadOf(declaration: Declaration<any, string, any, any>): Pick<Command, 'payload' | 'result'> {
  const { name, made, once = {}, hasResults, key } = declaration
  const title = `${name[0]?.toUpperCase()}${name.slice(1)}`
  const parts: Parts = [
    ...Object.entries(made).map(([part, of]): Parts[number] => [part, () => (of.list ? [of.type] : of.type), of, true]),
    ...Object.entries(once).map(([part, of]): Parts[number] => [part, of.type, of, true]),
    ['userErrors', () => [UserErrorType], { description: userErrors }, false],
    ['replayed', () => Boolean, { description: key === 'own' ? replayedByItself : replayed }, false],
  ]
  if (!hasResults) return { payload: typeOf(`${title}Payload`, `Result of \`${name}\`.`, parts), result: undefined }
  const result = typeOf(`${title}ItemPayload`, `What became of one item of \`${name}\`.`, parts)
  const results: Parts = [
    [
      'results',
      () => [result],
      { description: 'One for each item, in the same order. Null if there are errors.' },
      true,
    ],
    [
      'userErrors',
      () => [UserErrorType],
      { description: 'Errors that concern all items. If not empty, nothing was changed.' },
      false,
    ],
  ]
  return { payload: typeOf(`${title}Payload`, `Result of \`${name}\`.`, results), result }
}
const userErrors = 'Everything the caller must correct. If not empty, nothing was changed.'
const replayed = 'True if this is the stored result of an earlier request with the same key.'
const replayedByItself = 'True if the same was sent before under this number. Nothing was changed.'

function typeOf(name: string, description: string, parts: Parts): Class {
  const type = { [name]: class {} }[name] as Class // just made
  for (const [at, [part, of, { description }, nullable]] of parts.entries()) {
    if (parts.findIndex(([other]) => other === part) < at) fail(`${name}.${part} is declared twice.`)
    Field(of, { description, nullable })(type.prototype, part)
  }
  AllowedTo(anyone)(type)
  ObjectType(name, { simpleResolvers: true, description })(type)
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
): Promise<Payload | { results: Payload[] | null; userErrors: UserErrorType[] }> {
  const check = (done: Made | Refused) => {
    // Not on a repeat: it may name a payload field that has been renamed since.
    const strange = 'made' in done && Object.keys(done.made).find((part) => !parts[part])
    if (strange) fail(`${name} made ${strange}, which its payload does not have.`)
  }
  const shown = (one: Made | Refused): Payload => {
    // The cast: its fields are read by their own names.
    if ('made' in one) return { once: {}, replayed: false, ...one, userErrors: [] } as unknown as Payload
    const language = languageOf(context)
    const userErrors = one.userErrors.map((userError) => userErrorTypeOf(userError, messages, language))
    return { made: {}, once: {}, userErrors, replayed: false }
  }
  try {
    const given = { mutation: name, key: idempotencyKey ?? undefined, scope: keyScope?.(input), input }
    const prepared = await prepare?.(input, context)
    const outcome = await once(context, given, async (acting) => {
      const done = await act(input, acting, prepared)
      for (const one of 'results' in done ? done.results : [done]) check(one)
      return done
    })
    return 'results' in outcome ? { results: outcome.results.map(shown), userErrors: [] } : shown(outcome)
  } finally {
    forgetLoaded(context)
  }
}
