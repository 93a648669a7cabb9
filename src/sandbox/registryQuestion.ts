import type { FinePayments } from './finePayments.js'
import type { Records } from './registriesFile.js'

/** A request as it reaches a registry's system behind X-Road. */
export interface Question {
  method: string
  /** The path below the service. */
  path: readonly string[]
  query: URLSearchParams
  body: Buffer
}
export interface Answer {
  status: number
  body: unknown
}
export interface Parts {
  records: Records
  /** Of the traffic registry. */
  finePayments: FinePayments
  now: Date
  /** A person is found by identifier; a lying registry returns the next one. */
  confused: boolean
}
export type Answering = (question: Question, parts: Parts) => Answer

export const refusal = (status: number, type: string, message: string, detail: string) => ({
  status,
  body: { type, message, detail },
})
export const noSuchResource = ({ method, path }: Question) =>
  refusal(404, 'no_such_resource', 'this service has no such resource', `got ${method} /${path.join('/')}`)
export const wrongMethod = (required: string, { method }: Question) =>
  refusal(405, 'wrong_method', `the method must be ${required}`, `got ${method}`)
export const notHeld = refusal(404, 'not_held', 'nobody is held here under this identifier', 'ask for another')

export function find<Entry>(entries: Entry[], isIt: (entry: Entry) => boolean, { confused }: Parts): Entry | undefined {
  const at = entries.findIndex(isIt)
  return confused ? entries[(at + 1) % entries.length] : entries[at]
}
