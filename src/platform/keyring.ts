import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'

/** A key serves one purpose only. */
export const purposes = ['wrapping', 'blindIndex', 'commands', 'accessLog'] as const
export type Purpose = (typeof purposes)[number]

/** 32 bytes. */
export interface Key {
  id: string
  secret: Buffer
}

type Keys = Record<Purpose, readonly [Key, ...Key[]]>

/** Keys by purpose, the current one first. The others only decrypt and compare. */
export class Keyring {
  constructor(private readonly keys: Keys) {}

  current(purpose: Purpose): Key {
    return this.keys[purpose][0]
  }

  all(purpose: Purpose): readonly Key[] {
    return this.keys[purpose]
  }

  get(purpose: Purpose, id: string): Key {
    const key = this.find(purpose, id)
    if (!key) throw new Error(`the keyring must contain the key ${id} of ${purpose}; it does not`)
    return key
  }

  find(purpose: Purpose, id: string): Key | undefined {
    return this.keys[purpose].find((key) => key.id === id)
  }
}

/** Identifies a key without revealing it: no other use of a key begins with these words. */
export const checkOf = (purpose: Purpose, { id, secret }: Key): string =>
  createHmac('sha256', secret).update(`pencere keyring check ${purpose} ${id}`).digest('base64url')

const idRule = { error: '1 to 40 letters, digits, - and _' }
const secretRule = { error: '32 bytes in base64' }
const keyAsText = z.strictObject(
  { id: z.string(idRule).regex(/^[\w-]{1,40}$/, idRule), secret: z.string(secretRule).refine(isSecret, secretRule) },
  { error: 'an id and a secret and nothing else' },
)

const lacking = 'keys for each purpose, as npm run --silent keys -- generate prints them'
const keysRule = ({ input }: { input?: unknown }) =>
  input === undefined ? lacking : 'a list of keys, the current one first,'
const keysAsText = z.array(keyAsText, { error: keysRule }).min(1, { error: 'at least one key' })

const keyringAsText = z
  .strictObject(
    {
      wrapping: keysAsText,
      blindIndex: keysAsText,
      commands: keysAsText,
      accessLog: keysAsText,
    } satisfies Record<Purpose, typeof keysAsText>,
    { error: `keys for ${purposes.join(', ')} and nothing else` },
  )
  .refine((keys) => purposes.every((purpose) => isUnique(keys[purpose].map(({ id }) => id))), {
    error: 'keys whose ids are unique within their purpose',
  })
  .refine((keys) => isUnique(purposes.flatMap((purpose) => keys[purpose].map(({ secret }) => secret))), {
    error: 'keys whose secrets are all different',
  })

export type KeyringAsText = z.infer<typeof keyringAsText>

/** Throws one line about the keyring, without showing any of it. */
export function parseKeyring(text: string, from: string): KeyringAsText {
  const { success, data, error } = keyringAsText.safeParse(jsonOf(text, from))
  if (success) return data
  const [{ path, message } = { path: [], message: '' }] = error.issues
  const at = path.length > 0 ? ` at ${path.join('.')}` : ''
  throw new Error(
    message === lacking
      ? `${from} must contain ${lacking}; it has none${at}`
      : `${from} must contain ${message}${at}; it does not`,
  )
}

export function keyringFrom(text: string, from: string): Keyring {
  const asText = parseKeyring(text, from)
  const keysFor = (purpose: Purpose) =>
    asText[purpose].map(({ id, secret }) => ({ id, secret: Buffer.from(secret, 'base64') }))
  // The cast: fromEntries loses the names, and map loses that the list has a first item.
  return new Keyring(Object.fromEntries(purposes.map((purpose) => [purpose, keysFor(purpose)])) as unknown as Keys)
}

export const textOf = (keys: KeyringAsText): string => JSON.stringify(keys, null, 2)

export const freshKeyring = (): KeyringAsText => ({
  wrapping: [freshKey([])],
  blindIndex: [freshKey([])],
  commands: [freshKey([])],
  accessLog: [freshKey([])],
})

/** Adds a key for each purpose that the keyring lacks. Leaves an unknown file unchanged. */
export function filled(text: string, from: string): string | undefined {
  const keys = jsonOf(text, from)
  if (typeof keys !== 'object' || keys === null) return undefined
  const lacking = purposes.filter((purpose) => !(purpose in keys))
  if (lacking.length === 0 || lacking.length === purposes.length) return undefined
  const added = Object.fromEntries(lacking.map((purpose) => [purpose, [freshKey([])]]))
  return JSON.stringify({ ...keys, ...added }, null, 2)
}

/** A new id: the current key always has the highest number. */
export function freshKey(before: readonly { id: string }[]): { id: string; secret: string } {
  const numbers = before.map(({ id }) => Number(/^k(\d{1,9})$/.exec(id)?.[1] ?? 0))
  return { id: `k${Math.max(0, ...numbers) + 1}`, secret: randomBytes(32).toString('base64') }
}

// Node's own decoder ignores invalid characters.
function isSecret(text: string): boolean {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 32 && bytes.toString('base64') === text
}

const isUnique = (items: string[]) => new Set(items).size === items.length

function jsonOf(text: string, from: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The error of JSON.parse would repeat part of the text.
    throw new Error(`${from} must contain JSON, as npm run keys -- generate prints it; it does not`)
  }
}
