import { setTimeout as sleep } from 'node:timers/promises'
import { causeOf } from './database.js'

/** Serialization failure and deadlock: PostgreSQL has rolled back, and a retry may succeed. */
export const undone: readonly string[] = ['40001', '40P01']
/** Another transaction inserted the same key first: a fresh read finds its row. */
export const overtaken = '23505'

const attempts = 4
export async function withRetries<T>(attempt: () => Promise<T>, codes = undone): Promise<T> {
  for (let tried = 1; ; tried++)
    try {
      return await attempt()
    } catch (error) {
      const { code } = causeOf(error) as NodeJS.ErrnoException
      if (tried === attempts || !codes.includes(String(code))) throw error
      await sleep(Math.random() * 20 * tried)
    }
}
