import { existsSync, realpathSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Config, configFrom } from '../config.js'
import { hasLogin } from './issuer.js'
import { personasOf, programsOf } from './personas.js'
import { personaToken } from './personaToken.js'
import { programToken, refuseUnknownPort } from './programToken.js'

type Sandbox = Pick<Config, 'mode' | 'issuers' | 'dataDir' | 'port' | 'sandboxPort' | 'timings'>

/** An access token of a persona, as the login issues it; or of a program, as the API issues it. */
export async function tokenOf(name: string | undefined, config: Sandbox): Promise<string> {
  const persona = personasOf().find((persona) => persona.name === name)
  const program = programsOf().find((program) => program.name === name)
  if (!persona && !program) throw new Error(`token requires a persona or a program:\n${known()}\n${got(name)}`)
  if (!hasLogin(config))
    throw new Error('token is for a sandbox that signs people in itself; MODE is production, or ISSUERS names others')
  if (program) return await programToken(program, config)
  refuseUnknownPort('SANDBOX_PORT', config.sandboxPort)
  return await personaToken(config, persona as NonNullable<typeof persona>) // one of the two exists
}

const got = (name: string | undefined) => (name === undefined ? 'got nothing' : `got "${name}"`)

const known = (): string =>
  [
    ...personasOf().map(({ name, is }) => `  ${name.padEnd(22)} ${is.en}`),
    ...programsOf().map(({ name }) => `  ${name.padEnd(22)} A program. The server must be running`),
  ].join('\n')

const usage = () => `npm run --silent token -- <persona>

Prints an access token of a persona of this sandbox, to be sent as "Authorization: Bearer <token>". PORT, SANDBOX_PORT and
DATA_DIR must be as the server has them.

${known()}`

async function main(): Promise<void> {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } })
    const [name, ...more] = positionals
    if (more.length > 0) throw new Error(`token takes one persona; got "${positionals.join(' ')}"`)
    console.log(values.help ? usage() : await tokenOf(name, configFrom()))
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}

const [, script] = process.argv
if (script && existsSync(script) && realpathSync(script) === import.meta.filename) await main()
