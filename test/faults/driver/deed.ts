import type { Sql } from 'postgres'
import type { Random } from './random.js'

/** A command that clients send while processes die. */
export interface Deed<World = any> {
  /** The name of the mutation. */
  name: string
  /** The path in the payload of what it makes or changes. */
  part: string
  /** The type of the one event that it records. */
  event: string
  /** The persona that sends it. Defaults to the operator. */
  persona?: string
  /** Fields of the result that the client reads, besides the id. */
  select?: string
  /** Allowed reasons for a refusal, if it comes too late or too early. Any other refusal is a failure. */
  mayBeRefused?: string
  /** Undefined if it is not possible now. */
  input(random: Random, world: World): object | undefined
  /** Updates the client's knowledge after an answer. */
  done(world: World, input: any, made: any): void
}

/** A domain's commands, and its checks at the end. */
export interface Deeds<World = any> {
  deeds: Deed<World>[]
  /** One client's knowledge. Each has its own nouns, and so knows what is allowed. */
  world(client: string): World
  /** Contradictions to the acknowledged deeds. Repeated until there are none, or time is up. */
  faults(client: Sql, done: Done[]): Promise<string[]>
}

/** An acknowledged deed. */
export interface Done {
  deed: string
  key: string
  input: any
  /** The id of what it made or changed. */
  made: string
  replayed: boolean
}

export const mutationOf = ({ name, part, select = '' }: Deed) => {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
  return `mutation($input: ${type}!) {
    ${name}(input: $input) { ${part} { id ${select} } userErrors { code reason message } replayed } }`
}
