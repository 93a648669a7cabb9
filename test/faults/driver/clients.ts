import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseNodeId } from '../../../src/engine/node.js'
import { type Deed, type Deeds, mutationOf } from './deed.js'
import type { Journal } from './journal.js'
import { oneOf, type Random, randomOf } from './random.js'

export interface Api {
  address: string
  /** A persona's token, by default the operator's. Each is valid for an hour, and some drives last longer. */
  token(persona?: string): Promise<string>
  /** Error codes after which a command is repeated with its key. Empty if none may come. */
  passing: readonly string[]
}

export interface Giving {
  api: Api
  journal: Journal
  seed: number
  clients: number
  domains: Deeds[]
  /** Information for finding out why a command hangs. */
  look(): Promise<string>
  /** The share of answered commands that are repeated, from 0 to 1, as by a client that lost the answer. */
  resent?: number
  /** A planted bug: repeats use a new key. */
  forgetKeys?: boolean
  /** Milliseconds after which a command counts as hanging while the server is up. */
  longest?: number
}

/** Milliseconds before an unanswered request is repeated. A living server has reported a timeout by then. */
const patience = 30_000
/** Milliseconds within which a server restarts on a busy machine. */
const longestAway = 600_000

/** Sends commands until it is stopped, then waits for the missing answers. */
export function giveCommands(giving: Giving) {
  const faults: string[] = []
  const answers = Array<number>(giving.clients).fill(0)
  let stopping = false
  const running = answers.map(async (_, at) => {
    const random = randomOf(giving.seed * 1000 + at)
    const worlds = giving.domains.map((domain) => ({ ...domain, world: domain.world(`C${at}`) }))
    while (!stopping) {
      const { deeds, world } = oneOf(random, worlds)
      const fault = await giveOne(giving, oneOf(random, deeds), world, random, () => answers[at]!++)
      if (fault) {
        faults.push(fault)
        // Without knowing whether it ran, the client no longer knows its world.
        return
      }
      await sleep(random() * 20)
    }
  })
  const stop = async () => {
    stopping = true
    await Promise.all(running)
  }
  /** Resolves when each client has that many more answers, or one has met a failure. */
  const answered = async (more: number) => {
    const wanted = answers.map((count) => count + more)
    while (faults.length === 0 && answers.some((count, at) => count < wanted[at]!)) await sleep(20)
  }
  return { faults, answered, stop }
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
  const { api, journal, longest = 60_000, resent = 0 } = giving
  const key = randomUUID()
  journal.write({ intent: key, deed: deed.name, input })
  const attempts: string[] = []
  const began = Date.now()
  let away = began
  for (let tried = 0; Date.now() < Math.min(away + longest, began + longestAway); tried++) {
    const askedAt = Date.now()
    const idempotencyKey = giving.forgetKeys && tried > 0 ? randomUUID() : key
    const answer = await ask(api, mutationOf(deed), { input: { ...input, idempotencyKey } }, deed.persona)
    const payload = answer.data?.[deed.name]
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
      if (random() >= resent) return undefined
      const again = await ask(api, mutationOf(deed), { input: { ...input, idempotencyKey } }, deed.persona)
      const { replayed, [deed.part]: made } = again.data?.[deed.name] ?? {}
      if ((replayed === true && made?.id === id) || isPassing(again)) return undefined
      return `${deed.name} ${key} was sent again, and not recognised: ${JSON.stringify(again)}`
    }
    // The command ran, but its result could not be read: the error says so, and a repeat shows it.
    if (payload && !answer.errors) return `${deed.name} ${key} was answered without its ${deed.part}`
    const wrong = answer.errors?.find(({ extensions }) => !answer.passing.includes(extensions.code))
    if (wrong) return `${deed.name} ${key} was answered: ${wrong.extensions.code} ${wrong.message}`
    const came = answer.broken ?? answer.errors?.map(({ extensions }) => extensions.code)
    attempts.push(`asked at ${new Date(askedAt).toISOString()}, after ${Date.now() - askedAt} ms: ${came}`)
    if (answer.broken && Date.now() - askedAt < patience) away = Date.now()
    await sleep(50 + random() * 200)
  }
  return [
    `${deed.name} ${key} hangs: the server was there for ${longest / 1000} s and did not do it`,
    ...attempts.slice(-20),
    await giving.look(),
  ].join('\n')
}

/** The table key in an API id. */
export const keyOf = (id: string): string => parseNodeId(id)?.key ?? id

/** Errors worth a repeat with the same key. */
export const passing = ['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE', 'TIMEOUT']

export interface Answer {
  // A deed knows the shape of its answer.
  data?: any
  errors?: { message: string; extensions: { code: string } }[]
  /** Why there was no answer. */
  broken?: string
  /** The codes that might come when it was asked or answered. */
  passing: readonly string[]
}

/** Whether it failed as a request may that meets a server which is away. */
export const isPassing = ({ errors = [], broken, passing }: Answer): boolean =>
  passing.length > 0 && (broken !== undefined || errors.some(({ extensions }) => passing.includes(extensions.code)))

export async function ask(api: Api, query: string, variables: object, persona?: string): Promise<Answer> {
  return await askWith(api, await api.token(persona), query, variables)
}

export async function askWith(api: Api, token: string, query: string, variables: object = {}): Promise<Answer> {
  const before = api.passing
  const passing = () => [...before, ...api.passing]
  try {
    const response = await fetch(api.address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(patience),
    })
    const answer = (await response.json()) as Omit<Answer, 'passing'>
    // So Fastify answers what still arrives while it closes.
    const isClosing = response.status === 503 && !answer.errors
    return { ...answer, ...(isClosing && { broken: 'the server closes' }), passing: passing() }
  } catch (error) {
    const { message, cause } = error as Error
    return { broken: `${message} ${(cause as NodeJS.ErrnoException | undefined)?.code ?? ''}`, passing: passing() }
  }
}
