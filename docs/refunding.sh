#!/bin/sh
# A finance officer charges a citizen. Somebody else pays with the number and the code of the charge, without signing in. The charge was a mistake:
# the officer requests a refund, another approves it, and the bank pays back. Requires a running server: npm start
set -eu
cd "$(dirname "$0")/.."

. docs/ask.sh

raised=$(tell registration-finance raiseCharge "\"fin\": \"TEST001\", \"reference\": \"R-$$-$(date +%s)\", \"currency\": \"AZN\",
  \"lines\": [{ \"name\": { \"az\": \"Surət\", \"en\": \"Copy\", \"ru\": \"Копия\" }, \"amount\": \"12.50\" }]" 'charge { id number }')
number=$(of it.charge.number "$raised")

# The citizen gives number and code to whoever pays.
code=$(of charge.code "$(ask citizen "{ charge(number: $number) { code } }")")
started=$(tell nobody startPayment "\"charges\": [{ \"charge\": { \"number\": $number, \"code\": $code } }], \"method\": \"CARD\"" 'payment { id checkoutUrl }')
payment=$(of it.payment.id "$started")
pay "$(of it.payment.checkoutUrl "$started")"
become nobody "{ node(id: $payment) { ... on Payment { state } } }" node.state '"SUCCEEDED"'

# 12.50 AZN are left to refund. One approval is enough for that amount.
requested=$(tell registration-finance requestRefund "\"paymentId\": $payment, \"chargeId\": $(of it.charge.id "$raised"),
  \"expectedRefundable\": \"12.50\", \"groundCode\": \"WRONGLY_CHARGED\", \"reason\": \"The copy was free.\"" 'refund { id }')
refund=$(of it.refund.id "$requested")
tell registration-second-finance approveRefund "\"refundId\": $refund" 'refund { id }' >/dev/null
become registration-finance "{ node(id: $refund) { ... on Refund { state } } }" node.state '"COMPLETED"'

ask registration-finance "{ charge(number: $number) { state refunded { amount } receipts { kind revokedAt } }
  refund: node(id: $refund) { ... on Refund { kind state money { amount currency } ground { code } } }
  payment: node(id: $payment) { ... on Payment { state } } }"
