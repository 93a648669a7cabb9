import { expect, test } from 'vitest'
import { sealsFrom } from '../../src/documents/sealsFrom.js'
import { sealsToRenew } from '../../src/documents/sealsToRenew.js'
import { freshSeals } from '../support/seals.js'

const day = 86_400_000
/** Of the platform one and a retired one, and of an agency one, each valid from yesterday to tomorrow. */
const seals = sealsFrom(JSON.stringify(await freshSeals()), { isSandbox: false, keys: 'all' })
const toRenew = async (inDays: number, days?: number) =>
  (await sealsToRenew(seals, new Date(Date.now() + inDays * day), days)).map(({ seal }) => seal)

test('A seal that signs is to be renewed 30 days before its certificate ends, once it has, and where it has not begun', async () => {
  const all = ['receipts-2', 'dvx-1']
  expect(await toRenew(0)).toEqual(all)
  expect(await toRenew(0, 2)).toEqual(all)
  expect(await toRenew(0, 0.5)).toEqual([])
  expect(await toRenew(2, 0)).toEqual(all)
  expect(await toRenew(-2, 0)).toEqual(all)
})

test('It is told until when it is valid, as the first to end of its chain is', async () => {
  const [first] = await sealsToRenew(seals, new Date())
  expect(first).toEqual({ seal: 'receipts-2', validFrom: expect.any(Date), validTo: expect.any(Date) })
  expect(Math.abs((first?.validTo.getTime() ?? 0) - Date.now() - day)).toBeLessThan(60_000)
})
