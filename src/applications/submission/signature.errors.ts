import type { UserError } from '../../engine/userError.js'
import type { Disbelief } from '../../shared/trust.js'
import { missing } from '../../shared/userErrors.js'

type Refusal = Disbelief | 'not_of_this'

export const signatureMissing = missing('signature.missing', ['signature'], {
  az: 'Bu müraciət imzalanmalıdır: nəyin imzalanacağını prepareSignature deyir.',
  en: 'This application is to be signed: prepareSignature says what is.',
  ru: 'Это заявление нужно подписать: что именно, говорит prepareSignature.',
})

export const messages: Record<Refusal, UserError['message']> = {
  unreadable: {
    az: 'İmza oxunmur: ayrılmış JWS (başlıq..imza) tələb olunur.',
    en: 'The signature cannot be read: a detached JWS (header..signature) is required.',
    ru: 'Подпись не читается: нужна отделённая JWS (заголовок..подпись).',
  },
  algorithm: {
    az: 'İmzanın alqoritmi və ya açarı qəbul edilmir: ES256, ES384, RS256 və ya PS256 və ona uyğun açar tələb olunur.',
    en: 'The algorithm or the key of the signature is not taken: ES256, ES384, RS256 or PS256 is, with a key that fits it.',
    ru: 'Алгоритм или ключ подписи не принимается: нужен ES256, ES384, RS256 или PS256 и подходящий ему ключ.',
  },
  untrusted: {
    az: 'İmzanın sertifikatı tanınan mərkəz tərəfindən imza üçün verilməyib.',
    en: 'The certificate of the signature was not issued for signing by an authority that is believed here.',
    ru: 'Сертификат подписи не выдан для подписания удостоверяющим центром, которому здесь доверяют.',
  },
  expired: {
    az: 'İmzanın sertifikatı indi qüvvədə deyil: yeni sertifikatla imzalayın.',
    en: 'The certificate of the signature does not hold now: sign with one that does.',
    ru: 'Сертификат подписи сейчас не действует: подпишите действующим.',
  },
  revoked: {
    az: 'İmzanın sertifikatı ləğv edilib: yeni sertifikatla imzalayın.',
    en: 'The certificate of the signature was revoked: sign with another.',
    ru: 'Сертификат подписи отозван: подпишите другим.',
  },
  wrong_person: {
    az: 'Sertifikat müraciəti göndərənin deyil: öz sertifikatınızla və ya möhürü sizdə olan təşkilatınkı ilə imzalayın.',
    en: 'The certificate is not of who sends the application: sign with your own, or with that of the applicant whose seal you hold.',
    ru: 'Сертификат принадлежит не отправителю: подпишите своим или сертификатом заявителя, чью печать вы держите.',
  },
  cannot_be_checked: {
    az: 'İmzanın ləğv edilib-edilmədiyini indi yoxlamaq olmur. Qaralama saxlanılır; bir azdan yenidən göndərin.',
    en: 'Whether the signature still holds cannot be found out now. The draft is kept; send it again in a while.',
    ru: 'Сейчас нельзя проверить, действует ли подпись. Черновик сохранён; отправьте ещё раз позже.',
  },
  not_of_this: {
    az: 'İmza indi göndərilənin imzası deyil: prepareSignature-un indi verdiyini imzalayın.',
    en: 'The signature is not over what is sent: sign what prepareSignature gives now.',
    ru: 'Подпись стоит не под тем, что отправляется: подпишите то, что сейчас выдаёт prepareSignature.',
  },
}

export const refusalOf = ({ refused, why }: { refused: Refusal; why: string }): UserError => ({
  code: refused === 'cannot_be_checked' ? 'NOT_ALLOWED_NOW' : 'INVALID',
  reason: `signature.${refused}`,
  field: ['signature'],
  message: messages[refused],
  params: { why },
})
