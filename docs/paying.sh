#!/bin/sh
# A citizen applies for an identity card and pays at the bank of the sandbox. The application moves on, and anybody who has the receipt can verify it.
# With `browser` it prints the address at which you pay yourself. Requires a running server: npm start
set -eu
cd "$(dirname "$0")/.."

. docs/ask.sh

# Answers from the population register are filled in. The citizen adds the rest and submits: the application waits for its payment.
draft=$(tell citizen startApplication '"serviceCode": "DIN-ID-ISSUE"')
id=$(of it.application.id "$draft")
number=$(of it.application.number "$draft")
answers=$(node -p 'JSON.stringify({ ...JSON.parse(process.argv[1]), reason: "EXPIRED", holder: "APPLICANT", speed: "IN_3_WORKING_DAYS",
  collectAt: "ASAN 1", contact: { phone: "+994125555555" }, confirmed: true })' "$(of it.application.content.answers "$draft")")
saved=$(tell citizen saveDraft "\"applicationId\": $id, \"revision\": 1, \"answers\": $answers")
tell citizen submitApplication "\"applicationId\": $id, \"revision\": $(of it.application.revision "$saved")" >/dev/null
charged=$(ask citizen "{ application(number: $number) { charges { id } } }")

# The payer opens the address of the payment, which leads to the bank.
started=$(tell citizen startPayment "\"charges\": [{ \"chargeId\": $(of application.charges.0.id "$charged") }], \"method\": \"CARD\"" 'payment { checkoutUrl }')
address=$(of it.payment.checkoutUrl "$started")
if [ "${1:-}" = browser ]; then echo "Pay at $address" >&2; else pay "$address"; fi
become citizen "{ application(number: $number) { state } }" application.state '"REGISTERED"' ${1:+600}

# The worker numbers and signs the receipt and makes its PDF. The citizen downloads it, and anybody who has it can verify it.
tries=0
until [ "${pdf:-null}" != null ]; do
  seen=$(ask citizen "{ application(number: $number) { charges { receipts { number code downloadUrl } } } }")
  receipt=$(of application.charges.0.receipts.0 "$seen")
  pdf=$(node -p 'JSON.parse(process.argv[1]).downloadUrl' "$receipt")
  tries=$((tries + 1)); [ $tries -lt 40 ] || { echo "it must be printed within 20 s: $seen" >&2; exit 1; }
  sleep 0.5
done
curl -sf --retry 5 "$pdf" -o "${TMPDIR:-/tmp}/receipt.pdf"
ask citizen "query (\$receipt: String!, \$code: String!) {
  application(number: $number) { state charges { state money { amount currency } } timeline(last: 2) { nodes { type } } }
  verifyDocument(number: \$receipt, code: \$code) { valid document { kind } } }" \
  "$(node -p 'const { number, code } = JSON.parse(process.argv[1]); JSON.stringify({ receipt: number, code })' "$receipt")"
