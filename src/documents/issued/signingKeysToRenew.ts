import type { Work } from '../../events/job.js'
import type { SigningKeys } from '../../shared/signingKeys.js'

/** Days that an agency needs to get a new certificate. */
const inTime = 30

/** Current signing keys whose certificate is invalid now or will be within those days. */
export async function signingKeysToRenew(signingKeys: SigningKeys, now: Date, days = inTime) {
  const owners = new Set<string>()
  const signing = (await signingKeys.published()).filter(({ owner }) => {
    const name = JSON.stringify(owner)
    return !owners.has(name) && owners.add(name) // the current key comes before retired ones
  })
  const then = now.getTime() + days * 86_400_000
  return signing.flatMap(({ id, chain }) => {
    const validFrom = Math.max(...chain.map((one) => Date.parse(one.validFrom)))
    const validTo = Math.min(...chain.map((one) => Date.parse(one.validTo)))
    if (validFrom <= now.getTime() && validTo > then) return []
    return [{ signingKey: id, validFrom: new Date(validFrom), validTo: new Date(validTo) }]
  })
}

export async function reportSigningKeysToRenew({ signingKeys, log }: Work): Promise<false> {
  // By the real clock, which verifiers use.
  for (const signingKey of await signingKeysToRenew(signingKeys, new Date()))
    log.error(signingKey, 'a signing key must be valid for 30 days more: have its certificate renewed')
  return false
}
