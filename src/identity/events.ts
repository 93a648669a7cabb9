import { internalTypes, shownTypes } from '../events/eventType.js'
import { Mandate } from './mandates/mandate.js'
import { Appointment } from './officers/appointment.resolver.js'
import { Party } from './parties/party.resolver.js'
import { Program } from './programs/program.js'

const since = '2026-11-30'

export const identityEvents = [
  ...shownTypes(
    { subject: Mandate, since, scopes: ['mandates:read'] },
    {
      'mandate.granted': 'The party gave somebody a mandate.',
      'mandate.recorded': 'A register reported a mandate over the party.',
      'mandate.revoked': 'A mandate over the party was revoked.',
    },
  ),
  ...internalTypes(
    { subject: Program, since },
    {
      'program.registered': 'A program of the organisation was registered.',
      'program.secret_rotated': 'A program of the organisation got a new secret.',
      'program.revoked': 'A program of the organisation was revoked.',
    },
  ),
  // Nobody can read the feed of a party that was forgotten.
  ...internalTypes({ subject: Party, since }, { 'party.forgotten': 'The data of a party was erased.' }),
  ...internalTypes(
    { subject: Appointment, since },
    {
      'appointment.made': 'An officer was appointed.',
      'appointment.proposed': 'An administrator of an agency was proposed.',
      'appointment.confirmed': 'The proposed administrator was confirmed.',
      'appointment.accepted': 'The person accepted the appointment.',
      'appointment.roles_changed': 'The roles of an officer changed.',
      'appointment.ended': 'An appointment ended.',
    },
  ),
  ...internalTypes(
    { subject: null, since },
    {
      'identity.made': 'A person or organisation signed in for the first time at an issuer.',
      'identity.moved': 'An account turned out to belong to another party.',
    },
  ),
]
