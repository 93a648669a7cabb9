import type { Context } from '../../shared/context.js'
import { FailureReason, type Reply } from '../../shared/exchange.js'
import type { Case } from '../accessLog/case.js'
import { type Lookup, unreadable } from './lookup.js'

/** Concurrent messages of one request to one registry. */
const atOnce = 8
/** Milliseconds reserved for logging, at most a quarter of the remaining time. An answer that is not logged is not shown. */
const toNoteDown = 500

/** Sends the questions, as many per message as possible, and some messages in parallel. */
export async function call<Held extends object>(
  lookup: Lookup<Held>,
  cases: readonly Case<Held>[],
  context: Context,
): Promise<void> {
  const waiting = messagesOf(lookup, cases)
  const { exchange, caller } = context
  const deadline = context.deadline - Math.min(toNoteDown, (context.deadline - Date.now()) / 4)
  const sendOneByOne = async () => {
    for (let some = waiting.shift(); some; some = waiting.shift())
      await send(lookup, some, { exchange, caller, deadline })
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, sendOneByOne))
}

/** The questions of a message share the application and the part of the record. */
function messagesOf<Held extends object>({ maxAtOnce }: Lookup<Held>, cases: readonly Case<Held>[]): Case<Held>[][] {
  const alike = new Map<string, Case<Held>[]>()
  for (const one of cases) {
    const { application, vehicle } = one.question
    const kind = JSON.stringify([application, vehicle])
    alike.set(kind, [...(alike.get(kind) ?? []), one])
  }
  return [...alike.values()].flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / maxAtOnce) }, (_, page) =>
      all.slice(page * maxAtOnce, (page + 1) * maxAtOnce),
    ),
  )
}

async function send<Held extends object>(
  lookup: Lookup<Held>,
  cases: readonly Case<Held>[],
  { exchange, caller, deadline }: Pick<Context, 'exchange' | 'caller' | 'deadline'>,
): Promise<void> {
  const keys = [...new Set(cases.map(({ key }) => key))]
  const [{ question, subject }] = cases as [Case<Held>] // never empty
  const { application, vehicle, agency } = question
  const represented = keys.length === 1 && agency === undefined ? subject.voen : undefined
  const message = {
    service: lookup.service,
    userId: caller.id,
    deadline,
    ...lookup.messageFor(keys, vehicle === undefined ? {} : { vehicle }),
    ...(application !== undefined && { issue: application }),
    ...(represented !== undefined && { representedParty: `COM/${represented}` }),
  }
  const reply = await exchange.ask(lookup.registry, message, (body) => lookup.read(body, keys))
  for (const one of cases) one.reply = replyTo(one, reply)
}

function replyTo<Held extends object>(
  { key }: Case<Held>,
  reply: Reply<ReturnType<Lookup<Held>['read']>>,
): Reply<Held> {
  if ('failed' in reply) return reply
  const answer = reply.answer?.get(key) ?? null
  if (answer !== unreadable) return { ...reply, answer }
  return { failed: FailureReason.INVALID_ANSWER, retryAt: null, messageId: reply.messageId }
}
