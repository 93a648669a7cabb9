import { setTimeout as sleep } from 'node:timers/promises'
import { loggable } from '../engine/errors.js'
import type { Work } from './job.js'

export interface Repeated {
  /** Settles when what is under way has ended. */
  stop(): Promise<void>
}

const longestPause = 30_000

/** Again and again: at once where it says that there is more, else after the pause, and after ever longer ones while it fails. */
export function repeat(
  name: string,
  pause: number,
  log: Work['log'],
  act: (stopped: AbortSignal) => Promise<boolean>,
): Repeated {
  const stopping = new AbortController()
  const { signal } = stopping
  const run = async () => {
    for (let failures = 0; !signal.aborted; ) {
      let wait = pause
      const begun = performance.now()
      try {
        if (await act(signal)) wait = 0
        failures = 0
      } catch (error) {
        log.error({ loop: name, error: loggable(error) }, 'failed, and will be tried again')
        if (performance.now() - begun > longestPause) failures = 0 // it went well until now
        wait = Math.min(100 * 2 ** failures++, longestPause)
      }
      if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => {}) // woken by the stop
    }
  }
  const ended = run()
  return {
    stop: () => {
      stopping.abort()
      return ended
    },
  }
}
