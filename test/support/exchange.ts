import { randomUUID } from 'node:crypto'
import { type Exchange, FailureReason, type Message, unconnected } from '../../src/shared/exchange.js'

const singles: Record<string, object> = {
  FINES: {
    points: 3,
    fines: [
      {
        ...{ number: 'TEST-1', issuedOn: '2026-10-01', norm: 'Test 1.1', amount: '40.00', currency: 'AZN' },
        ...{ vehicle: 'TEST-10', dueOn: '2026-12-01', paidOn: null },
      },
    ],
  },
  REALESTATE: { titles: [] },
  MEIS: { employments: [], pension: { kind: 'AGE', monthlyAmount: '300.00', currency: 'AZN', since: '2020-01-01' } },
  IAMAS: {
    crossings: [{ direction: 'ENTRY', at: '2026-11-01T08:00:00+04:00', checkpoint: 'Test', document: 'TEST0001' }],
    restrictions: [],
  },
  AVIS: { asOf: '2026-11-20', debts: [{ kind: 'Test', amount: '12.50', currency: 'AZN', dueOn: '2026-11-01' }] },
}

/** What a registry would say: of everybody the same, but for what they are called. */
function bodyOf(registry: string, { body, path }: Message): unknown {
  const { fins = [], voens = [] } = (body ?? {}) as { fins?: string[]; voens?: string[] } // as the look-ups send it
  if (registry === 'POPULATION')
    return {
      persons: fins.map((fin) => ({
        ...{
          fin,
          surname: `Sınaq ${fin}`,
          givenName: 'Test',
          birthDate: '1990-01-01',
          sex: 'MALE',
          citizenship: 'AZE',
        },
        family: [{ relation: 'CHILD', name: 'Test', birthDate: '2011-06-15' }],
      })),
    }
  if (registry === 'COMMERCIAL')
    return { companies: voens.map((voen) => ({ voen, name: `Sınaq ${voen}`, status: 'ACTIVE' })) }
  const parts = path.slice(1)
  return { subject: parts.join(':'), ...singles[registry] }
}

/** Registries that answer at once, in this process: what they were asked is kept, and any of them can fail. */
export function exchangeOfTest() {
  const asked: { registry: string; message: Message }[] = []
  const failing = new Map<string, FailureReason>()
  const saying = new Map<string, (message: Message) => unknown>()
  const exchange: Exchange = {
    ...unconnected,
    async ask(registry, message, read) {
      asked.push({ registry, message })
      const failed = failing.get(registry)
      const messageId = randomUUID()
      const sent = failed !== FailureReason.BUSY
      if (failed) return { failed, retryAt: new Date('2026-11-25T12:00:30Z'), messageId: sent ? messageId : null }
      const evidence = { messageId, requestHash: 'a hash', service: `TEST/GOV/${registry}/test/${message.service}` }
      const body = (saying.get(registry) ?? ((asked) => bodyOf(registry, asked)))(message)
      try {
        return { answer: body === null ? null : read(body), ...evidence }
      } catch {
        return { failed: FailureReason.INVALID_ANSWER, retryAt: null, messageId }
      }
    },
  }
  return {
    ...{ exchange, asked, failing, saying },
    /** How often each registry was asked since it was last looked at. */
    counted(): Record<string, number> {
      const counts: Record<string, number> = {}
      for (const { registry } of asked.splice(0)) counts[registry] = (counts[registry] ?? 0) + 1
      return counts
    },
  }
}
