import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import type { KeyOwner, PublishedKey, SigningKey, SigningKeys } from '../../shared/signingKeys.js'

/** The private keys that a process may have. The API has only those of receipts. */
export type KeysHeld = 'receipts' | 'all'
export const keysHeldBy = (role: 'all' | 'api' | 'worker'): KeysHeld => (role === 'api' ? 'receipts' : 'all')

const idRule = { error: 'an id of 1 to 60 letters, digits, - , . and _' }
const signingKeyAsText = z.strictObject(
  {
    id: z.string(idRule).regex(/^[\w.-]{1,60}$/, idRule),
    key: z.string({ error: 'a private key, PKCS#8 in PEM' }).optional(),
    chain: z
      .array(z.string({ error: 'certificates in PEM' }), { error: 'a chain of certificates, that of the key first' })
      .min(1, { error: 'a chain of certificates, that of the key first' }),
  },
  { error: 'an id, a chain, a key if it is current, and nothing else' },
)
const signingKeysOfOne = z
  .array(signingKeyAsText, { error: 'a list of signing keys, the current one first,' })
  .min(1, { error: 'at least one signing key' })
const signingKeysAsText = z.strictObject(
  {
    receipts: signingKeysOfOne,
    agencies: z.record(z.string().regex(/^[A-Z][A-Z0-9_-]{1,39}$/), signingKeysOfOne, {
      error: 'the signing keys of agencies, by their codes',
    }),
  },
  { error: 'receipts, agencies and nothing else' },
)
type SigningKeysAsText = z.output<typeof signingKeysAsText>
type SigningKeyAsText = z.output<typeof signingKeyAsText>

/** Throws one line that says what is wrong with SIGNING_KEYS, without repeating any of it. */
export function signingKeysFrom(
  text: string,
  { isSandbox, keys }: { isSandbox: boolean; keys: KeysHeld },
): SigningKeys {
  const owned = ownedIn(parse(text)).map(
    ([owner, list]) => [owner, list.map((signingKey) => readSigningKey(owner, signingKey))] as const,
  )
  const all = owned.flatMap(([, list]) => list)
  const twice = all.find(({ id }, at) => all.findIndex((signingKey) => signingKey.id === id) !== at)
  if (twice) throw new Error(`SIGNING_KEYS must contain keys whose ids are unique; ${twice.id} appears twice`)
  const sandboxes = all.find(({ chain }) => chain.some(({ subject }) => subject.split('\n').includes('OU=SANDBOX')))
  if (sandboxes && !isSandbox)
    throw new Error(`SIGNING_KEYS must contain no key of a sandbox in production; ${sandboxes.id} is one`)
  for (const [owner, [current, ...retired]] of owned) {
    const mayHold = keys === 'all' || 'receipts' in owner
    if (mayHold && !current?.key)
      throw new Error(`SIGNING_KEYS must contain the private key of ${current?.id}, which is current; it does not`)
    const withKey = [current, ...retired].find((signingKey) => signingKey?.key)
    if (!mayHold && withKey)
      throw new Error(
        `SIGNING_KEYS must contain only the chains of agencies if ROLE=api; it contains the private key of ${withKey.id}`,
      )
  }
  const byOwner = new Map(owned.map(([owner, [current]]) => [nameOf(owner), current]))
  const published = all.map(({ key: _private, ...signingKey }): PublishedKey => signingKey)
  return {
    isSandbox,
    areMadeOnDemand: false,
    async current(owner) {
      const signingKey = byOwner.get(nameOf(owner))
      if (signingKey?.key) return signingKey as SigningKey
      throw new Error(
        `the key of ${nameOf(owner)} is required for signing; SIGNING_KEYS of this process does not contain it`,
      )
    },
    published: async () => published,
  }
}

/** The signing keys as the API gets them, without private keys of agencies. */
export function withoutAgencyKeys(text: string): string {
  const { receipts, agencies } = parse(text)
  const left = Object.entries(agencies).map(([code, list]) => [
    code,
    list.map(({ key: _private, ...signingKey }) => signingKey),
  ])
  return JSON.stringify({ receipts, agencies: Object.fromEntries(left) })
}

const nameOf = (owner: KeyOwner): string => ('agency' in owner ? `the agency ${owner.agency}` : 'receipts')

const ownedIn = ({ receipts, agencies }: SigningKeysAsText): [KeyOwner, SigningKeyAsText[]][] => [
  [{ receipts: true }, receipts],
  ...Object.entries(agencies).map(([agency, list]): [KeyOwner, SigningKeyAsText[]] => [{ agency }, list]),
]

function parse(text: string): SigningKeysAsText {
  const { success, data, error } = signingKeysAsText.safeParse(jsonOf(text))
  if (success) return data
  const [{ path, message } = { path: [], message: '' }] = error.issues
  throw new Error(`SIGNING_KEYS must contain ${message}${path.length > 0 ? ` at ${path.join('.')}` : ''}; it does not`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The error of JSON.parse would repeat a part of the text.
    throw new Error('SIGNING_KEYS must contain JSON; it does not')
  }
}

function readSigningKey(
  owner: KeyOwner,
  { id, key: pem, chain: pems }: SigningKeyAsText,
): PublishedKey & { key?: KeyObject } {
  const refuse = (required: string): never => {
    throw new Error(`SIGNING_KEYS must contain ${required} at ${id}; it does not`)
  }
  const certificates = pems.map((text) => readOr(() => new X509Certificate(text), refuse, 'certificates in PEM'))
  // The cast: the schema requires one.
  const chain = certificates as [X509Certificate, ...X509Certificate[]]
  for (const [at, issuer] of chain.slice(1).entries())
    if (!chain[at]?.checkIssued(issuer) || !chain[at]?.verify(issuer.publicKey))
      refuse('a chain in which each certificate was issued by the next')
  if (!isStrong(chain[0].publicKey)) refuse('a key of EC P-256, or of RSA with 2048 bits or more,')
  if (pem === undefined) return { id, owner, chain }
  const key = readOr(() => createPrivateKey(pem), refuse, 'a private key, PKCS#8 in PEM,')
  if (!chain[0].checkPrivateKey(key)) refuse('the key of its first certificate')
  return { id, owner, chain, key }
}

function readOr<T>(read: () => T, refuse: (required: string) => never, required: string): T {
  try {
    return read()
  } catch {
    return refuse(required)
  }
}

/** The keys that JWS and PDF signatures both support. */
function isStrong({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (type === 'ec') return details?.namedCurve === 'prime256v1'
  return type === 'rsa' && (details?.modulusLength ?? 0) >= 2048
}
