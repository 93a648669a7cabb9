import { inArray, sql } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { v7 } from 'uuid'
import { command, made, refused } from '../engine/command.js'
import type { UserError } from '../engine/userError.js'
import type { Acting } from '../events/commandKeys.js'
import { record } from '../events/record.js'
import { Confidence } from '../platform/confidence.table.js'
import { operator } from '../shared/context.js'
import { LocalizedInput } from '../shared/localized.js'
import { longest, upTo, userErrorsInText, userErrorsInWords } from '../shared/texts.rules.js'
import { unknownCode } from '../shared/userErrors.js'
import { Agency } from './agency.js'
import { AgencyType, agencies } from './agency.table.js'

@InputType({ description: 'Input of `registerAgency`.' })
export class RegisterAgencyInput {
  @Field(() => String, {
    description: 'Unique short code, such as `DVX`. 2 to 40 Latin capitals, digits, - and _; begins with a letter.',
  })
  code!: string
  @Field(() => AgencyType, { description: 'Legal form of the agency.' })
  type!: AgencyType
  @Field(() => String, {
    nullable: true,
    description: 'Code of the agency that this one belongs to. Omit for an independent agency.',
  })
  parentCode?: string | null
  @Field(() => LocalizedInput, { description: `Name of the agency. ${upTo.name}` })
  name!: LocalizedInput
  @Field(() => String, { nullable: true, description: 'Host name of the website, such as `www.example.az`.' })
  website?: string | null
  @Field(() => String, { description: `Act that establishes the agency: title, number and date. ${upTo.reference}` })
  source!: string
}

export const registerAgency = command({
  name: 'registerAgency',
  description:
    'Adds an agency to the catalogue. Requires the operator. Returns CONFLICT if the code is taken, and ' +
    'NOT_FOUND if the parent does not exist.',
  allowedTo: operator,
  input: RegisterAgencyInput,
  key: 'required',
  creates: true,
  made: { agency: { type: Agency, description: 'The new agency.' } },
  async act(input: RegisterAgencyInput, { tx, context }: Acting) {
    const { code, type, parentCode, name, website, source } = input
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`agency ${code}`}, 0))`)
    const named = await tx
      .select({ code: agencies.code, id: agencies.id })
      .from(agencies)
      .where(inArray(agencies.code, [code, ...(parentCode == null ? [] : [parentCode])]))
    const known = new Map(named.map((row) => [row.code, row.id]))
    const userErrors = userErrorsInRegistration(input, known)
    if (userErrors.length > 0) return refused(userErrors)

    const id = v7()
    const row = { id, code, type, name: { ...name }, website: website ?? null, source }
    const parentId = parentCode == null ? null : (known.get(parentCode) ?? null)
    await tx.insert(agencies).values({ ...row, parentId, confidence: Confidence.SEEN_IN_SOURCE })
    const event = { domain: 'agencies', type: 'agency.registered', subject: id, agencyId: id }
    await record(tx, [{ ...event, at: context.now(), actor: context.caller.id }])
    return made({ agency: id })
  },
})

/** Labels of small letters, digits and inner hyphens, separated by dots. The last label is not a number. */
const isHost = (text: string) =>
  text.length <= 100 && /^([a-z0-9]+(-+[a-z0-9]+)*\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(text)

export const userErrorsInRegistration = (
  { code, parentCode, name, website, source }: RegisterAgencyInput,
  known: ReadonlyMap<string, string>,
): UserError[] =>
  [
    !/^[A-Z][A-Z0-9_-]{1,39}$/.test(code) && {
      code: 'INVALID' as const,
      reason: 'agency.code',
      field: ['code'],
    },
    known.has(code) && {
      code: 'CONFLICT' as const,
      reason: 'agency.code_taken',
      field: ['code'],
    },
    parentCode != null && !known.has(parentCode) && unknownCode('agency.unknown', ['parentCode'], parentCode),
    website != null &&
      !isHost(website) && {
        code: 'INVALID' as const,
        reason: 'agency.website',
        field: ['website'],
      },
    ...userErrorsInWords(['name'], name, longest.name),
    ...userErrorsInText(['source'], source, longest.reference, 'agency.source'),
  ].filter((userError): userError is Exclude<typeof userError, false> => userError !== false)
