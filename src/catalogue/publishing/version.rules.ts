import type { UserError } from '../../engine/userError.js'
import { minorOf } from '../../shared/money.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { longest, refusalsOfText, refusalsOfWords } from '../../shared/texts.rules.js'
import { invalid, missing, unknownCode } from '../../shared/userErrors.js'
import { FormTooCostly, mostSteps } from '../forms/form.cost.js'
import type { FormContent } from '../forms/formFiles.js'
import { FeeDue } from '../services/fee.table.js'
import { Interaction } from '../services/serviceVersion.table.js'
import type { ProcessInput, ServiceVersionInput } from './publishService.input.js'

/** What is known of what the rules name. */
export interface KnownOfVersion {
  today: string
  /** By the codes that the input names, and there are. */
  agencies: ReadonlyMap<string, string>
  registries: ReadonlyMap<string, string>
  /** An error says why what was given is no form. */
  form: FormContent | Error | undefined
}

export function refusalsOfVersion(version: ServiceVersionInput, known: KnownOfVersion): (UserError | false)[] {
  const at = (...path: string[]) => ['version', ...path]
  return [
    ...refusalsOfText(at('opinionReference'), version.opinionReference, longest.reference, noOpinion),
    ...refusalsOfText(at('registerReference'), version.registerReference, longest.reference, noEntry),
    ...refusalsOfWords(at('note'), version.note, longest.prose),
    version.validFrom < known.today &&
      invalid('version.begins_in_the_past', at('validFrom'), {
        az: 'Qaydalar bu gündən və ya daha gec qüvvəyə minir.',
        en: 'Rules begin today or later.',
        ru: 'Правила вступают в силу сегодня или позже.',
      }),
    version.validFrom > furthest(known.today) &&
      invalid(
        'version.begins_too_late',
        at('validFrom'),
        {
          az: `Qaydalar ən gec ${furthest(known.today)} tarixində qüvvəyə minir.`,
          en: `Rules begin on ${furthest(known.today)} at the latest.`,
          ru: `Правила вступают в силу не позже ${furthest(known.today)}.`,
        },
        { latest: furthest(known.today) },
      ),
    version.interaction === Interaction.INTERACTIVE &&
      !version.form &&
      missing('version.form', at('form'), {
        az: 'Müraciət qəbul edən xidmətin forması olmalıdır.',
        en: 'A service that takes a request has a form.',
        ru: 'У услуги, принимающей заявление, должна быть форма.',
      }),
    ...refusalsOfText(at('form', 'source'), version.form?.source, longest.reference, noSource('form')),
    known.form instanceof Error && refusalOfForm(known.form, at('form')),
    ...refusalsOfLists(version),
    ...version.fees.flatMap((fee, index) => refusalsOfFee(fee, at('fees', String(index)))),
    ...version.terms.flatMap((term, index) => refusalsOfTerm(term, at('terms', String(index)))),
    ...refusalsOfParts(version, known),
    ...(version.process ? refusalsOfProcess(version.process, at('process')) : []),
  ]
}

function refusalOfForm(error: Error, field: string[]): UserError {
  const fault = error.message.slice(0, 500)
  if (!(error instanceof FormTooCostly))
    return invalid(
      'version.form_does_not_compile',
      field,
      {
        az: `Forma yararsızdır: ${fault}`,
        en: `The form cannot be used: ${fault}`,
        ru: `Форма не годится: ${fault}`,
      },
      { fault },
    )
  const { steps } = error
  return invalid(
    'version.form_too_large',
    [...field, 'schema'],
    {
      az: `Formanın ölçüsü ən çoxu ${mostSteps} addım ola bilər; bunun ölçüsü ${steps} addımdır. Sahələri, seçimləri və ya nümunələri (pattern) azaldın.`,
      en: `A form may have a size of ${mostSteps} steps at most; this one has ${steps}. Ask fewer fields, or use fewer options and patterns.`,
      ru: `Размер формы — не более ${mostSteps} шагов; у этой ${steps}. Уменьшите число полей, вариантов или шаблонов (pattern).`,
    },
    { allowed: mostSteps, found: steps },
  )
}

/** The same day two years later: further ahead is a slip of the pen. */
const furthest = (today: string) => `${Number(today.slice(0, 4)) + 2}${today.slice(4)}`

const mostParts = 30
function refusalsOfLists(version: ServiceVersionInput): (UserError | false)[] {
  const lists = { fees: version.fees, terms: version.terms, ...optionalLists(version) }
  return Object.entries(lists).map(([name, list]) => {
    if (list.length > mostParts)
      return invalid('version.too_many', ['version', name], {
        az: `Ən çoxu ${mostParts} ola bilər; ${list.length} verilib.`,
        en: `There may be ${mostParts} at most; ${list.length} came.`,
        ru: `Допускается не более ${mostParts}; указано ${list.length}.`,
      })
    return (
      (name === 'fees' || name === 'terms') &&
      list.length === 0 &&
      missing(`version.${name}`, ['version', name], {
        az: 'Ən azı biri olmalıdır; pulsuz xidmətin rüsumu 0, dərhal görülənin müddəti 0 göstərilir.',
        en: 'There is one at least; what is free says 0, and so does what is done at once.',
        ru: 'Нужен хотя бы один; у бесплатной услуги указывается 0, у мгновенной — тоже 0.',
      })
    )
  })
}
const optionalLists = ({ documents, steps, legalBases }: ServiceVersionInput) => ({
  documents: documents ?? [],
  steps: steps ?? [],
  legalBases: legalBases ?? [],
})

function refusalsOfFee(fee: ServiceVersionInput['fees'][number], at: string[]): (UserError | false)[] {
  const minor = minorOf(fee.amount, fee.currency)
  return [
    minor === undefined &&
      invalid('fee.digits', [...at, 'amount'], {
        az: `${fee.currency} valyutasında nöqtədən sonra bu qədər rəqəm olmur.`,
        en: `${fee.currency} has fewer digits behind the point.`,
        ru: `У валюты ${fee.currency} меньше знаков после точки.`,
      }),
    minor !== undefined &&
      (minor === 0n) !== (fee.due === FeeDue.NONE) &&
      invalid('fee.due', [...at, 'due'], {
        az: 'Pulsuz olan NONE deyir, pullu olan nə vaxt ödənildiyini deyir.',
        en: 'What is free is due NONE; what is not says when it is due.',
        ru: 'Бесплатное указывает NONE, платное — когда платить.',
      }),
    ...refusalsOfWords([...at, 'variant'], fee.variant, longest.name),
    ...refusalsOfWords([...at, 'note'], fee.note, longest.prose),
    ...refusalsOfText([...at, 'source'], fee.source, longest.reference, noSource('fee')),
  ]
}

const longestTerm = 1000
const isTerm = (value: number) => value >= 1 && value <= longestTerm

function refusalsOfTerm({ variant, value, unit, source }: ServiceVersionInput['terms'][number], at: string[]) {
  const fits = unit === TermUnit.INSTANT ? value === 0 : isTerm(value)
  return [
    !fits &&
      invalid('term.value', [...at, 'value'], {
        az: 'INSTANT ilə 0, qalan vahidlərlə 1–1000 olmalıdır.',
        en: '0 with INSTANT, 1 to 1000 with any other unit.',
        ru: 'С INSTANT — 0, с остальными единицами — от 1 до 1000.',
      }),
    ...refusalsOfWords([...at, 'variant'], variant, longest.name),
    ...refusalsOfText([...at, 'source'], source, longest.reference, noSource('term')),
  ]
}

function refusalsOfProcess(process: ProcessInput, at: string[]): (UserError | false)[] {
  const { coApplicants, appealDays, waiting, extension, source } = process
  const isWithin = (value: number | null | undefined, most: number) => value == null || (value >= 0 && value <= most)
  const fits = (time: ProcessInput['waiting']) => !time || (isTerm(time.value) && time.unit !== TermUnit.INSTANT)
  const noTime = {
    az: 'INSTANT-dan başqa vahidlə 1–1000 olmalıdır.',
    en: '1 to 1000, in any unit but INSTANT.',
    ru: 'От 1 до 1000, в любых единицах, кроме INSTANT.',
  }
  const upTo = (most: number) => ({ az: `0–${most} olmalıdır.`, en: `0 to ${most}.`, ru: `От 0 до ${most}.` })
  return [
    !isWithin(coApplicants, mostTogether) &&
      invalid('process.co_applicants', [...at, 'coApplicants'], upTo(mostTogether)),
    !isWithin(appealDays, longestAppeal) && invalid('process.appeal_days', [...at, 'appealDays'], upTo(longestAppeal)),
    !fits(waiting) && invalid('process.waiting', [...at, 'waiting', 'value'], noTime),
    !fits(extension) && invalid('process.extension', [...at, 'extension', 'value'], noTime),
    ...refusalsOfText([...at, 'source'], source, longest.reference, noSource('process')),
  ]
}
const mostTogether = 5
const longestAppeal = 365

function refusalsOfParts(version: ServiceVersionInput, known: KnownOfVersion): (UserError | false)[] {
  const { documents, steps, legalBases } = optionalLists(version)
  const at = (list: string, index: number, ...path: string[]) => ['version', list, String(index), ...path]
  return [
    ...documents.flatMap(({ name, obtainableFromRegistry: code }, index) => [
      ...refusalsOfWords(at('documents', index, 'name'), name, longest.name),
      code != null &&
        !known.registries.has(code) &&
        unknownCode('registry', at('documents', index, 'obtainableFromRegistry'), code),
    ]),
    ...steps.flatMap((step, index) => refusalsOfStep(step, at('steps', index), known)),
    ...legalBases.flatMap(({ title, article, url }, index) => [
      ...refusalsOfWords(at('legalBases', index, 'title'), title, longest.prose),
      ...refusalsOfText(at('legalBases', index, 'article'), article, longest.reference),
      ...refusalsOfUrl(url, at('legalBases', index, 'url')),
    ]),
  ]
}

function refusalsOfStep(step: NonNullable<ServiceVersionInput['steps']>[number], at: string[], known: KnownOfVersion) {
  const { name, content, maximumValue, maximumUnit, agency } = step
  const isUnlimited = maximumValue == null && maximumUnit == null
  const isLimited =
    maximumValue != null && maximumUnit != null && maximumUnit !== TermUnit.INSTANT && isTerm(maximumValue)
  return [
    ...refusalsOfWords([...at, 'name'], name, longest.name),
    ...refusalsOfWords([...at, 'content'], content, longest.prose),
    agency != null && !known.agencies.has(agency) && unknownCode('agency', [...at, 'agency'], agency),
    !isUnlimited &&
      !isLimited &&
      invalid('step.maximum', [...at, 'maximumValue'], {
        az: `Müddət və vahidi birlikdə verilir: 1–${longestTerm}, INSTANT-dan başqa vahidlə.`,
        en: `A maximum and its unit are given together: 1 to ${longestTerm}, in any unit but INSTANT.`,
        ru: `Срок и единица указываются вместе: от 1 до ${longestTerm}, в любой единице, кроме INSTANT.`,
      }),
  ]
}

function refusalsOfUrl(url: string | null | undefined, at: string[]): UserError[] {
  if (url == null) return []
  const refusals = refusalsOfText(at, url, longest.reference)
  return refusals.length > 0 || isAddress(url)
    ? refusals
    : [
        invalid('legal_basis.url', at, {
          az: 'https ilə başlayan, boşluqsuz və adsız-parolsuz ünvan olmalıdır.',
          en: 'It must be an address with https, without blanks, a name or a password.',
          ru: 'Нужен адрес с https, без пробелов, имени и пароля.',
        }),
      ]
}
function isAddress(text: string): boolean {
  if (!/^https:\/\/[^\s\p{Cc}]+$/u.test(text) || !URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return username === '' && password === ''
}

const noOpinion = {
  reason: 'version.opinion',
  message: {
    az: 'Elektron xidmətə dair müsbət rəyin nömrəsini və tarixini göstərin.',
    en: 'Give the number and date of the opinion on the service.',
    ru: 'Укажите номер и дату заключения об услуге.',
  },
}
const noEntry = {
  reason: 'version.register',
  message: {
    az: 'Elektron xidmətlərin reyestrindəki nömrəni və tarixi göstərin.',
    en: 'Give the number and date of its entry in the register of electronic services.',
    ru: 'Укажите номер и дату записи в реестре электронных услуг.',
  },
}
export const noSource = (noun: string) => ({
  reason: `${noun}.source`,
  message: {
    az: 'Harada göründüyünü göstərin: norma, reyestr və ya sənəd.',
    en: 'Say where it is seen: a norm, a register, a document.',
    ru: 'Укажите, где это видно: норма, реестр, документ.',
  },
})
