/** Excludes shared secrets, `none`, and RSA with PKCS #1 v1.5 padding. */
export const assertionAlgorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'EdDSA', 'Ed25519'] as const
/** Maximum lifetime of an assertion in seconds. Its `jti` is stored as long. */
export const longestAssertion = 300
/** Allowed clock difference in seconds. */
export const clockTolerance = 5

export interface Claims {
  aud?: unknown
  exp?: unknown
  iat?: unknown
}

/**
 * What is wrong with an assertion whose signature, issuer and expiry are good. The library believes the header Host of
 * an audience, and looks at no lifetime.
 */
export function assertionFault({ aud, exp, iat }: Claims, audiences: readonly string[], now: number) {
  const named = Array.isArray(aud) ? aud : [aud]
  if (named.length === 0 || !named.every((one) => audiences.includes(one))) return 'assertion.wrong_audience'
  if (typeof exp !== 'number' || (iat !== undefined && typeof iat !== 'number')) return 'assertion.malformed'
  if (iat !== undefined && iat > now + clockTolerance) return 'assertion.not_yet_valid'
  if (exp - Math.min(iat ?? now, now) > longestAssertion + clockTolerance) return 'assertion.lives_too_long'
  return undefined
}
