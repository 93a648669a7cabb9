import type { Domain } from '../events/domain.js'
import { ChangesResolver } from './changes.js'

export const changesDomain: Domain = {
  name: 'changes',
  resolvers: [ChangesResolver],
}
