import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { z } from 'zod'
import type { Config } from '../config.js'
import { programsOf } from './personas.js'
import { programToken } from './programToken.js'
import { setTroubleIn, troubleIn } from './trouble.js'

/** The program of the State Tax Service, which acknowledges filings by itself. */
export const taxProgram = 'tax-program'
export const taxProgramTroubles = { up: 'acknowledges filings', down: 'collects nothing' }
export type TaxProgramTrouble = keyof typeof taxProgramTroubles
export const isTaxProgramTrouble = (text: string): text is TaxProgramTrouble => Object.hasOwn(taxProgramTroubles, text)

const stated = { name: taxProgram, troubles: taxProgramTroubles }
export const taxProgramTroubleOf = (dataDir: string): TaxProgramTrouble => troubleIn(dataDir, stated)
export const setTaxProgramTrouble = (dataDir: string, trouble: TaxProgramTrouble): void =>
  setTroubleIn(dataDir, taxProgram, trouble)

type Ask = (query: string, variables?: Record<string, unknown>) => Promise<unknown>
interface Parts {
  /** Asks the API as the program. Returns the data, or throws. */
  ask: Ask
  troubleOf(): TaxProgramTrouble
  log: Pick<FastifyBaseLogger, 'debug'>
  /** Milliseconds before it looks again, when nothing waits. */
  pause?: number
}

/** Collects and settles filings until it is stopped. What an ended server leaves open is collected again. */
export function startTaxProgram({ ask, troubleOf, log, pause = 5_000 }: Parts): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const { signal } = stopping
  const isStopped = () => signal.aborted
  async function run() {
    // A start has enough to load: the first token makes the API load what issues it.
    let hasSettled = false
    while (!isStopped()) {
      if (!hasSettled) await sleep(pause, undefined, { signal }).catch(() => {}) // stopped
      if (isStopped()) return
      // A server that starts again does not answer, and logs why itself.
      hasSettled = await settleSome(ask, troubleOf()).catch((error) => {
        log.debug(error, 'the tax program waits')
        return false
      })
    }
  }
  const ended = run()
  return {
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

/** As many as one request may settle. */
const atOnce = 20
const collected = z.object({
  collectFilings: z.object({
    filings: z.array(z.object({ number: z.string(), leaseId: z.string(), externalNumber: z.string() })),
  }),
})

/** Accepts each filing, or rejects it if its external number contains REJECT. Returns whether there were any. */
async function settleSome(ask: Ask, trouble: TaxProgramTrouble): Promise<boolean> {
  if (trouble !== 'up') return false
  const answer = await ask(
    `mutation { collectFilings(input: { max: ${atOnce} }) { filings { number leaseId externalNumber } } }`,
  )
  const { filings } = collected.parse(answer).collectFilings
  if (filings.length === 0) return false
  const settled = filings.map(({ number: filingNumber, leaseId, externalNumber }) =>
    externalNumber.includes('REJECT')
      ? { command: 'rejectFiling', type: 'RejectFilingInput', input: { filingNumber, leaseId, faults: [fault] } }
      : {
          command: 'acknowledgeFiling',
          type: 'AcknowledgeFilingInput',
          input: { filingNumber, leaseId, agencyNumber: `DVX-${filingNumber}` },
        },
  )
  const inputs = settled.map(({ type }, at) => `$input${at}: ${type}!`)
  const commands = settled.map(({ command }, at) => `of${at}: ${command}(input: $input${at}) { userErrors { reason } }`)
  const variables = Object.fromEntries(settled.map(({ input }, at) => [`input${at}`, input]))
  await ask(`mutation (${inputs.join(', ')}) { ${commands.join(' ')} }`, variables)
  return true
}
const fault = {
  path: '',
  message: {
    az: 'Sınaq mühiti nömrəsində REJECT olan təqdimatları rədd edir.',
    en: 'The sandbox rejects filings whose external number contains REJECT.',
    ru: 'Песочница отклоняет отчёты, в номере которых есть REJECT.',
  },
}

const answered = z.object({ data: z.unknown(), errors: z.array(z.object({ message: z.string() })).optional() })
/** Asks the API of this sandbox as the program. A refused token is replaced by a new one. */
export function askAsTaxProgram(config: Pick<Config, 'dataDir' | 'port'>): Ask {
  const program = programsOf().find(({ name }) => name === taxProgram)
  if (!program) throw new Error(`the personas must have ${taxProgram}`)
  let token: string | undefined
  return async (query, variables) => {
    try {
      token ??= await programToken(program, config)
      const response = await fetch(`http://localhost:${config.port}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(30_000),
      })
      const { data, errors } = answered.parse(await response.json())
      if (errors) throw new Error(`the API answered ${response.status}: ${errors[0]?.message}`)
      return data
    } catch (error) {
      token = undefined
      throw error
    }
  }
}
