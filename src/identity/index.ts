import type { Domain } from '../events/domain.js'
import { grantMandate } from './mandates/grantMandate.js'
import { MandateResolver, mandateQueries } from './mandates/mandate.js'
import { revokeMandate } from './mandates/revokeMandate.js'
import { acceptAppointment, tries } from './officers/acceptAppointment.js'
import { AppointmentResolver } from './officers/appointment.resolver.js'
import { appointmentQueries } from './officers/appointments.js'
import { appointOfficer } from './officers/appointOfficer.js'
import { changeRoles } from './officers/changeRoles.js'
import { confirmAdmin, guesses } from './officers/confirmAdmin.js'
import { dismissOfficer } from './officers/dismissOfficer.js'
import { proposeAdmin } from './officers/proposeAdmin.js'
import { PartyResolver } from './parties/party.resolver.js'
import { ViewerResolver } from './parties/viewer.resolver.js'
import { clientQueries } from './programs/client.js'
import { registerClient } from './programs/registerClient.js'
import { revokeClient } from './programs/revokeClient.js'
import { rotateClientSecret } from './programs/rotateClientSecret.js'
import { tokenEndpoint } from './programs/tokenEndpoint.js'

export type TokenServing = Parameters<typeof tokenEndpoint>[0]

export const identityDomain: Domain<unknown, TokenServing> = {
  name: 'identity',
  queries: [mandateQueries, clientQueries, appointmentQueries],
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
  endpoints: (serving) => [tokenEndpoint(serving)],
  rates: { 'Mutation.acceptAppointment': tries, 'Mutation.confirmAdmin': guesses },
}
