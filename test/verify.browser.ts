import { eq } from 'drizzle-orm'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { issuedDocuments } from '../src/documents/issued/issuedDocument.table.js'
import { keysOf } from '../src/identity/parties/party.js'
import { decrypt } from '../src/platform/personal.js'
import { sharedBrowser } from './support/browser.js'
import { issuingBeside } from './support/issuingBeside.js'
import { sharedServer } from './support/started.js'

const openPage = sharedBrowser()
const serving = sharedServer()
const eventually = { timeout: 60_000, interval: 500 }
const answerIn = (page: Page) => page.locator('#answer').innerText()

describe('The page that a QR code leads to', () => {
  it('verifies a document in the language of the browser', async () => {
    const { dataDir, address } = await serving()
    const { database, keyring, partyId, issue } = await issuingBeside(dataDir)
    const { id, number } = await issue('APPLICATION_RECEIPT', { claims: { subject: 'TEST-1', holder: '<b>Sınaq</b>' } })
    const decision = await issue('DECISION')
    const codeOf = async (id: string) => {
      const [row] = await database.db.select().from(issuedDocuments).where(eq(issuedDocuments.id, id))
      return decrypt((await keysOf(database, keyring, [partyId])).get(partyId)!, issuedDocuments, row!).code
    }
    const [code, codeOfDecision] = [await codeOf(id), await codeOf(decision.id)]
    await database.close()

    const { page, asked, expectClean } = await openPage({ viewport: { width: 420, height: 850 }, locale: 'ru-RU' })
    await page.goto(`${new URL(address).origin}/verify?number=${number}#${code}`)
    await expect.poll(() => answerIn(page), eventually).toContain('Документ подлинный')
    const told = await answerIn(page)
    for (const text of ['тестовая копия', `Уведомление о приёме ${number}`, 'Заявитель', '<b>Sınaq</b>', 'TEST-1'])
      expect(told).toContain(text)

    await page.getByLabel('Код').fill(code.replace(/.$/, (last) => (last === '0' ? '1' : '0')))
    await page.getByRole('button', { name: 'Проверить' }).click()
    await expect.poll(() => answerIn(page), eventually).toContain('с таким номером и кодом нет')

    // Whatever the address contains, the page can be used.
    await page.goto('about:blank')
    await page.goto(`${new URL(address).origin}/verify?number=${number}#%`)
    await page.getByLabel('Код').fill(code)
    await page.getByRole('button', { name: 'Проверить' }).click()
    await expect.poll(() => answerIn(page), eventually).toContain('Документ подлинный')

    // The worker signs it meanwhile.
    await page.getByLabel('Номер').fill(decision.number)
    await page.getByLabel('Код').fill(codeOfDecision)
    const answered = async () => {
      await page.getByRole('button', { name: 'Проверить' }).click()
      return (await answerIn(page)).replaceAll(/\s+/g, ' ')
    }
    await expect
      .poll(answered, eventually)
      .toContain(`Решение ${decision.number} Орган Государственная налоговая служба`)
    expect(asked.filter((url) => url.includes(code.slice(0, 9)) && !url.includes('#'))).toEqual([])
    await expectClean(address)
  })
})
