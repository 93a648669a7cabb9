import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { setBankTrouble } from '../src/sandbox/bank/bankTrouble.js'
import { bankAt, bankPortFile } from '../src/sandbox/bank/provider.js'
import { bankOfTest, merchantOfTest } from './support/bank.js'
import { sharedBrowser } from './support/browser.js'
import { tokensOf } from './support/personaTokens.js'
import { sharedServer } from './support/started.js'

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

const serving = sharedServer()
const eventually = { timeout: 60_000 }

/** A charge of the tax service for the citizen, and what its payer does in a browser. */
async function chargeOf(reference: string) {
  const { address, dataDir, server } = await serving()
  const sandbox = { dataDir, sandboxPort: Number(new URL((await server.login) as string).port) }
  const [citizen, finance] = [tokensOf('citizen', sandbox), tokensOf('finance-officer', sandbox)]
  const ask = async (token: () => Promise<string>, query: string, variables: object = {}) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await token()}` }
    const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
    const { data, errors } = (await answer.json()) as any
    expect(errors).toBeUndefined()
    return data
  }
  const raised = await ask(
    finance,
    `mutation ($input: RaiseChargeInput!) { raiseCharge(input: $input) { charge { id } userErrors { message } } }`,
    {
      input: {
        fin: 'TEST001',
        reference,
        currency: 'AZN',
        lines: [{ name: { az: 'Arayış', en: 'Certificate', ru: 'Справка' }, amount: '12.50' }],
        idempotencyKey: reference,
      },
    },
  )
  expect(raised.raiseCharge.userErrors).toEqual([])
  const { id } = raised.raiseCharge.charge
  const pay = async (more: object = { method: 'CARD' }) => {
    const input = {
      charges: [{ chargeId: id }],
      returnTo: `${merchant.address}/back`,
      idempotencyKey: reference,
      ...more,
    }
    const { startPayment } = await ask(
      citizen,
      `mutation ($input: StartPaymentInput!) {
        startPayment(input: $input) { payment { id checkoutUrl } userErrors { message } } }`,
      { input },
    )
    expect(startPayment.userErrors).toEqual([])
    return startPayment.payment as { id: string; checkoutUrl: string }
  }
  const state = async () =>
    (await ask(citizen, `query ($id: ID!) { node(id: $id) { ... on Charge { state } } }`, { id })).node.state
  const open = async (checkoutUrl: string) => {
    const opened = await openPage({ viewport: { width: 360, height: 740 } })
    await opened.page.goto(checkoutUrl)
    return opened
  }
  return { dataDir, pay, state, open }
}

describe('A payment in the sandbox', () => {
  it('goes from its own address to the bank and back to the outcome, and pays the charge', async () => {
    const { pay, state, open } = await chargeOf('CHECKOUT-1')
    const { checkoutUrl } = await pay()
    const { page, complaints } = await open(checkoutUrl)
    const bankPage = page.url()
    await page.goto(checkoutUrl)
    expect(page.url()).toBe(bankPage)
    await page.locator('[value=pay]').click()
    await page.waitForURL(`${checkoutUrl}/done`)
    await expect.poll(() => page.getByRole('status').innerText(), eventually).toMatch(/^(Ödənildi|Paid)$/)
    expect(await isWide(page)).toBe(false)
    expect(await state()).toBe('PAID')
    await page.getByRole('link', { name: 'Xidmətə qayıt' }).click()
    await page.waitForURL(`${merchant.address}/back`)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('has paid although the payer closes the browser and the bank never calls back', async () => {
    const { dataDir, pay, state, open } = await chargeOf('CHECKOUT-2')
    setBankTrouble(dataDir, 'silent')
    const { page } = await open((await pay()).checkoutUrl)
    const isBack = new Promise((settle) =>
      page.route('**/done', (route) => {
        settle(true)
        return route.abort()
      }),
    )
    await page.locator('[value=pay]').click({ noWaitAfter: true })
    await isBack
    await page.close()
    expect(await state()).toBe('OPEN')
    await expect.poll(state, eventually).toBe('PAID')
    setBankTrouble(dataDir, 'up')
  })

  it('can be tried again after the bank declined it', async () => {
    const { pay, state, open } = await chargeOf('CHECKOUT-3')
    const declined = await open((await pay()).checkoutUrl)
    await declined.page.locator('[value=no-money]').check()
    await declined.page.locator('[value=pay]').click()
    await declined.page.waitForURL('**/done')
    await expect.poll(() => declined.page.getByRole('status').innerText(), eventually).toMatch(/rədd|declined/)
    await declined.page.close()
    expect(await state()).toBe('OPEN')
    const { page } = await open((await pay({ method: 'CARD', idempotencyKey: 'CHECKOUT-3-again' })).checkoutUrl)
    await page.locator('[value=pay]').click()
    await expect.poll(state, eventually).toBe('PAID')
    await page.close()
  })

  it('is approved in the app of the bank if it is instant', async () => {
    const { pay, state, open } = await chargeOf('CHECKOUT-4')
    const { checkoutUrl } = await pay({ method: 'INSTANT', alias: 'payer@example.org' })
    const { page } = await open(checkoutUrl)
    expect(page.url()).toBe(`${checkoutUrl}/done`)
    const { dataDir } = await serving()
    const app = await open(`${bankAt(Number(readFileSync(bankPortFile(dataDir), 'utf8')))}/requests?lang=en`)
    await app.page.getByText('payer@example.org').waitFor()
    await app.page.getByRole('button', { name: 'Approve' }).click()
    await expect.poll(() => page.getByRole('status').innerText(), eventually).toMatch(/^(Ödənildi|Paid)$/)
    expect(await state()).toBe('PAID')
    await Promise.all([page.close(), app.page.close()])
  })
})
