import type { Domain } from '../events/domain.js'
import { filingQueries } from './filing.js'

export const filingsDomain: Domain = {
  name: 'filings',
  queries: [filingQueries],
}
