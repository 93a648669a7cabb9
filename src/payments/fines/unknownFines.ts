import type { Evidence, Inquiry } from '../../shared/exchange.js'

/** An answer that there is no record. */
type Unknown = Evidence & { at: Date }

/** Answers kept in one process. Beyond it, the oldest is dropped. */
export const mostUnknownFines = 10_000

const known = new WeakMap<Inquiry, Map<string, Unknown>>()
/** Fines that the registry did not have a short time ago, by connection: who guesses numbers costs it one query each. */
function unknownFinesOf(exchange: Inquiry): Map<string, Unknown> {
  const found = known.get(exchange) ?? new Map<string, Unknown>()
  known.set(exchange, found)
  return found
}

export function findUnknownFine(exchange: Inquiry, fine: string, since: number): Unknown | undefined {
  const found = unknownFinesOf(exchange).get(fine)
  return found && found.at.getTime() > since ? found : undefined
}

export function addUnknownFine(exchange: Inquiry, fine: string, unknown: Unknown): void {
  const all = unknownFinesOf(exchange)
  all.delete(fine)
  all.set(fine, unknown)
  const [oldest] = all.keys()
  if (all.size > mostUnknownFines && oldest !== undefined) all.delete(oldest)
}
