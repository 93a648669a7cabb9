import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { byCode, codeInFile, parseDataFile, provenanceInFile } from '../../platform/dataFile.js'

const age = z.strictObject({
  code: codeInFile,
  years: z.int().min(1).max(120),
  meaning: z.string(),
  ...provenanceInFile,
})
const agesFile = z.strictObject({ compiledOn: z.iso.date(), ages: byCode(age) })

const path = 'identity/parties/ages.data.json'
const text = readFileSync(new URL(`../../../src/${path}`, import.meta.url), 'utf8')
const { ages } = parseDataFile(path, text, agesFile)

function yearsOf(wanted: string): number {
  const found = ages.find(({ code }) => code === wanted)
  if (!found) throw new Error(`${path} must have the age ${wanted}; it has none`)
  return found.years
}

/** In years. */
export const marriageAge = yearsOf('MARRIAGE')
/** In years. From here on a minor acts alone where a parent or guardian consents; from there on anybody does. */
export const ageOfConsent = yearsOf('CONSENT')
export const fullAge = yearsOf('FULL')
