import { bigint, pgTable, text } from 'drizzle-orm/pg-core'
import { describeTable } from '../platform/describeTable.js'

/** Up to which event each job has been enqueued. A worker moves those of the jobs that it knows, and leaves the others behind. */
export const jobHeads = pgTable('job_heads', {
  name: text('name').primaryKey(),
  position: bigint('position', { mode: 'bigint' }).notNull(),
})

describeTable(jobHeads, {
  retention: { class: 'PERMANENT', reason: 'One row a job: each continues where it stopped.' },
})
