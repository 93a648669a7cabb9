import { bigint, pgTable, text } from 'drizzle-orm/pg-core'
import { describeTable } from '../platform/describeTable.js'

/**
 * The position up to which each job is enqueued. A worker moves the heads of jobs it knows, and leaves the others
 * behind.
 */
export const jobHeads = pgTable('job_heads', {
  name: text('name').primaryKey(),
  position: bigint('position', { mode: 'bigint' }).notNull(),
})

describeTable(jobHeads, {
  retention: { class: 'PERMANENT', reason: 'One row a job: each continues where it stopped.' },
})
