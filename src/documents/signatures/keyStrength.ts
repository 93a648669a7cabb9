import type { KeyObject } from 'node:crypto'

const curves = ['prime256v1', 'secp384r1']

/** Keys strong enough to trust, and short enough to verify for any caller. */
export function isStrong({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (type === 'ec') return curves.includes(details?.namedCurve ?? '')
  const { modulusLength = 0, publicExponent = 0n } = details ?? {}
  return (
    type === 'rsa' &&
    modulusLength >= 2048 &&
    modulusLength <= 8192 &&
    publicExponent <= 0xffffffffn &&
    publicExponent >= 65_537n
  )
}
