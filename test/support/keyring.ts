import { randomBytes } from 'node:crypto'
import { Keyring, purposes } from '../../src/platform/keyring.js'

/** A keyring with new keys. */
export const keyringOfTest = (): Keyring =>
  // The cast: fromEntries loses the names of the keys.
  new Keyring(
    Object.fromEntries(purposes.map((purpose) => [purpose, [{ id: 'test', secret: randomBytes(32) }]])) as never,
  )
