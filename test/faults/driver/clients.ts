import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseNodeId } from '../../../src/engine/nodeId.js'
import { type Deed, type Deeds, mutationOf } from './deed.js'
import type { Journal } from './journal.js'
import { oneOf, type Random, randomOf } from './random.js'

export interface Api {
  address: string
  /** Of a persona, the operator where none is named: what a token was is over in an hour, and some drives last longer. */
  token(persona?: string): Promise<string>
}

export interface Giving {
  api: Api
  journal: Journal
  seed: number
  clients: number
  domains: Deeds[]
  /** A planted bug: a repeat that comes as a new command. */
  forgetKeys?: boolean
  /** Milliseconds after which a command that had no answer is given up: it hangs. */
  longest?: number
}

/** Milliseconds until a question that had no answer is asked again. */
const patience = 4000

/** Gives commands until it is stopped, and then waits for the answers that are still out. */
export function giveCommands(giving: Giving): { faults: string[]; answered(): number; stop(): Promise<void> } {
  const faults: string[] = []
  let stopping = false
  let count = 0
  const running = Array.from({ length: giving.clients }, async (_, at) => {
    const random = randomOf(giving.seed * 1000 + at)
    const worlds = giving.domains.map((domain) => ({ ...domain, world: domain.world(`C${at}`) }))
    while (!stopping) {
      const { deeds, world } = oneOf(random, worlds)
      const fault = await giveOne(giving, oneOf(random, deeds), world, random, () => count++)
      if (fault) {
        faults.push(fault)
        // What it asked for stands or does not: such a client knows its world no more.
        return
      }
      await sleep(random() * 20)
    }
  })
  const stop = async () => {
    stopping = true
    await Promise.all(running)
  }
  return { faults, answered: () => count, stop }
}

async function giveOne(
  giving: Giving,
  deed: Deed,
  world: object,
  random: Random,
  answered: () => void,
): Promise<string | undefined> {
  const input = deed.input(random, world)
  if (!input) return undefined
  const { api, journal, longest = 60_000 } = giving
  const key = randomUUID()
  journal.write({ intent: key, deed: deed.name, input })
  const late = Date.now() + longest
  for (let tried = 0; Date.now() < late; tried++) {
    const idempotencyKey = giving.forgetKeys && tried > 0 ? randomUUID() : key
    const answer = await ask(api, mutationOf(deed), { input: { ...input, idempotencyKey } }, deed.persona)
    const payload = answer?.data?.[deed.name]
    const [refusal] = payload?.userErrors ?? []
    if (refusal && refusal.reason === deed.mayBeRefused) {
      journal.write({ refused: key })
      return undefined
    }
    if (refusal) return `${deed.name} ${key} was refused: ${JSON.stringify(payload.userErrors)}`
    const id = payload?.[deed.part]?.id
    if (id) {
      journal.write({ answer: key, made: keyOf(id), replayed: payload.replayed })
      deed.done(world, input, payload[deed.part])
      answered()
      return undefined
    }
    // It was done, and what it made could not be read any more: its error says so, and a repeat tells.
    if (payload && !answer?.errors) return `${deed.name} ${key} was answered without its ${deed.part}`
    const wrong = answer?.errors?.find(({ extensions }) => !passing.includes(extensions.code))
    if (wrong) return `${deed.name} ${key} was answered: ${wrong.extensions.code} ${wrong.message}`
    await sleep(20 + random() * 60)
  }
  return `${deed.name} ${key} hangs: it was not answered within ${longest / 1000} s`
}

/** By which the tables know what an API's id names. */
export const keyOf = (id: string): string => parseNodeId(id)?.key ?? id

/** What is worth asking again, under the same key. */
export const passing = ['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE', 'TIMEOUT']

interface Answer {
  // What it asked for, the deed knows the shape of.
  data?: any
  errors?: { message: string; extensions: { code: string } }[]
}

/** Undefined where there was no answer: the connection broke, or nobody spoke. */
export async function ask(api: Api, query: string, variables: object, persona?: string): Promise<Answer | undefined> {
  const token = await api.token(persona)
  try {
    const response = await fetch(api.address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(patience),
    })
    return (await response.json()) as Answer
  } catch {
    return undefined
  }
}
