import { internalTypes } from '../events/eventType.js'
import { Agency } from './agency.js'

// No party has them: `catalogueChanges` shows them to everybody.
export const agencyEvents = internalTypes(
  { subject: Agency, since: '2026-11-30' },
  {
    'agency.registered': 'An agency was added.',
    'agency.changed': 'The description of an agency or of one of its registries changed.',
  },
)
