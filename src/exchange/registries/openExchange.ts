import { type Exchange, unconnected } from '../../shared/exchange.js'
import type { ExchangeSettings } from './exchange.settings.js'
import { lineTo, type Surroundings } from './line.js'

/** Connects the configured registries independently: a failure of one does not affect another. */
export function openExchange({ client, registries }: ExchangeSettings, surroundings: Surroundings): Exchange {
  const lines = new Map<string, Exchange>(
    Object.entries(registries).map(([code, connection]) => [code, lineTo(code, { client, connection }, surroundings)]),
  )
  const lineOf = (registry: string) => lines.get(registry) ?? unconnected
  return {
    ask: (registry, message, read) => lineOf(registry).ask(registry, message, read),
    tell: (registry, change, read) => lineOf(registry).tell(registry, change, read),
    healthOf: (registry) => lineOf(registry).healthOf(registry),
    async close() {
      await Promise.all([...lines.values()].map((line) => line.close()))
    },
  }
}
