import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  halfJitterGenerator,
  handleWhenResult,
  retry,
} from 'cockatiel'
import { FailureReason, type Health } from '../../shared/exchange.js'
import type { Failure } from './xroad.rules.js'

/** Failures in a row that open the breaker. */
const failuresInARow = 5
/** Milliseconds for which the breaker stays open before a probe. */
const leftAloneFor = 10_000
/** Attempts after the first. */
const moreAttempts = 2
/** Pauses between attempts, in milliseconds. Half of each pause is random. */
export interface Pauses {
  initialDelay: number
  maxDelay: number
}
const usualPauses: Pauses = { initialDelay: 100, maxDelay: 400 }

/** The registry had too little time to answer, which is no failure of it. But a probe that was cut short proves nothing. */
class CutShort extends Error {
  constructor(readonly wasProbe: boolean) {
    super('cut short')
  }
}
const counted = new Set([FailureReason.DOWN, FailureReason.TIMED_OUT, FailureReason.INVALID_ANSWER])
const isFault = (outcome: unknown) => counted.has((outcome as Partial<Failure>).failed as FailureReason) // done, or failed
const isWorthAnother = (outcome: unknown) => {
  const { failed, retryAfter, isBarred } = outcome as Partial<Barred> // as above
  return failed === FailureReason.DOWN && retryAfter === undefined && !isBarred
}
/** Nothing was sent. */
interface Barred extends Failure {
  isBarred?: true
}
const barred: Barred = { failed: FailureReason.DOWN, type: 'left alone', isBarred: true }
const late: Failure = { failed: FailureReason.TIMED_OUT, type: 'time limit' }

interface Limits {
  timeLimit: number
  connections: number
  waiting: number
}
interface Notice {
  leftAlone(): void
  isBack(): void
}

/**
 * The policies between a question and a registry: bulkhead, then retries, then the breaker around each attempt. They are nested by
 * hand in this order, instead of by `wrap`, because of how cockatiel 3.2.1 works:
 * - a half-open breaker takes an unknown error, such as a rejection by the bulkhead, for a success and closes. So no policy is
 *   inside it;
 * - a breaker around the retries would count three failed messages as one, and would probe with three;
 * - an aborted call that waits in the bulkhead is removed without admitting the next, and all behind it wait until another call
 *   comes. So calls wait there without a signal, and leave at their turn if it is too late;
 * - a call that arrives during a probe waits for it, and is then sent without a signal. So it is rejected before.
 */
export function policiesOf(
  { timeLimit, connections, waiting }: Limits,
  { leftAlone, isBack }: Notice,
  pauses = usualPauses,
) {
  const breaker = circuitBreaker(
    handleWhenResult(isFault).orType(CutShort, ({ wasProbe }) => wasProbe),
    { halfOpenAfter: leftAloneFor, breaker: new ConsecutiveBreaker(failuresInARow) },
  )
  // Not for the call that opened the breaker, which already has a reason.
  const isTriedAgain = handleWhenResult((outcome) => isWorthAnother(outcome) && pause() === 0)
  const backoff = new ExponentialBackoff({ ...pauses, generator: halfJitterGenerator })
  const attempts = retry(isTriedAgain, { maxAttempts: moreAttempts, backoff })
  const room = bulkhead(connections, waiting)
  let since = 0
  breaker.onBreak(() => {
    since = Date.now()
    leftAlone()
  })
  breaker.onHalfOpen(() => {
    since = Date.now()
  })
  breaker.onReset(isBack)

  /** Milliseconds until the next query is permitted. 0 if it is permitted now. */
  function pause(): number {
    const { state } = breaker
    if (state === CircuitState.Closed) return 0
    const until = since + (state === CircuitState.Open ? leftAloneFor : timeLimit)
    return Math.max(until - Date.now(), state === CircuitState.Open ? 0 : 1)
  }

  /** Makes one or more attempts within the time limit. `attempt` must end with its signal. */
  async function run<Done extends object>(
    milliseconds: number,
    attempt: (signal: AbortSignal) => Promise<Done | Failure>,
  ): Promise<Done | Failure> {
    if (pause() > 0) return barred
    if (milliseconds <= 0) return late
    return await within(milliseconds, (signal) => {
      const one = async (): Promise<Done | Failure> => {
        if (signal.aborted) return late
        if (pause() > 0) return barred
        return await breaker.execute(async () => {
          const wasProbe = breaker.state !== CircuitState.Closed
          const began = performance.now()
          const outcome = await attempt(signal)
          const wasCut = signal.aborted && isFault(outcome) && performance.now() - began < timeLimit / 2
          if (wasCut) throw new CutShort(wasProbe)
          return outcome
        })
      }
      return room.execute(() => attempts.execute(one)).catch(failureOf)
    })
  }

  const states: Record<CircuitState, Health['breaker']> = {
    [CircuitState.Closed]: 'CLOSED',
    [CircuitState.HalfOpen]: 'HALF_OPEN',
    [CircuitState.Open]: 'OPEN',
    [CircuitState.Isolated]: 'OPEN',
  }
  return { run, pause, state: () => states[breaker.state] }
}

function failureOf(error: unknown): Failure {
  if (error instanceof BulkheadRejectedError) return { failed: FailureReason.BUSY, type: 'no room' }
  if (error instanceof BrokenCircuitError) return barred
  if (error instanceof CutShort) return late
  throw error
}

/** Ends by then, even if something that waits does not react to a signal. */
async function within<Done extends object>(
  milliseconds: number,
  run: (signal: AbortSignal) => Promise<Done | Failure>,
): Promise<Done | Failure> {
  const end = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<Failure>((settle) => {
    timer = setTimeout(() => {
      end.abort()
      // Gives the running attempt a moment to report its failure.
      setImmediate(settle, late)
    }, milliseconds)
  })
  try {
    return await Promise.race([run(end.signal), passed])
  } finally {
    clearTimeout(timer)
  }
}
