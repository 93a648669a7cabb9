import { Service } from '../catalogue/services/service.js'
import { internalTypes, shownTypes } from '../events/eventType.js'
import { Application } from './application.js'
import { ApplicationOpinion } from './opinions/opinion.js'

const since = '2026-11-30'

export const applicationEvents = [
  ...shownTypes(
    { subject: Application, since, scopes: ['applications:read'], ids: { service: Service } },
    {
      'application.started': 'A draft was begun.',
    },
  ),
  ...shownTypes(
    { subject: Application, since, scopes: ['applications:read'] },
    {
      'application.saved': 'A draft was saved.',
      'application.signed': 'A party signed the application.',
      'application.signatures_ended': 'Signatures ended, because the answers changed.',
      'application.submitted': 'The application was submitted.',
      'application.confirmed': 'A co-applicant confirmed the application.',
      'application.returned': 'A co-applicant returned the application to be corrected.',
      'application.invitation_renewed': 'The invitation of a co-applicant was renewed.',
      'application.fee_assessed': 'The agency assessed what is to be paid.',
      'application.paid': 'What was due was paid.',
      'application.payment_reversed': 'The bank took a payment for the application back.',
      'application.withdrawn': 'The application was withdrawn.',
      'application.registered': 'The agency registered the application, and its term began.',
      'application.assigned': 'The application was assigned to an officer.',
      'application.opened': 'An officer who is not assigned opened the application, with a reason.',
      'application.information_requested': 'The agency asked for missing information.',
      'application.information_given': 'The applicant gave the information.',
      'application.resumed': 'The time to give information was over, and the review continued.',
      'application.extended': 'The agency extended the term.',
      'application.escalated': 'The agency did not decide in time, and the case was escalated.',
      'application.transferred': 'The application was transferred to another agency.',
      'application.message_sent': 'The agency sent a message.',
      'application.opinion_requested': 'The agency asked another agency for an opinion.',
      'application.opinion_withdrawn': 'The agency withdrew its request for an opinion.',
      'application.opinion_given': 'The other agency gave its opinion.',
      'application.opinion_overdue': 'The other agency gave no opinion in time.',
      'application.answers_confirmed': 'Registries confirmed declared answers.',
      'application.answers_disputed': 'A registry contradicted a declared answer.',
      'application.answers_accepted': 'An officer accepted declared answers.',
      'application.approved': 'The application was approved.',
      'application.refused': 'The application was refused.',
      'application.discontinued': 'The application was closed without a decision on its merits.',
      'application.appealed': 'The decision was appealed.',
      'application.completed': 'The result was handed over.',
      'application.expired': 'The application ended, because something was not done in time.',
      'application.lapsed': 'The approval lapsed, because its fee was not paid or its result not fetched in time.',
    },
  ),
  ...internalTypes(
    { subject: Application, since },
    {
      'application.note_added': 'An officer added a note.',
      'application.decision_proposed': 'An officer proposed a decision.',
      'application.proposal_returned': 'A proposed decision was returned.',
      'application.draft_expires': 'The time to submit a draft is over.',
      'application.confirmation_over': 'The time for co-applicants to confirm is over.',
      'application.term_over': 'The term of the agency is over.',
      'application.request_over': 'The time to give information is over.',
      'application.payment_over': 'The time to pay is over.',
      'application.registries_again': 'Registries must be asked about declared answers again.',
    },
  ),
  ...internalTypes(
    { subject: ApplicationOpinion, since },
    {
      'opinion.requested': 'An agency was asked for an opinion.',
      'opinion.withdrawn': 'The request for an opinion was withdrawn.',
      'opinion.over': 'The time to give an opinion is over.',
    },
  ),
]
