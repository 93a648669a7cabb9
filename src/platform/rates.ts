import { createHmac, hkdfSync } from 'node:crypto'
import { createRequire } from 'node:module'
import type * as Valkey from 'iovalkey'
import type { Sql } from 'postgres'
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
  RateLimiterValkey,
} from 'rate-limiter-flexible'
import { loggable } from '../engine/errors.js'
import { type Meter, type Rate, tryAgain } from '../engine/rates.js'
import { beforeDeadline } from '../engine/statement.js'
import type { Mode } from './installation.table.js'
import type { Keyring } from './keyring.js'
import type { RatesConfig } from './rates.settings.js'
import type { Timings } from './timings.js'

/** docs/limits.md describes each. */
export const rates = {
  /** Points of the operations from one address, in each process. */
  requests: { points: 1_000, seconds: 10 },
  /** Refused secrets of one program from one address. */
  refusedSecrets: { points: 10, seconds: 60 },
  /** Calls of one mutation by one caller. */
  commands: { points: 600, seconds: 60 },
  /** Look-ups of one kind by numbers that could be guessed: by one caller or from one address. */
  lookUps: { points: 30, seconds: 600 },
  /** Look-ups of one number with a second factor, by everybody. */
  lookUpsOfOne: { points: 20, seconds: 600 },
  /** Look-ups of one kind in all, by callers without a token. */
  lookUpsInAll: { points: 600, seconds: 60 },
} satisfies Record<string, Rate>
export type Rates = Record<keyof typeof rates, Rate>

/** An operator may raise these for a portal that calls from one address. */
export const ratesOf = ({
  rateRequests,
  rateCommands,
  rateLookUps,
  rateLookUpsInAll,
}: Omit<RatesConfig, 'valkeyUrl'>): Rates => ({
  ...rates,
  requests: { ...rates.requests, points: rateRequests ?? rates.requests.points },
  commands: { ...rates.commands, points: rateCommands ?? rates.commands.points },
  lookUps: { ...rates.lookUps, points: rateLookUps ?? rates.lookUps.points },
  lookUpsInAll: { ...rates.lookUpsInAll, points: rateLookUpsInAll ?? rates.lookUpsInAll.points },
})

interface Log {
  error(what: object, message: string): void
  info(message: string): void
}
interface Parts {
  client: Sql
  valkeyUrl: RatesConfig['valkeyUrl']
  mode: Mode
  keyring: Keyring
  log: Log
  timings: Timings
}

/** Counters for all requests. Each returns the seconds to wait, or 0. */
export function openRates({ requests, refusedSecrets, commands, ...rates }: Rates, parts: Parts) {
  const { client, valkeyUrl, mode, keyring, log, timings } = parts
  // In memory, so no read costs a write. The window is short, because it limits how many addresses are remembered.
  const ofRequests = new RateLimiterMemory({ points: requests.points, duration: requests.seconds })
  const request = (address: string, points = 1) => waitOf(ofRequests.consume(address, points))
  const store = valkeyUrl ? inValkey(valkeyUrl, mode) : inPostgres(client, log, timings.rateLimitCleanupInterval)
  const shared = sharedBy(store, log)
  const digest = digestBy(keyring)
  const ask = (how: Ask, name: string, rate: Rate, key: string) =>
    shared(name, rate, (limiter) => how(limiter, digest(name, key)))
  // In this order: who is over their own limit uses up nobody else's.
  async function lookUp(name: string, guessed: string | undefined, who: string, isKnown: boolean): Promise<number> {
    const own = await ask(spend, `${name} by caller`, rates.lookUps, who)
    if (own) return own
    const ofOne = guessed === undefined ? 0 : await ask(spend, `${name} by number`, rates.lookUpsOfOne, guessed)
    return ofOne || isKnown ? ofOne : await ask(spend, `${name} in all`, rates.lookUpsInAll, '')
  }
  return {
    request,
    /** Whether another secret may be tried for this program from this address. */
    secrets: (tried: string) => ask(fullness, 'refusedSecrets', refusedSecrets, tried),
    refusedSecret: (tried: string) => ask(spend, 'refusedSecrets', refusedSecrets, tried),
    meter(address: string, { kind, id }: { kind: string; id: string }): Meter {
      const isKnown = kind !== 'ANONYMOUS'
      // Anonymous callers are told apart by address.
      const who = isKnown ? id : address
      return {
        operation: (points) => request(address, points),
        command: (name, calls) => ask(spending(calls), 'commands', commands, `${name} ${who}`),
        field: (name, rate, asked) => ask(spend, name, rate, asked),
        wrongGuess: (name, rate) => ask(spend, name, rate, address),
        lookUp: (name, guessed) => lookUp(name, guessed, who, isKnown),
      }
    },
    close: store.close,
  }
}

/** For requests refused before they are parsed: the seconds to wait become a header. */
export function refuseWhileFull(retryAfter: number, what: string): void {
  if (retryAfter === 0) return
  throw Object.assign(new Error(`${what} ${tryAgain(retryAfter)}`), { statusCode: 429, retryAfter })
}

/** Seconds, at least one if there is a wait. */
const secondsOf = ({ msBeforeNext }: RateLimiterRes) => Math.max(1, Math.ceil(msBeforeNext / 1000))
const waitOf = (spent: Promise<RateLimiterRes>): Promise<number> =>
  spent.then(
    () => 0,
    (refused: unknown) => {
      if (refused instanceof RateLimiterRes) return secondsOf(refused)
      throw refused
    },
  )
/**
 * Keys may be long and personal; their hashes are neither. The hash is keyed, because all addresses and document
 * numbers could be tried against a plain one.
 */
function digestBy(keyring: Keyring): (name: string, key: string) => string {
  const secret = Buffer.from(hkdfSync('sha256', keyring.current('commands').secret, '', 'pencere limits by caller', 32))
  return (name, key) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([name, key]))
      .digest('base64url')
}

type Ask = (limiter: RateLimiterAbstract, key: string) => Promise<number>
const spending =
  (points = 1): Ask =>
  (limiter, key) =>
    waitOf(limiter.consume(key, points))
const spend = spending()
const fullness: Ask = async (limiter, key) => {
  const spent = await limiter.get(key)
  return spent && spent.remainingPoints <= 0 ? secondsOf(spent) : 0
}

type Limiter = (name: string, rate: Rate) => RateLimiterAbstract
interface Store {
  limiter: Limiter
  /** Why the store cannot be reached, if its error does not say so. */
  reason(): Error | undefined
  close(): Promise<void>
}
/** Counts for all processes, except what is unlimited. Counts in this process alone while the store fails, which is logged once. */
function sharedBy(store: Store, log: Log) {
  const limiters = new Map<string, { shared: RateLimiterAbstract; alone: RateLimiterAbstract }>()
  let aloneUntil = 0
  return async (name: string, rate: Rate, ask: (limiter: RateLimiterAbstract) => Promise<number>): Promise<number> => {
    if (rate.points === Number.POSITIVE_INFINITY) return 0
    const limiter = limiters.get(name) ?? {
      shared: store.limiter(name, rate),
      alone: new RateLimiterMemory({ points: rate.points, duration: rate.seconds }),
    }
    limiters.set(name, limiter)
    if (Date.now() < aloneUntil) return ask(limiter.alone)
    try {
      const wait = await ask(limiter.shared)
      if (aloneUntil) log.info('limits by caller are counted for all processes again')
      aloneUntil = 0
      return wait
    } catch (error) {
      if (!aloneUntil)
        log.error({ error: loggable(store.reason() ?? error) }, 'limits by caller are counted in this process alone')
      aloneUntil = Date.now() + pause
      return ask(limiter.alone)
    }
  }
}

/** Milliseconds that the store may take, because a command waits for it. */
const patience = 1_000
/** Milliseconds before a failed store is tried again. */
const pause = 10_000
/** A key over its limit is remembered here until the window ends, and costs the store nothing more. */
const limitOf = (name: string, { points, seconds }: Rate) => ({
  keyPrefix: name,
  points,
  duration: seconds,
  inMemoryBlockOnConsumed: points + 1,
})

function inPostgres(client: Sql, log: Log, cleanupInterval: number): Store {
  const query = async ({ text, values }: { text: string; values: never[] }) => {
    const rows = await beforeDeadline(Date.now() + patience, () => client.unsafe(text, values, { prepare: true }))
    return { rows, rowCount: rows.count }
  }
  const table = { tableName: 'rate_limits', tableCreated: true, clearExpiredByTimeout: false }
  const limiter: Limiter = (name, rate) =>
    new RateLimiterPostgres({ ...limitOf(name, rate), ...table, storeType: 'client', storeClient: { query } })
  const removePast = () =>
    client`delete from rate_limits where expire < ${Date.now()}`.catch((error) =>
      log.error({ error: loggable(error) }, 'expired counters of limits could not be deleted'),
    )
  const removing = setInterval(removePast, cleanupInterval).unref()
  return { limiter, reason: () => undefined, close: async () => clearInterval(removing) }
}

function inValkey(url: string, mode: Mode): Store {
  // Loaded lazily: few servers have one.
  const { Redis } = createRequire(import.meta.url)('iovalkey') as typeof Valkey
  const storeClient = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: patience })
  let reason: Error | undefined
  storeClient.on('error', (error) => {
    reason = error // logged once, by the next call that fails
  })
  storeClient.on('ready', () => {
    reason = undefined
  })
  // A sandbox and a production that share a store by mistake do not count for each other.
  const prefix = `pencere:${mode.toLowerCase()}`
  const limiter: Limiter = (name, rate) => new RateLimiterValkey({ ...limitOf(`${prefix}:${name}`, rate), storeClient })
  return { limiter, reason: () => reason, close: async () => storeClient.disconnect() }
}
