import type { Providers } from '../../src/payments/checkout/provider.js'

/** For what collects no payments. */
export const noProviders: Providers = { find: () => undefined, async close() {} }
