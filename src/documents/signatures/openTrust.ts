import type { Believed, Disbelieved, Trust } from '../../shared/trust.js'
import type { Path } from './certificate.rules.js'
import { revocationsOf, type Surroundings } from './revocations.js'
import { readSignature } from './signature.rules.js'
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

  async function check(signature: string): Promise<Believed | Disbelieved> {
    const read = readSignature(signature)
    if ('refused' in read) return read
    opened ??= openList().catch((error) => {
      opened = undefined
      throw error
    })
    const { authorities, revocations } = await opened
    // Imported on first use, because it takes a quarter of a second.
    const { believedBy } = await import('./certificate.rules.js')
    const believed = believedBy(
      read.chain,
      authorities.map(({ certificate }) => certificate),
      now(),
    )
    if ('refused' in believed) return believed
    const { path, fin, voen } = believed
    const revoked = await revokedIn(path, revocations)
    if (revoked) return revoked
    const certificate = path[0].fingerprint256.replaceAll(':', '').toLowerCase()
    return { certificate, fin, voen, isOver: read.isOver, withPayload: read.withPayload }
  }
  return { check }
}

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
