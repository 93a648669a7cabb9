import { open } from 'node:fs/promises'
import type { FastifyBaseLogger } from 'fastify'
import { request } from 'undici'
import { type RevocationList, readRevocationList } from './revocationList.rules.js'
import type { Listed } from './trustList.js'

/** Bytes: as many as some two hundred thousand entries have. */
const longest = 8_388_608
/** Milliseconds. Whoever failed is left in peace for so long. */
const pause = 5_000
/** Clocks differ. */
const ahead = 300_000

export interface Surroundings {
  log: Pick<FastifyBaseLogger, 'warn'>
  /** Of the world: certificates are held against its clock. */
  now?: () => Date
  /** Milliseconds that a list may take. */
  patience?: number
}

/**
 * What an authority has revoked, as of lately: undefined where nobody can tell. A list is fetched when it is first asked for and
 * once it is of some age, by one for all who ask meanwhile, and stays good until the next was announced: so long an authority
 * may be down.
 */
export function revocationsOf(
  { certificate, crl, maxAge }: Listed,
  { log, now = () => new Date(), patience = 3_000 }: Surroundings,
) {
  let last: { list: RevocationList; at: number } | undefined
  let failedAt = Number.NEGATIVE_INFINITY
  let underWay: Promise<void> | undefined

  const isGood = () => last !== undefined && now() < last.list.nextUpdate
  // A clock that was set back tells nothing.
  const isWithin = (since: number, milliseconds: number) => {
    const age = now().getTime() - since
    return age >= 0 && age < milliseconds
  }

  async function fetchAnew(): Promise<void> {
    const at = now().getTime()
    try {
      const list = await readRevocationList(await bytesOf(crl, patience), certificate)
      if (list.thisUpdate.getTime() > at + ahead)
        throw new Error('a CRL must have been made; this one is of the time to come')
      if (list.nextUpdate.getTime() <= at) throw new Error('a CRL must be good now; the next was due before')
      // Who can put an older one in its place could so unsay what was revoked.
      if (last && list.thisUpdate < last.list.thisUpdate)
        throw new Error('a CRL must not be older than the last; this one is')
      last = { list, at }
    } catch (error) {
      failedAt = at
      log.warn({ authority: certificate.fingerprint256, reason: (error as Error).message }, 'a CRL cannot be had')
    } finally {
      underWay = undefined
    }
  }

  return async (): Promise<RevocationList | undefined> => {
    const isFresh = isGood() && last !== undefined && isWithin(last.at, maxAge * 1000)
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
  const signal = AbortSignal.timeout(patience)
  const { statusCode, body } = await request(url, { signal, headersTimeout: patience, bodyTimeout: patience })
  if (statusCode !== 200) {
    await body.dump({ limit: 16_384, signal })
    throw new Error(`a CRL must be answered with 200; ${statusCode} came`)
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

/** Leaving the loop ends the connection. */
async function upToLongest(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > longest) throw new Error(`a CRL has at most ${longest} bytes; this one has more`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
