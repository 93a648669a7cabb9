import type { UserError } from '../../engine/userError.js'
import { invalid, missing } from '../../shared/userErrors.js'

// What can be mended of a consent that is wanted, in words for people.

export const noRegistries = missing('consent.no_registries', ['registries'], {
  az: 'Ən azı bir reyestr seçin.',
  en: 'Name at least one registry.',
  ru: 'Выберите хотя бы один реестр.',
})

export const tooManyRegistries = (most: number, came: number) =>
  invalid(
    'consent.too_many_registries',
    ['registries'],
    {
      az: `Ən çoxu ${most} reyestr sadalanır; burada ${came} reyestr var.`,
      en: `At most ${most} registries can be named; here are ${came}.`,
      ru: `Можно перечислить не более ${most} реестров; здесь их ${came}.`,
    },
    { most, came },
  )

export const beginsInThePast = invalid('consent.begins_in_the_past', ['validFrom'], {
  az: 'Razılıq bu gündən əvvəl başlaya bilməz.',
  en: 'A consent begins today at the earliest.',
  ru: 'Согласие не может начаться раньше сегодняшнего дня.',
})

export const endsBeforeItBegins = invalid('consent.ends_before_it_begins', ['validTo'], {
  az: 'Razılıq başlandıqdan sonra bitməlidir.',
  en: 'A consent ends after it has begun.',
  ru: 'Согласие должно заканчиваться после своего начала.',
})

export const endsInThePast = invalid('consent.ends_in_the_past', ['validTo'], {
  az: 'Razılıq gələcəkdə bitməlidir.',
  en: 'A consent ends in the future.',
  ru: 'Согласие должно заканчиваться в будущем.',
})

export const tooFar = (years: number) =>
  invalid(
    'consent.too_far_ahead',
    ['validTo'],
    {
      az: `Razılıq ən çoxu ${years} il qabağa verilir.`,
      en: `A consent is given for at most ${years} years ahead.`,
      ru: `Согласие даётся не более чем на ${years} лет вперёд.`,
    },
    { years },
  )

export const beyondFullAge = (years: number) =>
  invalid(
    'consent.beyond_full_age',
    ['validTo'],
    {
      az: `Yetkinlik yaşına çatmayan üçün razılıq onun ${years} yaşı tamam olana qədər verilir: daha erkən bitməlidir.`,
      en: `For a minor a consent is given until they are ${years}: it must end sooner.`,
      ru: `За несовершеннолетнего согласие даётся до его ${years}-летия: оно должно закончиться раньше.`,
    },
    { years },
  )

const listed = (registries: readonly string[]) => registries.map((code) => code.slice(0, 60)).join(' ')

export const noGround = (agency: string, purpose: string, registries: readonly string[]) =>
  invalid(
    'consent.no_ground',
    ['registries'],
    {
      az: `${agency} orqanına ${purpose} məqsədi ilə bunu soruşmağa icazə verən qanun yoxdur: ${listed(registries)}. Razılıq bunu əvəz etmir.`,
      en: `No law lets ${agency} ask ${listed(registries)} for ${purpose}, and a consent cannot: see \`legalGrounds\`.`,
      ru: `Нет закона, по которому ${agency} может запросить ${listed(registries)} для цели ${purpose}; согласие его не заменяет.`,
    },
    { agency, purpose, registries: listed(registries) },
  )

export const notNeeded = (agency: string, purpose: string, registries: readonly string[]) =>
  invalid(
    'consent.not_needed',
    ['registries'],
    {
      az: `${agency} orqanı ${purpose} məqsədi ilə bunu razılıqsız da soruşa bilər: ${listed(registries)}. Siyahıdan çıxarın.`,
      en: `The law lets ${agency} ask ${listed(registries)} for ${purpose} without consent: leave it out.`,
      ru: `По закону ${agency} может запросить ${listed(registries)} для цели ${purpose} без согласия: уберите из списка.`,
    },
    { agency, purpose, registries: listed(registries) },
  )

export const standsAlready = (registries: readonly string[], until: Date): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'consent.stands_already',
  message: {
    az: `Bunun üçün razılıq artıq verilib: ${listed(registries)}. Əvvəlcə onu geri götürün və ya yenisi o bitəndən sonra başlasın.`,
    en: `For ${listed(registries)} a consent stands already: withdraw it first, or let this one begin when that ends.`,
    ru: `На ${listed(registries)} согласие уже дано: сначала отзовите его или начните новое после его окончания.`,
  },
  params: { registries: listed(registries), until: until.toISOString() },
})

export const tooMany = (most: number): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'consent.too_many',
  message: {
    az: `Eyni vaxtda ən çoxu ${most} razılıq qüvvədə ola bilər: lazım olmayanları geri götürün.`,
    en: `At most ${most} consents can stand at a time: withdraw those that are needed no more.`,
    ru: `Одновременно могут действовать не более ${most} согласий: отзовите ненужные.`,
  },
  params: { most },
})

export const unknownConsent: UserError = {
  code: 'NOT_FOUND',
  reason: 'consent.unknown',
  field: ['consent'],
  message: {
    az: 'Geri götürə biləcəyiniz belə razılıq yoxdur.',
    en: 'There is no such consent that you may withdraw.',
    ru: 'Нет такого согласия, которое вы можете отозвать.',
  },
}

export const isOver: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'consent.over',
  field: ['consent'],
  message: {
    az: 'Bu razılığın müddəti artıq bitib.',
    en: 'The time of this consent is over.',
    ru: 'Срок этого согласия уже истёк.',
  },
}
