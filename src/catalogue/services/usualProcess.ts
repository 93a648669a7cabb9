import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { byCode, codeInFile, parseDataFile, provenanceInFile, wordsInFile } from '../../platform/dataFile.js'
import type { Term } from '../../shared/dueAfter.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { type processes, RegistryDown, TermEnd } from './process.table.js'

export type ProcessContent = Omit<typeof processes.$inferSelect, 'id' | 'versionId'>

const length = { value: z.int().min(1).max(1000), unit: z.enum(TermUnit).exclude(['INSTANT']) }
const time = z.strictObject(length).nullable()
const way = {
  termEnd: z.enum(TermEnd),
  termEndNorm: wordsInFile.nullable(),
  registryDown: z.enum(RegistryDown),
  coApplicants: z.int().min(0).max(5),
  waiting: time,
  extension: z.int().min(0).max(1000).nullable(),
  appealDays: z.int().min(0).max(365),
  appealTerm: time,
  transferTerm: time,
  addressee: z.string().startsWith('/').nullable(),
  proactive: z.boolean(),
  objectionDays: z.int().min(0).max(365),
  numbered: z.boolean(),
  oneOpen: z.boolean(),
}
export const groundInFile = { code: codeInFile, text: wordsInFile, norm: wordsInFile, ...provenanceInFile }
const file = z.strictObject({
  compiledOn: z.iso.date(),
  term: z.strictObject({ ...length, ...provenanceInFile }),
  payment: z.strictObject({ ...length, ...provenanceInFile }),
  collection: z.strictObject({ ...length, ...provenanceInFile }),
  process: z.strictObject({ ...way, ...provenanceInFile }),
  refusalGrounds: byCode(z.strictObject(groundInFile)).min(1),
})
/** The process of a service that differs from the usual one. An omitted field has the usual value. */
export const processInFile = z.strictObject({ ...z.object(way).partial().shape, ...provenanceInFile })

type Way = z.output<typeof file>['process']

const path = 'catalogue/services/usualProcess.data.json'
const {
  process: usual,
  term,
  payment,
  collection,
  refusalGrounds,
} = parseDataFile(path, readFileSync(new URL(`../../../src/${path}`, import.meta.url), 'utf8'), file)

/** The columns of a process. An omitted field has the usual value. */
export function processContentOf(given: Partial<Way>): ProcessContent {
  const known = Object.entries(given).filter(([, value]) => value !== undefined)
  const { waiting, appealTerm, transferTerm, ...others } = { ...usual, ...(Object.fromEntries(known) as Partial<Way>) } // the same entries
  return {
    ...others,
    waitingValue: waiting?.value ?? null,
    waitingUnit: waiting?.unit ?? null,
    appealValue: appealTerm?.value ?? null,
    appealUnit: appealTerm?.unit ?? null,
    transferValue: transferTerm?.value ?? null,
    transferUnit: transferTerm?.unit ?? null,
  }
}

/** The term for an officer where a version only has INSTANT, which is for automated processing. */
export const usualTerm: Term = { value: term.value, unit: term.unit }

/** The time to pay, and to collect an unpaid result, of tariffs without their own. */
export const usualTerms: Record<'PAYMENT' | 'COLLECTION', Term> = {
  PAYMENT: { value: payment.value, unit: payment.unit },
  COLLECTION: { value: collection.value, unit: collection.unit },
}

/** The process of services without their own. */
export const usualProcess: ProcessContent = processContentOf({})

/** The grounds of a version: its own, and those of general law, which apply to every service. */
export const withUsualGrounds = <Ground extends { code: string }>(own: readonly Ground[]) => [
  ...own,
  ...refusalGrounds.filter(({ code }) => !own.some((ground) => ground.code === code)),
]
