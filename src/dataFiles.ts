import { readdir, readFile } from 'node:fs/promises'

export const paths = {
  holidays: 'shared/holidays.data.json',
  agencies: 'agencies/agencies.data.json',
  lifeEvents: 'catalogue/services/lifeEvents.data.json',
  services: 'catalogue/services/services.data.json',
  texts: 'catalogue/services/serviceTexts.data.json',
  refusalGrounds: 'catalogue/services/refusalGrounds.data.json',
  synonyms: 'catalogue/search/synonyms.data.json',
  purposes: 'exchange/accessLog/purposes.data.json',
  grounds: 'exchange/consents/legalGrounds.data.json',
  paymentRules: 'payments/rules/paymentRules.data.json',
}
const formsFolder = 'catalogue/forms/'

/** The text of each data file, by its path below src. */
export type DataFiles = Record<string, string>

/** In a stable order, for the digest. */
export async function readDataFiles(): Promise<DataFiles> {
  const folder = new URL('../src/', import.meta.url)
  const forms = (await readdir(new URL(formsFolder, folder))).filter((file) => file.endsWith('.json')).sort()
  const all = [...Object.values(paths), ...forms.map((file) => `${formsFolder}${file}`)]
  const read = all.map(async (path) => [path, await readFile(new URL(path, folder), 'utf8')])
  return Object.fromEntries(await Promise.all(read))
}
