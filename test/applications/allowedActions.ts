import type { ApplicationState } from '../../src/applications/application.table.js'

export type State = keyof typeof ApplicationState

/**
 * Who may do what in which state, and the state it leads to (the same one if none is given). Written by hand, without
 * reading the rules. Callers are letters:
 * A  the applicant, or somebody who files for them
 * C  a co-applicant who has confirmed, or somebody who files for them
 * S  somebody who may sign
 * h  the officer to whom the application is assigned
 * H  that officer, if they are an APPROVER
 * n  an officer to whom it is not assigned
 * t  an officer who may take it or hand it on
 * o  the applicant or a co-applicant, while they may object to a proactive decision
 * R  an APPROVER to whom it is assigned, while a decision is proposed
 * p  a program of the agency that may decide, if no officer has it
 */
export const allowedActions: Record<State, Record<string, [callers: string, to?: State]>> = {
  DRAFT: { SAVE: ['A'], SIGN: ['S'], SUBMIT: ['A', 'SUBMITTED'], WITHDRAW: ['AC', 'WITHDRAWN'] },
  AWAITING_CONFIRMATION: { SIGN: ['S', 'SUBMITTED'], WITHDRAW: ['AC', 'WITHDRAWN'], RENEW_INVITATION: ['A'] },
  AWAITING_ASSESSMENT: { WITHDRAW: ['AC', 'WITHDRAWN'], OPEN: ['n'], NOTE: ['h'] },
  AWAITING_PAYMENT: { WITHDRAW: ['AC', 'WITHDRAWN'] },
  SUBMITTED: { WITHDRAW: ['AC', 'WITHDRAWN'], OPEN: ['n'], NOTE: ['h'] },
  REGISTERED: {
    WITHDRAW: ['AC', 'WITHDRAWN'],
    ASSIGN: ['t', 'IN_REVIEW'],
    OPEN: ['n'],
    NOTE: ['h'],
    EXTEND: ['H'],
    MESSAGE: ['ACh'],
    APPROVE: ['p', 'APPROVED'],
    REFUSE: ['p', 'REFUSED'],
    DISCONTINUE: ['p', 'DISCONTINUED'],
  },
  TRANSFERRED: { WITHDRAW: ['AC', 'WITHDRAWN'], OPEN: ['n'], NOTE: ['h'] },
  IN_REVIEW: {
    TRANSFER: ['H', 'TRANSFERRED'],
    WITHDRAW: ['AC', 'WITHDRAWN'],
    ASSIGN: ['t'],
    OPEN: ['n'],
    NOTE: ['h'],
    MESSAGE: ['ACh'],
    PROPOSE: ['h'],
    RETURN_PROPOSAL: ['R'],
    EXTEND: ['H'],
    REQUEST_INFORMATION: ['h', 'INFORMATION_REQUESTED'],
    REQUEST_OPINION: ['h'],
    WITHDRAW_OPINION_REQUEST: ['h'],
    ACCEPT_ANSWERS: ['H'],
    APPROVE: ['H', 'APPROVED'],
    REFUSE: ['H', 'REFUSED'],
    DISCONTINUE: ['H', 'DISCONTINUED'],
  },
  INFORMATION_REQUESTED: {
    WITHDRAW: ['AC', 'WITHDRAWN'],
    ASSIGN: ['t'],
    OPEN: ['n'],
    NOTE: ['h'],
    MESSAGE: ['ACh'],
    WITHDRAW_OPINION_REQUEST: ['h'],
    ACCEPT_ANSWERS: ['H'],
    RESPOND: ['AC', 'IN_REVIEW'],
  },
  UNDER_APPEAL: {
    WITHDRAW: ['AC', 'WITHDRAWN'],
    ASSIGN: ['t'],
    OPEN: ['n'],
    NOTE: ['h'],
    MESSAGE: ['ACh'],
    PROPOSE: ['h'],
    RETURN_PROPOSAL: ['R'],
    EXTEND: ['H'],
    REQUEST_INFORMATION: ['h', 'INFORMATION_REQUESTED'],
    REQUEST_OPINION: ['h'],
    WITHDRAW_OPINION_REQUEST: ['h'],
    ACCEPT_ANSWERS: ['H'],
    APPROVE: ['H', 'APPROVED'],
    REFUSE: ['H', 'REFUSED'],
    DISCONTINUE: ['H', 'DISCONTINUED'],
  },
  APPROVED: { ASSIGN: ['t'], OPEN: ['n'], NOTE: ['h'], COMPLETE: ['h', 'COMPLETED'], WITHDRAW: ['o', 'WITHDRAWN'] },
  AWAITING_FEE: { OPEN: ['n'], NOTE: ['h'], WITHDRAW: ['o', 'WITHDRAWN'] },
  READY: { ASSIGN: ['t'], OPEN: ['n'], NOTE: ['h'], COMPLETE: ['h', 'COMPLETED'], WITHDRAW: ['o', 'WITHDRAWN'] },
  REFUSED: { OPEN: ['n'], NOTE: ['h'], APPEAL: ['AC', 'UNDER_APPEAL'] },
  DISCONTINUED: { OPEN: ['n'], NOTE: ['h'], APPEAL: ['AC', 'UNDER_APPEAL'] },
  WITHDRAWN: { OPEN: ['n'], NOTE: ['h'] },
  EXPIRED: { OPEN: ['n'], NOTE: ['h'] },
  LAPSED: { OPEN: ['n'], NOTE: ['h'] },
  COMPLETED: { OPEN: ['n'], NOTE: ['h'] },
}
export const states = Object.keys(allowedActions) as State[]

/** The letters of an officer with REVIEWER or APPROVER at the agency. */
export const lettersOfOfficer = (officer: { isAssigned: boolean; isApprover: boolean; isFree: boolean }): string => {
  const { isAssigned, isApprover, isFree } = officer
  const mayTake = isAssigned || isApprover || isFree
  return [isAssigned ? 'h' : 'n', isAssigned && isApprover ? 'H' : '', mayTake ? 't' : ''].join('')
}
export const isAllowed = (letters: string, state: State, action: string): boolean =>
  [...(allowedActions[state][action]?.[0] ?? '')].some((letter) => letters.includes(letter))
