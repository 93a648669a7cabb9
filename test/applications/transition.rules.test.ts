import { describe, expect, it } from 'vitest'
import { ApplicationPhase, ApplicationState, phases } from '../../src/applications/application.table.js'
import {
  Action,
  type CaseFacts,
  Doer,
  type Owed,
  type Relation,
  transitionOf,
  transitionOfSystem,
  transitions,
} from '../../src/applications/transition.rules.js'
import { ApplicationRole } from '../../src/catalogue/services/applicationRole.table.js'
import { Power } from '../../src/identity/mandates/mandate.table.js'
import { allowedActions, isAllowed, lettersOfOfficer, type State, states } from './allowedActions.js'

const now = new Date('2026-11-25T08:00:00Z')
const [before, after] = [-1, 1].map((milliseconds) => new Date(now.getTime() + milliseconds)) as [Date, Date]

const factsIn = (state: State, more: Partial<CaseFacts> = {}): CaseFacts => ({
  state: ApplicationState[state],
  unconfirmed: 0,
  unsigned: [],
  signedBy: [],
  owed: {},
  handedOver: false,
  decided: false,
  proposed: false,
  assigned: true,
  notBefore: null,
  dueAt: after,
  deemed: false,
  extendable: true,
  extended: false,
  appealUntil: after,
  objectionUntil: null,
  appealed: false,
  transfers: 0,
  unsettled: false,
  ...more,
})
const relationOf = (more: Partial<Relation> = {}): Relation => ({
  powers: new Set(),
  powersOverOthers: new Set(),
  isInvited: false,
  signsFor: new Map(),
  isReviewer: false,
  isApprover: false,
  isFinance: false,
  isAssigned: false,
  hasOpened: false,
  isProgram: false,
  hasDecided: false,
  tie: null,
  ...more,
})
const applicant = relationOf({ powers: new Set([Power.VIEW, Power.FILE]) })
const signer = relationOf({ signsFor: new Map([['a party', []]]) })
const deciding = relationOf({ isReviewer: true, isApprover: true, isAssigned: true })

const ofHand = [...new Set(states.flatMap((state) => Object.keys(allowedActions[state])))] as Action[]

interface Caller {
  name: string
  letters: string
  relation: Relation
  assigned?: boolean
}
const officers = [true, false].flatMap((isApprover) =>
  ['assigned to them', 'assigned to a colleague', 'assigned to nobody'].map((whose): Caller => {
    const [isAssigned, isFree] = [whose === 'assigned to them', whose === 'assigned to nobody']
    return {
      name: `${isApprover ? 'an APPROVER' : 'a REVIEWER'}, ${whose}`,
      letters: lettersOfOfficer({ isAssigned, isApprover, isFree }),
      relation: relationOf({ isReviewer: !isApprover, isApprover, isAssigned }),
      assigned: !isFree,
    }
  }),
)
const callers: Caller[] = [
  { name: 'somebody with the power FILE', letters: 'A', relation: applicant },
  {
    name: 'somebody with the power FILE over a co-applicant',
    letters: 'C',
    relation: relationOf({ powersOverOthers: new Set([Power.FILE]) }),
  },
  { name: 'somebody who may sign', letters: 'S', relation: signer },
  { name: 'somebody with the power VIEW', letters: '', relation: relationOf({ powers: new Set([Power.VIEW]) }) },
  { name: 'somebody who is invited to confirm it', letters: '', relation: relationOf({ isInvited: true }) },
  {
    name: 'a program of the agency, assigned to nobody',
    letters: 'p',
    relation: relationOf({ isProgram: true }),
    assigned: false,
  },
  {
    name: 'a program of the agency, assigned to an officer',
    letters: '',
    relation: relationOf({ isProgram: true }),
  },
  { name: 'somebody else', letters: '', relation: relationOf() },
  ...officers,
]

describe('transitionOf', () => {
  it.each(callers)('allows exactly the listed actions in every state: $name', ({ letters, relation, assigned }) => {
    for (const state of states) {
      const found = ofHand.flatMap((action) => {
        const unsettled = action === Action.ACCEPT_ANSWERS
        const facts = factsIn(state, { assigned: assigned ?? true, unsettled })
        const transition = transitionOf(action, facts, relation, now)
        return 'refused' in transition ? [] : [[action, transition.to(facts) ?? state]]
      })
      const expected = ofHand
        .filter((action) => isAllowed(letters, state, action))
        .map((action) => [action, allowedActions[state][action]?.[1] ?? state])
      expect([state, found]).toEqual([state, expected])
    }
  })

  it('lets only an invited person confirm, and only while confirmation is awaited', () => {
    const confirmedIn = (relation: Relation) =>
      states.filter((state) => !('refused' in transitionOf(Action.CONFIRM, factsIn(state), relation, now)))
    expect(confirmedIn(relationOf({ isInvited: true }))).toEqual(['AWAITING_CONFIRMATION'])
    expect([...confirmedIn(applicant), ...confirmedIn(deciding)]).toEqual([])
  })

  it('knows no transition that the list of allowed actions does not have', () => {
    const listed = states.flatMap((state) => Object.keys(allowedActions[state]).map((action) => `${state} ${action}`))
    const declared = transitions
      // Assessments and payments depend on what is owed, and are tested by themselves.
      .filter(({ by }) => by.some((doer) => ![Doer.SYSTEM, Doer.INVITED, Doer.FINANCE, Doer.PAYER].includes(doer)))
      .flatMap(({ action, from }) => from.map((state) => `${state} ${action}`))
    expect([...new Set(declared)].sort()).toEqual(listed.sort())
  })

  const reviewing = (more: Partial<CaseFacts>) => factsIn('IN_REVIEW', more)
  const program = relationOf({ isProgram: true })
  const free = { assigned: false }
  const lawDecides = { deemed: true, dueAt: before }
  const cases: [name: string, action: Action, facts: CaseFacts, relation: Relation, refused: string | null][] = [
    [
      'NOTE to an officer who has opened it',
      Action.NOTE,
      reviewing({}),
      relationOf({ isReviewer: true, hasOpened: true }),
      null,
    ],
    [
      'PROPOSE to an officer who has opened it',
      Action.PROPOSE,
      reviewing({}),
      relationOf({ isReviewer: true, hasOpened: true }),
      'not_assigned',
    ],
    ['PROPOSE when the law decides', Action.PROPOSE, reviewing(lawDecides), deciding, 'law_decides'],
    ['RETURN_PROPOSAL with a proposal', Action.RETURN_PROPOSAL, reviewing({ proposed: true }), deciding, null],
    ['RETURN_PROPOSAL without a proposal', Action.RETURN_PROPOSAL, reviewing({}), deciding, 'no_proposal'],
    [
      'ASSIGN to a REVIEWER of what waits for an APPROVER',
      Action.ASSIGN,
      reviewing({ ...free, proposed: true }),
      relationOf({ isReviewer: true }),
      'proposed',
    ],
    [
      'ASSIGN to an APPROVER of what waits for one',
      Action.ASSIGN,
      reviewing({ ...free, proposed: true }),
      relationOf({ isApprover: true }),
      null,
    ],
    ['an action of officers to an applicant', Action.APPROVE, reviewing({}), applicant, 'not_yours'],
    [
      'SUBMIT without the signature of the applicant',
      Action.SUBMIT,
      factsIn('DRAFT', { unsigned: [ApplicationRole.APPLICANT] }),
      applicant,
      'unsigned',
    ],
    [
      'SUBMIT without the signature of a founder',
      Action.SUBMIT,
      factsIn('DRAFT', { unsigned: [ApplicationRole.FOUNDER] }),
      applicant,
      null,
    ],
    ['SIGN for the second time', Action.SIGN, factsIn('DRAFT', { signedBy: ['a party'] }), signer, 'signed_already'],
    [
      'SIGN for oneself after another party',
      Action.SIGN,
      factsIn('DRAFT', { signedBy: ['a party'] }),
      relationOf({
        signsFor: new Map([
          ['a party', []],
          ['another', []],
        ]),
      }),
      null,
    ],
    ['an action in another state', Action.RESPOND, reviewing({}), applicant, 'wrong_state'],
    [
      'a case that is assigned to a colleague',
      Action.MESSAGE,
      reviewing({}),
      relationOf({ isApprover: true }),
      'not_assigned',
    ],
    ['opening a case of one’s own desk', Action.OPEN, reviewing({}), deciding, 'is_yours'],
    ['ASSIGN in one’s own case', Action.ASSIGN, reviewing({}), { ...deciding, tie: 'case.own' }, 'own_case'],
    ['OPEN in one’s own case', Action.OPEN, reviewing({}), { ...deciding, tie: 'case.own' }, 'own_case'],
    ['APPROVE in one’s own case', Action.APPROVE, reviewing({}), { ...deciding, tie: 'case.own' }, 'own_case'],
    [
      'an appeal to the officer who decided',
      Action.ASSIGN,
      factsIn('UNDER_APPEAL', { appealed: true }),
      { ...deciding, hasDecided: true },
      'another_officer',
    ],
    [
      'an appeal to another officer',
      Action.ASSIGN,
      factsIn('UNDER_APPEAL', { appealed: true }),
      { ...deciding, hasDecided: false },
      null,
    ],
    [
      'an appeal to a program',
      Action.APPROVE,
      factsIn('REGISTERED', { ...free, appealed: true }),
      program,
      'needs_officer',
    ],
    ['a case on a desk to a program', Action.REFUSE, factsIn('REGISTERED'), program, 'not_assigned'],
    [
      'APPROVE of unsettled answers by a program',
      Action.APPROVE,
      factsIn('REGISTERED', { ...free, unsettled: true }),
      program,
      'unsettled',
    ],
    [
      'APPROVE by a program before the waiting period ends',
      Action.APPROVE,
      factsIn('REGISTERED', { ...free, notBefore: after }),
      program,
      'term_waits',
    ],
    [
      'DISCONTINUE by a program after a deemed decision',
      Action.DISCONTINUE,
      factsIn('REGISTERED', { ...free, ...lawDecides }),
      program,
      'law_decides',
    ],
    ['APPROVE before the waiting period ends', Action.APPROVE, reviewing({ notBefore: after }), deciding, 'term_waits'],
    ['REFUSE before the waiting period ends', Action.REFUSE, reviewing({ notBefore: after }), deciding, null],
    ['APPROVE when the waiting period ends', Action.APPROVE, reviewing({ notBefore: now }), deciding, null],
    ['APPROVE of unsettled answers', Action.APPROVE, reviewing({ unsettled: true }), deciding, 'unsettled'],
    ['REFUSE on unsettled answers', Action.REFUSE, reviewing({ unsettled: true }), deciding, 'unsettled'],
    ['DISCONTINUE with unsettled answers', Action.DISCONTINUE, reviewing({ unsettled: true }), deciding, null],
    ['ACCEPT_ANSWERS with none to settle', Action.ACCEPT_ANSWERS, reviewing({}), deciding, 'settled'],
    [
      'ACCEPT_ANSWERS after a deemed decision',
      Action.ACCEPT_ANSWERS,
      reviewing({ ...lawDecides, unsettled: true }),
      deciding,
      'law_decides',
    ],
    ['APPROVE after a deemed decision', Action.APPROVE, reviewing(lawDecides), deciding, 'law_decides'],
    ['REFUSE after a deemed decision', Action.REFUSE, reviewing(lawDecides), deciding, 'law_decides'],
    ['DISCONTINUE after a deemed decision', Action.DISCONTINUE, reviewing(lawDecides), deciding, 'law_decides'],
    [
      'REQUEST_INFORMATION after a deemed decision',
      Action.REQUEST_INFORMATION,
      reviewing(lawDecides),
      deciding,
      'law_decides',
    ],
    ['WITHDRAW after a deemed decision', Action.WITHDRAW, reviewing(lawDecides), applicant, 'law_decides'],
    [
      'WITHDRAW of a registered application after a deemed decision',
      Action.WITHDRAW,
      factsIn('REGISTERED', lawDecides),
      applicant,
      'law_decides',
    ],
    [
      'WITHDRAW of an appeal after a deemed decision',
      Action.WITHDRAW,
      factsIn('UNDER_APPEAL', lawDecides),
      applicant,
      'law_decides',
    ],
    [
      'APPROVE of an appeal that is assigned to nobody',
      Action.APPROVE,
      factsIn('UNDER_APPEAL', { appealed: true, assigned: false }),
      relationOf({ isApprover: true }),
      'not_assigned',
    ],
    [
      'WITHDRAW while the term is paused',
      Action.WITHDRAW,
      factsIn('INFORMATION_REQUESTED', lawDecides),
      applicant,
      null,
    ],
    ['REFUSE at the last moment of a term', Action.REFUSE, reviewing({ deemed: true, dueAt: now }), deciding, null],
    ['REFUSE after a term that is only escalated', Action.REFUSE, reviewing({ dueAt: before }), deciding, null],
    [
      'REFUSE after a term that ended before the waiting period',
      Action.REFUSE,
      reviewing({ deemed: true, dueAt: before, notBefore: now }),
      deciding,
      null,
    ],
    [
      'WITHDRAW of an approved application that awaits payment',
      Action.WITHDRAW,
      factsIn('AWAITING_FEE', { decided: true }),
      applicant,
      'decided',
    ],
    [
      'WITHDRAW of an approved application',
      Action.WITHDRAW,
      factsIn('APPROVED', { decided: true }),
      applicant,
      'decided',
    ],
    [
      'an objection at the last moment',
      Action.WITHDRAW,
      factsIn('APPROVED', { decided: true, objectionUntil: now }),
      applicant,
      null,
    ],
    [
      'an objection before the result is paid',
      Action.WITHDRAW,
      factsIn('AWAITING_FEE', { decided: true, objectionUntil: now }),
      applicant,
      null,
    ],
    [
      'an objection before the result is handed over',
      Action.WITHDRAW,
      factsIn('READY', { decided: true, objectionUntil: now }),
      applicant,
      null,
    ],
    [
      'an objection too late',
      Action.WITHDRAW,
      factsIn('APPROVED', { decided: true, objectionUntil: before }),
      applicant,
      'objection_late',
    ],
    [
      'COMPLETE while the person may object',
      Action.COMPLETE,
      factsIn('APPROVED', { objectionUntil: now }),
      deciding,
      'objection_runs',
    ],
    [
      'COMPLETE after the time to object',
      Action.COMPLETE,
      factsIn('APPROVED', { objectionUntil: before }),
      deciding,
      null,
    ],
    ['TRANSFER for the fourth time', Action.TRANSFER, reviewing({ transfers: 3 }), deciding, 'transferred_often'],
    ['TRANSFER for the third time', Action.TRANSFER, reviewing({ transfers: 2 }), deciding, null],
    ['TRANSFER after the law decides', Action.TRANSFER, reviewing(lawDecides), deciding, 'law_decides'],
    ['EXTEND without a term', Action.EXTEND, reviewing({ dueAt: null }), deciding, 'no_term'],
    [
      'EXTEND of a term that no norm extends',
      Action.EXTEND,
      reviewing({ extendable: false }),
      deciding,
      'no_extension',
    ],
    ['EXTEND for the second time', Action.EXTEND, reviewing({ extended: true }), deciding, 'extended'],
    ['EXTEND after the end of the term', Action.EXTEND, reviewing({ dueAt: before }), deciding, 'term_over'],
    ['EXTEND at the last moment of the term', Action.EXTEND, reviewing({ dueAt: now }), deciding, null],
    [
      'APPEAL where there is no appeal',
      Action.APPEAL,
      factsIn('REFUSED', { appealUntil: null }),
      applicant,
      'no_appeal',
    ],
    ['APPEAL for the second time', Action.APPEAL, factsIn('REFUSED', { appealed: true }), applicant, 'appealed'],
    ['APPEAL too late', Action.APPEAL, factsIn('REFUSED', { appealUntil: before }), applicant, 'appeal_late'],
    ['APPEAL at the last moment', Action.APPEAL, factsIn('REFUSED', { appealUntil: now }), applicant, null],
  ]
  it.each(cases.filter(([, , , , refused]) => refused))('refuses %s', (_name, action, facts, relation, refused) => {
    expect(transitionOf(action, facts, relation, now)).toEqual({ refused })
  })
  it.each(cases.filter(([, , , , refused]) => !refused))('allows %s', (_name, action, facts, relation) => {
    expect(transitionOf(action, facts, relation, now)).toMatchObject({ action })
  })

  it('moves a submitted, confirmed or signed application on to whatever it still awaits', () => {
    const all: Partial<CaseFacts>[] = [
      { unconfirmed: 1, owed: { BEFORE_REGISTRATION: 'AMOUNT' } },
      { unsigned: [ApplicationRole.FOUNDER], owed: { BEFORE_REGISTRATION: 'AMOUNT' } },
      { unconfirmed: 0, owed: { BEFORE_REGISTRATION: 'AMOUNT' } },
      { unconfirmed: 0, owed: { AFTER_APPROVAL: 'AMOUNT' } },
      { unconfirmed: 0, owed: {} },
    ]
    const targetsOf = (action: Action, state: State, relation: Relation) =>
      all.map((more) => {
        const facts = factsIn(state, more)
        const transition = transitionOf(action, facts, relation, now)
        return 'refused' in transition ? transition : transition.to(facts)
      })
    const expected = ['AWAITING_CONFIRMATION', 'AWAITING_CONFIRMATION', 'AWAITING_PAYMENT', 'SUBMITTED', 'SUBMITTED']
    expect(targetsOf(Action.SUBMIT, 'DRAFT', applicant)).toEqual(expected)
    expect(targetsOf(Action.CONFIRM, 'AWAITING_CONFIRMATION', relationOf({ isInvited: true }))).toEqual(expected)
    expect(targetsOf(Action.SIGN, 'AWAITING_CONFIRMATION', signer)).toEqual(expected)
    expect(targetsOf(Action.APPROVE, 'IN_REVIEW', deciding)).toEqual([
      'APPROVED',
      'APPROVED',
      'APPROVED',
      'AWAITING_FEE',
      'APPROVED',
    ])
  })
})

describe('transitionOfSystem', () => {
  const undecided = [
    'AWAITING_CONFIRMATION',
    'AWAITING_ASSESSMENT',
    'AWAITING_PAYMENT',
    'SUBMITTED',
    'TRANSFERRED',
    'REGISTERED',
    'IN_REVIEW',
    'INFORMATION_REQUESTED',
    'UNDER_APPEAL',
  ] as const
  const stayingIn = (those: readonly State[]) => Object.fromEntries(those.map((state) => [state, state]))
  /** What the worker does in which state, and the state it leads to. */
  const bySystem: Record<string, Partial<Record<State, State>>> = {
    RECORD_PAYMENT: { AWAITING_PAYMENT: 'SUBMITTED', AWAITING_FEE: 'APPROVED', READY: 'READY' },
    RECORD_REVERSAL: stayingIn(states.filter((state) => state !== 'DRAFT' && state !== 'AWAITING_CONFIRMATION')),
    REGISTER: { SUBMITTED: 'REGISTERED', TRANSFERRED: 'REGISTERED' },
    TRANSFER: { SUBMITTED: 'TRANSFERRED' },
    CONFIRM_ANSWERS: stayingIn(undecided),
    DISPUTE_ANSWERS: stayingIn(undecided),
    RESUME: { INFORMATION_REQUESTED: 'IN_REVIEW' },
    ESCALATE: stayingIn(['REGISTERED', 'IN_REVIEW', 'UNDER_APPEAL']),
    APPROVE: { REGISTERED: 'APPROVED', IN_REVIEW: 'APPROVED', UNDER_APPEAL: 'APPROVED' },
    REFUSE: { REGISTERED: 'REFUSED', IN_REVIEW: 'REFUSED', UNDER_APPEAL: 'REFUSED' },
    GIVE_OPINION: stayingIn(['IN_REVIEW', 'INFORMATION_REQUESTED', 'UNDER_APPEAL']),
    OPINION_OVERDUE: stayingIn(['IN_REVIEW', 'INFORMATION_REQUESTED', 'UNDER_APPEAL']),
    EXPIRE: { DRAFT: 'EXPIRED', AWAITING_CONFIRMATION: 'EXPIRED' },
  }

  it.each(Object.values(Action))('allows the worker %s in the listed states only', (action) => {
    const found = states.flatMap((state) => {
      // Even unsettled answers, which the worker asks about, do not keep the law from deciding.
      const facts = factsIn(state, { unsettled: true })
      const transition = transitionOfSystem(action, facts, now)
      return transition ? [[state, transition.to(facts) ?? state]] : []
    })
    expect(Object.fromEntries(found)).toEqual(bySystem[action] ?? {})
  })

  const [first, fee, atHandover]: Owed[] = [
    { BEFORE_REGISTRATION: 'AMOUNT' },
    { AFTER_APPROVAL: 'AMOUNT' },
    { AT_HANDOVER: 'AMOUNT' },
  ]

  it('decides nothing before the waiting period ends', () => {
    for (const state of ['REGISTERED', 'IN_REVIEW', 'UNDER_APPEAL'] as const)
      for (const action of [Action.APPROVE, Action.REFUSE])
        expect(transitionOfSystem(action, factsIn(state, { notBefore: after }), now)).toBeUndefined()
  })

  it('continues an appeal after a request that nobody answered', () => {
    const facts = factsIn('INFORMATION_REQUESTED', { appealed: true })
    expect(transitionOfSystem(Action.RESUME, facts, now)?.to(facts)).toBe('UNDER_APPEAL')
  })

  it.each<[string, Action, State, Partial<CaseFacts>, State | undefined]>([
    [
      'readies a paid document that is handed over',
      Action.RECORD_PAYMENT,
      'AWAITING_FEE',
      { handedOver: true },
      'READY',
    ],
    ['waits for the charge in the other currency', Action.RECORD_PAYMENT, 'AWAITING_FEE', { owed: fee }, undefined],
    ['lets an approval lapse that was not paid', Action.LAPSE, 'AWAITING_FEE', { owed: fee }, 'LAPSED'],
    ['lapses what was not paid at the hand-over', Action.LAPSE, 'READY', { owed: atHandover }, 'LAPSED'],
    ['keeps a paid approval that the worker has not recorded', Action.LAPSE, 'AWAITING_FEE', {}, undefined],
    [
      'expires what was not paid before the registration',
      Action.EXPIRE,
      'AWAITING_PAYMENT',
      { owed: first },
      'EXPIRED',
    ],
    ['keeps a paid application that the worker has not recorded', Action.EXPIRE, 'AWAITING_PAYMENT', {}, undefined],
  ])('%s', (_, action, state, more, next) => {
    const facts = factsIn(state, more)
    const transition = transitionOfSystem(action, facts, now)
    expect(transition && (transition.to(facts) ?? state)).toBe(next)
  })

  it('approves into what is still to be done', () => {
    const next = (more: Partial<CaseFacts>) => {
      const facts = factsIn('IN_REVIEW', more)
      const transition = transitionOf(Action.APPROVE, facts, deciding, now)
      return 'refused' in transition ? transition : transition.to(facts)
    }
    expect(next({ handedOver: true })).toBe('READY')
    expect(next({ handedOver: true, owed: { AFTER_APPROVAL: 'AMOUNT' } })).toBe('AWAITING_FEE')
    expect(next({ handedOver: true, owed: { AFTER_APPROVAL: 'UNKNOWN' } })).toBe('APPROVED')
    expect(next({ handedOver: true, owed: { AT_HANDOVER: 'AMOUNT' } })).toBe('READY')
  })
})

describe('An assessment', () => {
  const finance = relationOf({ isFinance: true })
  const unknown = { owed: { BEFORE_REGISTRATION: 'UNKNOWN' } } as const
  it.each<[string, State, Partial<CaseFacts>, Relation, string]>([
    ['is for officers with the role FINANCE', 'AWAITING_ASSESSMENT', unknown, deciding, 'not_yours'],
    [
      'is refused in their own case',
      'AWAITING_ASSESSMENT',
      unknown,
      { ...finance, tie: 'PERSON' as never },
      'own_case',
    ],
    ['is refused if all amounts are known', 'AWAITING_ASSESSMENT', {}, finance, 'nothing_to_assess'],
    ['is refused after a refusal', 'REFUSED', unknown, finance, 'wrong_state'],
  ])('%s', (_, state, more, relation, refused) => {
    expect(transitionOf(Action.ASSESS, factsIn(state, more), relation, now)).toEqual({ refused })
  })

  it.each<[State, Owed, State | null]>([
    ['AWAITING_ASSESSMENT', { BEFORE_REGISTRATION: 'AMOUNT' }, 'AWAITING_PAYMENT'],
    ['AWAITING_ASSESSMENT', { BEFORE_REGISTRATION: 'UNKNOWN' }, 'AWAITING_ASSESSMENT'],
    ['AWAITING_ASSESSMENT', {}, 'SUBMITTED'],
    ['IN_REVIEW', { AFTER_APPROVAL: 'AMOUNT' }, null],
    ['APPROVED', { AFTER_APPROVAL: 'AMOUNT' }, 'AWAITING_FEE'],
    ['APPROVED', {}, 'APPROVED'],
  ])('leads from %s with %j to %s', (state, owed, next) => {
    const facts = factsIn(state, { owed: { AT_HANDOVER: 'UNKNOWN' } })
    const transition = transitionOf(Action.ASSESS, facts, finance, now)
    expect('refused' in transition || transition.to({ ...facts, owed })).toBe(next)
  })

  it('keeps a result that is not paid from being handed over', () => {
    for (const owed of [{ AT_HANDOVER: 'AMOUNT' }, { AT_HANDOVER: 'UNKNOWN' }, { AFTER_APPROVAL: 'UNKNOWN' }] as Owed[])
      expect(transitionOf(Action.COMPLETE, factsIn('READY', { owed }), deciding, now)).toEqual({ refused: 'unpaid' })
  })
})

describe('A payment', () => {
  const payer = relationOf({ powers: new Set([Power.PAY]) })
  const owed: Owed = { BEFORE_REGISTRATION: 'AMOUNT', AFTER_APPROVAL: 'AMOUNT', AT_HANDOVER: 'AMOUNT' }
  const payableIn = (relation: Relation, more: Partial<CaseFacts> = { owed }) =>
    states.filter((state) => !('refused' in transitionOf(Action.PAY, factsIn(state, more), relation, now)))

  it('may be started by somebody with the power PAY, while its amount is due', () => {
    expect(payableIn(payer)).toEqual(['AWAITING_PAYMENT', 'AWAITING_FEE', 'READY'])
    expect([...payableIn(applicant), ...payableIn(deciding)]).toEqual([])
    expect(payableIn(payer, { owed: {} })).toEqual([])
    expect(payableIn(payer, { owed: { AT_HANDOVER: 'UNKNOWN' } })).toEqual([])
  })
})

describe('transitions', () => {
  it('allow nothing in a closed application but to read it, to note something, to appeal and to record a reversal', () => {
    const closed = states.filter((state) => phases[ApplicationState[state]] === ApplicationPhase.CLOSED)
    const possible = transitions.filter(({ from }) => from.some((state) => closed.includes(state)))
    expect(closed).toEqual(['REFUSED', 'DISCONTINUED', 'WITHDRAWN', 'EXPIRED', 'LAPSED', 'COMPLETED'])
    expect(possible.map(({ action }) => action)).toEqual([
      Action.RECORD_REVERSAL,
      Action.OPEN,
      Action.NOTE,
      Action.APPEAL,
    ])
  })

  it('name the event of each action', () => {
    const events = Object.fromEntries(transitions.map(({ action, event }) => [action, event.split('.')[1]]))
    expect(events).toEqual({
      SAVE: 'saved',
      SIGN: 'signed',
      SUBMIT: 'submitted',
      CONFIRM: 'confirmed',
      RETURN: 'returned',
      RENEW_INVITATION: 'invitation_renewed',
      ASSESS: 'fee_assessed',
      PAY: 'paid',
      RECORD_PAYMENT: 'paid',
      RECORD_REVERSAL: 'payment_reversed',
      WITHDRAW: 'withdrawn',
      REGISTER: 'registered',
      ASSIGN: 'assigned',
      OPEN: 'opened',
      NOTE: 'note_added',
      PROPOSE: 'decision_proposed',
      RETURN_PROPOSAL: 'proposal_returned',
      REQUEST_INFORMATION: 'information_requested',
      RESPOND: 'information_given',
      RESUME: 'resumed',
      EXTEND: 'extended',
      ESCALATE: 'escalated',
      TRANSFER: 'transferred',
      MESSAGE: 'message_sent',
      REQUEST_OPINION: 'opinion_requested',
      WITHDRAW_OPINION_REQUEST: 'opinion_withdrawn',
      GIVE_OPINION: 'opinion_given',
      OPINION_OVERDUE: 'opinion_overdue',
      CONFIRM_ANSWERS: 'answers_confirmed',
      DISPUTE_ANSWERS: 'answers_disputed',
      ACCEPT_ANSWERS: 'answers_accepted',
      APPROVE: 'approved',
      REFUSE: 'refused',
      DISCONTINUE: 'discontinued',
      APPEAL: 'appealed',
      COMPLETE: 'completed',
      EXPIRE: 'expired',
      LAPSE: 'lapsed',
    })
  })
})
