import type { Domain } from '../engine/engine.js'
import { DeadlineResolver } from './deadline.js'

export const sharedDomain: Domain = {
  name: 'shared',
  resolvers: [DeadlineResolver],
}
