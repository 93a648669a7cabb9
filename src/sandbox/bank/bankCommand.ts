import { readFileSync } from 'node:fs'
import type { Config } from '../../config.js'
import { clockOf } from '../clock.js'
import { bankTroubleOf, bankTroubles, isBankTrouble, setBankTrouble } from './bankTrouble.js'
import { bankAt, bankPortFile, bankSecret, merchant } from './provider.js'
import { signed } from './signature.js'

type Sandbox = Pick<Config, 'mode' | 'dataDir'>

export function bankLine({ dataDir }: Sandbox): string {
  const trouble = bankTroubleOf(dataDir)
  return `  ${'bank'.padEnd(18)} ${trouble.padEnd(9)} ${bankTroubles[trouble]}`
}
export const bankStates = (): string =>
  Object.entries(bankTroubles)
    .map(([trouble, does]) => `  ${trouble.padEnd(15)} ${does}`)
    .join('\n')

/** `npm run sandbox -- bank …`: its state, or what it does to an order on its own. */
export async function bankCommand(given: string[], config: Sandbox): Promise<string> {
  const [what, order, how] = given
  if (what === undefined) return bankLine(config)
  if (given.length === 1 && isBankTrouble(what)) {
    setBankTrouble(config.dataDir, what)
    return bankLine(config)
  }
  const act = actOf(what, how)
  if (!act || !order || !/^[\w-]+$/.test(order) || given.length > (how === undefined ? 2 : 3))
    throw new Error(
      `bank requires a state, or one of capture, reverse and dispute with a payment's id:\n${bankStates()}\ngot "${given.join(' ')}"`,
    )
  return await play(act, order, config)
}

function actOf(what: string, how: string | undefined): string | undefined {
  if (what === 'dispute' && (how === 'won' || how === 'lost')) return how
  return how === undefined && ['capture', 'reverse', 'dispute'].includes(what) ? what : undefined
}

/** The id as the API shows it, or the order number on the bank's page. */
async function play(act: string, id: string, config: Sandbox): Promise<string> {
  const { parseNodeId } = await import('../../engine/node.js')
  const payment = parseNodeId(id)
  const order = payment?.type === 'Payment' ? payment.key : id
  const path = `/sandbox/${order}/${act}`
  const headers = signed(
    { method: 'POST', path, body: '' },
    { merchant, secret: bankSecret(config), now: clockOf(config) },
  )
  let answer: Response
  try {
    answer = await fetch(`${bankAt(portIn(config))}${path}`, { method: 'POST', headers })
  } catch {
    throw new Error('the server with this DATA_DIR must run; its bank does not answer')
  }
  // The cast: the bank answers so.
  const { state, message } = (await answer.json()) as { state?: string; message?: string }
  if (state === undefined) throw new Error(`the bank refuses: ${message}`)
  return `  ${order}  ${state}`
}

const portIn = ({ dataDir }: Sandbox) => Number(readFileSync(bankPortFile(dataDir), 'utf8'))
