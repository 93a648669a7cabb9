/** Why a registry has not said what it was asked. */
export enum FailureReason {
  /** This installation knows no way to it. */
  NOT_CONNECTED = 'NOT_CONNECTED',
  /** It does not answer, or says that it cannot. */
  DOWN = 'DOWN',
  TIMED_OUT = 'TIMED_OUT',
  /** Too much is being asked of it at once. */
  BUSY = 'BUSY',
  /** What came is not what such a registry says, or not an answer to what was asked. */
  INVALID_ANSWER = 'INVALID_ANSWER',
  /** It, or the exchange, does not let us. */
  REFUSED = 'REFUSED',
}

/** One question to a registry. Safe to be asked again: it changes nothing there. */
export interface Message {
  method: 'GET' | 'POST'
  /** The code of its service at the registry's system. */
  service: string
  /** Below the service; each part as it is, percent-encoded by whoever sends it. */
  path: readonly string[]
  query?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  body?: unknown
  /** Who asks: an id, never a name. */
  userId: string
  /** The number of the application it is for. */
  issue?: string
  /** For whom it is asked, where that is an organisation: its class and code, "COM/9900000141". */
  representedParty?: string
  /** Of the machine's clock, in milliseconds: nothing is sent or waited for after it. */
  deadline: number
}

/** By what an answer can be shown to have been given. */
export interface Evidence {
  messageId: string
  /** As the security server gave it; null where it gave none. */
  requestHash: string | null
  /** INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE. */
  service: string
}
export type Reply<Answer> =
  /** `answer` is null where the registry holds nothing of it. */
  | ({ answer: Answer | null } & Evidence)
  /** `messageId` is that of the last message that was sent; null where none was. */
  | { failed: FailureReason; retryAt: Date | null; messageId: string | null }

/** How a registry has been to ask of late, as this process has seen it. */
export interface Health {
  status: 'UP' | 'DOWN' | 'UNKNOWN' | 'NOT_CONNECTED'
  breaker: 'CLOSED' | 'OPEN' | 'HALF_OPEN'
  /** Milliseconds, the median of the last answers; null where there was none. */
  latency: number | null
  lastAnsweredAt: Date | null
  lastFailure: { reason: FailureReason; at: Date } | null
}

/** The way to the registries of the agencies, each known by its code in the catalogue of agencies. */
export interface Exchange {
  /** `read` makes the answer of a body, and throws where it is none. Never rejects. */
  ask<Answer>(registry: string, message: Message, read: (body: unknown) => Answer | null): Promise<Reply<Answer>>
  healthOf(registry: string): Health
  close(): Promise<void>
}

/** Of an installation that was told of none. */
export const unconnected: Exchange = {
  ask: async () => ({ failed: FailureReason.NOT_CONNECTED, retryAt: null, messageId: null }),
  healthOf: () => ({
    status: 'NOT_CONNECTED',
    breaker: 'CLOSED',
    latency: null,
    lastAnsweredAt: null,
    lastFailure: null,
  }),
  async close() {},
}
