#!/bin/sh
# The program of an accounting firm files a tax return for a client and corrects it. Anybody who has the receipt can verify it.
# Requires a running server: npm start
set -eu
cd "$(dirname "$0")/.."

. docs/ask.sh

# file <external number> <VAT of sales> <VAT of purchases> <what it replaces, as JSON>: signs with the seal of the firm and files
file() {
  input=$(node -p 'const [externalNumber, sold, bought, replaces] = process.argv.slice(1); JSON.stringify({ serviceCode: "DVX-RETURN",
    partyVoen: "9900000271", period: "2026-10", externalNumber, replacesNumber: JSON.parse(replaces), content: { vatReturn2026: {
      kind: "REGULAR", active: true, turnover: { taxable: { amount: "10000.00", vat: sold }, zeroRated: "0", exempt: "0" },
      deductions: { invoices: { amount: "5000.00", vat: bought }, imports: { amount: "0", vat: "0" } },
      result: { outcome: "PAYABLE", amount: (sold - bought).toFixed(2) } } } })' "$@")
  checked=$(ask accounting-program 'query ($input: SubmitFilingInput!) { it: validateFiling(input: $input) { payload userErrors { message } } }' \
    "{ \"input\": $input }")
  of it.payload "$checked" | node -p 'JSON.parse(fs.readFileSync(0))' >"$tokens/payload"
  # Nothing is left to sign if the same was filed before.
  signature=$([ "$(cat "$tokens/payload")" = null ] || npm run --silent sign -- accounting-head "$tokens/payload" --organisation accounting-firm)
  ask accounting-program 'mutation ($input: SubmitFilingInput!) { it: submitFiling(input: $input) {
    filing { number state } receipt { number code } userErrors { reason field message } } }' \
    "$(node -p 'const [input, signature] = process.argv.slice(1); JSON.stringify({ input: { ...JSON.parse(input), signature: signature || null } })' "$input" "$signature")"
}

first=$(file shop-2026-10 1800.00 900.00 null)
corrected=$(file shop-2026-10-corrected 1800.00 720.00 "$(of it.filing.number "$first")")
receipt=$(of it.receipt "$corrected")
ask accounting-program "query (\$number: String!, \$code: String!) {
  filing(number: $(of it.filing.number "$corrected")) { externalNumber state replaces { externalNumber state } }
  verifyDocument(number: \$number, code: \$code) { valid document { kind } } }" "$receipt"
