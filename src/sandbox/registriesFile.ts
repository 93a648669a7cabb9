import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { parseDataFile } from '../platform/dataFile.js'
import { readVoen } from '../shared/identifiers/voen.js'

const date = z.iso.date()
const amount = z.string().regex(/^\d{1,9}\.\d\d$/, { error: 'an amount with its two digits behind the point' })
const money = { amount, currency: z.literal('AZN') }
/** Invented: nobody outside this file has these identifiers. */
const madeUp = z.string().regex(/TEST|Sınaq/, { error: 'a text that shows it is made up, by TEST or Sınaq' })
const marked = (pattern: RegExp) => z.string().regex(pattern, { error: 'an identifier that begins with TEST' })
const fin = marked(/^TEST\d{3}$/)
const voen = z.string().refine((text) => text.startsWith('99') && 'value' in readVoen(text), {
  error: 'a VÖEN that begins with 99, and adds up',
})
/** A passport, or a residence permit with its series. */
const document = marked(/^[A-Z]{3}:(MYI|DYI)?TEST\d{4}$/)

const address = z.strictObject({
  region: madeUp,
  settlement: madeUp,
  street: madeUp,
  building: z.string(),
  flat: z.string().nullable(),
  postalCode: z.string().regex(/^AZ000\d$/),
})

const person = z.strictObject({
  fin,
  surname: z.literal('Sınaq'),
  givenName: z.string(),
  patronymic: z.string(),
  birthDate: date,
  birthPlace: madeUp,
  sex: z.enum(['MALE', 'FEMALE']),
  citizenship: z.literal('AZE'),
  identityDocument: z.strictObject({ number: madeUp, issuedOn: date, expiresOn: date }),
  address,
  family: z.array(z.strictObject({ relation: z.enum(['SPOUSE', 'PARENT', 'CHILD']), name: madeUp, birthDate: date })),
})

const postHolder = z.strictObject({ name: madeUp, position: z.string() })
const head = postHolder.extend({
  fin: fin.nullable(),
  surname: z.literal('Sınaq'),
  givenName: z.string(),
  patronymic: z.string().nullable(),
})
const company = z.strictObject({
  voen,
  name: madeUp,
  legalForm: z.string(),
  status: z.enum(['ACTIVE', 'SUSPENDED', 'LIQUIDATED']),
  registeredOn: date,
  address,
  legalRepresentative: head,
  sealHolders: z.array(postHolder),
})

const fine = z.strictObject({
  series: marked(/^TEST$/),
  number: marked(/^TEST-/),
  issuedOn: date,
  norm: madeUp,
  ...money,
  vehicle: marked(/^TEST/),
  dueOn: date,
  state: z.enum(['UNPAID', 'PAID', 'CANCELLED', 'EXPIRED']),
  paidOn: date.nullable(),
})
const vehicle = z.strictObject({ plate: marked(/^TEST/), model: madeUp, year: z.int(), registeredOn: date })
const licence = z.strictObject({
  number: marked(/^TEST-/),
  categories: z.array(z.string()),
  issuedOn: date,
  expiresOn: date,
})
const finesOf = z.strictObject({
  subject: z.union([fin, voen]),
  points: z.int().min(0),
  fines: z.array(fine),
  vehicles: z.array(vehicle),
  licence: licence.nullable(),
})

const title = z.strictObject({
  registryNumber: marked(/^TEST-/),
  kind: z.enum(['FLAT', 'HOUSE', 'LAND', 'NON_RESIDENTIAL']),
  address: madeUp,
  area: z.string().regex(/^\d+(\.\d+)?$/),
  share: z.string().regex(/^\d+\/\d+$/),
  startedOn: date,
  encumbrances: z.array(
    z.strictObject({
      kind: z.enum(['MORTGAGE', 'ARREST', 'LEASE']),
      holder: madeUp,
      startedOn: date,
      endsOn: date.nullable(),
    }),
  ),
})
const titlesOf = z.strictObject({ subject: z.union([fin, voen]), titles: z.array(title) })

const employment = z.strictObject({
  employer: madeUp,
  voen,
  position: z.string(),
  startedOn: date,
  endsOn: date.nullable(),
})
const pension = z.strictObject({
  kind: z.enum(['AGE', 'DISABILITY', 'SURVIVOR']),
  monthlyAmount: amount,
  currency: z.literal('AZN'),
  startedOn: date,
})
const insuranceOf = z.strictObject({
  subject: z.union([fin, voen]),
  employments: z.array(employment),
  pension: pension.nullable(),
  employees: z.int().nullable(),
})

const crossing = z.strictObject({
  direction: z.enum(['ENTRY', 'EXIT']),
  at: z.iso.datetime(),
  checkpoint: madeUp,
  document,
})
const restriction = z.strictObject({
  kind: z.enum(['EXIT_BAN', 'ENTRY_BAN']),
  authority: madeUp,
  startedOn: date,
  endsOn: date.nullable(),
})
const borderOf = z.strictObject({
  subject: z.union([fin, document]),
  crossings: z.array(crossing),
  lastEntry: z
    .strictObject({
      surname: z.literal('Test'),
      givenName: z.string(),
      citizenship: z.string(),
      documentNumber: madeUp,
      date,
      regime: z.enum(['VISA', 'VISA_FREE']),
      visaNumber: madeUp.nullable(),
    })
    .nullable(),
  residencePermit: madeUp.nullable(),
  restrictions: z.array(restriction),
})

const debt = z.strictObject({ kind: madeUp, ...money, dueOn: date })
const debtsOf = z.strictObject({ subject: z.union([fin, voen]), debts: z.array(debt) })

const civilAct = z.strictObject({
  kind: z.enum(['BIRTH', 'MARRIAGE', 'DIVORCE', 'DEATH']),
  number: marked(/^TEST-/),
  registeredOn: date,
  office: madeUp,
  persons: z.array(
    z.strictObject({
      role: z.enum(['CHILD', 'MOTHER', 'FATHER', 'WIFE', 'HUSBAND', 'DECEASED']),
      fin: fin.nullable(),
      name: madeUp,
      birthDate: date,
    }),
  ),
})
const civilStatusOf = z.strictObject({
  subject: fin,
  maritalStatus: z.enum(['NEVER_MARRIED', 'MARRIED', 'DIVORCED', 'WIDOWED']),
  marriage: civilAct.nullable(),
  acts: z.array(civilAct),
})

/** At least two: a garbled registry returns another's record. */
const held = <Entry extends z.ZodType>(entry: Entry) => z.array(entry).min(2)

/** The records of each registry, by its code. */
const registriesFile = z.strictObject({
  POPULATION: held(person),
  COMMERCIAL: held(company),
  FINES: held(finesOf),
  REALESTATE: held(titlesOf),
  MEIS: held(insuranceOf),
  IAMAS: held(borderOf),
  AVIS: held(debtsOf),
  CIVIL: held(civilStatusOf),
})
export type Records = z.output<typeof registriesFile>

const path = 'sandbox/registries.data.json'
export const textOfRegistries = (): string => readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8')
export const registriesFrom = (text: string): Records => parseDataFile(path, text, registriesFile)
