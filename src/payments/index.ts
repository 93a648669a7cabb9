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
import { paymentEvents } from './events.js'
import { reportPaidFine } from './fines/reportPaidFine.js'
import { AgencyBalanceQuery } from './reconciliation/agencyBalance.js'
import { reconciliation, settleDifferences } from './reconciliation/reconcile.js'
import { reconciliationQueries } from './reconciliation/reconciliation.js'
import { settleDifference } from './reconciliation/settleDifference.js'
import { agencyRefundQueries } from './refunds/agencyRefunds.js'
import { approveRefund } from './refunds/approveRefund.js'
import { refundQueries } from './refunds/refund.js'
import { ChargeRefundedResolver, RefundResolver } from './refunds/refund.resolver.js'
import { refundGroundQueries } from './refunds/refundGround.js'
import { rejectRefund } from './refunds/rejectRefund.js'
import { requestRefund } from './refunds/requestRefund.js'
import { sendRefund } from './refunds/sendRefund.js'

interface Tools {
  providers: Providers
}

export const paymentsDomain: Domain<Tools, PayParts> = {
  name: 'payments',
  events: paymentEvents,
  queries: [
    chargeQueries,
    agencyChargeQueries,
    paymentQueries,
    refundQueries,
    agencyRefundQueries,
    refundGroundQueries,
    reconciliationQueries,
  ],
  resolvers: [ChargeResolver, FindChargeResolver, ChargeRefundedResolver, RefundResolver, AgencyBalanceQuery],
  commands: [
    raiseCharge,
    cancelCharge,
    startPayment,
    cancelPayment,
    requestRefund,
    approveRefund,
    rejectRefund,
    settleDifference,
  ],
  jobs: ({ providers }) => [checkPayment(providers), reportPaidFine, sendRefund(providers), settleDifferences],
  recurring: ({ providers }) => [reconciliation(providers)],
  endpoints: (serving) => [payEndpoints(serving), callbackEndpoint(serving)],
}
