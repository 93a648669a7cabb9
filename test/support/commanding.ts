import type { Answer, Ask } from './api.js'

interface Sent {
  payload: Answer['data']
  /** The code of the error that replaces the payload. */
  code: string | undefined
  /** The reasons of its userErrors. */
  reasons: string[]
  errors: Answer['errors']
}

let keys = 0
/** Sends a mutation, with a new idempotency key unless the input has one. */
export const commanding =
  (ask: Ask) =>
  async (headers: Record<string, string>, name: string, input: object, selection: string): Promise<Sent> => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`
    const query = `mutation ($input: ${type}) {
      ${name}(input: $input) { ${selection} userErrors { code reason field message params { name value } } replayed } }`
    // A request without a caller has no idempotency key.
    const key = headers.authorization ? { idempotencyKey: `a-key-of-this-test-${++keys}` } : {}
    const { data, errors } = await ask(query, { headers, variables: { input: { ...key, ...input } }, language: 'en' })
    const payload = data?.[name]
    const reasons = payload?.userErrors.map(({ reason }: { reason: string }) => reason) ?? []
    return { payload, code: errors?.[0]?.extensions.code, reasons, errors }
  }
