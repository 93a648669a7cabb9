import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Config, configFrom } from '../config.js'
import { writeSecret } from '../platform/secretFile.js'
import { authorityOf } from './authority.js'
import { sealOf } from './seal.js'
import { hasAuthority } from './standIns.js'

type Sandbox = Pick<Config, 'mode' | 'trustList' | 'dataDir'>

/** Days: a program renews its certificate once a year. */
const days = 365

/** Writes a new key of an organisation and its certificates into DATA_DIR, for its programs. Returns the path. */
export async function certify(organisation: string | undefined, config: Sandbox): Promise<string> {
  const seal = sealOf(organisation)
  if (!hasAuthority(config))
    throw new Error(
      'certify is for a sandbox whose own authority is believed; MODE is production, or TRUST_LIST names others',
    )
  const { key, chain } = await (await authorityOf(config.dataDir)).issue({ ...seal, days })
  const path = join(config.dataDir, `${organisation}.pem`)
  writeSecret(path, [key, ...chain].join('\n'))
  return path
}

const usage = `npm run --silent certify -- <organisation>

Certifies a new key for an organisation of this sandbox, and writes both to DATA_DIR/<organisation>.pem: the private key,
then the certificates, its own first. A program of the organisation signs filings with it. Set DATA_DIR as
for the server.`

async function main(): Promise<void> {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } })
    if (values.help) return console.log(usage)
    const [organisation, ...more] = positionals
    if (more.length > 0) throw new Error(`certify takes one organisation; got "${positionals.join(' ')}"`)
    // The result is the file.
    console.error(`Wrote ${await certify(organisation, configFrom())}`)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}

const [, script] = process.argv
if (script && existsSync(script) && realpathSync(script) === import.meta.filename) await main()
