import type { Domain } from '../events/domain.js'

export const filingsDomain: Domain = {
  name: 'filings',
}
