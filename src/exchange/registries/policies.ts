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
import type { Outcome } from './xroad.js'
import type { Failure } from './xroad.rules.js'

/** So many failures in a row, and the registry is left alone. */
const failuresInARow = 5
/** For so many milliseconds; then one message finds out whether it is back. */
const leftAloneFor = 10_000
/** After the first. */
const moreAttempts = 2
/** Pauses between attempts, in milliseconds. Half of each is random. */
export interface Pauses {
  initialDelay: number
  maxDelay: number
}
const usualPauses: Pauses = { initialDelay: 100, maxDelay: 400 }

/** The registry was not given the time to answer: that says nothing of it. But whoever was to find out knows nothing new. */
class CutShort extends Error {
  constructor(readonly wasProbe: boolean) {
    super('cut short')
  }
}
const counted = new Set([FailureReason.DOWN, FailureReason.TIMED_OUT, FailureReason.INVALID_ANSWER])
const isFault = (outcome: unknown) => counted.has((outcome as Partial<Failure>).failed as FailureReason) // of an Outcome
const isWorthAnother = (outcome: unknown) => {
  const { failed, retryAfter, isBarred } = outcome as Partial<Barred> // of an Outcome, as above
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
 * What stands between a question and a registry: room for so many at once, then attempts, then the breaker around each
 * attempt. In this order, and each called by hand instead of by `wrap`, for cockatiel 3.2.1 has its ways:
 * - a half-open breaker takes what it does not know, as a refusal of the bulkhead, for a success and closes: no policy is
 *   inside it;
 * - a breaker around the attempts would count three failed messages as one, and would probe with three;
 * - who waits in the bulkhead and is aborted is thrown out without letting in the next, and all behind wait until
 *   somebody else comes: so nobody waits there by a signal, and whoever is too late leaves at their turn;
 * - who comes while the breaker probes waits for that, and is then sent without a signal: so they are turned away before.
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
  // Not of the one by which it opened: that has failed, and knows by what.
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

  /** Milliseconds until it may be asked again; 0 where it may. */
  function pause(): number {
    const { state } = breaker
    if (state === CircuitState.Closed) return 0
    const until = since + (state === CircuitState.Open ? leftAloneFor : timeLimit)
    return Math.max(until - Date.now(), state === CircuitState.Open ? 0 : 1)
  }

  /** Makes an attempt, or several, within that time. `attempt` ends when its signal does. */
  async function run<Answer>(
    milliseconds: number,
    attempt: (signal: AbortSignal) => Promise<Outcome<Answer>>,
  ): Promise<Outcome<Answer>> {
    if (pause() > 0) return barred
    if (milliseconds <= 0) return late
    return await within(milliseconds, (signal) => {
      const one = async (): Promise<Outcome<Answer>> => {
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

/** Ends by then, also where something waits that hears no signal. */
async function within<Answer>(
  milliseconds: number,
  run: (signal: AbortSignal) => Promise<Outcome<Answer>>,
): Promise<Outcome<Answer>> {
  const end = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<Failure>((settle) => {
    timer = setTimeout(() => {
      end.abort()
      // What was under way has a moment to say what it was.
      setImmediate(settle, late)
    }, milliseconds)
  })
  try {
    return await Promise.race([run(end.signal), passed])
  } finally {
    clearTimeout(timer)
  }
}
