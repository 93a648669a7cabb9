import { createHash, type X509Certificate } from 'node:crypto'
import { setImmediate as others } from 'node:timers/promises'
import type { Believed, Disbelieved, SignatureType, Trust } from '../../shared/trust.js'
import type { Path } from './certificate.rules.js'
import { revocationsOf, type Surroundings } from './revocations.js'
import { type Chain, readChain, readSignature } from './signature.rules.js'
import type { Listed } from './trustList.js'

type Revocations = ReadonlyMap<string, ReturnType<typeof revocationsOf>>

/** Trusts the authorities of a list, which is read at the first signature. */
export function openTrust(list: () => Promise<readonly Listed[]>, surroundings: Surroundings): Trust {
  const { now = () => new Date() } = surroundings
  let opened: Promise<{ authorities: readonly Listed[]; revocations: Revocations }> | undefined
  const openList = async () => {
    const authorities = await list()
    const revocations = authorities.map(
      (listed) => [listed.certificate.fingerprint256, revocationsOf(listed, surroundings)] as const,
    )
    return { authorities, revocations: new Map(revocations) }
  }

  const chains = chainsSeen(now)
  let turns: Promise<void> = Promise.resolve()
  /** Other requests run between the checks of many new chains, each of which takes a millisecond or more. */
  const nextTurn = () => {
    turns = turns.then(() => others())
    return turns
  }

  async function check(signature: string, type: SignatureType): Promise<Believed | Disbelieved> {
    const read = readSignature(signature, type, chains.read)
    if ('refused' in read) return read
    opened ??= openList().catch((error) => {
      opened = undefined
      throw error
    })
    const { authorities, revocations } = await opened
    // Imported on first use, because it takes a quarter of a second.
    const { believedBy } = await import('./certificate.rules.js')
    const listed = authorities.map(({ certificate }) => certificate)
    if (!chains.knows(read.chain)) await nextTurn()
    const believed = chains.verdict(read.chain, () => believedBy(read.chain, listed, now()))
    if ('refused' in believed) return believed
    const { path, fin, voen } = believed
    const revoked = await revokedIn(path, revocations)
    if (revoked) return revoked
    const certificate = path[0].fingerprint256.replaceAll(':', '').toLowerCase()
    return { certificate, fin, voen, isOver: read.isOver, withPayload: read.withPayload }
  }
  return { check }
}

/** Milliseconds for which the check of a chain is kept. Revocations are checked each time. */
const freshFor = 10_000
const maxChains = 1_000

type Verdict = ({ path: Path } & Pick<Believed, 'fin' | 'voen'>) | Disbelieved
/**
 * The chains that were read lately and what they are worth. A program signs many filings with one certificate, and to check
 * a chain costs more than to verify a signature.
 */
function chainsSeen(now: () => Date) {
  const chains = new Map<string, Chain | Disbelieved>()
  const verdicts = new WeakMap<Chain, { verdict: Verdict; from: number; until: number }>()
  function knownOf(chain: Chain): Verdict | undefined {
    const at = now().getTime()
    const known = verdicts.get(chain)
    return known && known.from <= at && at < known.until ? known.verdict : undefined
  }
  return {
    read(x5c: readonly string[]): Chain | Disbelieved {
      const key = createHash('sha256').update(x5c.join()).digest('base64')
      const chain = chains.get(key) ?? readChain(x5c)
      if (chains.size >= maxChains) chains.clear()
      chains.set(key, chain)
      return chain
    },
    knows: (chain: Chain): boolean => knownOf(chain) !== undefined,
    verdict(chain: Chain, check: () => Verdict): Verdict {
      const known = knownOf(chain)
      if (known) return known
      const at = now().getTime()
      const verdict = check()
      const until = Math.min(at + freshFor, ...('path' in verdict ? verdict.path.map(endOf) : []))
      verdicts.set(chain, { verdict, from: at, until })
      return verdict
    },
  }
}
const endOf = ({ validTo }: X509Certificate) => new Date(validTo).getTime()

/** All lists are queried in parallel: for each certificate that of its issuer. */
async function revokedIn(path: Path, revocations: Revocations): Promise<Disbelieved | undefined> {
  const [, ...authorities] = path
  const lists = await Promise.all(authorities.map(({ fingerprint256 }) => revocations.get(fingerprint256)?.()))
  for (const [at, revoked] of lists.entries()) {
    if (!revoked) return { refused: 'cannot_be_checked', why: 'revocations' }
    const { serialNumber } = path[at] as Path[0] // each issuer has one below it
    if (!revoked.has(serialNumber)) continue
    return at === 0 ? { refused: 'revoked', why: 'revoked' } : { refused: 'untrusted', why: 'authority_revoked' }
  }
  return undefined
}
