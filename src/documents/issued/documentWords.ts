import { legalDate } from '../../shared/time.js'
import { inAll, type Words } from '../../shared/words.js'
import type { Claims, ClaimsContent, PaidClaims, PaidLine } from './claims.js'
import { DocumentKind } from './issuedDocument.table.js'

type AllLanguages = Required<Words>

/** One line of a document. A value that is the same in all languages is one text. */
export interface Line {
  label: AllLanguages
  value: Words | string
  /** Printed bold. */
  isStrong?: boolean
}

export const titles: Record<DocumentKind, AllLanguages> = {
  [DocumentKind.APPLICATION_RECEIPT]: { az: 'Qəbul bildirişi', en: 'Application receipt', ru: 'Уведомление о приёме' },
  [DocumentKind.DECISION]: { az: 'Qərar', en: 'Decision', ru: 'Решение' },
  [DocumentKind.FILING_RECEIPT]: {
    az: 'Təqdimatın qəbulu haqqında bildiriş',
    en: 'Filing receipt',
    ru: 'Уведомление о приёме отчётности',
  },
  [DocumentKind.PAYMENT_RECEIPT]: { az: 'Ödəniş çıxarışı', en: 'Payment receipt', ru: 'Квитанция об оплате' },
}

/** One sentence that explains the document. A decision needs none. */
export const statements: Partial<Record<DocumentKind, AllLanguages>> = {
  [DocumentKind.APPLICATION_RECEIPT]: {
    az: 'Bununla aşağıda göstərilənlərin qəbul edildiyi təsdiq olunur.',
    en: 'This confirms that what is named below was received.',
    ru: 'Настоящим подтверждается получение указанного ниже.',
  },
  [DocumentKind.FILING_RECEIPT]: {
    az: 'Bununla aşağıdakı təqdimatın nə vaxt və kimdən qəbul edildiyi təsdiq olunur.',
    en: 'This confirms when the filing below was received, and from whom.',
    ru: 'Настоящим подтверждается, когда и от кого получена указанная ниже отчётность.',
  },
  [DocumentKind.PAYMENT_RECEIPT]: {
    az: 'Bu çıxarış ödənişin edildiyini təsdiq edir. Onu istənilən sayda çap etmək olar.',
    en: 'This receipt is the proof of payment. It may be printed any number of times.',
    ru: 'Эта квитанция подтверждает оплату. Её можно распечатать любое число раз.',
  },
}

const outcomes: Record<NonNullable<ClaimsContent['outcome']>, AllLanguages> = {
  APPROVED: { az: 'Təmin edilib', en: 'Granted', ru: 'Удовлетворено' },
  REFUSED: { az: 'İmtina edilib', en: 'Refused', ru: 'Отказано' },
  DISCONTINUED: { az: 'İcraata xitam verilib', en: 'Discontinued', ru: 'Производство прекращено' },
}

const methods: Record<PaidClaims['method'], AllLanguages> = {
  CARD: { az: 'Bank kartı', en: 'Bank card', ru: 'Банковская карта' },
  INSTANT: { az: 'Ani ödəniş', en: 'Instant payment', ru: 'Мгновенный платёж' },
}
const servicePoints: Record<PaidClaims['servicePoint'], AllLanguages> = {
  ONLINE: { az: 'onlayn', en: 'online', ru: 'онлайн' },
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
  version: { az: 'Xidmətin versiyası', en: 'Version of the service', ru: 'Версия услуги' },
  period: { az: 'Dövr', en: 'Period', ru: 'Период' },
  externalNumber: { az: 'Təqdim edənin nömrəsi', en: 'Number of the filer', ru: 'Номер подающего' },
  replaces: { az: 'Düzəldilən təqdimat', en: 'Corrects filing', ru: 'Исправляет отчётность' },
  filer: { az: 'Təqdim edən', en: 'Filer', ru: 'Подающий' },
  filingProgram: { az: 'Proqram', en: 'Program', ru: 'Программа' },
  batch: { az: 'Paket', en: 'Batch', ru: 'Пакет' },
  content: { az: 'Məzmunun heşi (SHA-256)', en: 'Content (SHA-256)', ru: 'Содержание (SHA-256)' },
  program: { az: 'Orqanın proqramı', en: 'Program of the agency', ru: 'Программа органа' },
  unique: { az: 'Unikal nömrə', en: 'Unique number', ru: 'Уникальный номер' },
  payer: { az: 'Ödəyici', en: 'Payer', ru: 'Плательщик' },
  paidAt: { az: 'Ödənilib', en: 'Paid', ru: 'Оплачено' },
  numbers: { az: 'Ödəniş və ödəniş tələbi', en: 'Payment and charge', ru: 'Платёж и начисление' },
  protocol: { az: 'Protokol', en: 'Protocol', ru: 'Протокол' },
  filing: { az: 'Təqdimat', en: 'Filing', ru: 'Отчётность' },
  reference: { az: 'Qurumun nömrəsi', en: 'Number at the agency', ru: 'Номер в органе' },
  paidTo: { az: 'Ödənişi alan qurum', en: 'Paid to', ru: 'Получатель' },
  method: { az: 'Ödəniş üsulu və məntəqəsi', en: 'Method and service point', ru: 'Способ и пункт оплаты' },
  operator: { az: 'Portalın operatoru', en: 'Operator of the portal', ru: 'Оператор портала' },
  total: { az: 'Cəmi', en: 'Total', ru: 'Итого' },
} satisfies Record<string, AllLanguages>

interface Beside {
  agency?: Words | undefined
  series?: { name: string; number: number } | undefined
}

/** In printed order. Missing claims have no line. */
export function linesOf(claims: Claims, beside: Beside): Line[] {
  if (claims.paid) return linesOfReceipt(claims, claims.paid, beside)
  return claims.kind === DocumentKind.FILING_RECEIPT ? linesOfFiling(claims, beside) : linesOfOthers(claims, beside)
}

/** Lines by their labels, without those that have no value. */
type Labelled = readonly [keyof typeof labels, Words | string | undefined]
const labelled = (all: readonly Labelled[]): Line[] =>
  all.flatMap(([name, value]) => (value ? [{ label: labels[name], value }] : []))

function linesOfReceipt({ subject, holder }: Claims, paid: PaidClaims, { agency, series }: Beside): Line[] {
  const { payment, about, at, method, servicePoint, operator, lines, total, currency } = paid
  return [
    ...labelled([
      ['unique', series && `${series.name} № ${series.number}`],
      ['payer', holder],
      ['paidTo', agency],
      [about ? labelOf[about.type] : 'reference', about?.number],
    ]),
    ...lines.map((line) => {
      const [amount, budget] = [`${line.amount} ${currency}`, budgetOf(line)]
      const ofBudget = budget && together([{ az: `${amount};`, en: `${amount};`, ru: `${amount};` }, budget])
      return { label: inAll(line.name), value: ofBudget ?? amount }
    }),
    { label: labels.total, value: `${total} ${currency}`, isStrong: true },
    ...labelled([
      ['paidAt', momentIn(at)],
      ['method', together([methods[method], servicePoints[servicePoint]], ', ')],
      ['numbers', `${payment}, ${subject}`],
      ['operator', operator],
    ]),
  ]
}
const labelOf = { APPLICATION: 'subject', FINE: 'protocol', FILING: 'filing', OTHER: 'reference' } as const

/** The codes that are known. Undefined if none is. */
function budgetOf({ budgetClassification, budgetLevel, budgetOrganisation }: PaidLine): Words | undefined {
  const codes: [AllLanguages, string | undefined][] = [
    [{ az: 'təsnifat', en: 'classification', ru: 'классификация' }, budgetClassification],
    [{ az: 'səviyyə', en: 'level', ru: 'уровень' }, budgetLevel],
    [{ az: 'təşkilat', en: 'organisation', ru: 'организация' }, budgetOrganisation],
  ]
  const known = codes.flatMap(([{ az, en, ru }, code]) =>
    code ? [{ az: `${az} ${code}`, en: `${en} ${code}`, ru: `${ru} ${code}` }] : [],
  )
  return known.length > 0 ? together(known, ', ') : undefined
}

function linesOfFiling(claims: Claims, { agency }: Beside): Line[] {
  const { issuedAt, subject, service, version, period, externalNumber, replaces, batch, holder, voen } = claims
  const { actedBy, program, mandates = [], signedBy = [], receivedSha256, signaturesSha256 = [] } = claims
  return labelled([
    ['filing', subject],
    ['issuedAt', momentIn(issuedAt)],
    ['agency', agency],
    ['service', service?.name],
    ['version', version?.toString()],
    ['period', period && periodIn(period)],
    ['externalNumber', externalNumber],
    ['replaces', replaces],
    ['filer', [holder, voen && `VÖEN ${voen}`].filter(Boolean).join(', ')],
    ['actedBy', actedBy],
    ['filingProgram', program],
    ['mandates', mandates.join(', ')],
    ['signedBy', signedBy.join(', ')],
    ['batch', batch],
    ['content', receivedSha256],
    ['signaturesSha256', signaturesSha256.join(', ')],
  ])
}

/** A year, a quarter such as 2026-Q3, or a month such as 2026-10, as people write it. */
function periodIn(period: string): Words | string {
  const [year, part] = period.split('-')
  if (!part?.startsWith('Q')) return part ? `${part}.${year}` : period
  const quarter = ['I', 'II', 'III', 'IV'][Number(part.slice(1)) - 1]
  return { az: `${year}, ${quarter} rüb`, en: `${part} ${year}`, ru: `${quarter} квартал ${year}` }
}

function linesOfOthers(claims: Claims, { agency, series }: Beside): Line[] {
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
  return labelled([
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
  ])
}

/** Texts as one, in each language. */
function together(texts: readonly Words[], between = ' '): Words {
  const all = texts.map(inAll)
  const textIn = (language: keyof AllLanguages) => all.map((words) => words[language]).join(between)
  return { az: textIn('az'), en: textIn('en'), ru: textIn('ru') }
}

const dayIn = (date: string) => date.split('-').reverse().join('.')

const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Baku', hour: '2-digit', minute: '2-digit' })
/** In the time of Baku. */
export const momentIn = (moment: string): string =>
  `${dayIn(legalDate(new Date(moment)))} ${clock.format(new Date(moment))} (UTC+4)`
