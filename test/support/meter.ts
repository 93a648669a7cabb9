import type { Meter } from '../../src/engine/rates.js'

/** Rate limits that nothing reaches. */
export const unmetered: Meter = {
  operation: async () => 0,
  command: async () => 0,
  field: async () => 0,
  wrongGuess: async () => 0,
}
