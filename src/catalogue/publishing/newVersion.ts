import { isDeepStrictEqual } from 'node:util'
import { Confidence } from '../../platform/confidence.table.js'
import type { LocalizedInput } from '../../shared/localized.js'
import { minorOf } from '../../shared/money.js'
import type { FormContent } from '../forms/formFiles.js'
import type { FilingContent, GroundContent, NewVersion, TariffContent } from '../services/serviceVersion.repository.js'
import { HandledAs } from '../services/serviceVersion.table.js'
import { type ProcessContent, processContentOf, withUsualGrounds } from '../services/usualProcess.js'
import type { TariffCondition } from '../tariffs/tariff.rules.js'
import type { DurationInput, ServiceVersionInput, TariffInput } from './publishService.input.js'

/** Parts of the previous version, which a new one keeps unless it has its own. */
export interface Before {
  process: ProcessContent | undefined
  refusalGrounds: GroundContent[]
  filing: FilingContent | undefined
  form: FormContent['schema'] | undefined
}
type Ids = Record<'agencies' | 'registries', Map<string, string>>

/** The rows of a published version, with its parts in the given order. Requires a valid input. */
export function newVersionOf(
  version: ServiceVersionInput,
  { form, before }: { form: FormContent | Error | undefined; before: Before },
  { agencies, registries }: Ids,
): Omit<NewVersion, 'serviceId' | 'number'> {
  const { interaction, handledAs, automation, assurance, signers, delegable, result, note, ...rest } = version
  const { validFrom, opinionReference, registerReference, requiredDocuments, steps, legalBases } = rest
  const rules = {
    interaction,
    handledAs,
    automation,
    assurance,
    signers: [...new Set(signers)],
    delegable,
    result,
    note: wordsOf(note),
  }
  return {
    validFrom,
    opinionReference,
    registerReference,
    content: {
      ...rules,
      tariffQuestions: null,
      birthDates: rest.birthDates ?? [],
      tariffs: rest.tariffs.map(tariffOf),
      requiredDocuments: (requiredDocuments ?? []).map(({ code, name, mandatory, obtainableFromRegistryCode }) => ({
        code,
        name: { ...name },
        mandatory,
        confidence: Confidence.SEEN_IN_SOURCE,
        obtainableFromRegistryId: idOf(registries, obtainableFromRegistryCode),
      })),
      steps: (steps ?? []).map(({ name, content, maximumValue = null, maximumUnit = null, agencyCode }) => ({
        name: { ...name },
        content: wordsOf(content),
        maximumValue,
        maximumUnit,
        confidence: Confidence.SEEN_IN_SOURCE,
        agencyId: idOf(agencies, agencyCode),
      })),
      refusalGrounds: withUsualGrounds(groundsOf(version.refusalGrounds, before)),
      ...(form && !(form instanceof Error) ? { form } : {}),
      ...processOf(version.process, before.process),
      ...filingOf(version, form, before),
    },
    legalBases: (legalBases ?? []).map(({ title, article = null, url = null }) => ({
      title: { ...title },
      article,
      url,
    })),
  }
}

function tariffOf({ code, name, requires, fees, terms }: TariffInput): TariffContent {
  return {
    code,
    name: { ...name },
    condition: conditionOf(requires),
    fees: fees.map(({ code, name, kind = null, amount, currency, per, due = null, budget, note, source }) => ({
      code,
      name: { ...name },
      kind,
      amount: amount == null ? null : String(minorOf(amount, currency)),
      currency,
      per: wordsOf(per),
      due,
      budgetClassification: budget?.classification ?? null,
      budgetLevel: budget?.level ?? null,
      budgetOrganisation: budget?.organisationCode ?? null,
      note: wordsOf(note),
      ...(amount == null ? { confidence: Confidence.UNKNOWN, source } : seenIn(source)),
    })),
    terms: terms.map(({ source, ...term }) => ({ ...term, ...seenIn(source) })),
  }
}
export const conditionOf = (requires: TariffInput['requires']): TariffCondition => {
  const { answers, applicants = null, minimumAge: from = null, belowAge: below = null } = requires ?? {}
  return {
    answers: (answers ?? []).map((one) => ({ at: one.at, in: one.in })),
    applicants,
    age: from === null && below === null ? null : { from, below },
  }
}

/** Null means the usual value, except for a duration, where it means none. */
function processOf(process: ServiceVersionInput['process'], before: ProcessContent | undefined) {
  if (process === undefined) return before ? { process: before } : {}
  if (process === null) return {}
  const { termEndNorm, waiting, appealTerm, transferTerm, source, ...others } = process
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value != null))
  return {
    process: processContentOf({
      ...given,
      termEndNorm: wordsOf(termEndNorm),
      waiting: plain(waiting),
      appealTerm: plain(appealTerm),
      transferTerm: plain(transferTerm),
      ...seenIn(source),
    }),
  }
}
/** The same form keeps its typed content. Requires a rule, or one of the previous version. */
function filingOf(
  { handledAs, filing: given }: ServiceVersionInput,
  form: FormContent | Error | undefined,
  before: Before,
) {
  if (handledAs !== HandledAs.FILING) return {}
  const typedAs =
    form && 'schema' in form && isDeepStrictEqual(form.schema, before.form) ? (before.filing?.typedAs ?? null) : null
  if (!given) return before.filing ? { filing: { ...before.filing, typedAs } } : {}
  const { source, correctionValue = null, correctionUnit = null, ...rule } = given
  return { filing: { ...rule, correctionValue, correctionUnit, typedAs, ...seenIn(source) } }
}
const groundsOf = (given: ServiceVersionInput['refusalGrounds'], before: Before): GroundContent[] => {
  if (given === undefined) return before.refusalGrounds
  return (given ?? []).map(({ code, text, norm, source }) => ({
    code,
    text: { ...text },
    norm: { ...norm },
    ...seenIn(source),
  }))
}
const plain = (time: DurationInput | null | undefined) =>
  time ? { value: time.value, unit: time.unit as Time['unit'] } : time // INSTANT was refused
type Time = NonNullable<Parameters<typeof processContentOf>[0]['waiting']>

const seenIn = (source: string) => ({ confidence: Confidence.SEEN_IN_SOURCE, source })
const wordsOf = (words: LocalizedInput | null | undefined) => (words ? { ...words } : null)
const idOf = (ids: Map<string, string>, code: string | null | undefined) =>
  code == null ? null : (ids.get(code) ?? null)
