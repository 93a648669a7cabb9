import type { Mistake } from '../engine/userError.js'
import type { Power } from '../identity/mandate.table.js'
import { ApplicationState as State } from './application.table.js'

/** When an application is paid for, as the fees of its service say. */
export enum PaymentTiming {
  NONE = 'NONE',
  /** Before the agency looks at it. */
  BEFORE = 'BEFORE',
  /** Once it is approved, before the result is handed over. */
  AFTER = 'AFTER',
}

/** What is done to an application. */
export enum Action {
  SAVE = 'SAVE',
  SUBMIT = 'SUBMIT',
  CONFIRM = 'CONFIRM',
  PAY = 'PAY',
  WITHDRAW = 'WITHDRAW',
  REGISTER = 'REGISTER',
  ASSIGN = 'ASSIGN',
  REQUEST_INFORMATION = 'REQUEST_INFORMATION',
  RESPOND = 'RESPOND',
  EXTEND = 'EXTEND',
  MESSAGE = 'MESSAGE',
  APPROVE = 'APPROVE',
  REFUSE = 'REFUSE',
  DISCONTINUE = 'DISCONTINUE',
  APPEAL = 'APPEAL',
  COMPLETE = 'COMPLETE',
  EXPIRE = 'EXPIRE',
}

/** Who does it: the applicant or who acts for them, one who was invited, an officer with that role, or the worker. */
export enum Doer {
  APPLICANT = 'APPLICANT',
  INVITED = 'INVITED',
  REVIEWER = 'REVIEWER',
  APPROVER = 'APPROVER',
  SYSTEM = 'SYSTEM',
}

/** What of an application, and of the way its service goes, a transition hangs on. */
export interface Standing {
  state: State
  /** Of those who were invited, how many have not confirmed. */
  unconfirmed: number
  payment: PaymentTiming
  /** Whether it was decided, and waits to be paid for only. */
  decided: boolean
  notBefore: Date | null
  /** Until when its last decision can be appealed; null where nothing can. */
  appealUntil: Date | null
  appealed: boolean
}

interface Transition {
  action: Action
  from: readonly State[]
  /** Where it leads; null: it stays. */
  to(standing: Standing): State | null
  by: readonly Doer[]
  /** What must hold beside the state; the reason where it does not. */
  unless?(standing: Standing, now: Date): Reason | undefined
  /** As what happened is called. */
  event: string
}

const always = (state: State) => () => state
const stays = () => null

/** After it was submitted, and whoever else must confirm it has. */
const received = ({ unconfirmed, payment }: Standing): State =>
  unconfirmed > 0
    ? State.AWAITING_CONFIRMATION
    : payment === PaymentTiming.BEFORE
      ? State.AWAITING_PAYMENT
      : State.SUBMITTED
const approved = ({ payment }: Standing): State =>
  payment === PaymentTiming.AFTER ? State.AWAITING_PAYMENT : State.APPROVED

const tooEarly = ({ notBefore }: Standing, now: Date) => (notBefore && now < notBefore ? 'term_waits' : undefined)

const beforeDecision = [State.SUBMITTED, State.REGISTERED, State.IN_REVIEW, State.INFORMATION_REQUESTED]

/** All that can befall an application. What is not here cannot. */
export const transitions: readonly Transition[] = [
  {
    ...{ action: Action.SAVE, from: [State.DRAFT], to: stays, by: [Doer.APPLICANT] },
    event: 'application.saved',
  },
  {
    ...{ action: Action.SUBMIT, from: [State.DRAFT], to: received, by: [Doer.APPLICANT] },
    event: 'application.submitted',
  },
  {
    ...{ action: Action.CONFIRM, from: [State.AWAITING_CONFIRMATION], to: received, by: [Doer.INVITED] },
    event: 'application.confirmed',
  },
  {
    ...{ action: Action.PAY, from: [State.AWAITING_PAYMENT], by: [Doer.SYSTEM] },
    to: ({ decided }) => (decided ? State.APPROVED : State.SUBMITTED),
    event: 'application.paid',
  },
  {
    ...{ action: Action.WITHDRAW, to: always(State.WITHDRAWN), by: [Doer.APPLICANT] },
    from: [State.DRAFT, State.AWAITING_CONFIRMATION, State.AWAITING_PAYMENT, ...beforeDecision],
    unless: ({ decided }) => (decided ? 'decided' : undefined),
    event: 'application.withdrawn',
  },
  {
    ...{ action: Action.REGISTER, from: [State.SUBMITTED], to: always(State.REGISTERED), by: [Doer.SYSTEM] },
    event: 'application.registered',
  },
  {
    ...{
      action: Action.ASSIGN,
      from: [State.REGISTERED],
      to: always(State.IN_REVIEW),
      by: [Doer.REVIEWER, Doer.APPROVER],
    },
    event: 'application.assigned',
  },
  {
    ...{ action: Action.ASSIGN, from: [State.IN_REVIEW, State.INFORMATION_REQUESTED], to: stays },
    ...{ by: [Doer.REVIEWER, Doer.APPROVER], event: 'application.assigned' },
  },
  {
    ...{ action: Action.REQUEST_INFORMATION, from: [State.IN_REVIEW], to: always(State.INFORMATION_REQUESTED) },
    ...{ by: [Doer.REVIEWER, Doer.APPROVER], event: 'application.information_requested' },
  },
  {
    ...{ action: Action.RESPOND, from: [State.INFORMATION_REQUESTED], to: always(State.IN_REVIEW) },
    ...{ by: [Doer.APPLICANT], event: 'application.information_given' },
  },
  {
    ...{ action: Action.EXTEND, from: [State.REGISTERED, State.IN_REVIEW], to: stays, by: [Doer.APPROVER] },
    event: 'application.extended',
  },
  {
    ...{ action: Action.MESSAGE, from: beforeDecision.filter((state) => state !== State.SUBMITTED), to: stays },
    ...{ by: [Doer.REVIEWER, Doer.APPROVER, Doer.APPLICANT], event: 'application.message_sent' },
  },
  // What the law takes to be decided when the term is over, or what is decided by machine, no officer has looked at.
  {
    ...{ action: Action.APPROVE, from: [State.REGISTERED], to: approved, by: [Doer.SYSTEM] },
    ...{ unless: tooEarly, event: 'application.approved' },
  },
  {
    ...{ action: Action.REFUSE, from: [State.REGISTERED], to: always(State.REFUSED), by: [Doer.SYSTEM] },
    ...{ unless: tooEarly, event: 'application.refused' },
  },
  {
    ...{ action: Action.APPROVE, from: [State.IN_REVIEW], to: approved, by: [Doer.APPROVER, Doer.SYSTEM] },
    ...{ unless: tooEarly, event: 'application.approved' },
  },
  {
    ...{ action: Action.REFUSE, from: [State.IN_REVIEW], to: always(State.REFUSED), by: [Doer.APPROVER, Doer.SYSTEM] },
    ...{ unless: tooEarly, event: 'application.refused' },
  },
  {
    ...{ action: Action.DISCONTINUE, to: always(State.DISCONTINUED), by: [Doer.APPROVER] },
    from: [State.REGISTERED, State.IN_REVIEW, State.INFORMATION_REQUESTED, State.AWAITING_PAYMENT],
    unless: ({ decided }) => (decided ? 'decided' : undefined),
    event: 'application.discontinued',
  },
  {
    ...{ action: Action.APPEAL, from: [State.REFUSED, State.DISCONTINUED], to: always(State.REGISTERED) },
    by: [Doer.APPLICANT],
    unless: ({ appealUntil, appealed }, now) =>
      appealed ? 'appealed' : !appealUntil ? 'no_appeal' : now > appealUntil ? 'appeal_late' : undefined,
    event: 'application.appealed',
  },
  {
    ...{ action: Action.COMPLETE, from: [State.APPROVED], to: always(State.COMPLETED) },
    ...{ by: [Doer.REVIEWER, Doer.APPROVER, Doer.SYSTEM], event: 'application.completed' },
  },
  {
    ...{ action: Action.EXPIRE, from: [State.DRAFT, State.AWAITING_CONFIRMATION], to: always(State.DISCONTINUED) },
    ...{ by: [Doer.SYSTEM], event: 'application.expired' },
  },
]

/** What the caller is to an application. */
export interface Relation {
  /** What they may do for the applicant in this service. */
  powers: ReadonlySet<Power>
  isInvited: boolean
  /** Roles at the agency that handles it; none in their own case. */
  isReviewer: boolean
  isApprover: boolean
  /** Of an officer, whether it is assigned to them. */
  isAssigned: boolean
  /** Of an officer, whether they made the decision that is appealed. */
  hasDecided: boolean
}

const isBy = (doer: Doer, { powers, isInvited, isReviewer, isApprover }: Relation): boolean => {
  switch (doer) {
    case Doer.APPLICANT:
      return powers.has('FILE' as Power)
    case Doer.INVITED:
      return isInvited
    case Doer.REVIEWER:
      return isReviewer
    case Doer.APPROVER:
      return isApprover
    case Doer.SYSTEM:
      return false
  }
}

/** What an officer does to no case but one that is assigned to them. */
const ofAssigned = [
  Action.REQUEST_INFORMATION,
  Action.EXTEND,
  Action.APPROVE,
  Action.REFUSE,
  Action.DISCONTINUE,
  Action.COMPLETE,
]

export type Reason =
  | 'not_yours'
  | 'wrong_state'
  | 'not_assigned'
  | 'another_officer'
  | 'term_waits'
  | 'decided'
  | 'appealed'
  | 'no_appeal'
  | 'appeal_late'

/** The transition that an action is from here, or why it is none. */
export function transitionOf(
  action: Action,
  standing: Standing,
  relation: Relation,
  now: Date,
): Transition | { refused: Reason } {
  const known = transitions.filter((transition) => transition.action === action)
  if (!known.some(({ by }) => by.some((doer) => isBy(doer, relation)))) return { refused: 'not_yours' }
  const fitting = known.find(({ from, by }) => from.includes(standing.state) && by.some((doer) => isBy(doer, relation)))
  if (!fitting) return { refused: 'wrong_state' }
  const asOfficer = !fitting.by.includes(Doer.APPLICANT) || !relation.powers.has('FILE' as Power)
  if (asOfficer && ofAssigned.includes(action) && !relation.isAssigned) return { refused: 'not_assigned' }
  if (asOfficer && relation.hasDecided && [...ofAssigned, Action.ASSIGN].includes(action))
    return { refused: 'another_officer' }
  const refused = fitting.unless?.(standing, now)
  return refused ? { refused } : fitting
}

/** What the worker does: it is nobody's case. */
export function transitionOfSystem(action: Action, standing: Standing, now: Date): Transition | undefined {
  const found = transitions.find(
    (transition) =>
      transition.action === action && transition.by.includes(Doer.SYSTEM) && transition.from.includes(standing.state),
  )
  return found?.unless?.(standing, now) ? undefined : found
}

const said: Record<Reason, Mistake['message']> = {
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
export const notNow = (reason: Reason): Mistake => ({
  ...{ code: 'NOT_ALLOWED_NOW', reason: `application.${reason}`, message: said[reason] },
})
