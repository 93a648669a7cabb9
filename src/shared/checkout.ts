/** What commands know about the configured providers of payments. */
export interface Checkout {
  /** Code of the provider for a method and currency. Undefined if there is none. */
  providerOf(method: 'CARD' | 'INSTANT', currency: string): string | undefined
  /** Whether the outcome page may lead back to this address. */
  mayReturnTo(address: string): boolean
}

/** For an installation that takes no payments. */
export const withoutCheckout: Checkout = { providerOf: () => undefined, mayReturnTo: () => false }
