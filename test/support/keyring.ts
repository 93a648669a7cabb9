import { randomBytes } from 'node:crypto'
import { Keyring, purposes } from '../../src/shared/keyring.js'

/** Keys that live as long as the test. */
export const keyringOfTest = (): Keyring =>
  // The cast: fromEntries forgets which names it was given.
  new Keyring(
    Object.fromEntries(purposes.map((purpose) => [purpose, [{ id: 'test', secret: randomBytes(32) }]])) as never,
  )
