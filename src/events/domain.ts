import type { Domain as Served } from '../engine/engine.js'
import type { Job } from './job.js'

/** Everything a domain has: its part of the schema and its background jobs. */
export interface Domain<Tools = unknown> extends Served {
  /** `Tools` are what its jobs need beside the database. */
  jobs?(tools: Tools): Job[]
}
