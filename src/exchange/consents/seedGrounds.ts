import { z } from 'zod'
import { byCode, codeInFile, provenanceInFile, wordsInFile } from '../../platform/dataFile.js'
import { type Changes, type Ids, seedRows, type Transaction } from '../../platform/seeding.js'
import { purposes } from '../accessLog/purpose.table.js'
import { legalGrounds } from './legalGround.table.js'

// As PostgreSQL writes it. Otherwise a seeded row would look changed by an operator.
const term = z
  .string()
  .regex(/^(1 (day|mon|year)|(?!1 )[1-9]\d* (days|years)|([2-9]|1[01]) mons)$/, 'a time such as "1 year" or "6 mons"')

export const purposesFile = z.strictObject({
  purposes: byCode(
    z.strictObject({ code: codeInFile, name: wordsInFile, secretFor: term.nullable(), ...provenanceInFile }),
  ),
})

const groundInFile = z
  .strictObject({
    code: codeInFile,
    agency: codeInFile.nullable(),
    // Null, as is the agency: each agency may query what the services that it handles need.
    registry: codeInFile.nullable(),
    purpose: codeInFile,
    // Fields of the record. Null if all.
    fields: z
      .array(z.string().regex(/^[a-z][A-Za-z]*$/, 'the name of a field'))
      .min(1)
      .nullable(),
    basis: wordsInFile,
    consentRequired: z.boolean(),
    validFrom: z.iso.date(),
    validTo: z.iso.date().nullable(),
    ...provenanceInFile,
  })
  .superRefine(({ agency, registry, fields, consentRequired, validFrom, validTo }, context) => {
    const refuse = (field: string, input: unknown, message: string) =>
      context.addIssue({ code: 'custom', path: [field], input, message })
    if (fields && new Set(fields).size < fields.length) refuse('fields', fields, 'a field is named once')
    if (validTo && validTo < validFrom) refuse('validTo', validTo, 'a day not before validFrom, or null')
    if (!registry && agency) refuse('agency', agency, 'null where registry is null')
    if (!registry && fields) refuse('fields', fields, 'null where registry is null')
    if (!agency && consentRequired) refuse('consentRequired', true, 'false where agency is null: it is the subject')
  })

type GroundInFile = z.output<typeof groundInFile>

export const groundsFile = z
  .strictObject({ legalGrounds: byCode(groundInFile) })
  .superRefine(({ legalGrounds: grounds }, context) => {
    for (const [index, ground] of grounds.entries()) {
      // Two grounds for the same would leave open which fields are shown, and whether a consent is required.
      const other = grounds.slice(0, index).find((other) => isSame(other, ground) && areBeside(other, ground))
      if (!other) continue
      const path = ['legalGrounds', index, 'validFrom']
      const message = `a day on which no other lets that agency ask that registry for that, as ${other.code} does`
      context.addIssue({ code: 'custom', path, input: ground.validFrom, message })
    }
  })

const isSame = (one: GroundInFile, other: GroundInFile) =>
  one.agency === other.agency && one.registry === other.registry && one.purpose === other.purpose
const areBeside = (one: GroundInFile, other: GroundInFile) =>
  !(one.validTo && one.validTo < other.validFrom) && !(other.validTo && other.validTo < one.validFrom)

export async function seedGrounds(
  tx: Transaction,
  files: { purposes: z.output<typeof purposesFile>; grounds: z.output<typeof groundsFile> },
  known: { agencies: Ids; registries: Ids },
): Promise<{ purposes: Changes; legalGrounds: Changes }> {
  const purposeRows = await seedRows(tx, purposes, files.purposes.purposes, ({ code, ...lasting }) => lasting)
  const groundRows = await seedRows(
    tx,
    legalGrounds,
    files.grounds.legalGrounds,
    ({ code, agency, registry, purpose, ...lasting }, _, index) => {
      const place = `legalGrounds.${index}`
      return {
        ...lasting,
        agencyId: agency && referred(known.agencies, agency, `${place}.agency`),
        registryId: registry && referred(known.registries, registry, `${place}.registry`),
        purposeId: referred(purposeRows.ids, purpose, `${place}.purpose`),
      }
    },
  )
  return { purposes: purposeRows.changes, legalGrounds: groundRows.changes }
}

function referred(ids: Ids, code: string, place: string): string {
  const id = ids.get(code)
  if (!id)
    throw new Error(`exchange/consents/legalGrounds.data.json: ${place}: a code of the other data files; got "${code}"`)
  return id
}
