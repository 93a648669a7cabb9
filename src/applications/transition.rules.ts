import { ApplicationRole } from '../catalogue/services/applicationRole.table.js'
import { FeeDue } from '../catalogue/tariffs/fee.table.js'
import { Power } from '../identity/mandates/mandate.table.js'
import type { Tie } from '../identity/officers/ownCase.js'
import { ApplicationState as State } from './application.table.js'
import type { Reason } from './refusal.rules.js'

/** What is not paid yet, by when it is due: a known amount, or one that the agency has not assessed. */
export type Owed = Partial<Record<FeeDue, 'AMOUNT' | 'UNKNOWN'>>

export enum Action {
  SAVE = 'SAVE',
  SIGN = 'SIGN',
  SUBMIT = 'SUBMIT',
  CONFIRM = 'CONFIRM',
  RETURN = 'RETURN',
  RENEW_INVITATION = 'RENEW_INVITATION',
  ASSESS = 'ASSESS',
  PAY = 'PAY',
  RECORD_PAYMENT = 'RECORD_PAYMENT',
  RECORD_REVERSAL = 'RECORD_REVERSAL',
  WITHDRAW = 'WITHDRAW',
  REGISTER = 'REGISTER',
  ASSIGN = 'ASSIGN',
  OPEN = 'OPEN',
  REQUEST_INFORMATION = 'REQUEST_INFORMATION',
  RESPOND = 'RESPOND',
  RESUME = 'RESUME',
  EXTEND = 'EXTEND',
  ESCALATE = 'ESCALATE',
  TRANSFER = 'TRANSFER',
  NOTE = 'NOTE',
  PROPOSE = 'PROPOSE',
  RETURN_PROPOSAL = 'RETURN_PROPOSAL',
  MESSAGE = 'MESSAGE',
  REQUEST_OPINION = 'REQUEST_OPINION',
  WITHDRAW_OPINION_REQUEST = 'WITHDRAW_OPINION_REQUEST',
  GIVE_OPINION = 'GIVE_OPINION',
  OPINION_OVERDUE = 'OPINION_OVERDUE',
  CONFIRM_ANSWERS = 'CONFIRM_ANSWERS',
  DISPUTE_ANSWERS = 'DISPUTE_ANSWERS',
  ACCEPT_ANSWERS = 'ACCEPT_ANSWERS',
  APPROVE = 'APPROVE',
  REFUSE = 'REFUSE',
  DISCONTINUE = 'DISCONTINUE',
  APPEAL = 'APPEAL',
  COMPLETE = 'COMPLETE',
  EXPIRE = 'EXPIRE',
  LAPSE = 'LAPSE',
}

/**
 * Who acts. APPLICANT and CO_APPLICANT include representatives. SIGNER may sign for a party, and PAYER pay for the applicant.
 * INVITED has not confirmed yet, CO_APPLICANT has. AGENCY_PROGRAM
 * is a program of the agency that may decide. SYSTEM is the worker.
 */
export enum Doer {
  APPLICANT = 'APPLICANT',
  SIGNER = 'SIGNER',
  PAYER = 'PAYER',
  INVITED = 'INVITED',
  CO_APPLICANT = 'CO_APPLICANT',
  REVIEWER = 'REVIEWER',
  APPROVER = 'APPROVER',
  /** Assesses what is to be paid. */
  FINANCE = 'FINANCE',
  AGENCY_PROGRAM = 'AGENCY_PROGRAM',
  SYSTEM = 'SYSTEM',
}

/** What transitions depend on: facts of an application, and of the process of its service. */
export interface CaseFacts {
  state: State
  /** Number of co-applicants who have not confirmed. */
  unconfirmed: number
  /** Roles of the parties whose required signature is missing. */
  unsigned: readonly ApplicationRole[]
  /** The parties that have signed the present content. */
  signedBy: readonly string[]
  owed: Owed
  /** Whether its result is handed over: a document of a service that requires a visit or paper. */
  handedOver: boolean
  /** Whether it was decided. */
  decided: boolean
  /** Whether it is assigned to an officer. */
  assigned: boolean
  /** Whether a proposed decision is open. */
  proposed: boolean
  notBefore: Date | null
  /** End of the term. Null if no term is known. */
  dueAt: Date | null
  /** Whether the law deems it decided at the end of its term. */
  deemed: boolean
  /** Whether the law allows an extension of the term. */
  extendable: boolean
  extended: boolean
  /** Whether it has declared answers that neither a registry has confirmed nor an officer accepted. */
  unsettled: boolean
  /** End of the time for an appeal. Null if there is nothing to appeal. */
  appealUntil: Date | null
  /** Until when the person may object to a proactive decision. Null if there is nothing to object to. */
  objectionUntil: Date | null
  /** Whether its last decision was appealed, and so has no effect any more. */
  appealed: boolean
  /** Number of times that an officer has transferred it. */
  transfers: number
}

export interface Transition {
  action: Action
  from: readonly State[]
  /** The next state. Null if the state stays. */
  to(facts: CaseFacts): State | null
  by: readonly Doer[]
  /** Further conditions. Returns the reason if one is not met. */
  unless?(facts: CaseFacts, now: Date): Reason | undefined
  /** Type of the event and the timeline entry. */
  event: string
  /** True if officers alone know of it, so the timeline does not have it. */
  internal?: true
}

const always = (state: State) => () => state
const stays = () => null

/** The state after a submission, a confirmation or a signature. */
const received = ({ unconfirmed, unsigned, owed }: CaseFacts): State =>
  unconfirmed > 0 || unsigned.length > 0 ? State.AWAITING_CONFIRMATION : assessed({ owed })
/** The state before the registration. Nobody waits for an amount that is unknown. */
const assessed = ({ owed }: Pick<CaseFacts, 'owed'>): State => {
  const due = owed[FeeDue.BEFORE_REGISTRATION]
  if (!due) return State.SUBMITTED
  return due === 'UNKNOWN' ? State.AWAITING_ASSESSMENT : State.AWAITING_PAYMENT
}
/** The state of an approved application that is paid, or whose payment is not due yet. */
const issued = ({ handedOver }: CaseFacts): State => (handedOver ? State.READY : State.APPROVED)
/** What is paid after the approval is issued once it is paid. Until its amount is assessed, the agency must act. */
const approved = (facts: CaseFacts): State => {
  const due = facts.owed[FeeDue.AFTER_APPROVAL]
  if (!due) return issued(facts)
  return due === 'UNKNOWN' ? State.APPROVED : State.AWAITING_FEE
}
/** The state after a request for information. */
const resumed = ({ appealed }: CaseFacts): State => (appealed ? State.UNDER_APPEAL : State.IN_REVIEW)

/** Invited parties sign once the application was submitted. */
const isUnsigned = ({ unsigned }: CaseFacts) => (unsigned.includes(ApplicationRole.APPLICANT) ? 'unsigned' : undefined)
const tooEarly = ({ notBefore }: CaseFacts, now: Date) => (notBefore && now < notBefore ? 'term_waits' : undefined)
/** After the end of the term the law has decided, even if the worker has not recorded it yet. */
const lawDecides = ({ state, deemed, dueAt, notBefore }: CaseFacts, now: Date) => {
  const waitsLonger = dueAt && notBefore && dueAt < notBefore // the law decides nothing then
  return deemed && running.includes(state) && dueAt && !waitsLonger && now > dueAt ? 'law_decides' : undefined
}
const lateOrUnsettled = (facts: CaseFacts, now: Date) =>
  lawDecides(facts, now) ?? (facts.unsettled ? 'unsettled' : undefined)
const tooEarlyLateOrUnsettled = (facts: CaseFacts, now: Date) => tooEarly(facts, now) ?? lateOrUnsettled(facts, now)
/** A program never decides what lies on an officer's desk, or what a person has appealed. */
const notForProgram = ({ assigned, appealed }: CaseFacts) =>
  appealed ? 'needs_officer' : assigned ? 'not_assigned' : undefined
const nothingToSettle = ({ decided, unsettled }: CaseFacts) => (decided ? 'decided' : unsettled ? undefined : 'settled')
const nothingToAccept = (facts: CaseFacts, now: Date) => lawDecides(facts, now) ?? nothingToSettle(facts)
const isDecided = (facts: CaseFacts, now: Date) => (facts.decided ? 'decided' : lawDecides(facts, now))
const noMoreTime = ({ dueAt, extendable, extended }: CaseFacts, now: Date) => {
  if (!dueAt) return 'no_term'
  if (!extendable) return 'no_extension'
  return extended ? 'extended' : now > dueAt ? 'term_over' : undefined
}
const noAppeal = ({ appealUntil, appealed }: CaseFacts, now: Date) => {
  if (appealed) return 'appealed'
  return !appealUntil ? 'no_appeal' : now > appealUntil ? 'appeal_late' : undefined
}

const nothingToAssess = ({ owed }: CaseFacts) =>
  Object.values(owed).includes('UNKNOWN') ? undefined : 'nothing_to_assess'
/** What is due in the state, if its amount is known. */
const payable = ({ state, owed }: CaseFacts) => {
  const due = paying[state]
  return due !== undefined && owed[due] === 'AMOUNT'
}
const nothingToPay = (facts: CaseFacts) => (payable(facts) ? undefined : 'nothing_to_pay')
/** With two currencies, or after a reversal, something may still be open. */
const partlyPaid = (facts: CaseFacts) => (payable(facts) ? 'unpaid' : undefined)
/** It is paid, even if the worker has not recorded it yet. */
const paidInTime = (facts: CaseFacts) => (facts.state in paying ? nothingToPay(facts) : undefined)
const isUnpaid = ({ owed }: CaseFacts) =>
  owed[FeeDue.AFTER_APPROVAL] || owed[FeeDue.AT_HANDOVER] ? 'unpaid' : undefined
const mayStillObject = ({ objectionUntil }: CaseFacts, now: Date) => objectionUntil !== null && now <= objectionUntil
const noObjection = (facts: CaseFacts, now: Date) => {
  if (!facts.objectionUntil) return 'decided'
  return mayStillObject(facts, now) ? undefined : 'objection_late'
}
/** An application does not wander: the third agency that receives it decides. */
export const mostTransfers = 3
const noTransfer = (facts: CaseFacts, now: Date) =>
  lawDecides(facts, now) ?? (facts.transfers >= mostTransfers ? 'transferred_often' : undefined)

/** After an appeal, another officer reviews. Until the case is assigned, `refusedToOfficer` keeps all from deciding. */
const underReview = [State.IN_REVIEW, State.UNDER_APPEAL]
const whileReviewed = [...underReview, State.INFORMATION_REQUESTED]
/** A proposed decision stays open in these states. */
export const keepsProposal = whileReviewed
/** The states in which other agencies may be asked for opinions. Requests end when an application leaves them. */
export const awaitingOpinions = whileReviewed
/** The states in which the term runs. */
export const running = [State.REGISTERED, ...underReview]
const beforeDecision = [State.SUBMITTED, State.TRANSFERRED, ...running, State.INFORMATION_REQUESTED]
/** All states after the submission in which nothing is decided. */
export const undecided = [
  State.AWAITING_CONFIRMATION,
  State.AWAITING_ASSESSMENT,
  State.AWAITING_PAYMENT,
  ...beforeDecision,
]
/** The states in which time to pay runs: what is due, and whether it is paid at the hand-over. */
export const paying: Partial<Record<State, FeeDue>> = {
  [State.AWAITING_PAYMENT]: FeeDue.BEFORE_REGISTRATION,
  [State.AWAITING_FEE]: FeeDue.AFTER_APPROVAL,
  [State.READY]: FeeDue.AT_HANDOVER,
}
/** The states after an approval whose result was not handed over. */
export const granted: readonly State[] = [State.APPROVED, State.AWAITING_FEE, State.READY]
const officers = [Doer.REVIEWER, Doer.APPROVER]
const parties = [Doer.APPLICANT, Doer.CO_APPLICANT]
/** The states in which officers see it. */
export const shownToOfficers: readonly State[] = Object.values(State).filter(
  (state) => state !== State.DRAFT && state !== State.AWAITING_CONFIRMATION && state !== State.AWAITING_PAYMENT,
)

/** The state machine of an application. */
export const transitions: readonly Transition[] = [
  {
    action: Action.SAVE,
    from: [State.DRAFT],
    to: stays,
    by: [Doer.APPLICANT],
    event: 'application.saved',
  },
  {
    action: Action.SUBMIT,
    from: [State.DRAFT],
    to: received,
    by: [Doer.APPLICANT],
    unless: isUnsigned,
    event: 'application.submitted',
  },
  {
    action: Action.SIGN,
    from: [State.DRAFT],
    to: stays,
    by: [Doer.SIGNER],
    event: 'application.signed',
  },
  {
    action: Action.SIGN,
    from: [State.AWAITING_CONFIRMATION],
    to: received,
    by: [Doer.SIGNER],
    event: 'application.signed',
  },
  {
    action: Action.CONFIRM,
    from: [State.AWAITING_CONFIRMATION],
    to: received,
    by: [Doer.INVITED],
    event: 'application.confirmed',
  },
  {
    // What the answers say about who confirms is wrong.
    action: Action.RETURN,
    from: [State.AWAITING_CONFIRMATION],
    to: always(State.DRAFT),
    by: [Doer.INVITED],
    event: 'application.returned',
  },
  {
    action: Action.RENEW_INVITATION,
    from: [State.AWAITING_CONFIRMATION],
    to: stays,
    by: [Doer.APPLICANT],
    event: 'application.invitation_renewed',
  },
  {
    action: Action.ASSESS,
    from: [State.AWAITING_ASSESSMENT],
    by: [Doer.FINANCE],
    to: assessed,
    unless: nothingToAssess,
    event: 'application.fee_assessed',
  },
  {
    // What is due after the approval or at the hand-over can be assessed before it is.
    action: Action.ASSESS,
    from: [State.REGISTERED, State.IN_REVIEW, State.UNDER_APPEAL, State.READY],
    by: [Doer.FINANCE],
    to: stays,
    unless: nothingToAssess,
    event: 'application.fee_assessed',
  },
  {
    action: Action.ASSESS,
    from: [State.APPROVED],
    by: [Doer.FINANCE],
    to: approved,
    unless: nothingToAssess,
    event: 'application.fee_assessed',
  },
  {
    // A person starts a payment. RECORD_PAYMENT moves the application once the bank has confirmed it.
    action: Action.PAY,
    from: [State.AWAITING_PAYMENT, State.AWAITING_FEE, State.READY],
    by: [Doer.PAYER],
    to: stays,
    unless: nothingToPay,
    event: 'application.paid',
  },
  {
    action: Action.RECORD_PAYMENT,
    from: [State.AWAITING_PAYMENT],
    by: [Doer.SYSTEM],
    to: always(State.SUBMITTED),
    unless: partlyPaid,
    event: 'application.paid',
  },
  {
    action: Action.RECORD_PAYMENT,
    from: [State.AWAITING_FEE],
    by: [Doer.SYSTEM],
    to: issued,
    unless: partlyPaid,
    event: 'application.paid',
  },
  {
    action: Action.RECORD_PAYMENT,
    from: [State.READY],
    by: [Doer.SYSTEM],
    to: stays,
    unless: partlyPaid,
    event: 'application.paid',
  },
  {
    // The state stays. The charge is open again, and nothing is handed over without it.
    action: Action.RECORD_REVERSAL,
    from: Object.values(State).filter((state) => state !== State.DRAFT && state !== State.AWAITING_CONFIRMATION),
    by: [Doer.SYSTEM],
    to: stays,
    event: 'application.payment_reversed',
  },
  {
    // Nothing is left to decide without the consent of a co-applicant, so it ends for all.
    action: Action.WITHDRAW,
    to: always(State.WITHDRAWN),
    by: parties,
    from: [State.DRAFT, ...undecided],
    unless: isDecided,
    event: 'application.withdrawn',
  },
  {
    // An objection to a decision that the agency made without an application.
    action: Action.WITHDRAW,
    from: granted,
    to: always(State.WITHDRAWN),
    by: parties,
    unless: noObjection,
    event: 'application.withdrawn',
  },
  {
    action: Action.REGISTER,
    from: [State.SUBMITTED, State.TRANSFERRED],
    to: always(State.REGISTERED),
    by: [Doer.SYSTEM],
    event: 'application.registered',
  },
  {
    action: Action.ASSIGN,
    from: [State.REGISTERED],
    to: always(State.IN_REVIEW),
    by: officers,
    event: 'application.assigned',
  },
  {
    // Also after a deemed approval, somebody hands over the result.
    action: Action.ASSIGN,
    from: [...underReview, State.INFORMATION_REQUESTED, State.APPROVED, State.READY],
    to: stays,
    by: officers,
    event: 'application.assigned',
  },
  {
    action: Action.OPEN,
    to: stays,
    by: [...officers, Doer.FINANCE],
    event: 'application.opened',
    from: shownToOfficers,
  },
  {
    action: Action.NOTE,
    to: stays,
    by: officers,
    event: 'application.note_added',
    from: shownToOfficers,
    internal: true,
  },
  {
    action: Action.PROPOSE,
    from: underReview,
    to: stays,
    by: officers,
    unless: lawDecides,
    event: 'application.decision_proposed',
    internal: true,
  },
  {
    action: Action.RETURN_PROPOSAL,
    from: underReview,
    to: stays,
    by: [Doer.APPROVER],
    unless: (facts, now) => (facts.proposed ? lawDecides(facts, now) : 'no_proposal'),
    event: 'application.proposal_returned',
    internal: true,
  },
  {
    action: Action.REQUEST_INFORMATION,
    from: underReview,
    to: always(State.INFORMATION_REQUESTED),
    by: officers,
    unless: lawDecides,
    event: 'application.information_requested',
  },
  {
    action: Action.RESPOND,
    from: [State.INFORMATION_REQUESTED],
    to: resumed,
    by: parties,
    event: 'application.information_given',
  },
  {
    // The applicant has not responded in time.
    action: Action.RESUME,
    from: [State.INFORMATION_REQUESTED],
    to: resumed,
    by: [Doer.SYSTEM],
    event: 'application.resumed',
  },
  {
    action: Action.EXTEND,
    from: running,
    to: stays,
    by: [Doer.APPROVER],
    unless: noMoreTime,
    event: 'application.extended',
  },
  {
    action: Action.ESCALATE,
    from: running,
    to: stays,
    by: [Doer.SYSTEM],
    event: 'application.escalated',
  },
  {
    // Not while the applicant has time to respond, nor under appeal, where the law names the agency. The agency gives the
    // application away for good, so it takes the role that decides.
    action: Action.TRANSFER,
    from: [State.IN_REVIEW],
    to: always(State.TRANSFERRED),
    by: [Doer.APPROVER],
    unless: noTransfer,
    event: 'application.transferred',
  },
  {
    // The applicant has named the agency.
    action: Action.TRANSFER,
    from: [State.SUBMITTED],
    to: always(State.TRANSFERRED),
    by: [Doer.SYSTEM],
    event: 'application.transferred',
  },
  {
    action: Action.MESSAGE,
    from: beforeDecision.filter((state) => state !== State.SUBMITTED && state !== State.TRANSFERRED),
    to: stays,
    by: [...officers, ...parties],
    event: 'application.message_sent',
  },
  {
    action: Action.REQUEST_OPINION,
    from: underReview,
    to: stays,
    by: officers,
    unless: lawDecides,
    event: 'application.opinion_requested',
  },
  {
    action: Action.WITHDRAW_OPINION_REQUEST,
    from: awaitingOpinions,
    to: stays,
    by: officers,
    event: 'application.opinion_withdrawn',
  },
  {
    // `giveOpinion` checks who gives it. To the case, they are nobody.
    action: Action.GIVE_OPINION,
    from: awaitingOpinions,
    to: stays,
    by: [Doer.SYSTEM],
    event: 'application.opinion_given',
  },
  {
    action: Action.OPINION_OVERDUE,
    from: awaitingOpinions,
    to: stays,
    by: [Doer.SYSTEM],
    event: 'application.opinion_overdue',
  },
  {
    action: Action.CONFIRM_ANSWERS,
    from: undecided,
    to: stays,
    by: [Doer.SYSTEM],
    unless: nothingToSettle,
    event: 'application.answers_confirmed',
  },
  {
    action: Action.DISPUTE_ANSWERS,
    from: undecided,
    to: stays,
    by: [Doer.SYSTEM],
    unless: nothingToSettle,
    event: 'application.answers_disputed',
  },
  {
    action: Action.ACCEPT_ANSWERS,
    from: [...underReview, State.INFORMATION_REQUESTED],
    to: stays,
    by: [Doer.APPROVER],
    unless: nothingToAccept,
    event: 'application.answers_accepted',
  },
  // The worker records deemed decisions, also on unsettled answers.
  {
    action: Action.APPROVE,
    from: running,
    to: approved,
    by: [Doer.SYSTEM],
    unless: tooEarly,
    event: 'application.approved',
  },
  {
    action: Action.REFUSE,
    from: running,
    to: always(State.REFUSED),
    by: [Doer.SYSTEM],
    unless: tooEarly,
    event: 'application.refused',
  },
  {
    action: Action.APPROVE,
    from: underReview,
    to: approved,
    by: [Doer.APPROVER],
    unless: tooEarlyLateOrUnsettled,
    event: 'application.approved',
  },
  {
    // A waiting period protects others from an approval. An obstacle is refused at once.
    action: Action.REFUSE,
    from: underReview,
    to: always(State.REFUSED),
    by: [Doer.APPROVER],
    unless: lateOrUnsettled,
    event: 'application.refused',
  },
  {
    // Not while the applicant has time to respond.
    action: Action.DISCONTINUE,
    from: underReview,
    to: always(State.DISCONTINUED),
    by: [Doer.APPROVER],
    unless: lawDecides,
    event: 'application.discontinued',
  },
  {
    action: Action.APPROVE,
    from: [State.REGISTERED],
    to: approved,
    by: [Doer.AGENCY_PROGRAM],
    unless: (facts, now) => notForProgram(facts) ?? tooEarlyLateOrUnsettled(facts, now),
    event: 'application.approved',
  },
  {
    action: Action.REFUSE,
    from: [State.REGISTERED],
    to: always(State.REFUSED),
    by: [Doer.AGENCY_PROGRAM],
    unless: (facts, now) => notForProgram(facts) ?? lateOrUnsettled(facts, now),
    event: 'application.refused',
  },
  {
    action: Action.DISCONTINUE,
    from: [State.REGISTERED],
    to: always(State.DISCONTINUED),
    by: [Doer.AGENCY_PROGRAM],
    unless: (facts, now) => notForProgram(facts) ?? lawDecides(facts, now),
    event: 'application.discontinued',
  },
  {
    action: Action.APPEAL,
    from: [State.REFUSED, State.DISCONTINUED],
    to: always(State.UNDER_APPEAL),
    by: parties,
    unless: noAppeal,
    event: 'application.appealed',
  },
  {
    action: Action.COMPLETE,
    from: [State.APPROVED, State.READY],
    to: always(State.COMPLETED),
    by: officers,
    unless: (facts, now) => (mayStillObject(facts, now) ? 'objection_runs' : isUnpaid(facts)),
    event: 'application.completed',
  },
  {
    action: Action.EXPIRE,
    from: [State.DRAFT, State.AWAITING_CONFIRMATION, State.AWAITING_PAYMENT],
    to: always(State.EXPIRED),
    by: [Doer.SYSTEM],
    unless: paidInTime,
    event: 'application.expired',
  },
  {
    action: Action.LAPSE,
    from: [State.AWAITING_FEE, State.READY],
    to: always(State.LAPSED),
    by: [Doer.SYSTEM],
    unless: paidInTime,
    event: 'application.lapsed',
  },
]

/** Saves what registries have answered for a draft, whoever asked them. */
export const saves = transitions.find(({ action }) => action === Action.SAVE) as Transition // in the list above

/** The relation of the caller to an application. */
export interface Relation {
  /** Powers over the applicant in this service. */
  powers: ReadonlySet<Power>
  /** Powers over co-applicants who have confirmed. */
  powersOverOthers: ReadonlySet<Power>
  isInvited: boolean
  /** The parties for which the caller may sign, their own first, each with the mandates for it. */
  signsFor: ReadonlyMap<string, readonly string[]>
  /** Roles at the agency that handles the application. */
  isReviewer: boolean
  isApprover: boolean
  isFinance: boolean
  isAssigned: boolean
  /** Whether the officer has opened it with a reason. */
  hasOpened: boolean
  /** Whether the caller is a program of that agency that may decide. */
  isProgram: boolean
  /** Whether the caller made a decision on it. */
  hasDecided: boolean
  /** Why it is the officer’s own case. Null if it is not. */
  tie: Tie | null
}

const isBy = (
  doer: Doer,
  { powers, powersOverOthers, signsFor, isInvited, isReviewer, isApprover, isFinance, isProgram }: Relation,
): boolean => {
  switch (doer) {
    case Doer.APPLICANT:
      return powers.has(Power.FILE)
    case Doer.CO_APPLICANT:
      return powersOverOthers.has(Power.FILE)
    case Doer.SIGNER:
      return signsFor.size > 0
    case Doer.PAYER:
      return powers.has(Power.PAY)
    case Doer.INVITED:
      return isInvited
    case Doer.REVIEWER:
      return isReviewer
    case Doer.APPROVER:
      return isApprover
    case Doer.FINANCE:
      return isFinance
    case Doer.AGENCY_PROGRAM:
      return isProgram
    case Doer.SYSTEM:
      return false
  }
}

/** Actions on any case of the agency. All others require the assigned officer. */
const ofAny = [Action.ASSIGN, Action.OPEN, Action.ASSESS]

/** The transition of an action now, or why it is refused. */
export function transitionOf(
  action: Action,
  facts: CaseFacts,
  relation: Relation,
  now: Date,
): Transition | { refused: Reason } {
  const known = transitions.filter((transition) => transition.action === action)
  if (!known.some(({ by }) => by.some((doer) => isBy(doer, relation)))) return { refused: 'not_yours' }
  const fitting = known.find(({ from, by }) => from.includes(facts.state) && by.some((doer) => isBy(doer, relation)))
  if (!fitting) return { refused: 'wrong_state' }
  if (action === Action.SIGN && !signerIn(facts, relation)) return { refused: 'signed_already' }
  const isOfficer = relation.isReviewer || relation.isApprover || relation.isFinance
  const refused = (isOfficer && refusedToOfficer(action, facts, relation)) || fitting.unless?.(facts, now)
  return refused ? { refused } : fitting
}

/** The roles of those who must still sign before the agency receives the application. */
export function missingFor(action: Action, { state, unsigned }: CaseFacts): readonly ApplicationRole[] | undefined {
  const isOpen = state === State.DRAFT || state === State.AWAITING_CONFIRMATION
  const isAbout = action === Action.SUBMIT || action === Action.SIGN
  return isAbout && isOpen && unsigned.length > 0 ? unsigned : undefined
}

/** The next party for which the caller may sign. Undefined if all of them have signed. */
export const signerIn = ({ signedBy }: Pick<CaseFacts, 'signedBy'>, { signsFor }: Relation): string | undefined =>
  [...signsFor.keys()].find((party) => !signedBy.includes(party))

const isNote = (action: Action): boolean => action === Action.NOTE

function refusedToOfficer(action: Action, facts: CaseFacts, relation: Relation): Reason | undefined {
  const { isAssigned, isApprover, hasOpened, hasDecided, tie } = relation
  if (tie) return 'own_case'
  // A REVIEWER cannot take a colleague's case: that would open it without a reason.
  const mayTake = isAssigned || isApprover || !facts.assigned
  if (action === Action.ASSIGN ? !mayTake : !ofAny.includes(action) && !isAssigned && !(hasOpened && isNote(action)))
    return 'not_assigned'
  // Nobody but an APPROVER can take what waits for one.
  if (action === Action.ASSIGN && facts.proposed && !facts.assigned && !isApprover) return 'proposed'
  if (action === Action.OPEN) return isAssigned ? 'is_yours' : undefined
  if (action === Action.ASSESS) return undefined
  return facts.appealed && hasDecided && !isNote(action) ? 'another_officer' : undefined
}

/** The transition of an action of the worker, which has no relation to the case. */
export function transitionOfSystem(action: Action, facts: CaseFacts, now: Date): Transition | undefined {
  const found = transitions.find(
    ({ by, from, ...transition }) =>
      transition.action === action && by.includes(Doer.SYSTEM) && from.includes(facts.state),
  )
  return found?.unless?.(facts, now) ? undefined : found
}
