import type { Domain } from '../engine/engine.js'
import { anyone } from '../shared/context.js'
import { PartyResolver } from './party.resolver.js'

export const identityDomain: Domain = {
  name: 'identity',
  resolvers: [PartyResolver],
  access: {
    ...{ Party: anyone, PartyIdentifier: anyone },
  },
}
