import type { FastifyPluginAsync } from 'fastify'
import type { Domain as Served } from '../engine/engine.js'
import type { AllOf } from '../platform/allOf.js'
import type { Timings } from '../platform/timings.js'
import type { EventType } from './eventType.js'
import type { Job, Work } from './job.js'

/**
 * Everything a domain has: its part of the schema, types of events, background jobs, recurring work and HTTP
 * endpoints.
 */
export interface Domain<Tools = unknown, Serving = unknown> extends Served {
  /** The types of events that it records. */
  events?: readonly EventType[]
  /** `Tools` are what jobs need beside the database. */
  jobs?(tools: Tools): Job[]
  recurring?(tools: Tools): Recurring[]
  endpoints?(serving: Serving): FastifyPluginAsync[]
}

/** What the jobs and recurring work of all these domains need. */
export type ToolsOf<Each> = AllOf<Each extends Domain<infer Tools, infer _> ? (needed: Tools) => void : never>
/** What the endpoints of all these domains need. */
export type ServingOf<Each> = AllOf<Each extends Domain<infer _, infer Serving> ? (needed: Serving) => void : never>

/** Work that every worker repeats. Any number of workers may do it at once. */
export interface Recurring {
  name: string
  /** The pause after each round. */
  interval: Exclude<keyof Timings, `${string}Timeout`>
  /** How long a round may take; `roundTimeout` by default. */
  timeout?: keyof Timings
  /** Returns true if there is more to do at once. */
  run(work: Work): Promise<boolean>
}
