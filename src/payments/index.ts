import type { Domain } from '../events/domain.js'
import { agencyChargeQueries } from './charges/agencyCharges.js'
import { cancelCharge } from './charges/cancelCharge.js'
import { chargeQueries } from './charges/charge.js'
import { ChargeResolver } from './charges/charge.resolver.js'
import { FindChargeResolver } from './charges/findCharge.js'
import { raiseCharge } from './charges/raiseCharge.js'
import type { Providers } from './checkout/provider.js'
import { reportPaidFine } from './fines/reportPaidFine.js'

interface Tools {
  providers: Providers
}

export const paymentsDomain: Domain<Tools, Tools> = {
  name: 'payments',
  queries: [chargeQueries, agencyChargeQueries],
  resolvers: [ChargeResolver, FindChargeResolver],
  commands: [raiseCharge, cancelCharge],
  jobs: () => [reportPaidFine],
}
