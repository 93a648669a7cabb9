import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { issuedDocuments } from '../src/documents/issuedDocument.table.js'
import { keysOf } from '../src/identity/party.js'
import { open } from '../src/shared/personal.js'
import { issuingBeside } from './support/issuingBeside.js'
import { start, stop, temporaryFolder } from './support/started.js'

const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']

let browser: Browser
beforeAll(async () => {
  const args = ['--no-sandbox', '--disable-gpu', ...quiet]
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
})
afterAll(() => browser?.close())

const answerIn = (page: Page) => page.locator('#answer').innerText()

it('a document is verified on the page that its QR code leads to, in the language of whoever looks', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const server = start(dataDir)
  const address = await server.open
  if (!address) throw new Error(`the server must open; ${(await server.ended).errors}`)
  const { database, keyring, partyId, issue } = await issuingBeside(dataDir)
  const { id, number } = await issue('RECEIPT', { claims: { subject: 'TEST-1', holder: '<b>Sınaq</b>' } })
  const decision = await issue('DECISION')
  const codeOf = async (id: string) => {
    const [row] = await database.db.select().from(issuedDocuments).where(eq(issuedDocuments.id, id))
    return open((await keysOf(database, keyring, [partyId])).get(partyId)!, issuedDocuments, row!).code
  }
  const [code, codeOfDecision] = [await codeOf(id), await codeOf(decision.id)]
  await database.close()

  const page = await browser.newPage({ viewport: { width: 420, height: 850 }, locale: 'ru-RU' })
  const asked: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', ({ message }) => complaints.push(message))
  await page.goto(`${new URL(address).origin}/verify?number=${number}#${code}`)
  await expect.poll(() => answerIn(page)).toContain('Документ подлинный')
  const told = await answerIn(page)
  for (const text of ['тестовая копия', `Расписка ${number}`, 'Заявитель', '<b>Sınaq</b>', 'TEST-1'])
    expect(told).toContain(text)

  await page.getByLabel('Код').fill(code.replace(/.$/, (last) => (last === '0' ? '1' : '0')))
  await page.getByRole('button', { name: 'Проверить' }).click()
  await expect.poll(() => answerIn(page)).toContain('с таким номером и кодом нет')

  // Whatever stands in the address, the page is there to be used.
  await page.goto('about:blank')
  await page.goto(`${new URL(address).origin}/verify?number=${number}#%`)
  await page.getByLabel('Код').fill(code)
  await page.getByRole('button', { name: 'Проверить' }).click()
  await expect.poll(() => answerIn(page)).toContain('Документ подлинный')

  // The worker signs it meanwhile.
  await page.getByLabel('Номер').fill(decision.number)
  await page.getByLabel('Код').fill(codeOfDecision)
  await expect
    .poll(
      async () => {
        await page.getByRole('button', { name: 'Проверить' }).click()
        return (await answerIn(page)).replaceAll(/\s+/g, ' ')
      },
      { timeout: 20_000, interval: 1_000 },
    )
    .toContain(`Решение ${decision.number} Орган Государственная налоговая служба`)
  expect(asked.filter((url) => url.includes(code.slice(0, 9)) && !url.includes('#'))).toEqual([])
  expect(asked.filter((url) => new URL(url).origin !== new URL(address).origin)).toEqual([])
  expect(complaints).toEqual([])
  await page.close()
  expect(await stop(server)).toBe(0)
})
