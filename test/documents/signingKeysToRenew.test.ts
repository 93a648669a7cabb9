import { describe, expect, it } from 'vitest'
import { signingKeysFrom } from '../../src/documents/issued/signingKeysFrom.js'
import { signingKeysToRenew } from '../../src/documents/issued/signingKeysToRenew.js'
import { freshSigningKeys } from '../support/signingKeys.js'

const day = 86_400_000
/** Each is valid from yesterday to tomorrow. */
const signingKeys = signingKeysFrom(JSON.stringify(await freshSigningKeys()), { isSandbox: false, keys: 'all' })
const toRenew = async (inDays: number, days?: number) =>
  (await signingKeysToRenew(signingKeys, new Date(Date.now() + inDays * day), days)).map(({ signingKey }) => signingKey)

describe('signingKeysToRenew', () => {
  it('lists the current signing keys whose certificate expires within 30 days, has expired or is not valid yet', async () => {
    const current = ['receipts-2', 'dvx-1']
    expect(await toRenew(0)).toEqual(current)
    expect(await toRenew(0, 2)).toEqual(current)
    expect(await toRenew(0, 0.5)).toEqual([])
    expect(await toRenew(2, 0)).toEqual(current)
    expect(await toRenew(-2, 0)).toEqual(current)
  })

  it('says until when a signing key is valid: as the certificate of its chain that expires first', async () => {
    const [first] = await signingKeysToRenew(signingKeys, new Date())
    expect(first).toEqual({ signingKey: 'receipts-2', validFrom: expect.any(Date), validTo: expect.any(Date) })
    expect(Math.abs((first?.validTo.getTime() ?? 0) - Date.now() - day)).toBeLessThan(60_000)
  })
})
