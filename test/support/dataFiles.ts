import { readdirSync, readFileSync } from 'node:fs'
import type { z } from 'zod'
import type { agenciesFile } from '../../src/agencies/seedAgencies.js'
import type { FormNode } from '../../src/catalogue/forms/form.fields.js'
import type { formFile } from '../../src/catalogue/forms/formFiles.js'
import type {
  lifeEventsFile,
  refusalGroundsFile,
  servicesFile,
  textsFile,
} from '../../src/catalogue/publishing/servicesFile.js'
import type { synonymsFile } from '../../src/catalogue/search/seedSynonyms.js'
import { paths as pathsWithoutForms, type DataFiles as Texts } from '../../src/dataFiles.js'
import type { groundsFile, purposesFile } from '../../src/exchange/consents/seedGrounds.js'
import type { paymentRulesFile } from '../../src/payments/rules/seedPaymentRules.js'
import type { holidaysFile } from '../../src/shared/seedCalendar.js'

export interface DataFiles {
  holidays: z.input<typeof holidaysFile>
  agencies: z.input<typeof agenciesFile>
  lifeEvents: z.input<typeof lifeEventsFile>
  services: z.input<typeof servicesFile>
  texts: z.input<typeof textsFile>
  refusalGrounds: z.input<typeof refusalGroundsFile>
  synonyms: z.input<typeof synonymsFile>
  purposes: z.input<typeof purposesFile>
  grounds: z.input<typeof groundsFile>
  paymentRules: z.input<typeof paymentRulesFile>
  /** What several forms have in common. */
  parts: Record<string, FormNode>
  /** By the code of their service. */
  forms: Record<string, z.input<typeof formFile>>
}

const formEnding = '.form.json'

const paths = { ...pathsWithoutForms, parts: 'catalogue/forms/parts.json' }
const formsFolder = 'catalogue/forms'

export const dataFiles = (): DataFiles => ({
  holidays: read(paths.holidays),
  agencies: read(paths.agencies),
  lifeEvents: read(paths.lifeEvents),
  services: read(paths.services),
  texts: read(paths.texts),
  refusalGrounds: read(paths.refusalGrounds),
  synonyms: read(paths.synonyms),
  purposes: read(paths.purposes),
  grounds: read(paths.grounds),
  paymentRules: read(paths.paymentRules),
  parts: read(paths.parts),
  forms: Object.fromEntries(
    readdirSync(new URL(`../../src/${formsFolder}`, import.meta.url))
      .filter((file) => file.endsWith(formEnding))
      .map((file) => [file.slice(0, -formEnding.length), read(`${formsFolder}/${file}`)]),
  ),
})

/** What `seed` takes: the data files as they would be after that change. */
export function changedFiles(change: (files: DataFiles) => void): Texts {
  const files = dataFiles()
  change(files)
  return Object.fromEntries([
    ...Object.entries(paths).map(([file, path]) => [path, JSON.stringify(files[file as keyof typeof paths])]),
    ...Object.entries(files.forms).map(([code, form]) => [`${formsFolder}/${code}${formEnding}`, JSON.stringify(form)]),
  ])
}

/** Leaves these services alone, and what they refer to: such files are seeded in milliseconds. */
export function keepServices(files: DataFiles, codes: string[]): void {
  const { holidays, agencies, lifeEvents, services, texts, synonyms, grounds } = files
  Object.assign(holidays, { years: [], days: [] })
  synonyms.synonyms = []
  services.services = services.services.filter(({ code }) => codes.includes(code))
  texts.services = texts.services.filter(({ code }) => codes.includes(code))
  files.refusalGrounds.refusalGrounds = files.refusalGrounds.refusalGrounds.filter(({ service }) =>
    codes.includes(service),
  )
  files.forms = Object.fromEntries(Object.entries(files.forms).filter(([code]) => codes.includes(code)))
  const kept = new Set<string | null>(services.services.map(({ agency }) => agency))
  for (const { code, parent } of [...agencies.agencies].reverse()) if (kept.has(code)) kept.add(parent)
  agencies.agencies = agencies.agencies.filter(({ code }) => kept.has(code))
  const registries = agencies.agencies.flatMap(({ registries }) => registries.map(({ code }) => code))
  for (const document of texts.services.flatMap(({ requiredDocuments }) => requiredDocuments))
    if (!registries.includes(document.obtainableFrom ?? '')) document.obtainableFrom = null
  const occasions = new Set(services.services.map(({ lifeEvent }) => lifeEvent))
  lifeEvents.lifeEvents = lifeEvents.lifeEvents.filter(({ code }) => occasions.has(code))
  grounds.legalGrounds = []
}

export function entryOf<Entry extends { code: string }>(entries: Entry[], code: string): Entry {
  const entry = entries.find((entry) => entry.code === code)
  if (!entry) throw new Error(`an entry ${code} is required; there is none`)
  return entry
}

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8'))
