import type { KeyObject } from 'node:crypto'

const curves = ['prime256v1', 'secp384r1']

/** What is long enough to be believed, and short enough to be verified for anybody who comes. */
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
