import type { Providers } from '../../src/payments/checkout/provider.js'

/** For what collects no payments. */
export const noProviders: Providers = { all: [], find: () => undefined, async close() {} }
