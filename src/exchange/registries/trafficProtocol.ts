import { z } from 'zod'
import type { Exchange, Inquiry, Message, Reply } from '../../shared/exchange.js'
import { compact } from '../../shared/identifiers/reading.js'
import { amount, currency, day } from './lookup.js'
import { fineState } from './traffic.js'

/** Series and number of a protocol, in the compact form. */
export interface Protocol {
  series: string
  number: string
}
/** What the traffic police says of a fine to whoever has its protocol. Nothing personal. */
export type ProtocolFine = z.output<typeof fine>

/** The registry of traffic fines, by its code in the catalogue of agencies. */
export const finesRegistry = 'FINES'
const service = 'fines'
const pathOf = ({ series, number }: Protocol) => ['protocols', series, number]

const named = { series: z.string(), number: z.string() }
const fine = z.object({ ...named, amount, currency, dueOn: day.nullable().default(null), state: fineState })
const receipt = z.object({ ...named, key: z.string(), recorded: z.boolean(), state: fineState })

/** An answer about another protocol is none. */
function readOf<Answer extends Protocol>(schema: z.ZodType<Answer>, { series, number }: Protocol) {
  return (body: unknown): Answer => {
    const answer = schema.parse(body)
    if (compact(answer.series) === series && compact(answer.number) === number) return answer
    throw new Error('the answer must be about the protocol that was asked for; it is about another')
  }
}

type Sender = Pick<Message, 'userId' | 'deadline'>

/** The second factor narrows the question: a wrong one gives no record, as an unknown protocol does. */
export const askForFine = (
  exchange: Inquiry,
  protocol: Protocol,
  secondFactor: Readonly<Record<string, string>>,
  sender: Sender,
): Promise<Reply<ProtocolFine>> =>
  exchange.ask(
    finesRegistry,
    { ...sender, method: 'GET', service, path: pathOf(protocol), query: secondFactor },
    readOf(fine, protocol),
  )

interface FinePaid {
  protocol: Protocol
  /** The same for each attempt to report the same payment. */
  key: string
  amount: string
  currency: string
  paidAt: Date
}
/** `recorded` is false if the fine was already settled in another way, as `state` says. */
export const reportFinePaid = (
  exchange: Exchange,
  { protocol, key, paidAt, ...money }: FinePaid,
  sender: Sender,
): Promise<Reply<z.output<typeof receipt>>> =>
  exchange.tell(
    finesRegistry,
    {
      ...sender,
      service,
      path: [...pathOf(protocol), 'payments'],
      key,
      body: { ...money, paidAt: paidAt.toISOString() },
    },
    readOf(receipt, protocol),
  )
