#!/bin/sh
# A citizen applies for a change of address, an officer decides, and the citizen verifies the decision. Requires a running server: npm start
set -eu
cd "$(dirname "$0")/.."

. docs/ask.sh

# Answers from the population register are filled in. The citizen adds the rest and submits.
draft=$(tell citizen startApplication '"serviceCode": "DIN-ADDRESS-REG"')
id=$(of it.application.id "$draft")
number=$(of it.application.number "$draft")
answers=$(node -p 'JSON.stringify({ ...JSON.parse(process.argv[1]), newAddress: { unit: "Bakı", street: "Sınaq", building: "2" },
  movedOn: "2026-11-01", basis: "OWNER", contact: { phone: "+994125555555" }, confirmed: true })' \
  "$(of it.application.content.answers "$draft")")
saved=$(tell citizen saveDraft "\"applicationId\": $id, \"revision\": 1, \"answers\": $answers")
tell citizen submitApplication "\"applicationId\": $id, \"revision\": $(of it.application.revision "$saved")" >/dev/null

# The application is registered automatically. An officer assigns it to themselves and decides.
state='' tries=0
until [ "$state" = '"REGISTERED"' ]; do
  seen=$(ask citizen "{ application(number: $number) { state revision } }")
  state=$(of application.state "$seen")
  tries=$((tries + 1)); [ $tries -lt 40 ] || { echo "it must be entered within 20 s; it is $state" >&2; exit 1; }
  sleep 0.5
done
taken=$(tell registration-deputy assignApplication "\"applicationId\": $id, \"revision\": $(of application.revision "$seen")")
tell registration-deputy decideApplication "\"applicationId\": $id, \"revision\": $(of it.application.revision "$taken"),
  \"outcome\": \"APPROVED\", \"reasoning\": \"Registered at the new address.\"" >/dev/null

# The worker signs the decision and makes the PDF. The citizen downloads it, and anybody who has it can verify it.
tries=0
until [ "${pdf:-null}" != null ]; do
  seen=$(ask citizen '{ documents(first: 1) { nodes { number kind code downloadUrl } } }')
  pdf=$(of documents.nodes.0.downloadUrl "$seen")
  [ "$(of documents.nodes.0.kind "$seen")" = '"DECISION"' ] || pdf=null
  tries=$((tries + 1)); [ $tries -lt 40 ] || { echo "it must be printed within 20 s: $seen" >&2; exit 1; }
  sleep 0.5
done
curl -sf --retry 5 "$(node -p 'JSON.parse(process.argv[1])' "$pdf")" -o "${TMPDIR:-/tmp}/decision.pdf"
ask citizen "query (\$number: String!, \$document: String!, \$code: String!) {
  application(number: \$number) { state decisions { outcome deemed } timeline(last: 3) { nodes { type } } }
  verifyDocument(number: \$document, code: \$code) { valid } }" \
  "{\"number\": $number, \"document\": $(of documents.nodes.0.number "$seen"), \"code\": $(of documents.nodes.0.code "$seen")}"
