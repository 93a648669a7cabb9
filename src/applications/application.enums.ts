import { registerEnumType } from 'type-graphql'
import { ApplicationOrigin, ApplicationState } from './application.table.js'
import { Action } from './transition.rules.js'

registerEnumType(ApplicationState, {
  name: 'ApplicationState',
  description: 'Where an application stands.',
  valuesConfig: {
    DRAFT: { description: 'Being filled in. Only the applicant sees it.' },
    AWAITING_CONFIRMATION: { description: 'Waits for those who apply together to confirm it.' },
    AWAITING_PAYMENT: { description: 'Waits to be paid for: before it is looked at, or once it is approved.' },
    SUBMITTED: { description: 'It came, and a receipt was given.' },
    REGISTERED: { description: 'The agency has entered it: from here its term runs.' },
    IN_REVIEW: { description: 'An officer looks at it.' },
    INFORMATION_REQUESTED: { description: 'Waits for what the applicant was asked for; the term stands still.' },
    APPROVED: { description: 'What was asked for is granted.' },
    REFUSED: { description: 'What was asked for is refused.' },
    DISCONTINUED: { description: 'Ended without a decision on what was asked for.' },
    WITHDRAWN: { description: 'Taken back by the applicant.' },
    COMPLETED: { description: 'The result was handed over.' },
  },
})
registerEnumType(ApplicationOrigin, {
  name: 'ApplicationOrigin',
  description: 'Who began an application.',
  valuesConfig: {
    APPLICANT: { description: 'The applicant, or who acts for them.' },
    PROACTIVE: { description: 'The agency, for a person.' },
  },
})
registerEnumType(Action, {
  name: 'ApplicationAction',
  description: 'What is done to an application.',
  valuesConfig: {
    SAVE: { description: 'Change the draft: `saveDraft`.' },
    SUBMIT: { description: 'Send it: `submitApplication`.' },
    CONFIRM: { description: 'Confirm it as one of those who apply together: `confirmApplication`.' },
    PAY: { description: 'Pay for it.' },
    WITHDRAW: { description: 'Take it back: `withdrawApplication`.' },
    REGISTER: { description: 'Enter it in the register of the agency. By itself.' },
    ASSIGN: { description: 'Give it to an officer: `assignApplication`.' },
    OPEN: { description: 'Look into it without having it, and say why: `openApplication`.' },
    REQUEST_INFORMATION: { description: 'Ask the applicant for what is missing: `requestInformation`.' },
    RESPOND: { description: 'Give what was asked for: `respondToRequest`.' },
    RESUME: { description: 'Go on, where nothing came in time of what was asked for. By itself.' },
    EXTEND: { description: 'Take more time, with a reason: `extendTerm`.' },
    ESCALATE: { description: 'Tell the head that the term is over. By itself.' },
    MESSAGE: { description: 'Write to the other side: `sendApplicationMessage`.' },
    APPROVE: { description: 'Grant it: `decideApplication`.' },
    REFUSE: { description: 'Refuse it: `decideApplication`.' },
    DISCONTINUE: { description: 'End it without a decision: `decideApplication`.' },
    APPEAL: { description: 'Appeal against the decision: `appealDecision`.' },
    COMPLETE: { description: 'Hand over the result: `completeApplication`.' },
    EXPIRE: { description: 'End a draft that nobody sent. By itself.' },
  },
})

export { Action, ApplicationOrigin, ApplicationState }
