import type { Domain } from '../events/domain.js'

export const paymentsDomain: Domain = {
  name: 'payments',
}
