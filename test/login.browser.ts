import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { frontendOf } from './support/signIn.js'
import { type Started, start, stop, temporaryFolder } from './support/started.js'

const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']

let browser: Browser
beforeAll(async () => {
  const args = ['--no-sandbox', '--disable-gpu', ...quiet]
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
})
afterAll(() => browser?.close())

/** A frontend of somebody's, to which people come back from the login. */
async function openFrontend(host: string): Promise<{ address: string; server: Server }> {
  const server = createServer((_request, response) => response.end('<!doctype html><title>Back</title>'))
  await new Promise<void>((settle) => server.listen(0, host.replace(/[[\]]/g, ''), settle))
  return { address: `http://${host}:${(server.address() as AddressInfo).port}/signed-in`, server }
}

async function openServer(): Promise<{ server: Started; api: string; login: string }> {
  const server = start(join(temporaryFolder(), 'data'))
  const [api, login] = [await server.open, await server.login]
  if (!api || !login) throw new Error(`the server must open; ${(await server.ended).errors}`)
  return { server, api, login }
}

it('a person signs in, and the API is asked with the token', async () => {
  const { server, api, login } = await openServer()
  // The policy of the page must let the browser go back to each of them.
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    const frontend = await openFrontend(host)
    const { authorizationUrl, exchange } = frontendOf(login, frontend.address)
    const page = await browser.newPage({ viewport: { width: 1000, height: 1400 }, locale: 'en-GB' })
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', ({ message }) => complaints.push(message))
    await page.goto(authorizationUrl())
    await page.getByRole('heading', { name: 'Who signs in?' }).waitFor()
    await page.getByRole('button', { name: 'Head of Sınaq MMC' }).click()
    await page.waitForURL(({ href }) => href.startsWith(frontend.address))
    const back = new URL(page.url())
    expect(back.searchParams.get('iss')).toBe(new URL(login).origin)
    expect(complaints).toEqual([])
    await page.close()
    frontend.server.close()

    const { access_token: token } = (await (await exchange(back.searchParams.get('code') ?? '')).json()) as any
    const answer = await fetch(api, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ viewer { kind assurance mandates(first: 5) { nodes { __typename } } } }' }),
    })
    const mandates = { nodes: [{ __typename: 'ActingFor' }] }
    expect(await answer.json()).toEqual({ data: { viewer: { kind: 'PERSON', assurance: 'HIGH', mandates } } })
  }
  expect(await stop(server)).toBe(0)
})

it('is used by the keyboard alone, in any language, on a narrow screen', async () => {
  const { server, login } = await openServer()
  const frontend = await openFrontend('localhost')
  const page = await browser.newPage({ viewport: { width: 320, height: 600 }, locale: 'ru-RU' })
  await page.goto(frontendOf(login, frontend.address).authorizationUrl())
  expect(await page.locator('html').getAttribute('lang')).toBe('ru')
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.value')).toBe('other-citizen')
  await page.keyboard.press('Enter')
  await page.waitForURL(({ href }) => href.startsWith(`${frontend.address}?code=`))
  await page.close()
  frontend.server.close()
  expect(await stop(server)).toBe(0)
})
