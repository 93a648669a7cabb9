import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import type { z } from 'zod'
import type { agenciesFile } from '../../src/agencies/seedAgencies.js'
import type { lifeEventsFile, servicesFile } from '../../src/catalogue/servicesFile.js'
import type { holidaysFile } from '../../src/shared/seedCalendar.js'

export interface DataFiles {
  holidays: z.input<typeof holidaysFile>
  agencies: z.input<typeof agenciesFile>
  lifeEvents: z.input<typeof lifeEventsFile>
  services: z.input<typeof servicesFile>
}

const paths = {
  holidays: 'shared/holidays.data.json',
  agencies: 'agencies/agencies.data.json',
  lifeEvents: 'catalogue/lifeEvents.data.json',
  services: 'catalogue/services.data.json',
}

export const dataFiles = (): DataFiles => ({
  holidays: read(paths.holidays),
  agencies: read(paths.agencies),
  lifeEvents: read(paths.lifeEvents),
  services: read(paths.services),
})

/** The data files as they would be after that change, in a folder of their own. */
export function dataFolder(change: (files: DataFiles) => void): URL {
  const files = dataFiles()
  change(files)
  const folder = mkdtempSync(join(tmpdir(), 'pencere-data-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [file, path] of Object.entries(paths)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), JSON.stringify(files[file as keyof DataFiles]))
  }
  return pathToFileURL(`${folder}/`)
}

export function entryOf<Entry extends { code: string }>(entries: Entry[], code: string): Entry {
  const entry = entries.find((entry) => entry.code === code)
  if (!entry) throw new Error(`an entry ${code} is required; there is none`)
  return entry
}

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8'))
