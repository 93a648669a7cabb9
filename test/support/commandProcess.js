// A process that runs one command by the built sources and prints its outcome. It may be killed at a failpoint.
import { sql } from 'drizzle-orm'
import { armFailpoints } from '../../dist/engine/failpoint.js'
import { once } from '../../dist/events/commandKeys.js'
import { openDatabase } from '../../dist/platform/database.js'
import { keyringOf } from '../../dist/platform/keyringFile.js'

const { url, key, text, failpoints = '' } = JSON.parse(process.argv[2])
armFailpoints(failpoints)
const database = await openDatabase(url, { connections: 1, statementTimeout: 20_000 })
const context = {
  caller: { kind: 'OPERATOR', id: 'operator' },
  database,
  now: () => new Date(),
  deadline: Date.now() + 20_000,
  keyring: keyringOf({ dataDir: process.env.DATA_DIR }),
}
const outcome = await once(context, { mutation: 'leaveMark', key, input: { text } }, async ({ tx }) => {
  const [{ id }] = await tx.execute(sql`insert into marks (text) values (${text}) returning id`)
  return { made: { mark: String(id) } }
})
process.stdout.write(`${JSON.stringify(outcome)}\n`)
await database.close()
