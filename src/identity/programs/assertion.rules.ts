/** Excludes shared secrets, `none`, and RSA with PKCS #1 v1.5 padding. */
export const assertionAlgorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'EdDSA', 'Ed25519'] as const
/** Maximum lifetime of an assertion in seconds. Its `jti` is stored for that time. */
export const maxAssertionLifetime = 300
/** Allowed clock difference in seconds. */
export const clockTolerance = 5

export interface Claims {
  aud?: unknown
  exp?: unknown
  iat?: unknown
}

/**
 * Checks what oidc-provider does not: it accepts any audience that the Host header names, and any lifetime. It has already
 * checked signature, issuer and expiry.
 */
export function assertionFault({ aud, exp, iat }: Claims, audiences: readonly string[], now: number) {
  const claimed = Array.isArray(aud) ? aud : [aud]
  if (claimed.length === 0 || !claimed.every((audience) => audiences.includes(audience)))
    return 'assertion.wrong_audience'
  if (typeof exp !== 'number' || (iat !== undefined && typeof iat !== 'number')) return 'assertion.malformed'
  if (iat !== undefined && iat > now + clockTolerance) return 'assertion.not_yet_valid'
  if (exp - Math.min(iat ?? now, now) > maxAssertionLifetime + clockTolerance) return 'assertion.lives_too_long'
  return undefined
}
