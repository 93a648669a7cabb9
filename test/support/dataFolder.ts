import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import type { z } from 'zod'
import type { agenciesFile } from '../../src/agencies/seedAgencies.js'
import type { FormNode } from '../../src/catalogue/form.fields.js'
import type { formFile } from '../../src/catalogue/formFiles.js'
import type { synonymsFile } from '../../src/catalogue/seedSynonyms.js'
import type { lifeEventsFile, servicesFile } from '../../src/catalogue/servicesFile.js'
import type { groundsFile, purposesFile } from '../../src/exchange/seedGrounds.js'
import type { holidaysFile } from '../../src/shared/seedCalendar.js'

export interface DataFiles {
  holidays: z.input<typeof holidaysFile>
  agencies: z.input<typeof agenciesFile>
  lifeEvents: z.input<typeof lifeEventsFile>
  services: z.input<typeof servicesFile>
  synonyms: z.input<typeof synonymsFile>
  purposes: z.input<typeof purposesFile>
  grounds: z.input<typeof groundsFile>
  /** What several forms have in common. */
  parts: Record<string, FormNode>
  /** By the code of their service. */
  forms: Record<string, z.input<typeof formFile>>
}

const formEnding = '.form.json'

const paths = {
  holidays: 'shared/holidays.data.json',
  agencies: 'agencies/agencies.data.json',
  lifeEvents: 'catalogue/lifeEvents.data.json',
  services: 'catalogue/services.data.json',
  synonyms: 'catalogue/synonyms.data.json',
  purposes: 'exchange/purposes.data.json',
  grounds: 'exchange/legalGrounds.data.json',
  parts: 'catalogue/forms/parts.json',
}
const formsFolder = 'catalogue/forms'

export const dataFiles = (): DataFiles => ({
  holidays: read(paths.holidays),
  agencies: read(paths.agencies),
  lifeEvents: read(paths.lifeEvents),
  services: read(paths.services),
  synonyms: read(paths.synonyms),
  purposes: read(paths.purposes),
  grounds: read(paths.grounds),
  parts: read(paths.parts),
  forms: Object.fromEntries(
    readdirSync(new URL(`../../src/${formsFolder}`, import.meta.url))
      .filter((file) => file.endsWith(formEnding))
      .map((file) => [file.slice(0, -formEnding.length), read(`${formsFolder}/${file}`)]),
  ),
})

/** The data files as they would be after that change, in a folder of their own. */
export function dataFolder(change: (files: DataFiles) => void): URL {
  const files = dataFiles()
  change(files)
  const folder = mkdtempSync(join(tmpdir(), 'pencere-data-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const write = (path: string, file: unknown) => {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), JSON.stringify(file))
  }
  for (const [file, path] of Object.entries(paths)) write(path, files[file as keyof typeof paths])
  for (const [code, form] of Object.entries(files.forms)) write(`${formsFolder}/${code}${formEnding}`, form)
  return pathToFileURL(`${folder}/`)
}

export function entryOf<Entry extends { code: string }>(entries: Entry[], code: string): Entry {
  const entry = entries.find((entry) => entry.code === code)
  if (!entry) throw new Error(`an entry ${code} is required; there is none`)
  return entry
}

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8'))
