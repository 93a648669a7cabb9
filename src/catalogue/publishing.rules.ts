import type { Mistake } from '../engine/userError.js'
import { minorOf } from '../shared/money.js'
import { TermUnit } from '../shared/termUnit.table.js'
import { FeeDue } from './fee.table.js'
import type { FormContent } from './formFiles.js'
import type { PublishServiceInput, ServiceVersionInput } from './publishService.input.js'
import { ServiceStatus } from './service.table.js'
import { Interaction } from './serviceVersion.table.js'

/** What is known of what the input names, read under the service's lock. */
export interface Known {
  today: string
  agencyId: string | undefined
  lifeEventId: string | undefined
  service: { agencyId: string; status: ServiceStatus } | undefined
  newestFrom: string | undefined
  /** By the codes that the input names, and there are. */
  agencies: ReadonlyMap<string, string>
  registries: ReadonlyMap<string, string>
  /** A text says why what was given is no form. */
  form: FormContent | string | undefined
}

/** Everything that stands against publishing it, at once. */
export const refusalsToPublish = (input: PublishServiceInput, known: Known): Mistake[] =>
  [...refusalsOfService(input, known), ...(input.version ? refusalsOfVersion(input.version, known) : [])].filter(
    (mistake) => mistake !== false,
  )

function refusalsOfService(input: PublishServiceInput, known: Known): (Mistake | false)[] {
  const { service } = known
  return [
    !/^[A-Z][A-Z0-9_-]{1,59}$/.test(input.code) &&
      invalid('service.code', ['code'], {
        az: 'Kod 2–60 işarədən ibarətdir: latın böyük hərfləri, rəqəmlər, - və _; hərflə başlayır.',
        en: 'A code has 2 to 60 characters, capital Latin letters, digits, - and _, and begins with a letter.',
        ru: 'Код состоит из 2–60 знаков: заглавные латинские буквы, цифры, - и _; начинается с буквы.',
      }),
    !known.agencyId && unknownCode('agency', ['agency'], input.agency),
    !known.lifeEventId && unknownCode('life_event', ['lifeEvent'], input.lifeEvent),
    input.audiences.length === 0 &&
      missing('service.audiences', ['audiences'], {
        az: 'Xidmətin kimin üçün olduğunu göstərin.',
        en: 'Say whom the service is for.',
        ru: 'Укажите, для кого услуга.',
      }),
    blank(input.source) && missing('service.source', ['source'], sayTheSource),
    service?.status === ServiceStatus.RETIRED && {
      code: 'NOT_ALLOWED_NOW',
      reason: 'service.retired',
      field: ['code'],
      message: {
        az: 'Bu xidmət ləğv edilib; yeni xidmətə yeni kod verin.',
        en: 'This service is retired; give a new one a code of its own.',
        ru: 'Эта услуга упразднена; дайте новой услуге новый код.',
      },
    },
    service !== undefined &&
      known.agencyId !== undefined &&
      service.agencyId !== known.agencyId &&
      invalid('service.agency_differs', ['agency'], {
        az: 'Bu kod başqa qurumun xidmətinə aiddir.',
        en: 'This code is of a service of another agency.',
        ru: 'Этот код принадлежит услуге другого органа.',
      }),
    !input.version &&
      service?.status !== ServiceStatus.SUSPENDED &&
      missing('service.version', ['version'], {
        az: 'Xidmətin qaydalarını verin; onlarsız yalnız dayandırılmış xidmət bərpa olunur.',
        en: 'Give the rules of the service; only one that is suspended is published without.',
        ru: 'Укажите правила услуги; без них можно только возобновить приостановленную.',
      }),
  ]
}

function refusalsOfVersion(version: ServiceVersionInput, known: Known): (Mistake | false)[] {
  const at = (...path: string[]) => ['version', ...path]
  return [
    blank(version.opinionReference) &&
      missing('version.opinion', at('opinionReference'), {
        az: 'Elektron xidmətə dair müsbət rəyin nömrəsini və tarixini göstərin.',
        en: 'Give the number and date of the opinion on the service.',
        ru: 'Укажите номер и дату заключения об услуге.',
      }),
    blank(version.registerReference) &&
      missing('version.register', at('registerReference'), {
        az: 'Elektron xidmətlərin reyestrindəki nömrəni və tarixi göstərin.',
        en: 'Give the number and date of its entry in the register of electronic services.',
        ru: 'Укажите номер и дату записи в реестре электронных услуг.',
      }),
    version.validFrom < known.today &&
      invalid('version.begins_in_the_past', at('validFrom'), {
        az: 'Qaydalar bu gündən və ya daha gec qüvvəyə minir.',
        en: 'Rules begin today or later.',
        ru: 'Правила вступают в силу сегодня или позже.',
      }),
    known.newestFrom !== undefined &&
      version.validFrom < known.newestFrom &&
      invalid(
        'version.begins_before_the_last',
        at('validFrom'),
        {
          az: `Sonuncu qaydalar ${known.newestFrom} tarixində başlayır; yenilər ondan əvvəl başlaya bilməz.`,
          en: `The last rules begin on ${known.newestFrom}; the next may not begin before them.`,
          ru: `Последние правила действуют с ${known.newestFrom}; новые не могут начинаться раньше.`,
        },
        { newestFrom: known.newestFrom },
      ),
    version.interaction === Interaction.INTERACTIVE &&
      !version.form &&
      missing('version.form', at('form'), {
        az: 'Müraciət qəbul edən xidmətin forması olmalıdır.',
        en: 'A service that takes a request has a form.',
        ru: 'У услуги, принимающей заявление, должна быть форма.',
      }),
    typeof known.form === 'string' &&
      invalid(
        'version.form_does_not_compile',
        at('form'),
        {
          az: `Forma yararsızdır: ${known.form}`,
          en: `The form cannot be used: ${known.form}`,
          ru: `Форма не годится: ${known.form}`,
        },
        { fault: known.form },
      ),
    ...refusalsOfLists(version),
    ...version.fees.flatMap((fee, index) => refusalsOfFee(fee, at('fees', String(index)))),
    ...version.terms.flatMap((term, index) => refusalsOfTerm(term, at('terms', String(index)))),
    ...refusalsOfParts(version, known),
  ]
}

const mostParts = 30
function refusalsOfLists(version: ServiceVersionInput): (Mistake | false)[] {
  const lists = { ...{ fees: version.fees, terms: version.terms }, ...optionalLists(version) }
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

function refusalsOfFee(fee: ServiceVersionInput['fees'][number], at: string[]): (Mistake | false)[] {
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
    blank(fee.source) && missing('fee.source', [...at, 'source'], sayTheSource),
  ]
}

function refusalsOfTerm({ value, unit, source }: ServiceVersionInput['terms'][number], at: string[]) {
  const fits = unit === TermUnit.INSTANT ? value === 0 : value >= 1 && value <= 1000
  return [
    !fits &&
      invalid('term.value', [...at, 'value'], {
        az: 'INSTANT ilə 0, qalan vahidlərlə 1–1000 olmalıdır.',
        en: '0 with INSTANT, 1 to 1000 with any other unit.',
        ru: 'С INSTANT — 0, с остальными единицами — от 1 до 1000.',
      }),
    blank(source) && missing('term.source', [...at, 'source'], sayTheSource),
  ]
}

function refusalsOfParts(version: ServiceVersionInput, known: Known): (Mistake | false)[] {
  const { documents, steps, legalBases } = optionalLists(version)
  return [
    ...documents.map(
      ({ obtainableFromRegistry: code }, index) =>
        code != null &&
        !known.registries.has(code) &&
        unknownCode('registry', ['version', 'documents', String(index), 'obtainableFromRegistry'], code),
    ),
    ...steps.flatMap(({ agency, maximumValue, maximumUnit }, index) => {
      const at = ['version', 'steps', String(index)]
      return [
        agency != null && !known.agencies.has(agency) && unknownCode('agency', [...at, 'agency'], agency),
        ((maximumValue == null) !== (maximumUnit == null) || (maximumValue ?? 1) < 1) &&
          invalid('step.maximum', [...at, 'maximumValue'], {
            az: 'Müddət və vahidi birlikdə verilir; müddət 1-dən az deyil.',
            en: 'A maximum and its unit are given together, and it is 1 or more.',
            ru: 'Срок и единица указываются вместе; срок не меньше 1.',
          }),
      ]
    }),
    ...legalBases.map(
      ({ url }, index) =>
        url != null &&
        !(URL.canParse(url) && new URL(url).protocol === 'https:') &&
        invalid('legal_basis.url', ['version', 'legalBases', String(index), 'url'], {
          az: 'https ilə başlayan ünvan olmalıdır.',
          en: 'It must be an address with https.',
          ru: 'Нужен адрес с https.',
        }),
    ),
  ]
}

const blank = (text: string) => text.trim() === ''
const sayTheSource = {
  az: 'Harada göründüyünü göstərin: norma, reyestr və ya sənəd.',
  en: 'Say where it is seen: a norm, a register, a document.',
  ru: 'Укажите, где это видно: норма, реестр, документ.',
}
type Words = Mistake['message']
const missing = (reason: string, field: string[], message: Words): Mistake => ({
  code: 'MISSING',
  reason,
  field,
  message,
})
const invalid = (reason: string, field: string[], message: Words, params?: Record<string, string>): Mistake => ({
  ...{ code: 'INVALID' as const, reason, field, message },
  ...(params && { params }),
})
const unknownCode = (noun: string, field: string[], code: string): Mistake => ({
  ...{ code: 'NOT_FOUND' as const, reason: `${noun}.unknown`, field },
  message: {
    az: `Belə kod yoxdur: ${code.slice(0, 60)}.`,
    en: `There is no such code: ${code.slice(0, 60)}.`,
    ru: `Такого кода нет: ${code.slice(0, 60)}.`,
  },
  params: { code: code.slice(0, 60) },
})
