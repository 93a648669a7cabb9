/** Why a registry gave no answer. */
export enum FailureReason {
  /** This installation has no connection to it. */
  NOT_CONNECTED = 'NOT_CONNECTED',
  /** It does not answer, or reports that it cannot. */
  DOWN = 'DOWN',
  TIMED_OUT = 'TIMED_OUT',
  /** It has too many requests at once. */
  BUSY = 'BUSY',
  /** The answer is malformed, or belongs to another request. */
  INVALID_ANSWER = 'INVALID_ANSWER',
  /** The registry or the exchange refuses us. */
  REFUSED = 'REFUSED',
}

/** A message to a registry. */
interface Sendable {
  /** The service code in the registry's system. */
  service: string
  /** Path below the service, in unencoded parts; the sender percent-encodes them. */
  path: readonly string[]
  query?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  body?: unknown
  /** Who asks: an id, never a name. */
  userId: string
  /** The number of the application. */
  issue?: string
  /** The organisation represented, if any: class and code, "COM/9900000141". */
  representedParty?: string
  /** By the machine's clock, in milliseconds: nothing is sent or awaited after it. */
  deadline: number
}
/** A question. Safe to repeat: it changes nothing at the registry. */
export interface Message extends Sendable {
  method: 'GET' | 'POST'
}
/** Changes something at a registry. Safe to repeat under its key: the registry does nothing new for a key that it has. */
export interface Change extends Omit<Sendable, 'query'> {
  /** The last part of the path, sent with PUT. */
  key: string
  body: unknown
}

/** Evidence of an answer. */
export interface Evidence {
  messageId: string
  /** As the security server returned it; null if it returned none. */
  requestHash: string | null
  /** INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE. */
  service: string
}
export type Reply<Answer> =
  /** `answer` is null if the registry has no record. */
  | ({ answer: Answer | null } & Evidence)
  /** `messageId` belongs to the last message sent; null if none was. */
  | { failed: FailureReason; retryAt: Date | null; messageId: string | null }

/** A registry's recent health, as this process has seen it. */
export interface Health {
  status: 'UP' | 'DOWN' | 'UNKNOWN' | 'NOT_CONNECTED'
  breaker: 'CLOSED' | 'OPEN' | 'HALF_OPEN'
  /** Median of the last answers in milliseconds; null if there were none. */
  latency: number | null
  lastAnsweredAt: Date | null
  lastFailure: { reason: FailureReason; at: Date } | null
}

/** The connections to agencies' registries, by their codes in the catalogue of agencies. Requests only ask. */
export interface Inquiry {
  /** `read` parses a body, and throws if it is invalid. Never rejects. */
  ask<Answer>(registry: string, message: Message, read: (body: unknown) => Answer | null): Promise<Reply<Answer>>
  healthOf(registry: string): Health
}
/** The same connections for jobs, which also change something: they repeat what failed. */
export interface Exchange extends Inquiry {
  /** As `ask`. After a failure the change may have been made: repeat it under its key. */
  tell<Answer>(registry: string, change: Change, read: (body: unknown) => Answer | null): Promise<Reply<Answer>>
  close(): Promise<void>
}

const notConnected = async () => ({ failed: FailureReason.NOT_CONNECTED, retryAt: null, messageId: null })
/** For an installation without connections. */
export const unconnected: Exchange = {
  ask: notConnected,
  tell: notConnected,
  healthOf: () => ({
    status: 'NOT_CONNECTED',
    breaker: 'CLOSED',
    latency: null,
    lastAnsweredAt: null,
    lastFailure: null,
  }),
  async close() {},
}
