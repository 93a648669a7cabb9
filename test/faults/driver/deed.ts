import type { Sql } from 'postgres'
import type { Random } from './random.js'

/** A command that clients give while processes die under them. */
export interface Deed<World = any> {
  /** The mutation's. */
  name: string
  /** The place in the payload of what it makes or changes. */
  part: string
  /** The type of the event that it leaves of that, once. */
  event: string
  /** Who gives it; the operator where nobody is named. */
  persona?: string
  /** Beside the id, what the client looks at of what it made. */
  select?: string
  /** Why it may be refused where it comes too late, or too early; any other refusal is a fault. */
  mayBeRefused?: string
  /** Undefined where it cannot be done now. */
  input(random: Random, world: World): object | undefined
  /** What the client knows once it was answered. */
  done(world: World, input: any, made: any): void
}

/** What one domain gives to the driver: its commands, and what must be found of them at the end. */
export interface Deeds<World = any> {
  deeds: Deed<World>[]
  /** What one client knows; each has its own nouns, so that it knows what may be done to them. */
  world(client: string): World
  /** What is not as the acknowledged deeds say; asked again until nothing is wrong, or it is late. */
  faults(client: Sql, done: Done[]): Promise<string[]>
}

/** A deed that was acknowledged. */
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
