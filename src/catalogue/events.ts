import { internalTypes } from '../events/eventType.js'
import { Service } from './services/service.js'

// No party has them: `catalogueChanges` shows them to everybody.
export const catalogueEvents = internalTypes(
  { subject: Service, since: '2026-11-30' },
  {
    'service.published': 'A service was added, got a new version, or its description changed.',
    'service.changed': 'The description or version of a suspended or retired service changed.',
    'service.version_started': 'A version published earlier came into force.',
    'service.suspended': 'A service was suspended, or its suspension changed.',
    'service.suspension_ended': 'The day on which a suspension ends has come.',
    'service.resumed': 'A suspension ended automatically.',
    'service.retired': 'A service was retired and left all lists.',
  },
)
