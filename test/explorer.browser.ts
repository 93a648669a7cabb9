import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readExamples } from '../src/explorer/examples.js'
import { start, stop, temporaryFolder } from './support/started.js'

const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']

let browser: Browser
beforeAll(async () => {
  const args = ['--no-sandbox', '--disable-gpu', ...quiet]
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
})
afterAll(() => browser?.close())

const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true })

/** Runs what stands in the open tab and gives what is shown for it. */
async function answerOf(page: Page) {
  const answered = page.waitForResponse((response) => response.request().method() === 'POST')
  await page.getByRole('button', { name: 'Execute query' }).click()
  await answered
  const shown = page.locator('.result-window .CodeMirror-code')
  await expect.poll(() => shown.innerText()).toContain('"data"')
  return shown.innerText()
}

it('opens in a browser, runs its examples, and speaks to nobody else', async () => {
  const server = start(join(temporaryFolder(), 'data'))
  const address = await server.open
  if (!address) throw new Error(`the server must open; ${(await server.ended).errors}`)
  const page = await browser.newPage({ viewport: { width: 1400, height: 850 }, locale: 'ru-RU' })
  const asked: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', ({ message }) => complaints.push(message))

  await page.goto(address)
  expect(await answerOf(page)).toContain('Смена имени') // of the browser's language

  for (const { name } of (await readExamples()).slice(1)) {
    await tab(page, name).click()
    await page.waitForTimeout(500) // GraphiQL learns the name of the operation a moment after the tab has changed.
    const answer = await answerOf(page)
    // Of nulls there are some: a change of an agency is of no service, and of nobody the viewer is nothing.
    expect(answer).not.toContain('"errors"')
  }

  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
  await page.getByText('All Schema Types').waitFor()
  await page.getByRole('button', { name: 'Open settings dialog' }).click()
  await page.getByText('Clear storage').waitFor()

  expect(complaints).toEqual([])
  expect(asked.length).toBeGreaterThan(5)
  expect(asked.filter((url) => new URL(url).origin !== new URL(address).origin)).toEqual([])
  await page.close()
  expect(await stop(server)).toBe(0)
})

it('lets no page hold it, runs no script but its own, and keeps its files for ever', async () => {
  const server = start(join(temporaryFolder(), 'data'))
  const address = (await server.open) as string
  const page = await fetch(address, { headers: { accept: 'text/html' } })
  const policy = page.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/unsafe|\*|https?:/)

  const html = await page.text()
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => new URL(path as string, address))
  expect(files).toHaveLength(6)
  for (const file of files) {
    const { status, headers } = await fetch(file)
    expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
  }
  expect((await fetch(`${address}/explorer/0/page.js`)).status).toBe(404)
  expect((await fetch(`${address}/explorer/../../../package.json`)).status).toBe(404)

  const program = await fetch(`${address}?query={__typename}`, { headers: { accept: '*/*' } })
  expect(await program.json()).toEqual({ data: { __typename: 'Query' } })
})
