import type { FailureReason, Health } from '../../shared/exchange.js'

const latenciesKept = 50

/** The health of a registry, from the messages that this process sent. */
export function observation() {
  const latencies: number[] = []
  let answers: boolean | undefined
  let lastAnsweredAt: Date | null = null
  let lastFailure: Health['lastFailure'] = null
  return {
    answered(at: Date, milliseconds: number): void {
      answers = true
      lastAnsweredAt = at
      latencies.push(milliseconds)
      if (latencies.length > latenciesKept) latencies.shift()
    },
    /** REFUSED may come from the exchange, and says nothing about whether the registry answers. */
    failed(at: Date, reason: FailureReason): void {
      if (reason !== 'REFUSED') answers = false
      lastFailure = { reason, at }
    },
    health(breaker: Health['breaker']): Health {
      const status = breaker !== 'CLOSED' || answers === false ? 'DOWN' : answers ? 'UP' : 'UNKNOWN'
      return { status, breaker, latency: medianOf(latencies), lastAnsweredAt, lastFailure }
    },
  }
}

function medianOf(numbers: readonly number[]): number | null {
  const sorted = [...numbers].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}
