import { z } from 'zod'
import { byCode, codeInFile, provenanceInFile, wordsInFile } from '../../platform/dataFile.js'
import { Assurance } from '../../shared/assurance.table.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { ApplicationRole } from '../services/applicationRole.table.js'
import { FeeDue } from '../services/fee.table.js'
import { Audience, Direction } from '../services/service.table.js'
import { Automation, HandledAs, Interaction, ResultKind } from '../services/serviceVersion.table.js'
import { groundInFile, processInFile } from '../services/usualProcess.js'

// A fee or term may have its own source. It defaults to that of its service.
const provenanceOfPart = { confidence: provenanceInFile.confidence, source: provenanceInFile.source.optional() }

const feeInFile = z.strictObject({
  variant: codeInFile,
  amount: z
    .string()
    .regex(/^\d+\.\d\d$/, 'an amount as text with two decimals, "25.00", or null')
    .nullable(),
  // All of these currencies have two decimals, as the amounts require.
  currency: z.enum(['AZN', 'USD']),
  due: z.enum(FeeDue),
  note: wordsInFile.optional(),
  ...provenanceOfPart,
})

const searchWords = z.array(z.string().trim().min(1)).min(1)

const termInFile = z.strictObject({
  variant: codeInFile,
  value: z.int().nonnegative().nullable(),
  unit: z.enum(TermUnit),
  ...provenanceOfPart,
})

const serviceInFile = z.strictObject({
  code: codeInFile,
  agency: codeInFile,
  lifeEvent: codeInFile,
  name: wordsInFile,
  audiences: z.array(z.enum(Audience)).min(1),
  direction: z.enum(Direction),
  ...provenanceInFile,
  version: z.strictObject({
    interaction: z.enum(Interaction),
    handledAs: z.enum(HandledAs).default(HandledAs.APPLICATION),
    automation: z.enum(Automation),
    assurance: z.enum(Assurance),
    signers: z.array(z.enum(ApplicationRole)),
    delegable: z.boolean(),
    result: z.enum(ResultKind),
    note: wordsInFile.optional(),
    fees: z.array(feeInFile),
    processingTerms: z.array(termInFile),
    process: processInFile.optional(),
  }),
})

const textsInFile = z.strictObject({
  code: codeInFile,
  // Of all texts of the service.
  confidence: provenanceInFile.confidence,
  description: wordsInFile,
  searchWords: z.strictObject({ az: searchWords, en: searchWords, ru: searchWords }),
  steps: z.array(wordsInFile),
  requiredDocuments: byCode(
    z.strictObject({
      code: codeInFile,
      name: wordsInFile,
      mandatory: z.boolean(),
      // The code of a registry.
      obtainableFrom: codeInFile.nullable(),
    }),
  ),
})

export type TextsInFile = z.output<typeof textsInFile>

export const textsFile = z.strictObject({ services: byCode(textsInFile) })

export type ServiceInFile = z.output<typeof serviceInFile>

export const lifeEventsFile = z.strictObject({
  compiledOn: z.iso.date(),
  lifeEvents: byCode(z.strictObject({ code: codeInFile, name: wordsInFile, ...provenanceInFile })),
})

export const servicesFile = z
  .strictObject({
    compiledOn: z.iso.date(),
    // The names of fees and terms, which many services share.
    variants: z.record(codeInFile, wordsInFile),
    services: byCode(serviceInFile),
  })
  .superRefine(({ variants, services }, context) => {
    for (const [index, { version }] of services.entries()) {
      for (const part of ['fees', 'processingTerms'] as const) {
        for (const [position, { variant }] of version[part].entries()) {
          if (variant in variants) continue
          const path = ['services', index, 'version', part, position, 'variant']
          context.addIssue({ code: 'custom', path, input: variant, message: 'one of the variants of this file' })
        }
      }
    }
  })

/** Grounds of a service beside those of general law, in their order. They are a part of its version. */
export const refusalGroundsFile = z.strictObject({
  refusalGrounds: z.array(z.strictObject({ service: codeInFile, ...groundInFile })),
})
