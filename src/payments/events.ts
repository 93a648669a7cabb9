import { internalTypes, shownTypes } from '../events/eventType.js'
import { Charge } from './charges/charge.js'
import { Payment } from './checkout/payment.js'
import { Reconciliation } from './reconciliation/reconciliation.js'
import { Refund } from './refunds/refund.js'

const since = '2026-11-30'
const scopes = ['payments:read'] as const

export const paymentEvents = [
  ...shownTypes(
    { subject: Charge, since, scopes },
    {
      'charge.raised': 'The party owes a new charge.',
      'charge.paid': 'A charge was paid.',
      'charge.reopened': 'The bank took the money back, and the charge is open again.',
      'charge.cancelled': 'The agency cancelled a charge, or it is not needed any more.',
      'charge.expired': 'A charge was not paid in time.',
    },
  ),
  ...shownTypes(
    { subject: Payment, since, scopes },
    {
      'payment.started': 'The party started a payment.',
      'payment.opened': 'The payer opened the page of the bank.',
      'payment.cancel_requested': 'The payer cancelled a payment that the bank knows already.',
      'payment.cancelled': 'A payment was cancelled.',
      'payment.succeeded': 'The bank took the money.',
      'payment.failed': 'The bank refused a payment.',
      'payment.expired': 'The payer did not pay in time.',
      'payment.late_success': 'The bank took the money after the payment had ended.',
      'payment.disputed': 'The payer disputes a payment at the bank.',
      'payment.reversed': 'The bank took the money back.',
    },
  ),
  ...shownTypes(
    { subject: Refund, since, scopes, ids: { charge: Charge } },
    {
      'refund.requested': 'The payer requested a refund.',
      'refund.approved': 'A refund was approved.',
      'refund.sent': 'The bank was asked to pay a refund.',
      'refund.completed': 'The bank paid a refund.',
      'refund.rejected': 'The agency rejected a refund.',
      'refund.failed': 'The bank refused to pay a refund.',
    },
  ),
  ...internalTypes(
    { subject: Payment, since },
    {
      'payment.called_back': 'The bank sent a callback.',
      'payment.check': 'The bank must be asked about a payment.',
      'payment.mismatch': 'The bank reported something else than what was asked of it.',
    },
  ),
  ...internalTypes(
    { subject: Refund, since },
    {
      'refund.first_approved': 'The first of two officers approved a refund.',
      'refund.examination_over': 'The time to examine a refund is over.',
      'refund.opinion_over': 'The time for the second approval of a refund is over.',
      'refund.payment_over': 'The time to pay a refund is over.',
      'refund.legal_maximum_over': 'The longest time that the law allows for a refund is over.',
      'refund.check': 'The bank must be asked about a refund.',
    },
  ),
  ...internalTypes(
    { subject: Reconciliation, since },
    {
      'difference.found': 'A difference between the bank and the ledger was found.',
      'difference.settled': 'A difference between the bank and the ledger was settled.',
    },
  ),
]
