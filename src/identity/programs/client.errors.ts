import type { UserError } from '../../engine/userError.js'
import type { KeyFault } from './client.keys.js'

export const mostClients = 20
export const longestName = 100
export const mostNetworks = 20
export const mostMonths = 24
export const mostKeys = 5
/** Seconds: a week, so that nobody need be called in for a rotation. */
export const longestOverlap = 604_800

export const noName: UserError = {
  code: 'MISSING',
  reason: 'client.name',
  field: ['name'],
  message: {
    az: 'Proqramın adını yazın.',
    en: 'Give the program a name.',
    ru: 'Укажите название программы.',
  },
}
export const wrongName: UserError = {
  code: 'INVALID',
  reason: 'client.name',
  field: ['name'],
  params: { most: longestName },
  message: {
    az: `Ad ən çoxu ${longestName} görünən işarədən ibarətdir.`,
    en: `A name has at most ${longestName} characters, all of which can be seen.`,
    ru: `Название содержит не более ${longestName} видимых знаков.`,
  },
}
export const noScopes: UserError = {
  code: 'MISSING',
  reason: 'client.scopes',
  field: ['scopes'],
  message: {
    az: 'Proqrama nəyə icazə verildiyini göstərin: ən azı bir icazə.',
    en: 'Say what the program may be let do: at least one scope.',
    ru: 'Укажите, что разрешено программе: хотя бы одно разрешение.',
  },
}
export const networksCount: UserError = {
  code: 'INVALID',
  reason: 'client.networks_count',
  field: ['networks'],
  params: { most: mostNetworks },
  message: {
    az: `1–${mostNetworks} şəbəkə göstərin; proqram istənilən ünvandan gələ bilirsə, heç nə göstərməyin.`,
    en: `Give 1 to ${mostNetworks} networks, or null where the program may come from anywhere.`,
    ru: `Укажите от 1 до ${mostNetworks} сетей или ничего, если программа может обращаться с любого адреса.`,
  },
}
export const wrongNetwork = (network: string, at: number): UserError => ({
  code: 'INVALID',
  reason: 'client.network',
  field: ['networks', String(at)],
  message: {
    az: `Bu nə ünvandır, nə də şəbəkə: ${network.slice(0, 60)}. Belə yazın: 203.0.113.0/24.`,
    en: `This is no address and no network: ${network.slice(0, 60)}. Write it as 203.0.113.0/24.`,
    ru: `Это не адрес и не сеть: ${network.slice(0, 60)}. Напишите так: 203.0.113.0/24.`,
  },
  params: { network: network.slice(0, 60) },
})
export const expiresInThePast: UserError = {
  code: 'INVALID',
  reason: 'client.expires_in_the_past',
  field: ['expiresOn'],
  message: {
    az: 'Son gün bu gün və ya sonra olmalıdır.',
    en: 'The last day is today or later.',
    ru: 'Последний день — сегодня или позже.',
  },
}
export const expiresTooLate: UserError = {
  code: 'INVALID',
  reason: 'client.expires_too_late',
  field: ['expiresOn'],
  params: { months: mostMonths },
  message: {
    az: 'Proqram ən çoxu iki il üçün qeydiyyata alınır.',
    en: 'A program is registered for two years at most.',
    ru: 'Программа регистрируется не более чем на два года.',
  },
}
export const keysCount: UserError = {
  code: 'INVALID',
  reason: 'client.keys_count',
  field: ['publicKeys', 'keys'],
  params: { most: mostKeys },
  message: {
    az: `1–${mostKeys} açıq açar verin: {"keys": [ … ]}.`,
    en: `Give 1 to ${mostKeys} public keys, as {"keys": [ … ]}.`,
    ru: `Укажите от 1 до ${mostKeys} открытых ключей в виде {"keys": [ … ]}.`,
  },
}
const keyWords: Record<KeyFault | 'repeated', UserError['message']> = {
  private: {
    az: 'Bu, gizli açardır və artıq sirr deyil. Yenisini yaradın və yalnız açıq hissəsini verin.',
    en: 'This is a private key, and no secret any more. Make another, and give its public part alone.',
    ru: 'Это закрытый ключ, и он больше не тайна. Создайте новый и передайте только его открытую часть.',
  },
  kid: {
    az: 'Hər açarın öz adı (`kid`) var: 1–100 işarə.',
    en: 'Each key has an id (`kid`) of 1 to 100 characters.',
    ru: 'У каждого ключа есть имя (`kid`) из 1–100 знаков.',
  },
  repeated: {
    az: 'Başqa açarın da belə adı (`kid`) var.',
    en: 'Another key has the same id (`kid`).',
    ru: 'Другой ключ имеет такое же имя (`kid`).',
  },
  kind: {
    az: 'Açar imza üçün olmalıdır: EC (P-256, P-384, P-521), OKP (Ed25519) və ya PS256–PS512 üçün RSA.',
    en: 'A key is one to sign with: EC (P-256, P-384, P-521), OKP (Ed25519), or RSA for PS256 to PS512.',
    ru: 'Ключ должен быть для подписи: EC (P-256, P-384, P-521), OKP (Ed25519) или RSA для PS256–PS512.',
  },
  weak: {
    az: 'RSA açarının uzunluğu 2048–8192 bit, açıq dərəcəsi ən azı 65537 olmalıdır.',
    en: 'A key of RSA has 2048 to 8192 bits, and an exponent of at least 65537.',
    ru: 'Ключ RSA имеет от 2048 до 8192 бит и показатель не меньше 65537.',
  },
  unreadable: {
    az: 'Bu, JWK formatında açar deyil.',
    en: 'This is no key in the form of a JWK.',
    ru: 'Это не ключ в формате JWK.',
  },
}
export const keyFault = (fault: KeyFault | 'repeated', at: number): UserError => ({
  code: 'INVALID',
  reason: `client.key_${fault}`,
  field: ['publicKeys', 'keys', String(at)],
  message: keyWords[fault],
})
export const tooMany: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'client.too_many',
  params: { most: mostClients },
  message: {
    az: `Təşkilatın ən çoxu ${mostClients} proqramı ola bilər. Artıq lazım olmayanı ləğv edin.`,
    en: `An organisation has at most ${mostClients} programs. Revoke one that is not needed any more.`,
    ru: `У организации может быть не более ${mostClients} программ. Отзовите ту, что больше не нужна.`,
  },
}
export const overlapTooLong: UserError = {
  code: 'INVALID',
  reason: 'client.keep_old_for',
  field: ['keepOldFor'],
  params: { most: longestOverlap },
  message: {
    az: `Köhnə sirr 0–${longestOverlap} saniyə (yeddi gün) saxlanıla bilər.`,
    en: `The old secret may be kept for 0 to ${longestOverlap} seconds (seven days).`,
    ru: `Старый секрет можно сохранить на 0–${longestOverlap} секунд (семь дней).`,
  },
}
const notNow = (reason: string, message: UserError['message']): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason,
  field: ['client'],
  message,
})
export const revoked = notNow('client.revoked', {
  az: 'Proqram artıq ləğv edilib.',
  en: 'The program is revoked already.',
  ru: 'Программа уже отозвана.',
})
export const expired = notNow('client.expired', {
  az: 'Proqramın müddəti bitib. Yenisini qeydiyyata alın.',
  en: 'The program has expired. Register another.',
  ru: 'Срок программы истёк. Зарегистрируйте новую.',
})
export const hasKeys = notNow('client.has_keys', {
  az: 'Proqramın sirri yoxdur, o öz açarı ilə imzalayır. Yeni açarlarla yeni proqram qeydiyyata alın.',
  en: 'The program has no secret: it signs with a key of its own. Register another with new keys.',
  ru: 'У программы нет секрета: она подписывает своим ключом. Зарегистрируйте новую с новыми ключами.',
})
