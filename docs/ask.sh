# Functions of applying.sh, casework.sh, filing.sh, paying.sh and refunding.sh.

tokens=$(mktemp -d)
trap 'rm -rf "$tokens"' EXIT
# ask <persona or nobody> <query> [<variables as JSON>]: nobody sends no token
ask() {
  token=''
  if [ "$1" != nobody ]; then
    [ -s "$tokens/$1" ] || npm run --silent token -- "$1" >"$tokens/$1"
    token="authorization: Bearer $(cat "$tokens/$1")"
  fi
  curl -sS "http://localhost:${PORT:-4000}/graphql" -H 'content-type: application/json' -H 'accept-language: en' ${token:+-H "$token"} \
    -d "$(node -p 'JSON.stringify({ query: process.argv[1], variables: JSON.parse(process.argv[2] || "{}") })' "$2" "${3:-}")"
}
# of <path> <answer>: prints the value at the path, as JSON
of() { node -p 'JSON.stringify(process.argv[1].split(".").reduce((of, name) => of[name], JSON.parse(process.argv[2]).data))' "$1" "$2"; }
# tell <persona> <mutation> <input as JSON> [<fields of the payload>]: prints the payload, or the user errors
key=0 application='application { id number state revision dueOn content { answers } }'
tell() {
  key=$((key + 1))
  type="$(node -p 'const [name] = process.argv.slice(1); name[0].toUpperCase() + name.slice(1) + "Input!"' "$2")"
  ask "$1" "mutation (\$input: $type) { it: $2(input: \$input) {
    ${4:-$application} userErrors { code reason field message } } }" \
    "{\"input\": {\"idempotencyKey\": \"apply-$$-$key-$(date +%s)\", $3}}"
}
# pay <address of a payment as JSON>: opens it, which leads to the bank of the sandbox, and sends the form of that page with a card that pays
pay() {
  page=$(curl -sSfL -w '%{url_effective}' "$(node -p 'JSON.parse(process.argv[1])' "$1")")
  form=$(printf %s "$page" | sed -n 's/.*name="token" value="\([^"]*\)".*/\1/p' | head -n 1)
  curl -sSfL "$(printf %s "$page" | tail -n 1)" --data-urlencode "token=$form" -d card=pays -d act=pay -o "${TMPDIR:-/tmp}/paid.html"
}
# become <persona or nobody> <query> <path> <value as JSON> [<seconds>]: asks until the value is at the path, and sets $seen
become() {
  tries=0
  until seen=$(ask "$1" "$2") && [ "$(of "$3" "$seen")" = "$4" ]; do
    tries=$((tries + 1)); [ $tries -lt "${5:-40}" ] || { echo "$3 must become $4: $seen" >&2; exit 1; }
    sleep 0.5
  done
}
