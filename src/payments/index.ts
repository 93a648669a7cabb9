import type { Domain } from '../events/domain.js'
import { agencyChargeQueries } from './charges/agencyCharges.js'
import { cancelCharge } from './charges/cancelCharge.js'
import { chargeQueries } from './charges/charge.js'
import { ChargeResolver } from './charges/charge.resolver.js'
import { FindChargeResolver } from './charges/findCharge.js'
import { raiseCharge } from './charges/raiseCharge.js'
import { callbackEndpoint } from './checkout/callbackEndpoint.js'
import { cancelPayment } from './checkout/cancelPayment.js'
import { checkPayment } from './checkout/checkPayment.js'
import { type PayParts, payEndpoints } from './checkout/payEndpoints.js'
import { paymentQueries } from './checkout/payment.js'
import type { Providers } from './checkout/provider.js'
import { startPayment } from './checkout/startPayment.js'
import { reportPaidFine } from './fines/reportPaidFine.js'

interface Tools {
  providers: Providers
}

export const paymentsDomain: Domain<Tools, PayParts> = {
  name: 'payments',
  queries: [chargeQueries, agencyChargeQueries, paymentQueries],
  resolvers: [ChargeResolver, FindChargeResolver],
  commands: [raiseCharge, cancelCharge, startPayment, cancelPayment],
  jobs: ({ providers }) => [checkPayment(providers), reportPaidFine],
  endpoints: (serving) => [payEndpoints(serving), callbackEndpoint(serving)],
}
