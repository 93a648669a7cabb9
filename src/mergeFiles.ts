import type { ZodType } from 'zod'
import { agenciesFile, seedAgencies } from './agencies/seedAgencies.js'
import { formsOf } from './catalogue/forms/formFiles.js'
import { seedCatalogue } from './catalogue/publishing/seedCatalogue.js'
import { lifeEventsFile, refusalGroundsFile, servicesFile, textsFile } from './catalogue/publishing/servicesFile.js'
import { seedSynonyms, synonymsFile } from './catalogue/search/seedSynonyms.js'
import type { ServiceStatus } from './catalogue/services/service.table.js'
import { type DataFiles, paths } from './dataFiles.js'
import { groundsFile, purposesFile, seedGrounds } from './exchange/consents/seedGrounds.js'
import { paymentRulesFile, seedPaymentRules } from './payments/rules/seedPaymentRules.js'
import { parseDataFile } from './platform/dataFile.js'
import type { Transaction } from './platform/seeding.js'
import { holidaysFile, seedCalendar } from './shared/seedCalendar.js'

/** Throws one line for the first invalid file. */
export function parsedFiles(texts: DataFiles) {
  const parsed = <Schema extends ZodType>(path: string, schema: Schema) =>
    parseDataFile(path, texts[path] ?? '', schema)
  return {
    holidays: parsed(paths.holidays, holidaysFile),
    agencies: parsed(paths.agencies, agenciesFile),
    lifeEvents: parsed(paths.lifeEvents, lifeEventsFile),
    services: parsed(paths.services, servicesFile),
    texts: parsed(paths.texts, textsFile),
    refusalGrounds: parsed(paths.refusalGrounds, refusalGroundsFile),
    synonyms: parsed(paths.synonyms, synonymsFile),
    purposes: parsed(paths.purposes, purposesFile),
    grounds: parsed(paths.grounds, groundsFile),
    paymentRules: parsed(paths.paymentRules, paymentRulesFile),
    forms: formsOf(texts),
  }
}

/** New services get this status. Without one, no service is seeded. */
export async function mergeFiles(
  tx: Transaction,
  files: ReturnType<typeof parsedFiles>,
  status: ServiceStatus.ACTIVE | ServiceStatus.DRAFT | null,
) {
  const calendar = await seedCalendar(tx, files.holidays)
  const { ids, ...bodies } = await seedAgencies(tx, files.agencies)
  const catalogue = await seedCatalogue(tx, files, ids, status)
  const words = await seedSynonyms(tx, files.synonyms)
  const grounds = await seedGrounds(tx, files, ids)
  const payments = await seedPaymentRules(tx, files.paymentRules)
  return { ...calendar, ...bodies, ...catalogue, ...words, ...grounds, ...payments }
}
