// A worker process by the built sources, which may be killed at a failpoint. Its one job notes its subject, and then runs
// for as long as there is a row in `held`. It loads no domain, because dozens of them are started.
import { setTimeout as sleep } from 'node:timers/promises'
import { armFailpoints } from '../../dist/engine/failpoint.js'
import { keepAccessLog } from '../../dist/exchange/accessLog/keepAccessLog.js'
import { openDatabase } from '../../dist/platform/database.js'
import { keyringOf } from '../../dist/platform/keyringFile.js'
import { usualTimings } from '../../dist/platform/timings.js'
import { unconnected } from '../../dist/shared/exchange.js'
import { withoutSigningKeys } from '../../dist/shared/signingKeys.js'
import { startWorker } from '../../dist/worker.js'

const { url, folder, failpoints = '' } = JSON.parse(process.argv[2])
armFailpoints(failpoints)
const database = await openDatabase(url, { connections: 4, statementTimeout: 20_000 })
const note = {
  name: 'note',
  on: ['thing.wanted', 'thing.expired'],
  run: async ({ subject }, { database: { client } }) => {
    await client`insert into noted (subject) values (${subject})`
    while ((await client`select 1 from held`).length > 0) await sleep(50)
  },
}
const log = {
  info: () => {},
  error: (what, message) => process.stdout.write(`${JSON.stringify({ ...what, message })}\n`),
}
const worker = startWorker({
  config: { requestTimeout: 10_000, timings: usualTimings },
  database,
  jobs: [note],
  now: () => new Date(),
  log,
  signingKeys: withoutSigningKeys,
  exchange: unconnected,
  recurring: keepAccessLog(folder),
  keyring: keyringOf({ dataDir: process.env.DATA_DIR }),
})
process.on('SIGTERM', async () => {
  await worker.stop()
  await database.close()
  process.exit(0)
})
