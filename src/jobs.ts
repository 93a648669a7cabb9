import { configFrom } from './config.js'
import { dropJob, type ListedJob, listJobs, retryJob } from './events/listJobs.js'
import { type Database, reasonOf } from './platform/database.js'
import { withDatabase } from './platform/withDatabase.js'

const most = 100
const usage = 'jobs must be called without anything, with "retry <id>" or with "drop <id>"'

/** Parses the command before the database is reached, and returns the lines to print. */
function actionOf([verb, id, ...more]: string[]): (database: Database) => Promise<string[]> {
  if (verb === undefined) return async (database) => linesOf(await listJobs(database, most))
  if (id === undefined || more.length > 0) throw new Error(`${usage}; got "${[verb, id, ...more].join(' ').trim()}"`)
  if (!/^\d{1,18}$/.test(id)) throw new Error(`the id of a job must be a number; got "${id}"`)
  if (verb !== 'retry' && verb !== 'drop') throw new Error(`${usage}; got "${verb}"`)
  const act = verb === 'retry' ? retryJob : dropJob
  return async (database) => {
    await act(database, id)
    return [verb === 'retry' ? `Job ${id} will run again.` : `Job ${id} is dropped.`]
  }
}

function linesOf(jobs: readonly ListedJob[]): string[] {
  const [first] = jobs
  if (!first) return ['No job has failed, and none waits.']
  return [...jobs.map(lineOf), ...(first.total > jobs.length ? [`… and ${first.total - jobs.length} more`] : [])]
}

const isDue = (state: ListedJob['state']) => state === 'RETRYING' || state === 'WAITING'
const lineOf = ({ id, name, state, event, type, attempts, most, next, error }: ListedJob) =>
  [
    `${id} ${name} of event ${event ? `${event} ${type}` : 'that is no more'}:`,
    `${state}, ${attempts} of ${most} attempts${isDue(state) ? `, next ${new Date(next).toISOString()}` : ''}`,
    ...(error ? [`— ${error}`] : []),
  ].join(' ')

try {
  const act = actionOf(process.argv.slice(2))
  for (const line of await withDatabase(configFrom(), act)) console.log(line)
} catch (error) {
  console.error(reasonOf(error))
  process.exitCode = 1
}
