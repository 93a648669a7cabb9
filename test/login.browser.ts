import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { sharedBrowser } from './support/browser.js'
import { frontendOf } from './support/signIn.js'
import { sharedServer } from './support/started.js'

const openPage = sharedBrowser()
const serving = sharedServer()

/** A frontend of somebody's, to which people come back from the login. */
async function openFrontend(host: string): Promise<{ address: string; server: Server }> {
  const server = createServer((_request, response) => response.end('<!doctype html><title>Back</title>'))
  await new Promise<void>((settle) => server.listen(0, host.replace(/[[\]]/g, ''), settle))
  return { address: `http://${host}:${(server.address() as AddressInfo).port}/signed-in`, server }
}

describe('The login of a sandbox', () => {
  // The policy of the page must let the browser go back to each of them.
  it.each(['localhost', '127.0.0.1', '[::1]'])(
    'signs a person in to a frontend at %s, whose token the API takes',
    async (host) => {
      const { server, address } = await serving()
      const login = await server.login
      if (!login) throw new Error(`the login must open; ${(await server.ended).errors}`)
      const frontend = await openFrontend(host)
      const { authorizationUrl, exchange } = frontendOf(login, frontend.address)
      const { page, complaints } = await openPage({ viewport: { width: 1000, height: 1400 }, locale: 'en-GB' })
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
      const answer = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: '{ viewer { kind assurance mandates(first: 5) { nodes { __typename } } } }' }),
      })
      const mandates = { nodes: [{ __typename: 'ActingFor' }] }
      expect(await answer.json()).toEqual({ data: { viewer: { kind: 'PERSON', assurance: 'HIGH', mandates } } })
    },
  )

  it('is used by the keyboard alone, in any language, on a narrow screen', async () => {
    const { server } = await serving()
    const frontend = await openFrontend('localhost')
    const { page } = await openPage({ viewport: { width: 320, height: 600 }, locale: 'ru-RU' })
    await page.goto(frontendOf((await server.login) as string, frontend.address).authorizationUrl())
    expect(await page.locator('html').getAttribute('lang')).toBe('ru')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.value')).toBe('other-citizen')
    await page.keyboard.press('Enter')
    await page.waitForURL(({ href }) => href.startsWith(`${frontend.address}?code=`))
    await page.close()
    frontend.server.close()
  })
})
