/** What a key is for. A key of one purpose is good for no other. */
export const purposes = ['wrapping', 'blindIndex', 'commands'] as const
export type Purpose = (typeof purposes)[number]

/** Of 32 bytes. */
export interface Key {
  id: string
  secret: Buffer
}

/** The installation's keys by purpose, the current one first; those behind it only open and compare what was made by them. */
export class Keyring {
  constructor(private readonly keys: Record<Purpose, readonly [Key, ...Key[]]>) {}

  current(purpose: Purpose): Key {
    return this.keys[purpose][0]
  }

  all(purpose: Purpose): readonly Key[] {
    return this.keys[purpose]
  }

  get(purpose: Purpose, id: string): Key {
    const key = this.keys[purpose].find((key) => key.id === id)
    if (!key) throw new Error(`the keyring must hold the key ${id} of ${purpose}; it does not`)
    return key
  }
}
