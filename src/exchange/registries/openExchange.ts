import { type Exchange, unconnected } from '../../shared/exchange.js'
import type { ExchangeSettings } from './exchange.settings.js'
import { lineTo, type Surroundings } from './line.js'

/** Connects the configured registries independently: a failure of one does not affect another. */
export function openExchange({ client, registries }: ExchangeSettings, surroundings: Surroundings): Exchange {
  const lines = new Map<string, Exchange>(
    Object.entries(registries).map(([code, connection]) => [code, lineTo(code, { client, connection }, surroundings)]),
  )
  return {
    ask: (registry, message, read) => (lines.get(registry) ?? unconnected).ask(registry, message, read),
    healthOf: (registry) => (lines.get(registry) ?? unconnected).healthOf(registry),
    async close() {
      await Promise.all([...lines.values()].map((line) => line.close()))
    },
  }
}
