import { connection, descending, queries } from '../engine/declare.js'
import type { Domain } from '../engine/engine.js'
import { Assurance } from '../shared/assurance.table.js'
import {
  anyone,
  asSurelyAsEver,
  callerKinds,
  hasScope,
  only,
  operator,
  person,
  seesPersonal,
  signedIn,
} from '../shared/context.js'
import { grantMandate } from './mandates/grantMandate.js'
import { Mandate, MandateResolver } from './mandates/mandate.js'
import { mandates } from './mandates/mandate.table.js'
import { revokeMandate } from './mandates/revokeMandate.js'
import { acceptAppointment, tries } from './officers/acceptAppointment.js'
import { AppointmentResolver } from './officers/appointment.resolver.js'
import { OfficerRole } from './officers/appointment.table.js'
import { appointmentQueries } from './officers/appointments.js'
import { appointOfficer } from './officers/appointOfficer.js'
import { changeRoles } from './officers/changeRoles.js'
import { confirmAdmin, guesses } from './officers/confirmAdmin.js'
import { dismissOfficer } from './officers/dismissOfficer.js'
import { appointeeLately, officer, official, operatorLately, operatorOrAdmin } from './officers/offices.js'
import { proposeAdmin } from './officers/proposeAdmin.js'
import { PartyResolver } from './parties/party.resolver.js'
import { ofParty } from './parties/partyArgument.js'
import { ViewerResolver } from './parties/viewer.resolver.js'
import { Client } from './programs/client.js'
import { clients } from './programs/client.table.js'
import { registerClient } from './programs/registerClient.js'
import { revokeClient } from './programs/revokeClient.js'
import { rotateClientSecret } from './programs/rotateClientSecret.js'

const identityQueries = queries({
  mandatesGiven: connection(Mandate, undefined, {
    owner: ofParty(mandates.principalId),
    order: descending(mandates.since),
    description:
      'The mandates that a party has given, past ones too, the newest first. Of a program with `mandates:read`.',
  }),
  mandatesHeld: connection(Mandate, undefined, {
    owner: ofParty(mandates.holderId),
    order: descending(mandates.since),
    description: 'The mandates that a party holds, past ones too, the newest first. Of a program with `mandates:read`.',
  }),
  clients: connection(Client, undefined, {
    owner: ofParty(clients.partyId),
    order: descending(clients.since),
    description: 'The programs of an organisation, revoked ones too, the newest first. A program finds itself alone.',
  }),
})

/** Programs need the scope; who may look at which is told by the noun. */
const mandatesRead = only(
  'mandatesRead',
  'who is signed in, and programs with the scope mandates:read',
  callerKinds.filter((kind) => kind !== 'NOBODY'),
  asSurelyAsEver,
  (caller) => hasScope(caller, 'mandates:read'),
)

const admin = officer(OfficerRole.ADMIN, { assurance: Assurance.HIGH })

export const identityDomain: Domain = {
  name: 'identity',
  queries: [identityQueries, appointmentQueries],
  resolvers: [ViewerResolver, PartyResolver, MandateResolver, AppointmentResolver],
  commands: [
    proposeAdmin,
    confirmAdmin,
    acceptAppointment,
    appointOfficer,
    changeRoles,
    dismissOfficer,
    registerClient,
    rotateClientSecret,
    revokeClient,
    grantMandate,
    revokeMandate,
  ],
  access: {
    Query: {
      viewer: anyone,
      mandatesGiven: signedIn,
      mandatesHeld: signedIn,
      appointments: official,
      clients: signedIn,
    },
    Mutation: {
      grantMandate: person,
      revokeMandate: person,
      proposeAdmin: operator,
      confirmAdmin: operatorLately,
      acceptAppointment: appointeeLately,
      appointOfficer: admin,
      changeRoles: admin,
      dismissOfficer: operatorOrAdmin,
      // Who holds which seal is asked within the command.
      registerClient: signedIn,
      rotateClientSecret: signedIn,
      revokeClient: signedIn,
    },
    Party: {
      '*': anyone,
      name: seesPersonal,
      identifiers: seesPersonal,
      status: seesPersonal,
      birthDate: seesPersonal,
    },
    PartyIdentifier: anyone,
    Mandate: mandatesRead,
    Appointment: { '*': anyone, officerName: seesPersonal },
    Client: seesPersonal,
    Viewer: { '*': anyone, companies: seesPersonal },
    ViewerOffice: anyone,
    ViewerProgram: anyone,
    ActingFor: seesPersonal,
  },
  rates: { 'Mutation.acceptAppointment': tries, 'Mutation.confirmAdmin': guesses },
}
