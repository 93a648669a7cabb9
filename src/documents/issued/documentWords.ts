import { legalDate } from '../../shared/time.js'
import { inAll, type Words } from '../../shared/words.js'
import type { Claims, ClaimsContent } from './claims.js'
import { DocumentKind } from './issuedDocument.table.js'

type AllLanguages = Required<Words>

/** One line of a document. A value that is the same in all languages is one text. */
export interface Line {
  label: AllLanguages
  value: Words | string
}

export const titles: Record<DocumentKind, AllLanguages> = {
  [DocumentKind.APPLICATION_RECEIPT]: { az: 'Qəbul bildirişi', en: 'Application receipt', ru: 'Уведомление о приёме' },
  [DocumentKind.DECISION]: { az: 'Qərar', en: 'Decision', ru: 'Решение' },
}

/** One sentence that explains the document. A decision needs none. */
export const statements: Partial<Record<DocumentKind, AllLanguages>> = {
  [DocumentKind.APPLICATION_RECEIPT]: {
    az: 'Bununla aşağıda göstərilənlərin qəbul edildiyi təsdiq olunur.',
    en: 'This confirms that what is named below was received.',
    ru: 'Настоящим подтверждается получение указанного ниже.',
  },
}

const outcomes: Record<NonNullable<ClaimsContent['outcome']>, AllLanguages> = {
  APPROVED: { az: 'Təmin edilib', en: 'Granted', ru: 'Удовлетворено' },
  REFUSED: { az: 'İmtina edilib', en: 'Refused', ru: 'Отказано' },
  DISCONTINUED: { az: 'İcraata xitam verilib', en: 'Discontinued', ru: 'Производство прекращено' },
}

const labels = {
  series: { az: 'Sıra nömrəsi', en: 'Number in its series', ru: 'Порядковый номер' },
  issuedAt: { az: 'Verilib', en: 'Issued', ru: 'Выдано' },
  agency: { az: 'Qurum', en: 'Agency', ru: 'Орган' },
  subject: { az: 'Müraciət', en: 'Application', ru: 'Заявление' },
  service: { az: 'Xidmət', en: 'Service', ru: 'Услуга' },
  holder: { az: 'Müraciət edən', en: 'Applicant', ru: 'Заявитель' },
  actedBy: { az: 'Onun adından', en: 'On their behalf', ru: 'От его имени' },
  mandates: { az: 'Səlahiyyət', en: 'Mandates', ru: 'Полномочия' },
  receivedSha256: { az: 'Alınanın heşi (SHA-256)', en: 'Hash (SHA-256)', ru: 'Хеш (SHA-256)' },
  attachmentsSha256: { az: 'Faylların heşləri (SHA-256)', en: 'Files (SHA-256)', ru: 'Файлы (SHA-256)' },
  signedBy: { az: 'İmzalayanlar', en: 'Signed by', ru: 'Подписали' },
  signaturesSha256: { az: 'İmzaların heşləri (SHA-256)', en: 'Signatures (SHA-256)', ru: 'Подписи (SHA-256)' },
  dueOn: { az: 'İcra müddəti', en: 'Due on', ru: 'Срок' },
  effectiveAt: { az: 'Qüvvəyə minib', en: 'With effect from', ru: 'Действует с' },
  outcome: { az: 'Nəticə', en: 'Outcome', ru: 'Результат' },
  grounds: { az: 'İmtinanın əsasları', en: 'Grounds', ru: 'Основания отказа' },
  reasoning: { az: 'Əsaslandırma', en: 'Reasoning', ru: 'Обоснование' },
  norm: { az: 'Hüquq norması', en: 'Norm', ru: 'Норма права' },
  appealTo: { az: 'Şikayət verilir', en: 'Appeal to', ru: 'Обжалуется в' },
  appealUntil: { az: 'Şikayət müddəti', en: 'Appeal until', ru: 'Срок обжалования' },
  objectionUntil: { az: 'Etiraz müddəti', en: 'Objection until', ru: 'Срок возражения' },
  payBy: { az: 'Ödəniş müddəti', en: 'To be paid by', ru: 'Оплатить до' },
  officer: { az: 'Vəzifəli şəxs', en: 'Officer', ru: 'Должностное лицо' },
  program: { az: 'Orqanın proqramı', en: 'Program of the agency', ru: 'Программа органа' },
} satisfies Record<string, AllLanguages>

interface Beside {
  agency?: Words | undefined
  series?: { name: string; number: number } | undefined
}

/** In printed order. Missing claims have no line. */
export function linesOf(claims: Claims, { agency, series }: Beside): Line[] {
  const { kind, issuedAt, subject, service, holder, actedBy, mandates = [], receivedSha256 } = claims
  const {
    attachmentsSha256 = [],
    signedBy = [],
    signaturesSha256 = [],
    effectiveAt,
    dueOn,
    outcome,
    grounds = [],
    reasoning,
    norm,
    appealTo,
    appealUntil,
    objectionUntil,
    payBy,
    officer,
    program,
  } = claims
  const all: [keyof typeof labels, Words | string | undefined][] = [
    ['series', series && `${series.name} № ${series.number}`],
    ['issuedAt', momentIn(issuedAt)],
    ['agency', kind === DocumentKind.APPLICATION_RECEIPT ? agency : undefined], // a decision names it in the heading
    ['subject', subject],
    ['service', service?.name],
    ['holder', holder],
    ['actedBy', actedBy],
    ['mandates', mandates.join(', ')],
    ['signedBy', signedBy.join(', ')],
    ['outcome', outcome && outcomes[outcome]],
    ['effectiveAt', effectiveAt && momentIn(effectiveAt)],
    ['grounds', grounds.length > 0 ? together(grounds.map(({ text }) => text)) : undefined],
    ['reasoning', reasoning],
    ['norm', norm],
    ['dueOn', dueOn && dayIn(dueOn)],
    ['appealTo', appealTo],
    ['appealUntil', appealUntil && momentIn(appealUntil)],
    ['objectionUntil', objectionUntil && momentIn(objectionUntil)],
    ['payBy', payBy && momentIn(payBy)],
    ['officer', officer],
    ['program', program],
    ['receivedSha256', receivedSha256],
    ['attachmentsSha256', attachmentsSha256.join(', ')],
    ['signaturesSha256', signaturesSha256.join(', ')],
  ]
  return all.flatMap(([name, value]) => (value ? [{ label: labels[name], value }] : []))
}

/** Sentences as one text, in each language. */
function together(sentences: readonly Words[]): Words {
  const all = sentences.map(inAll)
  const textIn = (language: keyof AllLanguages) => all.map((words) => words[language]).join(' ')
  return { az: textIn('az'), en: textIn('en'), ru: textIn('ru') }
}

const dayIn = (date: string) => date.split('-').reverse().join('.')

const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Baku', hour: '2-digit', minute: '2-digit' })
/** In the time of Baku. */
const momentIn = (moment: string) => `${dayIn(legalDate(new Date(moment)))} ${clock.format(new Date(moment))} (UTC+4)`
