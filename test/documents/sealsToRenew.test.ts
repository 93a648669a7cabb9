import { describe, expect, it } from 'vitest'
import { sealsFrom } from '../../src/documents/issued/sealsFrom.js'
import { sealsToRenew } from '../../src/documents/issued/sealsToRenew.js'
import { freshSeals } from '../support/seals.js'

const day = 86_400_000
/** Each is valid from yesterday to tomorrow. */
const seals = sealsFrom(JSON.stringify(await freshSeals()), { isSandbox: false, keys: 'all' })
const toRenew = async (inDays: number, days?: number) =>
  (await sealsToRenew(seals, new Date(Date.now() + inDays * day), days)).map(({ seal }) => seal)

describe('sealsToRenew', () => {
  it('lists the current seals whose certificate expires within 30 days, has expired or is not valid yet', async () => {
    const current = ['receipts-2', 'dvx-1']
    expect(await toRenew(0)).toEqual(current)
    expect(await toRenew(0, 2)).toEqual(current)
    expect(await toRenew(0, 0.5)).toEqual([])
    expect(await toRenew(2, 0)).toEqual(current)
    expect(await toRenew(-2, 0)).toEqual(current)
  })

  it('says until when a seal is valid: as the certificate of its chain that expires first', async () => {
    const [first] = await sealsToRenew(seals, new Date())
    expect(first).toEqual({ seal: 'receipts-2', validFrom: expect.any(Date), validTo: expect.any(Date) })
    expect(Math.abs((first?.validTo.getTime() ?? 0) - Date.now() - day)).toBeLessThan(60_000)
  })
})
