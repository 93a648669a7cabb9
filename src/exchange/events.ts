import { shownTypes } from '../events/eventType.js'
import { Consent } from './consents/consent.js'

export const exchangeEvents = shownTypes(
  { subject: Consent, since: '2026-11-30', scopes: ['registries:read'], ofOwnAlone: true },
  {
    'consent.given': 'The party gave an agency consent to query registries.',
    'consent.withdrawn': 'The party withdrew a consent.',
  },
)
