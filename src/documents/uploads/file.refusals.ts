import type { ErrorCode } from '../../engine/errors.js'
import type { Words } from '../../shared/words.js'

/** Why bytes are not taken, or not given: told by whoever sent or asked, in their language. */
export class FileRefused extends Error {
  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    readonly reason: string,
    readonly words: Words,
    /** Seconds. */
    readonly retryAfter?: number,
  ) {
    super(reason)
  }
}

export const forged = () =>
  new FileRefused(403, 'FORBIDDEN', 'address.not_ours', {
    az: 'Bu ünvan belə verilməyib. Onu olduğu kimi, bütöv işlədin.',
    en: 'This address was not given like this. Use it whole, as it was given.',
    ru: 'Такой адрес не выдавался. Используйте его целиком, как он был выдан.',
  })
export const expired = () =>
  new FileRefused(403, 'FORBIDDEN', 'address.expired', {
    az: 'Ünvanın vaxtı bitib. Yenisini istəyin.',
    en: 'The address has expired. Ask for a new one.',
    ru: 'Срок действия адреса истёк. Запросите новый.',
  })
export const mandateEnded = () =>
  new FileRefused(403, 'FORBIDDEN', 'upload.mandate_ended', {
    az: 'Faylı elan edənin səlahiyyəti və ya proqramı artıq qüvvədə deyil. Faylı qüvvədə olan səlahiyyətlə yenidən elan edin.',
    en: 'The mandate or the program that announced the file is no longer in force. Announce the file again under one that is.',
    ru: 'Полномочие или программа, заявившая файл, больше не действует. Заявите файл заново по действующему полномочию.',
  })
export const unknownFile = () =>
  new FileRefused(404, 'BAD_REQUEST', 'upload.unknown', {
    az: 'Belə fayl yoxdur.',
    en: 'There is no such file.',
    ru: 'Такого файла нет.',
  })
export const over = (words: Words) => new FileRefused(409, 'BAD_REQUEST', 'upload.over', words)
export const inParts = () =>
  new FileRefused(400, 'BAD_REQUEST', 'upload.in_parts', {
    az: 'Fayl hissə-hissə qəbul edilmir: onu bütöv göndərin (Content-Range olmadan).',
    en: 'A file is not taken in parts: send it whole, without Content-Range.',
    ru: 'Файл не принимается по частям: отправьте его целиком, без Content-Range.',
  })
export const encoded = () =>
  new FileRefused(415, 'BAD_REQUEST', 'upload.encoded', {
    az: 'Fayl olduğu kimi göndərilir (Content-Encoding olmadan).',
    en: 'A file is sent as it is, without Content-Encoding.',
    ru: 'Файл отправляется как есть, без Content-Encoding.',
  })
export const otherSize = (announced: number, came: string) =>
  new FileRefused(422, 'BAD_USER_INPUT', 'upload.size_differs', {
    az: `Elan edilmiş ölçü ${announced} baytdır; ${came} bayt gəldi. Elan edilmiş faylı yenidən göndərin.`,
    en: `The file was announced with ${announced} bytes; ${came} came. Send the file that was announced again.`,
    ru: `Заявлено ${announced} байт; получено ${came}. Отправьте заявленный файл ещё раз.`,
  })
export const otherHash = () =>
  new FileRefused(422, 'BAD_USER_INPUT', 'upload.hash_differs', {
    az: 'Gələn fayl elan edilmiş fayl deyil: SHA-256 fərqlidir. Elan edilmiş faylı yenidən göndərin.',
    en: 'What came is not the file that was announced: its SHA-256 differs. Send the file that was announced again.',
    ru: 'Получен не тот файл, который был заявлен: SHA-256 отличается. Отправьте заявленный файл ещё раз.',
  })
export const tooSlow = () =>
  new FileRefused(408, 'TIMEOUT', 'upload.too_slow', {
    az: 'Fayl çox ləng gəldi. Onu yenidən göndərin.',
    en: 'The file came too slowly. Send it again.',
    ru: 'Файл поступал слишком медленно. Отправьте его ещё раз.',
  })
export const tooManyAtOnce = () =>
  new FileRefused(
    429,
    'RATE_LIMITED',
    'upload.too_many_at_once',
    {
      az: 'Eyni vaxtda çox fayl göndərilir. Bir azdan təkrar edin.',
      en: 'Too many files are being sent at once. Try again in a moment.',
      ru: 'Одновременно отправляется слишком много файлов. Повторите чуть позже.',
    },
    5,
  )
export const noRoom = () =>
  new FileRefused(507, 'SERVICE_UNAVAILABLE', 'upload.no_room', {
    az: 'Burada fayllar üçün yer qalmayıb. Sonra təkrar edin.',
    en: 'There is no room for more files here. Try again later.',
    ru: 'Здесь нет места для новых файлов. Повторите позже.',
  })
