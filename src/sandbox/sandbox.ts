import { existsSync, realpathSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Config, configFrom } from '../config.js'
import { Mode } from '../platform/installation.table.js'
import { bankCommand, bankLine, bankStates } from './bank/bankCommand.js'
import { hasBank } from './bank/provider.js'
import { aheadBy, setForward } from './clock.js'
import { registries, registryCodes } from './registries.js'
import { isTrouble, setTrouble, type Trouble, troubleOf, troubles } from './registryTrouble.js'
import { hasRegistries } from './standIns.js'
import {
  isTaxProgramTrouble,
  setTaxProgramTrouble,
  taxProgram,
  taxProgramTroubleOf,
  taxProgramTroubles,
} from './taxProgram.js'

type Sandbox = Pick<Config, 'mode' | 'exchange' | 'dataDir' | 'paymentProviders'>

/** The clock, the bank, the tax agency’s program, or a registry. */
export function sandboxCommand([name, ...more]: string[], config: Sandbox): string | Promise<string> {
  if (name === 'clock') return clockCommand(more, config)
  if (name === taxProgram) return taxProgramCommand(more, config)
  if (name !== 'bank') return registryCommand([name, ...more], config)
  if (!hasBank(config))
    throw new Error(
      'bank is for a sandbox with a bank of its own; MODE is production, or PAYMENT_PROVIDERS names others',
    )
  return bankCommand(more, config)
}

function clockCommand([to, ...more]: string[], { mode, dataDir }: Sandbox): string {
  if (mode === Mode.PRODUCTION) throw new Error('clock is for a sandbox; MODE is production')
  if (more.length > 0) throw new Error(`clock takes one distance or moment; got "${[to, ...more].join(' ')}"`)
  const moment = to === undefined ? new Date(Date.now() + aheadBy(dataDir)) : setForward(dataDir, to)
  return `  clock              ${moment.toISOString()}`
}

/** The state of the tax agency’s program, or the one it switched to. */
function taxProgramCommand([trouble, ...more]: string[], { mode, dataDir }: Sandbox): string {
  if (mode === Mode.PRODUCTION) throw new Error(`${taxProgram} is for a sandbox; MODE is production`)
  if (trouble !== undefined && (!isTaxProgramTrouble(trouble) || more.length > 0))
    throw new Error(`${taxProgram} is up or down; got "${[trouble, ...more].join(' ')}"`)
  if (trouble !== undefined) setTaxProgramTrouble(dataDir, trouble)
  return taxProgramLine(dataDir)
}
function taxProgramLine(dataDir: string): string {
  const trouble = taxProgramTroubleOf(dataDir)
  return `  ${taxProgram.padEnd(18)} ${trouble.padEnd(9)} ${taxProgramTroubles[trouble]}`
}

/** The output of the command: the state of all registries, or of the one it switched. */
function registryCommand([name, trouble, ...more]: (string | undefined)[], config: Sandbox): string {
  if (!hasRegistries(config))
    throw new Error('sandbox is for one with registries of its own; MODE is production, or EXCHANGE names others')
  if (name === undefined) {
    const bank = hasBank(config) ? [bankLine(config)] : []
    return [states(config), taxProgramLine(config.dataDir)].concat(bank).join('\n')
  }
  const code = registryCodes.find((code) => registries[code].name === name)
  if (!code) throw new Error(`sandbox requires the code of a registry:\n${states(config)}\ngot "${name}"`)
  if (trouble === undefined || !isTrouble(trouble) || more.length > 0)
    throw new Error(`sandbox requires a state for ${name}:\n${choices()}\n${got([trouble, ...more])}`)
  setTrouble(config.dataDir, code, trouble)
  return lineOf(name, trouble)
}

const states = ({ dataDir }: Sandbox) =>
  registryCodes.map((code) => lineOf(registries[code].name, troubleOf(dataDir, code))).join('\n')
const lineOf = (name: string, trouble: Trouble) => `  ${name.padEnd(18)} ${trouble.padEnd(9)} ${troubles[trouble]}`
const choices = () =>
  Object.entries(troubles)
    .map(([trouble, does]) => `  ${trouble.padEnd(9)} ${does}`)
    .join('\n')
const got = ([first, ...more]: (string | undefined)[]) =>
  first === undefined ? 'got nothing' : `got "${[first, ...more].join(' ')}"`

const usage = () => `npm run sandbox -- <registry> <state>
npm run sandbox -- bank <state>
npm run sandbox -- tax-program <up|down>
npm run sandbox -- bank <capture|reverse|dispute> <id of a payment>
npm run sandbox -- bank dispute <id of a payment> <won|lost>
npm run sandbox -- clock <+10d, +3h, +90m or a moment>

Lets a registry or the bank of this sandbox be in trouble, or in order again: at once where the server runs, and after each
start until something else is said. Without a name it prints how all of them are. DATA_DIR must be as the server has it.

The bank also plays what banks decide: a late capture, a reversal, a dispute that is won or lost.

The clock is set forward for all that the sandbox does, but for the tokens of those who sign in; it never goes back.

registries
${registryCodes.map((code) => `  ${registries[code].name.padEnd(18)} ${code} of ${registries[code].member}`).join('\n')}
states
${choices()}
states of the bank
${bankStates()}`

async function main(): Promise<void> {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } })
    console.log(values.help ? usage() : await sandboxCommand(positionals, configFrom()))
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}

const [, script] = process.argv
if (script && existsSync(script) && realpathSync(script) === import.meta.filename) void main()
