import { parseArgs } from 'node:util'
import { configFrom } from './config.js'
import { verifyAccessLog } from './exchange/accessLog/verifyAccessLog.js'
import { reasonOf } from './platform/database.js'
import { keyringOf } from './platform/keyringFile.js'
import { withDatabase } from './platform/withDatabase.js'

try {
  // Folders with copies from elsewhere. Defaults to the copy of this machine's worker.
  const { positionals } = parseArgs({ allowPositionals: true })
  const config = configFrom()
  const folders = positionals.length > 0 ? positionals : [config.accessLogDir]
  const { lines, faults, count } = await withDatabase(config, (database) =>
    verifyAccessLog({ database, keyring: keyringOf(config), now: () => new Date() }, folders),
  )
  for (const line of lines) console.log(line)
  for (const fault of faults) console.error(fault)
  if (count > faults.length) console.error(`… and ${count - faults.length} more faults.`)
  if (count > 0) process.exitCode = 1
  else console.log('No faults found.')
} catch (error) {
  console.error(reasonOf(error))
  process.exitCode = 1
}
