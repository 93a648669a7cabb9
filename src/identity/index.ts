import { connection, descending, fields, Root } from '../engine/declare.js'
import type { Domain } from '../engine/engine.js'
import { anyone, callerKinds, only, signedIn } from '../shared/context.js'
import { Mandate, MandateResolver } from './mandate.js'
import { mandates } from './mandate.table.js'
import { PartyResolver } from './party.resolver.js'
import { ofParty } from './partyArgument.js'
import { ViewerResolver } from './viewer.resolver.js'

fields(Root, {
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
})

/** Programs need the scope; who may look at which is told by the noun. */
const mandatesRead = only(
  'mandatesRead',
  'who is signed in, and programs with the scope mandates:read',
  callerKinds.filter((kind) => kind !== 'NOBODY'),
  {},
  ({ program }) => !program || program.scopes.has('mandates:read'),
)

export const identityDomain: Domain = {
  name: 'identity',
  resolvers: [ViewerResolver, PartyResolver, MandateResolver],
  access: {
    Query: { viewer: anyone, mandatesGiven: signedIn, mandatesHeld: signedIn },
    ...{ Party: anyone, PartyIdentifier: anyone, Mandate: mandatesRead },
    ...{ Viewer: anyone, ViewerOffice: anyone, ViewerProgram: anyone, ActingFor: anyone },
  },
}
