import { setTimeout as sleep } from 'node:timers/promises'
import { loggable } from '../engine/errors.js'
import { beforeDeadline } from '../engine/statement.js'
import type { Work } from './job.js'

export interface Repeated {
  /** Resolves when the current round has ended. */
  stop(): Promise<void>
}

const longestPause = 30_000

export const hung = (timeout: number) => new Error(`it must end within ${timeout} ms; it has not`)

interface Round {
  /** Milliseconds between rounds. */
  pause: number
  /** Milliseconds after which a hanging round is abandoned and the next begins. Unlimited by default. */
  timeout?: number
  log: Work['log']
}

/** Repeats work: at once if it returns true, otherwise after the pause. The pause grows while it fails. */
export function repeat(
  name: string,
  { pause, timeout, log }: Round,
  act: (stopped: AbortSignal) => Promise<boolean>,
): Repeated {
  const stopping = new AbortController()
  const { signal } = stopping
  const round = () =>
    timeout === undefined
      ? act(signal)
      : beforeDeadline(
          Date.now() + timeout,
          () => act(signal),
          () => hung(timeout),
        )
  const run = async () => {
    for (let failures = 0; !signal.aborted; ) {
      let wait = pause
      const begun = performance.now()
      try {
        if (await round()) wait = 0
        failures = 0
      } catch (error) {
        log.error({ loop: name, error: loggable(error) }, 'failed; retrying')
        if (performance.now() - begun > longestPause) failures = 0 // it worked until now
        wait = Math.min(100 * 2 ** failures++, longestPause)
      }
      if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => {}) // a stop wakes it
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
