import { internalTypes, shownTypes } from '../events/eventType.js'
import { FilingBatch } from './batches/filingBatch.js'
import { Filing } from './filing.js'

const since = '2026-11-30'
const scopes = ['filings:read', 'filings:write'] as const

export const filingEvents = [
  ...shownTypes(
    { subject: Filing, since, scopes, ids: { by: Filing } },
    { 'filing.superseded': 'A correction replaced a filing.' },
  ),
  ...shownTypes(
    { subject: Filing, since, scopes },
    {
      'filing.received': 'A filing was received, and waits for the agency.',
      'filing.accepted': 'A filing was accepted.',
      'filing.rejected': 'The agency rejected a filing.',
      'filing.withdrawn': 'A filing was withdrawn.',
    },
  ),
  ...shownTypes(
    { subject: FilingBatch, since, scopes },
    {
      'filing_batch.created': 'A program announced a file of filings.',
      'filing_batch.completed': 'Every line of a file of filings was handled.',
      'filing_batch.cancelled': 'A file of filings was cancelled. What was filed before stays filed.',
      'filing_batch.stopped':
        'The work on a file of filings stopped before its end. What was filed before stays filed.',
      'filing_batch.expired': 'An announced file of filings was not sent in time.',
    },
  ),
  ...internalTypes(
    { subject: FilingBatch, since },
    { 'filing_batch.term_ended': 'The time to send an announced file of filings is over.' },
  ),
]
