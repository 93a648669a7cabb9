import { open } from 'node:fs/promises'
import type { FastifyBaseLogger } from 'fastify'
import { type Timings, usualTimings } from '../../platform/timings.js'
import { type RevocationList, readRevocationList } from './revocationList.rules.js'
import type { Listed } from './trustList.js'

/** In bytes. Enough for about two hundred thousand entries. */
const longest = 8_388_608
/** Milliseconds to wait after a failure. */
const pause = 5_000
/** Tolerance for clocks, in milliseconds. */
const ahead = 300_000

export interface Surroundings {
  log: Pick<FastifyBaseLogger, 'warn'>
  /** The real time, even in a sandbox, because certificates use it. */
  now?: () => Date
  /** Milliseconds for fetching a list. */
  patience?: number
  timings?: Timings
}

/**
 * The current revocations of an authority. Undefined if unknown. A list is fetched on first use and again at a certain age, once for all
 * concurrent callers. It stays valid until the announced next list, so an authority may be down that long.
 */
export function revocationsOf(
  { certificate, crl, maxAge }: Listed,
  { log, now = () => new Date(), patience = 3_000, timings = usualTimings }: Surroundings,
) {
  const freshFor = Math.min(maxAge * 1000, timings.revocationListsFreshFor)
  let last: { list: RevocationList; at: number } | undefined
  let failedAt = Number.NEGATIVE_INFINITY
  let underWay: Promise<void> | undefined

  const isGood = () => last !== undefined && now() < last.list.nextUpdate
  // Not if the clock was set back.
  const isWithin = (since: number, milliseconds: number) => {
    const age = now().getTime() - since
    return age >= 0 && age < milliseconds
  }

  async function fetchAnew(): Promise<void> {
    const at = now().getTime()
    try {
      const list = await readRevocationList(await bytesOf(crl, patience), certificate)
      if (list.thisUpdate.getTime() > at + ahead) throw new Error('a CRL must not be dated in the future; this one is')
      if (list.nextUpdate.getTime() <= at) throw new Error('a CRL must be valid now; this one has expired')
      // An attacker could replay an older list to undo a revocation.
      if (last && list.thisUpdate < last.list.thisUpdate)
        throw new Error('a CRL must not be older than the last; this one is')
      last = { list, at }
    } catch (error) {
      failedAt = at
      log.warn({ authority: certificate.fingerprint256, reason: (error as Error).message }, 'a CRL cannot be fetched')
    } finally {
      underWay = undefined
    }
  }

  return async (): Promise<RevocationList | undefined> => {
    const isFresh = isGood() && last !== undefined && isWithin(last.at, freshFor)
    if (!isFresh && !isWithin(failedAt, pause)) {
      underWay ??= fetchAnew()
      await underWay
    }
    return isGood() ? last?.list : undefined
  }
}

const bytesOf = (crl: Listed['crl'], patience: number): Promise<Buffer> =>
  'url' in crl ? fetched(crl.url, patience) : readFile(crl.file)

async function fetched(url: string, patience: number): Promise<Buffer> {
  const { request } = await import('undici')
  const signal = AbortSignal.timeout(patience)
  const { statusCode, body } = await request(url, { signal, headersTimeout: patience, bodyTimeout: patience })
  if (statusCode !== 200) {
    await body.dump({ limit: 16_384, signal })
    throw new Error(`the server of a CRL must answer with 200; it answered with ${statusCode}`)
  }
  return await upToLongest(body)
}

async function readFile(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    return await upToLongest(file.createReadStream({ autoClose: false }))
  } finally {
    await file.close()
  }
}

/** Leaving the loop closes the connection. */
async function upToLongest(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > longest) throw new Error(`a CRL must have at most ${longest} bytes; this one has more`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
