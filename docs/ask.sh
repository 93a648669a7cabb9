# Functions of applying.sh and casework.sh.

# ask <persona> <query> [<variables as JSON>]
ask() {
  curl -sS "http://localhost:${PORT:-4000}/graphql" -H 'content-type: application/json' -H 'accept-language: en' \
    -H "authorization: Bearer $(npm run --silent token -- "$1")" \
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
