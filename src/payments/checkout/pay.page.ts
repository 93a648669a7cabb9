import { momentIn } from '../../documents/issued/documentWords.js'
import type { Money } from '../../shared/money.js'
import type { Language } from '../../shared/words.js'
import type { PaymentState } from './payment.table.js'

// The page to which the bank returns the payer. It needs no script: while it waits, it asks again by itself.

const words = {
  az: {
    title: 'Ödəniş',
    sandbox: 'Sınaq mühitidir: pul köçürülmür',
    amount: 'Məbləğ',
    payment: 'Ödənişin nömrəsi',
    CREATED: 'Ödəniş hələ başlanmayıb',
    PENDING: 'Bankın cavabı gözlənilir',
    approve: 'Bankınızın tətbiqində sorğunu təsdiq edin. Bu səhifə özü yenilənir.',
    soon: 'Bu, adətən bir neçə saniyə çəkir. Səhifə özü yenilənir; onu bağlasanız da, ödəniş itmir.',
    SUCCEEDED: 'Ödənildi',
    LATE_SUCCESS: 'Ödənildi',
    FAILED: 'Bank ödənişi rədd etdi. Pul çıxılmayıb.',
    CANCELLED: 'Ödəniş ləğv edildi. Pul çıxılmayıb.',
    EXPIRED: 'Ödəniş vaxtında tamamlanmadı. Pul çıxılmayıb.',
    REVERSED: 'Bank pulu geri götürdü. Ödəniş tələbi yenidən açıqdır.',
    DISPUTED: 'Ödənilib. Ödəyən bankda etiraz edib.',
    refunded: 'Bu ödəniş tələbləri artıq ödənilib və ya bağlanıb. Onların məbləği tələb etmədən geri qaytarılır:',
    paidAt: 'Ödəniş vaxtı',
    receipt: 'Ödəniş çıxarışı',
    code: 'Kod',
    download: 'Çıxarışı yüklə (PDF)',
    printing: 'Çıxarış hazırlanır. Səhifə özü yenilənəcək.',
    again: 'Yenidən cəhd etmək üçün xidmətə qayıdın və ödənişi yenidən başladın.',
    bank: 'Bankın səhifəsinə keç',
    back: 'Xidmətə qayıt',
    unavailable: 'Bank hazırda cavab vermir. Səhifə bir azdan özü yenidən cəhd edəcək; pul çıxılmayıb.',
    unknown: 'Bu ünvanda ödəniş yoxdur. Ünvanı xidmətdən yenidən açın.',
  },
  en: {
    title: 'Payment',
    sandbox: 'This is a test: no money moves',
    amount: 'Amount',
    payment: 'Payment number',
    CREATED: 'The payment has not begun yet',
    PENDING: 'Waiting for the bank',
    approve: 'Approve the request in the app of your bank. This page reloads by itself.',
    soon: 'This usually takes a few seconds. The page reloads by itself. If you close it, the payment is not lost.',
    SUCCEEDED: 'Paid',
    LATE_SUCCESS: 'Paid',
    FAILED: 'The bank declined the payment. No money was taken.',
    CANCELLED: 'The payment was cancelled. No money was taken.',
    EXPIRED: 'The payment was not completed in time. No money was taken.',
    REVERSED: 'The bank took the money back. The charge is open again.',
    DISPUTED: 'Paid. The payer disputes it at the bank.',
    refunded: 'These charges were paid already or have ended. Their amount is refunded without a request:',
    paidAt: 'Paid on',
    receipt: 'Receipt',
    code: 'Code',
    download: 'Download the receipt (PDF)',
    printing: 'The receipt is being prepared. This page reloads by itself.',
    again: 'To try again, go back to the service and start another payment.',
    bank: 'Go to the bank’s page',
    back: 'Back to the service',
    unavailable: 'The bank does not answer now. This page tries again by itself in a moment. No money was taken.',
    unknown: 'There is no payment at this address. Open it from the service again.',
  },
  ru: {
    title: 'Оплата',
    sandbox: 'Это тестовая среда: деньги не списываются',
    amount: 'Сумма',
    payment: 'Номер платежа',
    CREATED: 'Оплата ещё не начата',
    PENDING: 'Ожидается ответ банка',
    approve: 'Подтвердите запрос в приложении вашего банка. Страница обновится сама.',
    soon: 'Обычно это занимает несколько секунд. Страница обновится сама. Если её закрыть, платёж не потеряется.',
    SUCCEEDED: 'Оплачено',
    LATE_SUCCESS: 'Оплачено',
    FAILED: 'Банк отклонил платёж. Деньги не списаны.',
    CANCELLED: 'Платёж отменён. Деньги не списаны.',
    EXPIRED: 'Платёж не завершён вовремя. Деньги не списаны.',
    REVERSED: 'Банк забрал деньги обратно. Начисление снова открыто.',
    DISPUTED: 'Оплачено. Плательщик оспаривает платёж в банке.',
    refunded: 'Эти начисления уже оплачены или закрыты. Их сумма возвращается без заявления:',
    paidAt: 'Оплачено',
    receipt: 'Квитанция об оплате',
    code: 'Код',
    download: 'Скачать квитанцию (PDF)',
    printing: 'Квитанция готовится. Страница обновится сама.',
    again: 'Чтобы повторить, вернитесь к услуге и начните новый платёж.',
    bank: 'Перейти на страницу банка',
    back: 'Вернуться к услуге',
    unavailable: 'Банк сейчас не отвечает. Страница скоро повторит попытку сама. Деньги не списаны.',
    unknown: 'По этому адресу платежа нет. Откройте его из услуги ещё раз.',
  },
} satisfies Record<Language, Record<string, string> & Record<PaymentState, string>>

export interface Receipt {
  number: string
  code: string
  /** Address of its PDF. Null until it is made. */
  pdfUrl: string | null
}
/** What the page of the outcome shows. */
export interface Outcome {
  language: Language
  state: PaymentState
  number: string
  money: Money
  /** When the bank took the money. Null until then. */
  capturedAt: Date | null
  isInstant: boolean
  isSandbox: boolean
  /** Where the payer pays, if that may lead to the bank's page. */
  payUrl: string
  returnTo: string | null
  receipts: readonly Receipt[]
  /** Numbers of charges whose amount goes back. */
  refunded: readonly string[]
}

const marks: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string) => text.replace(/[&<>"']/g, (mark) => marks[mark] as string) // each has one
const paragraph = (text: string, kind = '') => `<p${kind && ` class="${kind}"`}>${escaped(text)}</p>`
const link = (to: string, text: string) => `<p><a class="button" href="${escaped(to)}">${escaped(text)}</a></p>`
const term = (name: string, text: string) => `<dt>${escaped(name)}</dt><dd>${escaped(text)}</dd>`
/** Leads to the page that shows and verifies it. The code follows the `#`, which browsers do not send. */
const receiptLink = (name: string, { number, code }: Receipt) =>
  `<dt>${escaped(name)}</dt><dd><a href="/verify?number=${escaped(number)}#${escaped(code)}">${escaped(number)}</a></dd>`

const amountIn = (language: Language, { amount }: Money) =>
  new Intl.NumberFormat(language, { minimumFractionDigits: amount.split('.')[1]?.length ?? 0 }).format(
    amount as unknown as number, // a text is formatted exactly, which the types do not know
  )

const kinds: Record<PaymentState, string> = {
  CREATED: '',
  PENDING: '',
  SUCCEEDED: 'good',
  LATE_SUCCESS: 'good',
  FAILED: 'bad',
  CANCELLED: 'bad',
  EXPIRED: 'bad',
  REVERSED: 'bad',
  DISPUTED: 'bad',
}

/** Seconds after which a page that waits asks again. */
const patience = 3

const layout = (language: Language, content: string, waits = false) => `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${waits ? `<meta http-equiv="refresh" content="${patience}">\n` : ''}<title>${words[language].title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/verify/page.css">
</head>
<body>
<main>
<h1>${words[language].title}</h1>
${content}
</main>
</body>
</html>
`

export function outcomePage(outcome: Outcome): string {
  const { language, state, number, money, capturedAt, isInstant, isSandbox, payUrl, returnTo, receipts, refunded } =
    outcome
  const texts = words[language]
  const waits = state === 'CREATED' || state === 'PENDING'
  const isPrinting = receipts.some(({ pdfUrl }) => pdfUrl === null)
  const isEnded = state === 'FAILED' || state === 'CANCELLED' || state === 'EXPIRED'
  const content = [
    isSandbox ? paragraph(texts.sandbox, 'note') : '',
    `<div role="status">${paragraph(texts[state], kinds[state])}</div>`,
    waits ? paragraph(isInstant ? texts.approve : texts.soon) : '',
    `<dl>${[
      term(texts.amount, `${amountIn(language, money)} ${money.currency}`),
      capturedAt ? term(texts.paidAt, momentIn(capturedAt.toISOString())) : '',
      term(texts.payment, number),
      ...receipts.map((receipt) => `${receiptLink(texts.receipt, receipt)}${term(texts.code, receipt.code)}`),
    ].join('')}</dl>`,
    ...receipts.map(({ pdfUrl }) => (pdfUrl ? link(pdfUrl, texts.download) : '')),
    isPrinting ? paragraph(texts.printing) : '',
    refunded.length > 0 ? paragraph(`${texts.refunded} ${refunded.join(', ')}`, 'bad') : '',
    isEnded ? paragraph(texts.again) : '',
    waits && !isInstant ? link(payUrl, texts.bank) : '',
    returnTo ? link(returnTo, texts.back) : '',
  ]
  return layout(language, content.filter(Boolean).join('\n'), waits || isPrinting)
}

/** While the bank does not answer. */
export const unavailablePage = (language: Language) =>
  layout(language, paragraph(words[language].unavailable, 'bad'), true)
export const unknownPage = (language: Language) => layout(language, paragraph(words[language].unknown, 'bad'))
