import type { Procedure } from '../applications/procedure.js'
import type { Domain } from '../events/domain.js'
import { birth } from './birth.js'
import { marriage } from './marriage.js'

export const civilStatusDomain: Domain & { procedures: Procedure[] } = {
  name: 'civilStatus',
  procedures: [marriage, birth],
}
