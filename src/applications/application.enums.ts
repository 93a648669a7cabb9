import { registerEnumType } from 'type-graphql'
import { ApplicationOrigin, ApplicationState } from './application.table.js'
import { Action } from './transition.rules.js'

registerEnumType(ApplicationState, {
  name: 'ApplicationState',
  description: 'State of an application.',
  valuesConfig: {
    DRAFT: { description: 'The applicant fills it in. Only the applicant sees it.' },
    AWAITING_CONFIRMATION: { description: 'Co-applicants have not all confirmed.' },
    AWAITING_PAYMENT: { description: 'A payment is due, before the review or after the approval.' },
    SUBMITTED: { description: 'Received. A receipt was issued.' },
    REGISTERED: { description: 'Registered by the agency. The term runs.' },
    IN_REVIEW: { description: 'Assigned to an officer.' },
    INFORMATION_REQUESTED: { description: 'The agency asked the applicant for information. The term is paused.' },
    APPROVED: { description: 'Approved.' },
    REFUSED: { description: 'Refused.' },
    DISCONTINUED: { description: 'Ended without a decision on the request.' },
    WITHDRAWN: { description: 'Withdrawn by the applicant.' },
    COMPLETED: { description: 'The result was handed over.' },
  },
})
registerEnumType(ApplicationOrigin, {
  name: 'ApplicationOrigin',
  description: 'Who started an application.',
  valuesConfig: {
    APPLICANT: { description: 'The applicant or their representative.' },
    PROACTIVE: { description: 'The agency, on behalf of a person.' },
  },
})
registerEnumType(Action, {
  name: 'ApplicationAction',
  description: 'Action on an application.',
  valuesConfig: {
    SAVE: { description: 'Save the draft: `saveDraft`.' },
    SUBMIT: { description: 'Submit the draft: `submitApplication`.' },
    CONFIRM: { description: 'Confirm as a co-applicant: `confirmApplication`.' },
    PAY: { description: 'Record the payment. Automatic.' },
    WITHDRAW: { description: 'Withdraw the application: `withdrawApplication`.' },
    REGISTER: { description: 'Register at the agency. Automatic.' },
    ASSIGN: { description: 'Assign to an officer: `assignApplication`.' },
    OPEN: { description: 'Read without being assigned, with a reason: `openApplication`.' },
    REQUEST_INFORMATION: { description: 'Ask the applicant for missing information: `requestInformation`.' },
    RESPOND: { description: 'Respond to the request: `respondToRequest`.' },
    RESUME: { description: 'Continue after a request that nobody answered. Automatic.' },
    EXTEND: { description: 'Extend the term, with a reason: `extendTerm`.' },
    ESCALATE: { description: 'Notify the head of the agency that the term is over. Automatic.' },
    MESSAGE: { description: 'Send a message to the other side: `sendApplicationMessage`.' },
    APPROVE: { description: 'Approve: `decideApplication`.' },
    REFUSE: { description: 'Refuse: `decideApplication`.' },
    DISCONTINUE: { description: 'End without a decision on the request: `decideApplication`.' },
    APPEAL: { description: 'Appeal against the decision: `appealDecision`.' },
    COMPLETE: { description: 'Hand over the result: `completeApplication`.' },
    EXPIRE: { description: 'End an application that was not submitted or confirmed in time. Automatic.' },
  },
})

export { Action, ApplicationOrigin, ApplicationState }
