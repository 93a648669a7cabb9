import type { Work } from '../../events/job.js'
import type { SigningKeys } from '../../shared/signingKeys.js'

/** In so many days an agency gets a new certificate. */
const inTime = 30

/** Of the signing keys that sign: those with a certificate that is not valid at that moment, or not so many days later. */
export async function signingKeysToRenew(signingKeys: SigningKeys, now: Date, days = inTime) {
  const owners = new Set<string>()
  const signing = (await signingKeys.published()).filter(({ owner }) => {
    const name = JSON.stringify(owner)
    return !owners.has(name) && owners.add(name) // the current one stands before the retired
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
  // By the real clock, as verifiers use it.
  for (const signingKey of await signingKeysToRenew(signingKeys, new Date()))
    log.error(signingKey, 'a signing key must be valid for 30 days more: have its certificate renewed')
  return false
}
