import type { UserError } from '../../engine/userError.js'
import type { Unreadable } from '../../shared/identifiers/reading.js'

// What can be mended of a mandate that is wanted, in words for people.

export const oneHolder = (isMissing: boolean): UserError => ({
  code: isMissing ? 'MISSING' : 'INVALID',
  reason: 'mandate.one_holder',
  field: ['holder'],
  message: {
    az: 'Səlahiyyət alanın ya FİN-i, ya da VÖEN-i yazılır.',
    en: 'Name the holder by a FİN or by a VÖEN: one of both.',
    ru: 'Укажите либо ФИН, либо ИНН (VÖEN) получателя полномочий.',
  },
})

export const unread = ({ reason, message }: Unreadable, field: 'fin' | 'voen'): UserError => ({
  code: 'INVALID',
  reason,
  field: ['holder', field],
  message,
})

export const personByFin: UserError = {
  code: 'INVALID',
  reason: 'mandate.person_by_fin',
  field: ['holder', 'voen'],
  message: {
    az: 'Bu VÖEN fiziki şəxsindir: onun FİN-ini yazın.',
    en: 'This is the VÖEN of a person: name them by their FİN.',
    ru: 'Это ИНН (VÖEN) физического лица: укажите его ФИН.',
  },
}

export const takesPerson: UserError = {
  code: 'INVALID',
  reason: 'mandate.takes_a_person',
  field: ['holder', 'voen'],
  message: {
    az: 'Belə səlahiyyət yalnız fiziki şəxsə verilir: FİN yazın.',
    en: 'A mandate of this kind is for a person: give a FİN.',
    ru: 'Такие полномочия даются только физическому лицу: укажите ФИН.',
  },
}

export const holderIsTheMinor: UserError = {
  code: 'INVALID',
  reason: 'mandate.holder_is_the_minor',
  field: ['holder'],
  message: {
    az: 'Razılığı alan yetkinlik yaşına çatmayanın özüdür: başqasını yazmayın.',
    en: 'A consent is held by the minor themselves: name no holder.',
    ru: 'Согласие получает сам несовершеннолетний: получателя не указывайте.',
  },
}

export const ofRegister: UserError = {
  code: 'INVALID',
  reason: 'mandate.of_register',
  field: ['kind'],
  message: {
    az: 'Belə səlahiyyət burada verilmir: o, reyestrdən gəlir.',
    en: 'A mandate of this kind is not granted here: it comes from a register.',
    ru: 'Такие полномочия здесь не выдаются: они приходят из реестра.',
  },
}

export const noPowers: UserError = {
  code: 'MISSING',
  reason: 'mandate.no_powers',
  field: ['powers'],
  message: {
    az: 'Ən azı bir səlahiyyət seçin.',
    en: 'Name at least one power.',
    ru: 'Выберите хотя бы одно полномочие.',
  },
}

export const beyondKind = (kind: string, powers: readonly string[], allowed: readonly string[]): UserError => ({
  code: 'INVALID',
  reason: 'mandate.powers_beyond_kind',
  field: ['powers'],
  message: {
    az: `${kind} üçün bunlar ola bilər: ${allowed.join(', ')}; bu isə yox: ${powers.join(', ')}.`,
    en: `${kind} may have ${allowed.join(', ')}; it may not have ${powers.join(', ')}.`,
    ru: `Для ${kind} возможны ${allowed.join(', ')}; невозможны ${powers.join(', ')}.`,
  },
  params: { kind, powers: powers.join(' '), allowed: allowed.join(' ') },
})

export const sealIsWhole = (field: 'powers' | 'services'): UserError => ({
  code: 'INVALID',
  reason: 'mandate.seal_is_whole',
  field: [field],
  message: {
    az: 'Möhür hissə-hissə verilmir: VIEW, FILE, PAY və SIGN seçin, xidmətləri sadalamayın.',
    en: 'A seal is not given in parts: name VIEW, FILE, PAY and SIGN, and no services.',
    ru: 'Печать не даётся по частям: укажите VIEW, FILE, PAY и SIGN и не перечисляйте услуги.',
  },
})

export const noServices: UserError = {
  code: 'INVALID',
  reason: 'mandate.no_services',
  field: ['services'],
  message: {
    az: 'Xidmətləri sadalayın; hamısı üçündürsə, bu sahəni boş buraxın.',
    en: 'Name the services, or leave the field out for all of them.',
    ru: 'Перечислите услуги; если для всех, не заполняйте это поле.',
  },
}

export const tooManyServices = (most: number, came: number): UserError => ({
  code: 'INVALID',
  reason: 'mandate.too_many_services',
  field: ['services'],
  message: {
    az: `Ən çoxu ${most} xidmət sadalanır; burada ${came} xidmət var.`,
    en: `At most ${most} services can be named; here are ${came}.`,
    ru: `Можно перечислить не более ${most} услуг; здесь их ${came}.`,
  },
  params: { most, came },
})

export const strangeService = (code: string): UserError => ({
  code: 'INVALID',
  reason: 'mandate.strange_service',
  field: ['services'],
  message: {
    az: `Xidmətin kodu belə olmur: ${code.slice(0, 60)}.`,
    en: `No service has a code like this: ${code.slice(0, 60)}.`,
    ru: `Таких кодов у услуг не бывает: ${code.slice(0, 60)}.`,
  },
  params: { code: code.slice(0, 60) },
})

export const beginsInThePast: UserError = {
  code: 'INVALID',
  reason: 'mandate.begins_in_the_past',
  field: ['validFrom'],
  message: {
    az: 'Səlahiyyət bu gündən əvvəl başlaya bilməz.',
    en: 'A mandate begins today at the earliest.',
    ru: 'Полномочия не могут начаться раньше сегодняшнего дня.',
  },
}

export const endsBeforeItBegins: UserError = {
  code: 'INVALID',
  reason: 'mandate.ends_before_it_begins',
  field: ['validTo'],
  message: {
    az: 'Səlahiyyət başlandıqdan sonra bitməlidir.',
    en: 'A mandate ends after it has begun.',
    ru: 'Полномочия должны заканчиваться после своего начала.',
  },
}

export const endsInThePast: UserError = {
  code: 'INVALID',
  reason: 'mandate.ends_in_the_past',
  field: ['validTo'],
  message: {
    az: 'Səlahiyyət gələcəkdə bitməlidir.',
    en: 'A mandate ends in the future.',
    ru: 'Полномочия должны заканчиваться в будущем.',
  },
}

export const tooFar = (field: 'validFrom' | 'validTo', years: number): UserError => ({
  code: 'INVALID',
  reason: 'mandate.too_far_ahead',
  field: [field],
  message: {
    az: `Ən çoxu ${years} il qabağa olan tarix yazılır.`,
    en: `This may lie at most ${years} years ahead.`,
    ru: `Не далее чем на ${years} лет вперёд.`,
  },
  params: { years },
})

export const noEnd: UserError = {
  code: 'MISSING',
  reason: 'mandate.no_end',
  field: ['validTo'],
  message: {
    az: 'Nümayəndənin səlahiyyətinin nə vaxt bitdiyini yazın.',
    en: 'Say when the mandate of a delegate ends.',
    ru: 'Укажите, когда заканчиваются полномочия представителя.',
  },
}

export const toOneself: UserError = {
  code: 'INVALID',
  reason: 'mandate.to_oneself',
  field: ['holder'],
  message: {
    az: 'Səlahiyyət özünə verilmir.',
    en: 'Nobody grants a mandate to themselves.',
    ru: 'Полномочия не выдаются самому себе.',
  },
}

export const standsAlready: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'mandate.stands_already',
  message: {
    az: 'Eyni səlahiyyət artıq verilib.',
    en: 'The same was granted already, for as long.',
    ru: 'Такие же полномочия уже выданы.',
  },
}

export const tooMany = (most: number): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'mandate.too_many',
  message: {
    az: `Eyni vaxtda ən çoxu ${most} səlahiyyət qüvvədə ola bilər: lazım olmayanları geri götürün.`,
    en: `At most ${most} mandates can stand at a time: revoke those that are needed no more.`,
    ru: `Одновременно могут действовать не более ${most} полномочий: отзовите ненужные.`,
  },
  params: { most },
})

export const ageUnknown: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'consent.age_unknown',
  field: ['party'],
  message: {
    az: 'Bu şəxsin doğum tarixi hələ məlum deyil.',
    en: 'When this person was born is not known yet.',
    ru: 'Дата рождения этого лица пока неизвестна.',
  },
}

export const notOfThatAge = (from: number, to: number): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'consent.not_of_that_age',
  field: ['party'],
  message: {
    az: `Razılıq ${from} yaşından ${to} yaşınadək olan şəxs üçün verilir.`,
    en: `Consent is for a person of ${from} to ${to} years.`,
    ru: `Согласие даётся для лица от ${from} до ${to} лет.`,
  },
  params: { from, to },
})

export const unknownMandate: UserError = {
  code: 'NOT_FOUND',
  reason: 'mandate.unknown',
  field: ['mandate'],
  message: {
    az: 'Geri götürə biləcəyiniz belə səlahiyyət yoxdur.',
    en: 'There is no such mandate that you may revoke.',
    ru: 'Нет таких полномочий, которые вы можете отозвать.',
  },
}

export const keptByRegister: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'mandate.kept_by_register',
  field: ['mandate'],
  message: {
    az: 'Bu səlahiyyət reyestrdən gəlir və yalnız orada dəyişdirilir.',
    en: 'This mandate comes from a register, and changes there alone.',
    ru: 'Эти полномочия ведутся в реестре и меняются только там.',
  },
}

export const isOver: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'mandate.over',
  field: ['mandate'],
  message: {
    az: 'Bu səlahiyyət artıq qüvvədə deyil.',
    en: 'This mandate holds no more.',
    ru: 'Эти полномочия уже не действуют.',
  },
}
