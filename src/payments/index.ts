import type { Domain } from '../events/domain.js'
import { FindChargeResolver } from './charges/findCharge.js'
import type { Providers } from './checkout/provider.js'
import { reportPaidFine } from './fines/reportPaidFine.js'

interface Tools {
  providers: Providers
}

export const paymentsDomain: Domain<Tools, Tools> = {
  name: 'payments',
  resolvers: [FindChargeResolver],
  jobs: () => [reportPaidFine],
}
