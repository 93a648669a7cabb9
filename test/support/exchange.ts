import { randomUUID } from 'node:crypto'
import {
  type Change,
  type Exchange,
  FailureReason,
  type Message,
  type Reply,
  unconnected,
} from '../../src/shared/exchange.js'

const recordsOfOne: Record<string, object> = {
  FINES: {
    points: 3,
    fines: [
      {
        number: 'TEST-1',
        issuedOn: '2026-10-01',
        norm: 'Test 1.1',
        amount: '40.00',
        currency: 'AZN',
        vehicle: 'TEST-10',
        dueOn: '2026-12-01',
        paidOn: null,
      },
    ],
  },
  REALESTATE: { titles: [] },
  MEIS: {
    employments: [],
    pension: { kind: 'AGE', monthlyAmount: '300.00', currency: 'AZN', startedOn: '2020-01-01' },
  },
  IAMAS: {
    crossings: [{ direction: 'ENTRY', at: '2026-11-01T08:00:00+04:00', checkpoint: 'Test', document: 'TEST0001' }],
    restrictions: [],
  },
  CIVIL: { maritalStatus: 'NEVER_MARRIED', marriage: null, acts: [] },
  AVIS: { asOf: '2026-11-20', debts: [{ kind: 'Test', amount: '12.50', currency: 'AZN', dueOn: '2026-11-01' }] },
}

/** A valid answer of a registry about these subjects. Only their names differ. */
export function bodyAbout(registry: string, keys: readonly string[]): object {
  if (registry === 'POPULATION')
    return {
      persons: keys.map((fin) => ({
        fin,
        surname: `Sınaq ${fin}`,
        givenName: 'Test',
        birthDate: '1990-01-01',
        sex: 'MALE',
        citizenship: 'AZE',
        family: [{ relation: 'CHILD', name: 'Test', birthDate: '2011-06-15' }],
      })),
    }
  if (registry === 'COMMERCIAL')
    return { companies: keys.map((voen) => ({ voen, name: `Sınaq ${voen}`, status: 'ACTIVE' })) }
  return { subject: keys[0], ...recordsOfOne[registry] }
}

/** Whom a message asks about. */
function keysIn({ body, path }: Sent): string[] {
  const { fins, voens } = (body ?? {}) as { fins?: string[]; voens?: string[] } // as the look-ups send it
  return fins ?? voens ?? [path.slice(1).join(':')]
}

type Sent = Message | Change
type Said = (message: Sent) => unknown
type Fails = FailureReason | ((message: Sent) => FailureReason | undefined)

/** Registries in this process. They note what they are asked, and a test can change what each says or let it fail. */
export function exchangeOfTest() {
  const asked: { registry: string; message: Message }[] = []
  const told: { registry: string; change: Change }[] = []
  const failing = new Map<string, Fails>()
  /** The body of an answer, which may be a promise. */
  const saying = new Map<string, Said>()
  const exchange: Exchange = {
    ...unconnected,
    ask(registry, message, read) {
      asked.push({ registry, message })
      return replyTo(registry, message, read)
    },
    tell(registry, change, read) {
      told.push({ registry, change })
      return replyTo(registry, change, read)
    },
  }
  async function replyTo<Answer>(
    registry: string,
    message: Sent,
    read: (body: unknown) => Answer | null,
  ): Promise<Reply<Answer>> {
    const messageId = randomUUID()
    const fails = failing.get(registry)
    const failed = typeof fails === 'function' ? fails(message) : fails
    const wasSent = failed !== FailureReason.BUSY
    if (failed) return { failed, retryAt: new Date('2026-11-25T12:00:30Z'), messageId: wasSent ? messageId : null }
    const evidence = { messageId, requestHash: 'a hash', service: `TEST/GOV/${registry}/test/${message.service}` }
    const said = saying.get(registry)
    const body = await (said ? said(message) : bodyAbout(registry, keysIn(message)))
    try {
      return { answer: body === null ? null : read(body), ...evidence }
    } catch {
      return { failed: FailureReason.INVALID_ANSWER, retryAt: null, messageId }
    }
  }
  /** How many messages each registry received since the last count. */
  function counted(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { registry } of asked.splice(0)) counts[registry] = (counts[registry] ?? 0) + 1
    return counts
  }
  return { exchange, asked, told, failing, saying, counted }
}
