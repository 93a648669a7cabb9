import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { SubjectKind } from '../identity/identity.table.js'
import { Assurance } from '../shared/assurance.table.js'
import { parseDataFile } from '../shared/dataFile.js'

const person = z.strictObject({
  /** What it is: also its `sub`. */
  name: z.string().regex(/^[a-z-]+$/),
  kind: z.enum(SubjectKind),
  fin: z.string().optional(),
  document: z.strictObject({ country: z.string(), number: z.string() }).optional(),
  fullName: z.string(),
  birthDate: z.iso.date(),
  assurance: z.enum(Assurance),
})
export type Persona = z.output<typeof person>

const path = 'sandbox/personas.data.json'
const personasFile = z.strictObject({ persons: z.array(person) })

/** Made up: nobody has these identifiers. */
export function personasOf(): Persona[] {
  const text = readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8')
  return parseDataFile(path, text, personasFile).persons
}

export const acrOf = (assurance: Assurance): string => `urn:pencere:sandbox:${assurance.toLowerCase()}`

/** What the login says of somebody, beside what every token holds. */
export const claimsOf = ({ name, kind, fin, document, fullName, birthDate, assurance }: Persona) => ({
  ...{ sub: name, subject_type: kind, acr: acrOf(assurance), name: fullName, birthdate: birthDate },
  ...(fin && { fin }),
  ...(document && { document_country: document.country, document_number: document.number }),
})
