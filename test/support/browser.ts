import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'

/** A browser for the tests of a file, with the helper that opens its pages. */
export function sharedBrowser() {
  let browser: Browser
  beforeAll(async () => {
    const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
    const args = ['--no-sandbox', '--disable-gpu', ...quiet]
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
  })
  afterAll(() => browser?.close())

  return async (options: BrowserContextOptions) => {
    const page = await browser.newPage(options)
    const asked: string[] = []
    const complaints: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', ({ message }) => complaints.push(message))
    /** Closes it. It has asked nobody but that server, and neither the browser nor a script has complained. */
    const expectClean = async (address: string) => {
      await page.close()
      expect(complaints).toEqual([])
      expect(asked.filter((url) => new URL(url).origin !== new URL(address).origin)).toEqual([])
    }
    return { page, asked, complaints, expectClean }
  }
}
