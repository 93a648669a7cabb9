import type { Words } from '../../shared/words.js'

/** What a file may hold at most. */
export const mostIn = { pixels: 100_000_000, pages: 500 } as const

/** Why an upload is not taken: as it stands in `refused_for`, and for people. Rows hold these names: one that stood here stays. */
export const reasons = {
  'upload.expired': {
    az: 'Fayl vaxtında göndərilməyib.',
    en: 'The file was not sent in time.',
    ru: 'Файл не был отправлен вовремя.',
  },
  'upload.infected': {
    az: 'Faylda zərərli kod tapılıb; o, silinib.',
    en: 'Something hostile was found in the file; it was removed.',
    ru: 'В файле найден вредоносный код; файл удалён.',
  },
  'upload.changed': {
    az: 'Fayl qəbul ediləndən sonra zədələnib. Onu yenidən göndərin.',
    en: 'The file was damaged after it came. Send it again as a new one.',
    ru: 'Файл повреждён после получения. Отправьте его заново.',
  },
  'upload.kind_not_taken': {
    az: 'Yalnız PDF, JPEG və PNG qəbul edilir: faylın adı yox, məzmunu belə olmalıdır.',
    en: 'PDF, JPEG and PNG are taken: by what is in the file, not by its name. This is none of them.',
    ru: 'Принимаются только PDF, JPEG и PNG: важно содержимое файла, а не его имя.',
  },
  'upload.unreadable': {
    az: 'Fayl tam deyil və ya oxunmur.',
    en: 'The file is not whole, or cannot be read.',
    ru: 'Файл неполный или не читается.',
  },
  'upload.too_many_pixels': {
    az: `Şəkil çox böyükdür: ən çoxu ${mostIn.pixels / 1_000_000} meqapiksel ola bilər.`,
    en: `The picture is too large: it may have ${mostIn.pixels / 1_000_000} megapixels.`,
    ru: `Изображение слишком большое: допускается не более ${mostIn.pixels / 1_000_000} мегапикселей.`,
  },
  'upload.too_many_pages': {
    az: `Sənəddə ən çoxu ${mostIn.pages} səhifə ola bilər.`,
    en: `The document may have ${mostIn.pages} pages; this has more.`,
    ru: `В документе может быть не более ${mostIn.pages} страниц.`,
  },
  'upload.encrypted': {
    az: 'PDF parolla qorunur və ya şifrələnib. Qorunmayan nüsxəni göndərin.',
    en: 'The PDF is encrypted or has a password. Send one without.',
    ru: 'PDF зашифрован или защищён паролем. Отправьте незащищённый.',
  },
  'upload.active': {
    az: 'PDF-də proqram kodu, əlavə edilmiş fayl, film və ya 3D model var, yaxud o, başqa proqramı, faylı və ya ünvanı özü açır. Onlarsız nüsxəni göndərin.',
    en: 'The PDF holds a script, an embedded file, a film or a 3D model, or opens a program, another file or an address by itself. Send one without.',
    ru: 'PDF содержит сценарий, вложенный файл, фильм или 3D-модель либо сам открывает программу, другой файл или адрес. Отправьте файл без них.',
  },
  'upload.forgotten': {
    az: 'Fayl sahibi ilə birlikdə unudulub.',
    en: 'The file was forgotten with its owner.',
    ru: 'Файл забыт вместе с его владельцем.',
  },
} as const satisfies Record<string, Words>
export type RefusalReason = keyof typeof reasons

/** Of a reason of a later release there are none here. */
export const wordsOf = (reason: string): Words | undefined => (reasons as Record<string, Words>)[reason]
