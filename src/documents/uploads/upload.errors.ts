import type { UserError } from '../../engine/userError.js'
import { invalid, missing } from '../../shared/userErrors.js'

// What can be mended of an upload that is announced, in words for people.

export const noName = missing('upload.no_name', ['name'], {
  az: 'Faylın adını yazın.',
  en: 'Give the file a name.',
  ru: 'Укажите имя файла.',
})
export const longName = (most: number, came: number) =>
  invalid(
    'upload.long_name',
    ['name'],
    {
      az: `Faylın adı ən çoxu ${most} simvol ola bilər; burada ${came} simvol var.`,
      en: `The name may have ${most} characters; this has ${came}.`,
      ru: `Имя файла может содержать не более ${most} символов; здесь их ${came}.`,
    },
    { most, came },
  )
export const strangeName = invalid('upload.strange_name', ['name'], {
  az: 'Faylın adında qovluq yolu, sətir sonu və ya görünməyən idarəedici simvol ola bilməz.',
  en: 'The name may hold no path, no line break and no invisible sign that turns or hides text.',
  ru: 'Имя файла не может содержать путь, перенос строки или невидимые управляющие символы.',
})
export const noBytes = invalid('upload.no_bytes', ['size'], {
  az: 'Fayl boş ola bilməz: ölçüsü ən azı 1 baytdır.',
  en: 'A file has at least one byte.',
  ru: 'Файл не может быть пустым: размер не меньше 1 байта.',
})
export const tooLarge = (most: number, came: number) =>
  invalid(
    'upload.too_large',
    ['size'],
    {
      az: `Fayl ən çoxu ${most} bayt ola bilər; burada ${came} bayt yazılıb.`,
      en: `A file may have ${most} bytes; this has ${came}.`,
      ru: `Файл может быть не больше ${most} байт; указано ${came}.`,
    },
    { most, came },
  )
export const strangeHash = invalid('upload.strange_hash', ['sha256'], {
  az: 'SHA-256 64 onaltılıq rəqəmlə yazılır.',
  en: 'A SHA-256 is 64 hexadecimal digits.',
  ru: 'SHA-256 записывается 64 шестнадцатеричными цифрами.',
})
export const tooManyWaiting = (most: number): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'upload.too_many_waiting',
  message: {
    az: `Eyni vaxtda ən çoxu ${most} fayl göndərilməyi gözləyə bilər: elan etdiklərinizi göndərin.`,
    en: `At most ${most} files can wait to be sent at a time: send those that were announced.`,
    ru: `Одновременно ожидать отправки могут не более ${most} файлов: отправьте уже заявленные.`,
  },
  params: { most },
})
export const tooMuchToday = (most: number): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'upload.too_much_in_a_day',
  message: {
    az: `24 saatda ən çoxu ${most} bayt elan edilə bilər. Sonra yenidən cəhd edin.`,
    en: `At most ${most} bytes can be announced in 24 hours. Try again later.`,
    ru: `За 24 часа можно заявить не более ${most} байт. Попробуйте позже.`,
  },
  params: { most },
})
