import type { UserError } from '../engine/userError.js'

/** Why somebody may not do something to an application at present. */
export type Reason =
  | 'not_yours'
  | 'wrong_state'
  | 'not_assigned'
  | 'is_yours'
  | 'own_case'
  | 'another_officer'
  | 'term_waits'
  | 'no_term'
  | 'no_extension'
  | 'extended'
  | 'term_over'
  | 'law_decides'
  | 'decided'
  | 'appealed'
  | 'no_appeal'
  | 'appeal_late'

const said: Record<Reason, UserError['message']> = {
  not_yours: {
    az: 'Bunu bu müraciətdə siz edə bilməzsiniz.',
    en: 'This is not for you to do with this application.',
    ru: 'Вы не можете сделать это с этим заявлением.',
  },
  wrong_state: {
    az: 'Müraciətin indiki vəziyyətində bu mümkün deyil.',
    en: 'Not in the state that the application is in now.',
    ru: 'В нынешнем состоянии заявления это невозможно.',
  },
  not_assigned: {
    az: 'Müraciət başqa məmura təhkim edilib və ya heç kimə təhkim edilməyib.',
    en: 'The application is assigned to another officer, or to nobody.',
    ru: 'Заявление закреплено за другим сотрудником или ни за кем.',
  },
  is_yours: {
    az: 'Müraciət sizə təhkim edilib: o, sizin üçün onsuz da açıqdır.',
    en: 'The application is assigned to you: it is open to you already.',
    ru: 'Заявление закреплено за вами и уже открыто для вас.',
  },
  own_case: {
    az: 'Bu, sizin öz işinizdir və ya sizə yaxın şəxsin işidir: ona başqa məmur baxmalıdır.',
    en: 'The case is your own, or of somebody close to you: another officer must do this.',
    ru: 'Это ваше собственное дело или дело близкого вам лица: им должен заняться другой сотрудник.',
  },
  another_officer: {
    az: 'Şikayətə qərarı verməyən başqa məmur baxır.',
    en: 'An appeal is for another officer than the one who decided.',
    ru: 'Жалобу рассматривает другой сотрудник, а не принявший решение.',
  },
  term_waits: {
    az: 'Qanunun tələb etdiyi gözləmə müddəti hələ bitməyib.',
    en: 'The time that the law wants it to wait is not over.',
    ru: 'Срок ожидания, установленный законом, ещё не истёк.',
  },
  no_term: {
    az: 'Müraciətin məlum müddəti yoxdur.',
    en: 'No term of the application is known.',
    ru: 'Срок рассмотрения заявления не известен.',
  },
  no_extension: {
    az: 'Bu xidmətdə müddət uzadılmır.',
    en: 'The term of this service is not extended.',
    ru: 'Срок этой услуги не продлевается.',
  },
  extended: {
    az: 'Müddət artıq bir dəfə uzadılıb.',
    en: 'The term has been extended already, which is done once.',
    ru: 'Срок уже был продлён; продлевается он один раз.',
  },
  term_over: {
    az: 'Müddət bitib: onu uzatmaq olmaz.',
    en: 'The term is over, and can be extended no more.',
    ru: 'Срок истёк, продлить его нельзя.',
  },
  law_decides: {
    az: 'Müddət bitib: qərarı qanun verir, bu bir azdan burada görünəcək.',
    en: 'The term is over: the law decides, which will stand here in a moment.',
    ru: 'Срок истёк: решение следует из закона и скоро появится здесь.',
  },
  decided: {
    az: 'Müraciət üzrə artıq qərar verilib.',
    en: 'The application has been decided already.',
    ru: 'По заявлению уже принято решение.',
  },
  appealed: {
    az: 'Bu qərardan artıq şikayət verilib.',
    en: 'This decision has been appealed already.',
    ru: 'Это решение уже обжаловано.',
  },
  no_appeal: {
    az: 'Bu qərardan burada şikayət verilmir.',
    en: 'This decision cannot be appealed here.',
    ru: 'Это решение здесь не обжалуется.',
  },
  appeal_late: {
    az: 'Şikayət müddəti bitib.',
    en: 'The term for an appeal is over.',
    ru: 'Срок обжалования истёк.',
  },
}
export const messageOf = (reason: Reason) => said[reason]

/** Whoever may not is told so by the same code, as the state may change and their part in it does not. */
export const notNow = (reason: Reason): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: `application.${reason}`,
  message: said[reason],
})
