import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { readExamples } from '../src/explorer/examples.js'
import { sharedBrowser } from './support/browser.js'
import { sharedServer } from './support/started.js'

const openPage = sharedBrowser()
const serving = sharedServer()
const eventually = { timeout: 60_000 }

/** Runs the open tab and returns what is shown for it. */
async function answerOf(page: Page) {
  const answered = page.waitForResponse((response) => response.request().method() === 'POST')
  await page.getByRole('button', { name: 'Execute query' }).click()
  await answered
  const shown = page.locator('.result-window .CodeMirror-code')
  await expect.poll(() => shown.innerText(), eventually).toContain('"data"')
  return shown.innerText()
}

/** GraphiQL reads the name of the operation a moment after it shows another tab, and runs the one whose name it has. */
const operationIn = (page: Page) =>
  page.evaluate(`document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.operationName`)

describe('The explorer', () => {
  it('runs its examples in a browser, and speaks to nobody but the server', async () => {
    const { address } = await serving()
    const { page, expectClean } = await openPage({ viewport: { width: 1400, height: 850 }, locale: 'ru-RU' })
    await page.goto(address)
    expect(await answerOf(page)).toContain('Перемена имени') // in the browser's language

    for (const { name } of (await readExamples()).slice(1)) {
      await page.getByRole('tab', { name, exact: true }).click()
      await expect.poll(() => operationIn(page), eventually).toBe(name)
      // Some of it is null: nobody is signed in, and a change of an agency has no service.
      expect(await answerOf(page)).not.toContain('"errors"')
    }

    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
    await page.getByText('All Schema Types').waitFor()
    await page.getByRole('button', { name: 'Open settings dialog' }).click()
    await page.getByText('Clear storage').waitFor()
    await expectClean(address)
  })

  it('cannot be framed, runs no script but its own, and has its files cached for ever', async () => {
    const { address } = await serving()
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
  })

  it('leaves the address to programs, which get JSON', async () => {
    const { address } = await serving()
    const program = await fetch(`${address}?query={__typename}`, { headers: { accept: '*/*' } })
    expect(await program.json()).toEqual({ data: { __typename: 'Query' } })
  })
})
