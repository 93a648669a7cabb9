import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { SubjectKind } from '../identity/parties/identity.table.js'
import { codeInFile, parseDataFile, wordsInFile } from '../platform/dataFile.js'
import { Assurance } from '../shared/assurance.table.js'
import { readFin } from '../shared/identifiers/fin.js'
import { readVoen } from '../shared/identifiers/voen.js'

export const nameInFile = z.string().regex(/^[a-z]+(-[a-z]+)*$/)

export const personInFile = z.strictObject({
  /** Also its `sub`. */
  name: nameInFile,
  /** A description for people who choose one. */
  is: wordsInFile,
  kind: z.enum(SubjectKind),
  fin: z
    .string()
    .refine((text) => 'value' in readFin(text), { error: 'a FİN as it is written' })
    .optional(),
  /** Of a sole entrepreneur. The login does not vouch for it. */
  voen: z
    .string()
    .refine((text) => 'value' in readVoen(text) && text.endsWith('2'), { error: 'a VÖEN of a natural person' })
    .optional(),
  document: z.strictObject({ country: z.string(), number: z.string() }).optional(),
  fullName: z.string(),
  birthDate: z.iso.date(),
  assurance: z.enum(Assurance),
})
export type Persona = z.output<typeof personInFile> & {
  /** Code of the agency that appointed them. */
  agency?: string | undefined
}

export const personasPath = 'sandbox/personas.data.json'
export const textOfPersonas = (): string => readFileSync(new URL(`../../src/${personasPath}`, import.meta.url), 'utf8')

export const programInFile = z.object({
  name: nameInFile,
  /** Its `client_id`. */
  id: z.uuid(),
})
export type PersonaProgram = z.output<typeof programInFile>

export const appointmentInFile = z.object({ officer: nameInFile, agency: codeInFile })

/** The people and programs that can sign in. The rest of the file is for the seed. */
const callers = z.object({
  persons: z.array(personInFile),
  programs: z.array(programInFile),
  appointments: z.array(appointmentInFile),
})
const callersIn = (text: string) => parseDataFile(personasPath, text, callers)

/** Invented: nobody has these identifiers. */
export function personasOf(): Persona[] {
  const { persons, appointments } = callersIn(textOfPersonas())
  const agencies = new Map(appointments.map(({ officer, agency }) => [officer, agency]))
  return persons.map((person) => ({ ...person, agency: agencies.get(person.name) }))
}
export const programsOf = (): PersonaProgram[] => callersIn(textOfPersonas()).programs

export const acrOf = (assurance: Assurance): string => `urn:pencere:sandbox:${assurance.toLowerCase()}`

/** The claims of a persona, beyond those of every token. */
export const claimsOf = ({ name, kind, fin, document, fullName, birthDate, assurance }: Persona) => ({
  sub: name,
  subject_type: kind,
  acr: acrOf(assurance),
  name: fullName,
  birthdate: birthDate,
  ...(fin && { fin }),
  ...(document && { document_country: document.country, document_number: document.number }),
})
