import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { BankTrouble } from './bankTrouble.js'
import { signed } from './signature.js'

export interface Callback {
  orderId: string
  event: string
  url: string
}

interface Parts {
  merchant: string
  secret: string
  now: () => Date
  troubleOf(): BankTrouble
  log: Pick<FastifyBaseLogger, 'warn' | 'error'>
  /** Milliseconds before the second attempt. Each further pause is twice as long. */
  pause?: number
}

const maxAttempts = 12
const longestPause = 300_000
const lateBy = 10_000
const heldAtMost = 3
const heldFor = 3_000

/** Calls the merchant back until it answers with 2xx. `stop` ends all attempts; those left begin again after a restart. */
export function callbacksOf({ log, troubleOf, pause = 1_000, ...signer }: Parts) {
  const stopping = new AbortController()
  const { signal } = stopping
  let held: (() => void)[] = []
  let inTurn: Promise<unknown> = Promise.resolve()
  const release = () => {
    const released = held.reverse()
    held = []
    for (const send of released) send()
  }
  const holdBack = () =>
    new Promise<void>((settle) => {
      held.push(settle)
      // All of them wait before the first is released.
      if (held.length === heldAtMost) queueMicrotask(release)
      else setTimeout(release, heldFor).unref()
    })

  async function post({ url, orderId, event }: Callback): Promise<boolean> {
    const body = JSON.stringify({ orderId, event, sentAt: signer.now().toISOString() })
    const { pathname, search } = new URL(url)
    const headers = signed({ method: 'POST', path: pathname + search, body }, signer)
    try {
      const { ok } = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
      })
      return ok
    } catch {
      return false // it is repeated
    }
  }

  async function repeat(callback: Callback): Promise<boolean> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (await post(callback)) return true
      await sleep(Math.min(pause * 2 ** attempt, longestPause), undefined, { signal, ref: false })
    }
    log.warn({ order: callback.orderId, event: callback.event }, 'a callback of the bank was given up')
    return false
  }

  async function deliver(callback: Callback): Promise<boolean> {
    const trouble = troubleOf()
    if (trouble === 'silent') return true
    if (trouble === 'late') await sleep(lateBy, undefined, { signal, ref: false })
    if (trouble === 'shuffled') {
      await holdBack()
      // Each arrives before the next is sent.
      const sent = inTurn.then(() => repeat(callback))
      inTurn = sent
      return await sent
    }
    const [first] = await Promise.all([repeat(callback), trouble === 'doubled' && repeat(callback)])
    return first
  }

  return {
    /** `done` is called when the merchant has received it. */
    call(callback: Callback, done: () => void = () => {}): void {
      deliver(callback).then(
        (received) => received && !signal.aborted && done(),
        (error: Error) => signal.aborted || log.error({ stack: error.stack }, 'unexpected error of a callback'),
      )
    },
    stop: () => stopping.abort(),
  }
}
