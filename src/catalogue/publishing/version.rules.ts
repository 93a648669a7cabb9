import type { UserError } from '../../engine/userError.js'
import { minorOf } from '../../shared/money.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { longest, userErrorsInText, userErrorsInWords } from '../../shared/texts.rules.js'
import { invalid, missing, unknownCode } from '../../shared/userErrors.js'
import { FormTooCostly, maxSteps } from '../forms/form.cost.js'
import { FormFault, type FormNode, fieldsOf } from '../forms/form.fields.js'
import type { FormContent } from '../forms/formFiles.js'
import { FilingPeriod } from '../services/filingRule.table.js'
import { TermEnd } from '../services/process.table.js'
import { HandledAs, Interaction } from '../services/serviceVersion.table.js'
import { TermPurpose } from '../tariffs/processingTerm.table.js'
import { faultInTariffs, mostCombinations, mostParts, type TariffFault } from '../tariffs/tariff.rules.js'
import { conditionOf } from './newVersion.js'
import type { ProcessInput, ServiceVersionInput } from './publishService.input.js'

export const isCode = (text: string): boolean => /^[A-Z][A-Z0-9_-]{1,59}$/.test(text)

/** What the version refers to. */
export interface KnownOfVersion {
  today: string
  /** IDs by code, for the codes of the input that exist. */
  agencies: ReadonlyMap<string, string>
  registries: ReadonlyMap<string, string>
  /** An error if the form does not compile. */
  form: FormContent | Error | undefined
  /** Whether the previous version has a filing rule. */
  hasFilingRule: boolean
}

export function userErrorsInVersion(version: ServiceVersionInput, known: KnownOfVersion): (UserError | false)[] {
  const at = (...path: string[]) => ['version', ...path]
  return [
    ...userErrorsInText(at('opinionReference'), version.opinionReference, longest.reference, 'version.opinion'),
    ...userErrorsInText(at('registerReference'), version.registerReference, longest.reference, 'version.register'),
    ...userErrorsInWords(at('note'), version.note, longest.prose),
    version.validFrom < known.today && invalid('version.begins_in_the_past', at('validFrom')),
    version.validFrom > furthest(known.today) &&
      invalid('version.begins_too_late', at('validFrom'), { latest: furthest(known.today) }),
    needsForm(version) && !version.form && missing('version.form', at('form')),
    version.interaction === Interaction.INFORMATIVE &&
      version.handledAs !== HandledAs.APPLICATION &&
      invalid('version.handled_as', at('handledAs')),
    ...userErrorsInText(at('form', 'source'), version.form?.source, longest.reference, 'form.source'),
    known.form instanceof Error && refusalOfForm(known.form, at('form')),
    ...userErrorsInLists(version),
    ...userErrorsInTariffs(version, known.form, at),
    ...userErrorsInParts(version, known),
    ...(version.process ? userErrorsInProcess(version.process, at('process')) : []),
    version.process?.addressee != null &&
      !isAddressee(known.form, version.process.addressee) &&
      invalid('process.addressee', at('process', 'addressee')),
    ...userErrorsInFiling(version, known, at('filing')),
  ]
}

/** A payment only needs to know what is paid. */
const needsForm = ({ interaction, handledAs }: ServiceVersionInput) =>
  interaction === Interaction.INTERACTIVE && handledAs !== HandledAs.PAYMENT

function refusalOfForm(error: Error, field: string[]): UserError {
  const path = error instanceof FormFault ? [...field, ...error.path] : field
  return error instanceof FormTooCostly
    ? invalid('version.form_too_large', path, { allowed: maxSteps, found: error.steps })
    : invalid('version.form_does_not_compile', path, { fault: error.message.slice(0, 500) })
}

/** The same day two years later. A later date is most likely a typing error. */
const furthest = (today: string) => `${Number(today.slice(0, 4)) + 2}${today.slice(4)}`

const maxParts = 30
function userErrorsInLists(version: ServiceVersionInput): (UserError | false)[] {
  const lists = { tariffs: version.tariffs, ...optionalLists(version) }
  return Object.entries(lists).map(([name, list]) => {
    if (list.length > maxParts)
      return invalid('version.too_many', ['version', name], { most: maxParts, found: list.length })
    return name === 'tariffs' && list.length === 0 && missing('version.tariffs', ['version', name])
  })
}
const optionalLists = ({ requiredDocuments, steps, legalBases, refusalGrounds }: ServiceVersionInput) => ({
  requiredDocuments: requiredDocuments ?? [],
  steps: steps ?? [],
  legalBases: legalBases ?? [],
  refusalGrounds: refusalGrounds ?? [],
})

type At = (...path: string[]) => string[]
type Tariff = ServiceVersionInput['tariffs'][number]

function userErrorsInTariffs(version: ServiceVersionInput, form: KnownOfVersion['form'], at: At) {
  const { tariffs, birthDates } = version
  const userErrors = tariffs.flatMap((tariff, index) => [
    tariffs.findIndex(({ code }) => code === tariff.code) < index &&
      invalid('tariff.code_twice', at('tariffs', String(index), 'code')),
    ...userErrorsInTariff(tariff, (...path) => at('tariffs', String(index), ...path)),
  ])
  // Whether they fit each other can only be said of tariffs and a form that are right by themselves.
  const lacksForm = version.interaction === Interaction.INTERACTIVE && !form
  const isOfSize = tariffs.length > 0 && tariffs.length <= maxParts
  if (userErrors.some((one) => one !== false) || lacksForm || form instanceof Error || !isOfSize) return userErrors
  const fault = faultInTariffs(
    tariffs.map(({ code, requires }) => ({ code, condition: conditionOf(requires) })),
    form?.schema,
    birthDates ?? [],
  )
  return fault ? [userErrorOfFault(fault, at)] : []
}

function userErrorOfFault(fault: TariffFault, at: At): UserError {
  switch (fault.fault) {
    case 'place':
      return invalid('tariff.place', at('tariffs'), { tariff: fault.code, at: fault.at.slice(0, 200) })
    case 'option': {
      const { code: tariff, at: place, option } = fault
      return invalid('tariff.option', at('tariffs'), { tariff, at: place, option: option.slice(0, 200) })
    }
    case 'birth_date':
      return invalid('tariff.birth_date', at('birthDates'), { at: fault.at.slice(0, 200) })
    case 'no_birth_date':
      return missing('tariff.no_birth_date', at('birthDates'))
    case 'too_many':
      return invalid('tariff.too_many_combinations', at('tariffs'), { most: mostCombinations })
    case 'gap':
      return invalid('tariff.gap', at('tariffs'), { answers: fault.shown })
    case 'overlap':
      return invalid('tariff.overlap', at('tariffs'), { answers: fault.shown, tariffs: fault.codes })
  }
}

function userErrorsInTariff({ code, name, requires, fees, terms }: Tariff, at: At): (UserError | false)[] {
  const { answers, applicants, minimumAge, belowAge } = requires ?? {}
  const isAge = (age: number | null | undefined, least: number) => age == null || (age >= least && age <= oldest)
  const isForSomebody = applicants?.length !== 0
  return [
    !isCode(code) && invalid('tariff.code', at('code')),
    ...userErrorsInWords(at('name'), name, longest.name),
    (answers?.length ?? 0) > maxParts &&
      invalid('version.too_many', at('requires', 'answers'), { most: maxParts, found: answers?.length ?? 0 }),
    !isAge(minimumAge, 0) && invalid('tariff.age', at('requires', 'minimumAge'), { most: oldest }),
    (!isAge(belowAge, 1) || (belowAge ?? oldest) <= (minimumAge ?? 0)) &&
      invalid('tariff.age', at('requires', 'belowAge'), { most: oldest }),
    fees.length === 0 && missing('tariff.fees', at('fees')),
    isForSomebody &&
      !terms.some(({ purpose }) => purpose === TermPurpose.DECISION) &&
      missing('tariff.terms', at('terms')),
    ...Object.entries({ fees, terms }).map(
      ([list, { length: found }]) =>
        found > mostParts && invalid('version.too_many', at(list), { most: mostParts, found }),
    ),
    ...fees
      .slice(0, mostParts)
      .flatMap((fee, index) => [
        fees.findIndex(({ code }) => code === fee.code) < index &&
          invalid('fee.code_twice', at('fees', String(index), 'code')),
        ...userErrorsInFee(fee, (...path) => at('fees', String(index), ...path)),
      ]),
    ...terms
      .slice(0, mostParts)
      .flatMap((term, index) => [
        terms.findIndex(({ purpose }) => purpose === term.purpose) < index &&
          invalid('term.purpose_twice', at('terms', String(index), 'purpose')),
        ...userErrorsInTerm(term, (...path) => at('terms', String(index), ...path)),
      ]),
  ]
}
const oldest = 150

function userErrorsInFee(fee: Tariff['fees'][number], at: At): (UserError | false)[] {
  const minor = fee.amount == null ? null : minorOf(fee.amount, fee.currency)
  const isFree = minor === 0n
  const { classification, level, organisationCode } = fee.budget ?? {}
  return [
    !isCode(fee.code) && invalid('fee.code', at('code')),
    minor === undefined && invalid('fee.digits', at('amount'), { currency: fee.currency }),
    minor !== undefined && isFree !== (fee.due == null) && invalid('fee.due', at('due')),
    minor !== undefined && !isFree && fee.kind == null && missing('fee.kind', at('kind')),
    ...userErrorsInWords(at('name'), fee.name, longest.name),
    ...userErrorsInWords(at('per'), fee.per, longest.name),
    ...Object.entries({ classification, level, organisationCode }).flatMap(([name, text]) =>
      text == null ? [] : userErrorsInText(at('budget', name), text, longest.reference),
    ),
    ...userErrorsInWords(at('note'), fee.note, longest.prose),
    ...userErrorsInText(at('source'), fee.source, longest.reference, 'fee.source'),
  ]
}

const longestTerm = 1000
const isTerm = (value: number) => value >= 1 && value <= longestTerm

function userErrorsInTerm({ purpose, value, unit, source }: Tariff['terms'][number], at: At) {
  const isInstant = unit === TermUnit.INSTANT && (purpose === TermPurpose.DECISION || purpose === TermPurpose.PROACTIVE)
  const fits = unit === TermUnit.INSTANT ? isInstant && value === 0 : isTerm(value)
  return [
    !fits && invalid('term.value', at('value'), { most: longestTerm }),
    ...userErrorsInText(at('source'), source, longest.reference, 'term.source'),
  ]
}

function userErrorsInProcess(process: ProcessInput, at: string[]): (UserError | false)[] {
  const {
    coApplicants,
    termEnd,
    termEndNorm,
    appealDays,
    objectionDays,
    waiting,
    extension,
    appealTerm,
    transferTerm,
    source,
  } = process
  const isWithin = (value: number | null | undefined, most: number) => value == null || (value >= 0 && value <= most)
  const fits = (time: ProcessInput['waiting']) => !time || (isTerm(time.value) && time.unit !== TermUnit.INSTANT)
  return [
    !isWithin(coApplicants, maxCoApplicants) &&
      invalid('process.co_applicants', [...at, 'coApplicants'], { most: maxCoApplicants }),
    (termEnd ?? TermEnd.ESCALATED) !== TermEnd.ESCALATED &&
      !termEndNorm &&
      missing('process.term_end_norm', [...at, 'termEndNorm']),
    ...userErrorsInWords([...at, 'termEndNorm'], termEndNorm, longest.prose),
    !isWithin(appealDays, longestAppeal) &&
      invalid('process.appeal_days', [...at, 'appealDays'], { most: longestAppeal }),
    !isWithin(objectionDays, longestObjection) &&
      invalid('process.objection_days', [...at, 'objectionDays'], { most: longestObjection }),
    !fits(waiting) && invalid('process.waiting', [...at, 'waiting', 'value'], { most: longestTerm }),
    !isWithin(extension, longestTerm) && invalid('process.extension', [...at, 'extension'], { most: longestTerm }),
    !fits(appealTerm) && invalid('process.appeal_term', [...at, 'appealTerm', 'value'], { most: longestTerm }),
    !fits(transferTerm) && invalid('process.transfer_term', [...at, 'transferTerm', 'value'], { most: longestTerm }),
    ...userErrorsInText([...at, 'source'], source, longest.reference, 'process.source'),
  ]
}
function userErrorsInFiling(
  { handledAs, filing, requiredDocuments }: ServiceVersionInput,
  { form, hasFilingRule }: KnownOfVersion,
  at: string[],
): (UserError | false)[] {
  if (handledAs !== HandledAs.FILING) return [filing != null && invalid('filing_rule.not_allowed', at)]
  const always = [
    (requiredDocuments?.length ?? 0) > 0 && invalid('filing_rule.documents', ['version', 'requiredDocuments']),
    ...(form && 'schema' in form ? userErrorsInBindings(form.schema) : []),
  ]
  if (!filing) return [...always, !hasFilingRule && missing('filing_rule.missing', at)]
  const { period, onePerPeriod, correctionValue: value, correctionUnit: unit, source } = filing
  const isUnlimited = value == null && unit == null
  const isLimited = value != null && isTerm(value) && (unit === TermUnit.CALENDAR_DAY || unit === TermUnit.MONTH)
  return [
    ...always,
    onePerPeriod && period === FilingPeriod.NONE && invalid('filing_rule.one_per_period', [...at, 'onePerPeriod']),
    !isUnlimited && !isLimited && invalid('filing_rule.correction', [...at, 'correctionValue'], { most: longestTerm }),
    ...userErrorsInText([...at, 'source'], source, longest.reference, 'filing_rule.source'),
  ]
}

/** Of the first keyword that binds an answer to sign-in, a registry or a co-applicant. Nobody looks at these for a filing. */
function userErrorsInBindings(schema: FormNode): UserError[] {
  const found = fieldsOf(schema).flatMap(({ at, node }) =>
    bindings.flatMap((keyword) => (node[keyword] === undefined ? [] : [{ at, keyword }])),
  )
  return found.slice(0, 1).map((params) => invalid('filing_rule.form', ['version', 'form', 'schema'], params))
}
const bindings = ['x-identity', 'x-registry', 'x-subject', 'x-applicant', 'x-spouse', 'x-confirms'] as const

/** Whether every application names an agency there. */
const isAddressee = (form: KnownOfVersion['form'], addressee: string) => {
  if (!form || form instanceof Error) return false
  const { properties = {}, required = [] }: FormNode = form.schema
  return Object.entries(properties).some(
    ([name, { format }]) => `/${name}` === addressee && format === 'agency' && required.includes(name),
  )
}
const maxCoApplicants = 5
const longestAppeal = 365
const longestObjection = 365

function userErrorsInParts(version: ServiceVersionInput, known: KnownOfVersion): (UserError | false)[] {
  const { requiredDocuments, steps, legalBases, refusalGrounds } = optionalLists(version)
  const at = (list: string, index: number, ...path: string[]) => ['version', list, String(index), ...path]
  return [
    ...requiredDocuments.flatMap(({ code, name, obtainableFromRegistryCode: registry }, index) => [
      !isCode(code) && invalid('required_document.code', at('requiredDocuments', index, 'code')),
      requiredDocuments.findIndex((document) => document.code === code) < index &&
        invalid('required_document.code_twice', at('requiredDocuments', index, 'code')),
      ...userErrorsInWords(at('requiredDocuments', index, 'name'), name, longest.name),
      registry != null &&
        !known.registries.has(registry) &&
        unknownCode('registry.unknown', at('requiredDocuments', index, 'obtainableFromRegistryCode'), registry),
    ]),
    ...steps.flatMap((step, index) => userErrorsInStep(step, at('steps', index), known)),
    ...legalBases.flatMap(({ title, article, url }, index) => [
      ...userErrorsInWords(at('legalBases', index, 'title'), title, longest.prose),
      ...userErrorsInText(at('legalBases', index, 'article'), article, longest.reference),
      ...userErrorsInUrl(url, at('legalBases', index, 'url')),
    ]),
    ...refusalGrounds.flatMap(({ code, text, norm, source }, index) => [
      !isCode(code) && invalid('refusal_ground.code', at('refusalGrounds', index, 'code')),
      refusalGrounds.findIndex((ground) => ground.code === code) < index &&
        invalid('refusal_ground.code_twice', at('refusalGrounds', index, 'code')),
      ...userErrorsInWords(at('refusalGrounds', index, 'text'), text, longest.prose),
      ...userErrorsInWords(at('refusalGrounds', index, 'norm'), norm, longest.prose),
      ...userErrorsInText(at('refusalGrounds', index, 'source'), source, longest.reference, 'refusal_ground.source'),
    ]),
  ]
}

function userErrorsInStep(
  step: NonNullable<ServiceVersionInput['steps']>[number],
  at: string[],
  known: KnownOfVersion,
) {
  const { name, content, maximumValue, maximumUnit, agencyCode } = step
  const isUnlimited = maximumValue == null && maximumUnit == null
  const isLimited =
    maximumValue != null && maximumUnit != null && maximumUnit !== TermUnit.INSTANT && isTerm(maximumValue)
  return [
    ...userErrorsInWords([...at, 'name'], name, longest.name),
    ...userErrorsInWords([...at, 'content'], content, longest.prose),
    agencyCode != null &&
      !known.agencies.has(agencyCode) &&
      unknownCode('agency.unknown', [...at, 'agencyCode'], agencyCode),
    !isUnlimited && !isLimited && invalid('step.maximum', [...at, 'maximumValue'], { most: longestTerm }),
  ]
}

function userErrorsInUrl(url: string | null | undefined, at: string[]): UserError[] {
  if (url == null) return []
  const userErrors = userErrorsInText(at, url, longest.reference)
  return userErrors.length > 0 || isAddress(url) ? userErrors : [invalid('legal_basis.url', at)]
}
function isAddress(text: string): boolean {
  if (!/^https:\/\/[^\s\p{Cc}]+$/u.test(text) || !URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return username === '' && password === ''
}
