import { generateKeyPairSync } from 'node:crypto'
import type { Seal, SealOwner, Seals, SigningSeal } from '../../src/shared/seals.js'

const nameOf = (owner: SealOwner) => ('agency' in owner ? owner.agency : 'receipts')

/** Seals of whoever is asked for, made as they are asked for. */
export function sealsOfTest({ isSandbox = true } = {}): Seals {
  const made = new Map<string, SigningSeal>()
  const seal = (owner: SealOwner): SigningSeal => {
    const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return { id: `${nameOf(owner)}-1`, owner, key, chain: [] as unknown as Seal['chain'] } // nothing here looks at it
  }
  return {
    isSandbox,
    async current(owner) {
      const known = made.get(nameOf(owner)) ?? seal(owner)
      made.set(nameOf(owner), known)
      return known
    },
    published: async () => [...made.values()],
  }
}
