import { onTestFinished } from 'vitest'
import type { ExchangeSettings } from '../../src/exchange/registries/exchange.settings.js'
import type { Surroundings } from '../../src/exchange/registries/line.js'
import { openExchange } from '../../src/exchange/registries/openExchange.js'
import type { Exchange, Message, Reply } from '../../src/shared/exchange.js'

export interface Line {
  level: string
  what: Record<string, unknown>
  message: string
}

/** An exchange for one test and the lines it logs. It pauses a moment between attempts, unless the test says otherwise. */
export function openedExchange(settings: ExchangeSettings, surroundings: Partial<Surroundings> = {}) {
  const lines: Line[] = []
  const write = (level: string) => (what: unknown, message?: string) => {
    lines.push({ level, what: what as Line['what'], message: String(message) })
  }
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  const exchange = openExchange(settings, { log, pauses: { initialDelay: 1, maxDelay: 2 }, ...surroundings })
  onTestFinished(() => exchange.close())
  return { exchange, lines }
}

/** A question with an hour to answer it. */
export const question = (changes: Partial<Message> = {}): Message => ({
  method: 'GET',
  service: 'fines',
  path: ['persons', 'TEST001'],
  userId: 'person:0192',
  deadline: Date.now() + 3_600_000,
  ...changes,
})
export const ask = (exchange: Exchange, registry = 'FINES', changes: Partial<Message> = {}): Promise<Reply<unknown>> =>
  exchange.ask(registry, question(changes), (body) => body)
