import { shownTypes } from '../events/eventType.js'
import { Filing } from './filing.js'

export const filingEvents = shownTypes(
  { subject: Filing, since: '2026-11-30', scope: 'filings:read' },
  {
    'filing.received': 'A filing was received, and waits for the agency.',
    'filing.accepted': 'A filing was accepted.',
    'filing.rejected': 'The agency rejected a filing.',
    'filing.superseded': 'A correction replaced a filing.',
    'filing.withdrawn': 'A filing was withdrawn.',
  },
)
