import { z } from 'zod'
import { byCode, codeInFile, provenanceInFile, wordsInFile } from '../../platform/dataFile.js'
import { Assurance } from '../../shared/assurance.table.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import type { FormNode } from '../forms/form.fields.js'
import { ApplicationRole } from '../services/applicationRole.table.js'
import { Acknowledger, FilingPeriod } from '../services/filingRule.table.js'
import { Audience, Direction } from '../services/service.table.js'
import { Automation, HandledAs, Interaction, ResultKind } from '../services/serviceVersion.table.js'
import { groundInFile, processInFile } from '../services/usualProcess.js'
import { FeeDue, FeeKind } from '../tariffs/fee.table.js'
import { TermPurpose } from '../tariffs/processingTerm.table.js'
import { mostParts } from '../tariffs/tariff.rules.js'

// A fee or term may have its own source. It defaults to that of its service.
const provenanceOfPart = { confidence: provenanceInFile.confidence, source: provenanceInFile.source.optional() }

const some = z.string().trim().min(1)
const feeInFile = z.strictObject({
  code: codeInFile,
  kind: z.enum(FeeKind).optional(),
  amount: z
    .string()
    .regex(/^\d+\.\d\d$/, 'an amount as text with two decimals, "25.00", or null')
    .nullable(),
  // All of these currencies have two decimals, as the amounts require.
  currency: z.enum(['AZN', 'USD']),
  per: wordsInFile.optional(),
  due: z.enum(FeeDue).optional(),
  budget: z.strictObject({ classification: some, level: some, organisationCode: some }).partial().optional(),
  note: wordsInFile.optional(),
  ...provenanceOfPart,
})

const searchWords = z.array(z.string().trim().min(1)).min(1)

const termInFile = z.strictObject({
  purpose: z.enum(TermPurpose),
  value: z.int().nonnegative().nullable(),
  unit: z.enum(TermUnit),
  ...provenanceOfPart,
})

const age = z.int().min(0).max(150)
const tariffInFile = z.strictObject({
  code: codeInFile,
  condition: z
    .strictObject({
      answers: z.array(z.strictObject({ at: z.string(), in: z.array(z.string()).min(1) })).min(1),
      applicants: z.array(z.enum(Audience)),
      age: z.strictObject({ from: age.optional(), below: age.optional() }),
    })
    .partial()
    .optional(),
  fees: z.array(feeInFile).max(mostParts),
  terms: z.array(termInFile).max(mostParts),
})

const filingInFile = z
  .strictObject({
    period: z.enum(FilingPeriod),
    onePerPeriod: z.boolean(),
    acknowledgedBy: z.enum(Acknowledger),
    correction: z
      .strictObject({
        value: z.int().min(1).max(1000),
        unit: z.enum([TermUnit.CALENDAR_DAY, TermUnit.MONTH]),
      })
      .nullable(),
    typedAs: z
      .string()
      .regex(/^[a-z][a-zA-Z0-9]{2,60}$/)
      .nullable(),
    ...provenanceInFile,
  })
  .refine(({ period, onePerPeriod }) => !onePerPeriod || period !== FilingPeriod.NONE, 'one per period needs a period')

// The compiler of forms checks it.
const questionsInFile = z.record(z.string(), z.unknown()) as z.ZodType<FormNode, FormNode>

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
    tariffQuestions: questionsInFile.optional(),
    birthDates: z.array(z.string()).optional(),
    tariffs: byCode(tariffInFile).min(1).max(30),
    process: processInFile.optional(),
    filing: filingInFile.optional(),
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
    // The names of tariffs and fees, which many services share.
    names: z.record(codeInFile, wordsInFile),
    services: byCode(serviceInFile),
  })
  .superRefine(({ names, services }, context) => {
    for (const [index, { version }] of services.entries()) {
      const { handledAs, filing } = version
      if ((handledAs === HandledAs.FILING) !== (filing !== undefined)) {
        const path = ['services', index, 'version', 'filing']
        context.addIssue({ code: 'custom', path, input: filing, message: 'a rule, if it is handled as FILING alone' })
      }
      for (const [position, { code, fees }] of version.tariffs.entries()) {
        for (const unnamed of [code, ...fees.map((fee) => fee.code)].filter((one) => !(one in names))) {
          const path = ['services', index, 'version', 'tariffs', position]
          context.addIssue({ code: 'custom', path, input: unnamed, message: 'each code has a name in this file' })
        }
      }
    }
  })

/** Grounds of a service beside those of general law, in their order. They are a part of its version. */
export const refusalGroundsFile = z.strictObject({
  refusalGrounds: z.array(z.strictObject({ service: codeInFile, ...groundInFile })),
})
