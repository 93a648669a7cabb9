import { onTestFinished } from 'vitest'
import { openExchange } from '../../src/exchange/openExchange.js'
import type { ExchangeSettings } from '../../src/exchange/settings.js'
import type { Exchange, Message, Reply } from '../../src/shared/exchange.js'

export interface Line {
  level: string
  what: Record<string, unknown>
  message: string
}

/** An exchange for one test, and what it writes into the log. */
export function openedExchange(settings: ExchangeSettings, now?: () => Date) {
  const lines: Line[] = []
  const write = (level: string) => (what: unknown, message?: string) => {
    lines.push({ level, what: what as Line['what'], message: String(message) })
  }
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  const exchange = openExchange(settings, { log, ...(now && { now }) })
  onTestFinished(() => exchange.close())
  return { exchange, lines }
}

/** A question, with an hour to answer it. */
export const question = (told: Partial<Message> = {}): Message => ({
  ...{ method: 'GET', service: 'fines', path: ['persons', 'TEST001'], userId: 'person:0192' },
  deadline: Date.now() + 3_600_000,
  ...told,
})
export const ask = (exchange: Exchange, registry = 'FINES', told: Partial<Message> = {}): Promise<Reply<unknown>> =>
  exchange.ask(registry, question(told), (body) => body)
