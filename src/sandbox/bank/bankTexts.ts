import type { Language } from '../../shared/words.js'
import type { DeclineReason, OrderState } from './book.js'

type Card = { name: string; does: string }
interface Texts {
  bank: string
  sandbox: string
  merchant: string
  checkout: string
  payTo: string
  description: string
  number: string
  alias: string
  until: string
  left(time: string, hours: number, minutes: number): string
  choose: string
  card: Record<'pays' | 'secure' | 'no-money' | 'blocked', Card>
  pay(amount: string): string
  cancel: string
  back: string
  footer: string
  chooseLanguage: string
  secure: { title: string; sent: string; message: string; code: string; confirm: string; wrong(left: number): string }
  state: Record<OrderState, string>
  reason: Record<DeclineReason, string>
  fault: { title: string; next: string }
  requests: { title: string; none: string; approve: string; decline: string }
}

/** The words of the bank's pages. */
export const texts: Record<Language, Texts> = {
  az: {
    bank: 'Sınaq Bankı',
    sandbox: 'Həqiqi pul köçürülmür',
    merchant: 'Pəncərə, dövlət xidmətlərinin ödənişi',
    checkout: 'Ödəniş',
    payTo: 'Ödəniş alan',
    description: 'Təyinat',
    number: 'Sifariş nömrəsi',
    alias: 'Ödəyici',
    until: 'Ödəniş müddəti',
    left: (time, hours, minutes) => `saat ${time} (${hours ? `${hours} saat ` : ''}${minutes} dəqiqə qalıb)`,
    choose: 'Sınaq kartını seçin',
    card: {
      pays: { name: 'Ödəyən kart', does: 'Ödəniş dərhal keçir' },
      secure: { name: '3-D Secure kartı', does: 'SMS kodu ilə təsdiq tələb edir' },
      'no-money': { name: 'Boş kart', does: 'Kifayət qədər vəsait yoxdur' },
      blocked: { name: 'Bloklanmış kart', does: 'Bank ödənişi rədd edir' },
    },
    pay: (amount) => `${amount} ödə`,
    cancel: 'Ödənişdən imtina et',
    back: 'Xidmətə qayıt',
    footer: 'Sınaq Bankı yalnız proqramların yoxlanması üçündür və kart məlumatı istəmir.',
    chooseLanguage: 'Dil',
    secure: {
      title: 'Ödənişi təsdiq edin',
      sent: 'Kartın bağlı olduğu telefona 6 rəqəmli kod göndərildi.',
      message: 'Sınaq mühitində SMS göndərilmir. Kod:',
      code: 'SMS kodu',
      confirm: 'Təsdiq et',
      wrong: (left) => `Kod yanlışdır. Qalan cəhdlərin sayı: ${left}.`,
    },
    state: {
      PENDING: 'Ödəniş gözlənilir',
      CAPTURED: 'Ödəniş qəbul edildi',
      DECLINED: 'Ödəniş rədd edildi',
      CANCELLED: 'Ödənişdən imtina edildi',
      EXPIRED: 'Ödəniş müddəti bitib',
      REVERSED: 'Ödəniş geri qaytarıldı',
      DISPUTED: 'Ödəniş mübahisələndirilir',
    },
    reason: {
      insufficient_funds: 'Kartda kifayət qədər vəsait yoxdur. Başqa kartla yenidən cəhd edin.',
      card_blocked: 'Kart bloklanıb. Onu vermiş banka müraciət edin və ya başqa kartdan istifadə edin.',
      authentication_failed: 'Kod üç dəfə yanlış daxil edildi.',
      declined_by_payer: 'Ödəyici sorğunu rədd etdi.',
    },
    fault: {
      title: 'Bu ödəniş səhifəsi açıla bilmir',
      next: 'Gəldiyiniz xidmətə qayıdın və ödənişi oradan yenidən açın.',
    },
    requests: {
      title: 'Ani ödəniş sorğuları',
      none: 'Açıq sorğu yoxdur.',
      approve: 'Təsdiq et',
      decline: 'Rədd et',
    },
  },
  en: {
    bank: 'Sınaq Bank',
    sandbox: 'No real money moves',
    merchant: 'Pəncərə, payments for state services',
    checkout: 'Payment',
    payTo: 'Paid to',
    description: 'For',
    number: 'Order number',
    alias: 'Payer',
    until: 'Pay by',
    left: (time, hours, minutes) => `${time} (${hours ? `${hours} h ` : ''}${minutes} min left)`,
    choose: 'Choose a sandbox card',
    card: {
      pays: { name: 'Card that pays', does: 'The payment succeeds at once' },
      secure: { name: '3-D Secure card', does: 'Asks for a code sent by SMS' },
      'no-money': { name: 'Empty card', does: 'Declined: insufficient funds' },
      blocked: { name: 'Blocked card', does: 'Declined by the bank' },
    },
    pay: (amount) => `Pay ${amount}`,
    cancel: 'Cancel the payment',
    back: 'Return to the service',
    footer: 'Sınaq Bank exists for testing programs. It never asks for card details.',
    chooseLanguage: 'Language',
    secure: {
      title: 'Confirm the payment',
      sent: 'A 6-digit code was sent to the telephone of the card.',
      message: 'A sandbox sends no SMS. The code is',
      code: 'Code from the SMS',
      confirm: 'Confirm',
      wrong: (left) => `The code is wrong. ${left === 1 ? '1 attempt is' : `${left} attempts are`} left.`,
    },
    state: {
      PENDING: 'Payment pending',
      CAPTURED: 'Payment accepted',
      DECLINED: 'Payment declined',
      CANCELLED: 'Payment cancelled',
      EXPIRED: 'The time to pay is over',
      REVERSED: 'Payment reversed',
      DISPUTED: 'Payment disputed',
    },
    reason: {
      insufficient_funds: 'The card has insufficient funds. Try again with another card.',
      card_blocked: 'The card is blocked. Contact the bank that issued it, or use another card.',
      authentication_failed: 'The code was wrong three times.',
      declined_by_payer: 'The payer declined the request.',
    },
    fault: {
      title: 'This payment page cannot be shown',
      next: 'Return to the service that you came from, and open the payment there again.',
    },
    requests: {
      title: 'Instant payment requests',
      none: 'There are no open requests.',
      approve: 'Approve',
      decline: 'Decline',
    },
  },
  ru: {
    bank: 'Sınaq Bank',
    sandbox: 'Деньги не списываются',
    merchant: 'Pəncərə, оплата государственных услуг',
    checkout: 'Оплата',
    payTo: 'Получатель',
    description: 'Назначение',
    number: 'Номер заказа',
    alias: 'Плательщик',
    until: 'Оплатить до',
    left: (time, hours, minutes) => `${time} (осталось ${hours ? `${hours} ч ` : ''}${minutes} мин)`,
    choose: 'Выберите тестовую карту',
    card: {
      pays: { name: 'Рабочая карта', does: 'Оплата проходит сразу' },
      secure: { name: 'Карта с 3-D Secure', does: 'Требует код из СМС' },
      'no-money': { name: 'Пустая карта', does: 'Отказ: недостаточно средств' },
      blocked: { name: 'Заблокированная карта', does: 'Банк отклоняет платёж' },
    },
    pay: (amount) => `Оплатить ${amount}`,
    cancel: 'Отменить платёж',
    back: 'Вернуться к услуге',
    footer: 'Sınaq Bank предназначен для проверки программ и не запрашивает данные карт.',
    chooseLanguage: 'Язык',
    secure: {
      title: 'Подтвердите платёж',
      sent: 'На телефон, привязанный к карте, отправлен код из 6 цифр.',
      message: 'В тестовой среде СМС не отправляются. Код:',
      code: 'Код из СМС',
      confirm: 'Подтвердить',
      wrong: (left) => `Неверный код. Осталось попыток: ${left}.`,
    },
    state: {
      PENDING: 'Платёж ожидает оплаты',
      CAPTURED: 'Платёж принят',
      DECLINED: 'Платёж отклонён',
      CANCELLED: 'Платёж отменён',
      EXPIRED: 'Время оплаты истекло',
      REVERSED: 'Платёж возвращён',
      DISPUTED: 'Платёж оспаривается',
    },
    reason: {
      insufficient_funds: 'На карте недостаточно средств. Попробуйте другую карту.',
      card_blocked: 'Карта заблокирована. Обратитесь в выпустивший её банк или используйте другую карту.',
      authentication_failed: 'Код трижды введён неверно.',
      declined_by_payer: 'Плательщик отклонил запрос.',
    },
    fault: {
      title: 'Эту страницу оплаты нельзя открыть',
      next: 'Вернитесь к услуге, с которой вы пришли, и откройте оплату заново.',
    },
    requests: {
      title: 'Запросы мгновенных платежей',
      none: 'Открытых запросов нет.',
      approve: 'Подтвердить',
      decline: 'Отклонить',
    },
  },
}
