import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { bankOfTest, merchantOfTest } from './support/bank.js'
import { sharedBrowser } from './support/browser.js'

const openPage = sharedBrowser()
const bank = await bankOfTest('2026-11-30T08:00:00Z')
const merchant = await merchantOfTest()

let count = 0
/** A payer at the checkout of an order, on a telephone. */
async function payerOf(changes = {}) {
  const order = {
    orderId: `P26-${++count}`,
    amount: '7000',
    currency: 'AZN',
    method: 'CARD',
    description: 'Identity card',
    language: 'en',
    returnUrl: `${merchant.address}/back`,
    callbackUrl: `${merchant.address}/callback`,
    expiresAt: '2026-11-30T08:30:00Z',
    ...changes,
  }
  const { checkoutUrl } = (await bank.post('/orders', order)).json
  const { page, complaints } = await openPage({ viewport: { width: 360, height: 740 } })
  await page.goto(checkoutUrl)
  return {
    page,
    checkoutUrl,
    complaints,
    back: () => page.waitForURL(order.returnUrl),
    status: async () => (await bank.get(`/orders/${order.orderId}`)).json,
  }
}
const isWide = (page: Page) => page.evaluate('document.documentElement.scrollWidth > window.innerWidth')

describe('The checkout of the sandbox bank', () => {
  it('pays by the keyboard alone, and comes back to the service', async () => {
    const { page, back, status, complaints } = await payerOf()
    // After three links: the chosen card, then the button.
    for (let at = 0; at < 3; at++) await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.value')).toBe('pays')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await back()
    expect(await status()).toMatchObject({ state: 'CAPTURED', capturedAt: expect.any(String) })
    await page.goBack()
    await page.getByRole('heading', { name: 'Payment accepted', level: 2 }).waitFor()
    await page.getByRole('link', { name: 'Return to the service' }).click()
    await back()
    expect(complaints).toEqual([])
    await page.close()
  })

  it('asks for a code by 3-D Secure, and pays with the right one', async () => {
    const { page, back, status, complaints } = await payerOf()
    await page.getByLabel('3-D Secure card').check()
    await page.getByRole('button', { name: 'Pay 70.00 AZN' }).click()
    const code = await page.locator('.message strong').innerText()
    await page.getByLabel('Code from the SMS').fill(code === '000000' ? '000001' : '000000')
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('The code is wrong. 2 attempts are left.').waitFor()
    expect((await status()).state).toBe('PENDING')
    await page.getByLabel('Code from the SMS').fill(code)
    await page.keyboard.press('Enter')
    await back()
    expect((await status()).state).toBe('CAPTURED')
    // The browser reports the answer to the wrong code, whose status is 422.
    expect(complaints.filter((complaint) => !complaint.includes('422'))).toEqual([])
    await page.close()
  })

  it.each([
    ['Empty card', 'Pay 70.00 AZN', { state: 'DECLINED', declineReason: 'insufficient_funds' }],
    ['Card that pays', 'Cancel the payment', { state: 'CANCELLED', declineReason: null }],
  ])('comes back to the service after "%s" and "%s"', async (card, button, expected) => {
    const { page, back, status, complaints } = await payerOf()
    await page.getByLabel(card).check()
    await page.getByRole('button', { name: button }).click()
    await back()
    expect(await status()).toMatchObject(expected)
    expect(complaints).toEqual([])
    await page.close()
  })

  it.each([
    ['az', '1.234.567,89 AZN ödə', 'Ödənişi təsdiq edin'],
    ['en', 'Pay 1,234,567.89 AZN', 'Confirm the payment'],
    ['ru', 'Оплатить 1 234 567,89 AZN', 'Подтвердите платёж'],
  ])('fits a telephone in %s, in the language of the order', async (language, pay, confirm) => {
    const { page, checkoutUrl } = await payerOf({ language, amount: '123456789', description: 'x'.repeat(300) })
    expect(await page.locator('html').getAttribute('lang')).toBe(language)
    expect(await page.getByRole('button', { name: pay }).count()).toBe(1)
    expect(await isWide(page)).toBe(false)
    await page.goto(`${checkoutUrl}/confirm`)
    await page.getByRole('heading', { name: confirm, level: 2 }).waitFor()
    expect(await isWide(page)).toBe(false)
    const other = language === 'en' ? 'ru' : 'en'
    await page.getByRole('link', { name: other.toUpperCase() }).click()
    await page.locator(`html[lang=${other}]`).waitFor()
    await page.close()
  })
})
