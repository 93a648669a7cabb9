import type { Domain } from '../events/domain.js'
import { identityEvents } from './events.js'
import { grantMandate } from './mandates/grantMandate.js'
import { MandateResolver, mandateQueries } from './mandates/mandate.js'
import { revokeMandate } from './mandates/revokeMandate.js'
import { acceptAppointment } from './officers/acceptAppointment.js'
import { AppointmentResolver } from './officers/appointment.resolver.js'
import { appointmentQueries } from './officers/appointments.js'
import { appointOfficer } from './officers/appointOfficer.js'
import { changeRoles } from './officers/changeRoles.js'
import { confirmAdmin } from './officers/confirmAdmin.js'
import { dismissOfficer } from './officers/dismissOfficer.js'
import { proposeAdmin } from './officers/proposeAdmin.js'
import { PartyResolver } from './parties/party.resolver.js'
import { ViewerResolver } from './parties/viewer.resolver.js'
import { programQueries } from './programs/program.js'
import { registerProgram } from './programs/registerProgram.js'
import { revokeProgram } from './programs/revokeProgram.js'
import { rotateProgramSecret } from './programs/rotateProgramSecret.js'
import { tokenEndpoint } from './programs/tokenEndpoint.js'

export type TokenServing = Parameters<typeof tokenEndpoint>[0]

export const identityDomain: Domain<unknown, TokenServing> = {
  name: 'identity',
  events: identityEvents,
  queries: [mandateQueries, programQueries, appointmentQueries],
  resolvers: [ViewerResolver, PartyResolver, MandateResolver, AppointmentResolver],
  commands: [
    proposeAdmin,
    confirmAdmin,
    acceptAppointment,
    appointOfficer,
    changeRoles,
    dismissOfficer,
    registerProgram,
    rotateProgramSecret,
    revokeProgram,
    grantMandate,
    revokeMandate,
  ],
  endpoints: (serving) => [tokenEndpoint(serving)],
}
