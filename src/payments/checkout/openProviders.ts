import { openBank } from './bank.js'
import type { Providers } from './provider.js'
import type { ProvidersSettings } from './providers.settings.js'

/** Connects the configured banks. A failure of one does not affect another. */
export function openProviders(
  settings: ProvidersSettings = {},
  surroundings: Parameters<typeof openBank>[2],
): Providers {
  const banks = new Map(Object.entries(settings).map(([code, one]) => [code, openBank(code, one, surroundings)]))
  return {
    all: [...banks.values()],
    find: (code) => banks.get(code),
    async close() {
      await Promise.all([...banks.values()].map((bank) => bank.close()))
    },
  }
}
