#!/bin/sh
# The casework of an appeal: the agency that the citizen names is not competent, another agency gives an opinion, the competent one refuses, and its
# superior agency decides otherwise. Requires a running server: npm start
set -eu
cd "$(dirname "$0")/.."
. docs/ask.sh

# see: reads the state of the application as the citizen
see() { seen=$(ask citizen "{ application(number: $number) { state revision dueOn agency { code } } }"); }
# act <persona> <mutation> <further input as JSON> [<fields of the payload>]: acts on the current revision, and stops on a user error
act() {
  see
  answer=$(tell "$1" "$2" "\"applicationId\": $id, \"revision\": $(of application.revision "$seen")${3:+, $3}" "${4:-$application}")
  [ "$(of it.userErrors "$answer")" = '[]' ] || { echo "$2: $answer" >&2; exit 1; }
}
# registered <agency>: waits until the worker has registered the application at the agency
registered() {
  tries=0
  until see && [ "$(of application.state "$seen") $(of application.agency.code "$seen")" = "\"REGISTERED\" \"$1\"" ]; do
    tries=$((tries + 1)); [ $tries -lt 40 ] || { echo "it must be registered within 20 s: $seen" >&2; exit 1; }
    sleep 0.5
  done
}

# A citizen complains to the tax service. The worker forwards the appeal to the agency that it names.
draft=$(tell citizen startApplication '"serviceCode": "GOV-APPEAL"')
id=$(of it.application.id "$draft")
number=$(of it.application.number "$draft")
act citizen saveDraft '"answers": { "kind": "COMPLAINT", "addressee": "DVX", "author": "PERSON", "collective": false, "subject": "My address",
  "text": "My new address is not registered.", "decision": { "body": "The passport office", "what": "It did not register my address." },
  "repeated": false, "perishable": false, "replyBy": "CABINET", "contact": { "phone": "+994125555555" }, "confirmed": true }'
act citizen submitApplication ''
registered DVX

# The tax service is not competent: an approver transfers the appeal.
act senior-officer assignApplication ''
act senior-officer transferApplication '"agencyCode": "BPQMI", "reason": "The passport department registers addresses."' 'transfer { kind }'
registered BPQMI

# A reviewer asks the migration service for an opinion, and proposes a refusal. An approver adopts it.
act registration-officer assignApplication ''
act registration-officer requestOpinion "\"agencyCode\": \"DMX\", \"question\": \"Is this person registered with you?\",
  \"dueOn\": $(of application.dueOn "$seen")" 'application { opinions { id } }'
opinion=$(of it.application.opinions.0.id "$answer")
tell other-officer giveOpinion "\"opinionId\": $opinion, \"text\": \"No.\"" 'opinion { state }' >/dev/null
act registration-officer proposeDecision '"outcome": "REFUSED", "groundCodes": ["ALREADY_DECIDED"], "reasoning": "Decided on 4 May."'
act registration-deputy assignApplication ''
act registration-deputy decideApplication '"outcome": "REFUSED", "adoptsProposal": true'

# The citizen appeals. The ministry, which is the superior agency of the department, approves.
tell citizen appealDecision "\"applicationId\": $id, \"text\": \"There was no decision on 4 May.\"" >/dev/null
act interior-head assignApplication ''
act interior-head decideApplication '"outcome": "APPROVED"'

ask citizen "query (\$number: String!) { application(number: \$number) { state agency { code }
  appeals { decision { outcome onTime grounds { code } } answer { outcome onTime } }
  timeline(last: 14) { nodes { title transfer { kind to { code } } } } } }" "{\"number\": $number}"
