import type { Domain } from '../events/domain.js'
import { filingEvents } from './events.js'
import { filingQueries } from './filing.js'

export const filingsDomain: Domain = {
  name: 'filings',
  events: filingEvents,
  queries: [filingQueries],
}
