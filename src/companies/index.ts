import type { Procedure } from '../applications/procedure.js'
import type { Domain } from '../events/domain.js'
import { founding } from './founding.js'

export const companiesDomain: Domain & { procedures: Procedure[] } = {
  name: 'companies',
  procedures: [founding],
}
