import type { Command } from '../../src/engine/command.js'
import { unmetered } from '../../src/engine/rates.js'
import { once } from '../../src/events/commandKeys.js'
import { tick } from '../../src/events/deadlines.js'
import type { EventRow, Job, Work } from '../../src/events/job.js'
import { openSession } from '../../src/payments/checkout/openSession.js'
import { findPayment } from '../../src/payments/checkout/payment.repository.js'
import { waiting } from '../../src/payments/checkout/payment.rules.js'
import { BankUnavailable } from '../../src/payments/checkout/provider.js'
import { paymentsDomain } from '../../src/payments/index.js'
import { type Caller, contextOf } from '../../src/shared/context.js'
import { unconnected } from '../../src/shared/exchange.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { testSigningKeys } from '../support/signingKeys.js'
import { bankInMemory } from './bankInMemory.js'

/** Ends what runs at a boundary: before or after a commit, or an answer of the bank. */
export function crashes() {
  let left = Number.POSITIVE_INFINITY
  /** Dies at the boundary of that number, if it comes so far. Undefined if it died. */
  async function dying<T>(at: number, act: () => Promise<T>): Promise<{ done: T } | undefined> {
    left = at
    try {
      return { done: await act() }
    } catch (error) {
      if (left !== Number.POSITIVE_INFINITY) throw error
      return undefined
    } finally {
      left = Number.POSITIVE_INFINITY
    }
  }
  return {
    cross() {
      if (--left > 0) return
      left = Number.POSITIVE_INFINITY
      throw new Error('the process dies here')
    },
    dying,
    /** Is repeated if it dies, as by a client. */
    async surviving<T>(at: number, act: () => Promise<T>): Promise<T> {
      return ((await dying(at, act)) ?? { done: await act() }).done
    },
  }
}

interface Sent {
  /** Why it was refused. Empty if it was done. */
  reasons: string[]
  /** The id of what was made or changed. */
  id?: string | undefined
}

/** Payments beneath the API: one database, a bank in memory, a clock, and processes that die. Call it at the top of a file. */
export async function payingOf(start: Date) {
  const database = await cloneDatabase()
  let now = start
  let keys = 0
  let seen = '0'
  const { cross, dying, surviving } = crashes()
  let unfinished: { job: Job; event: EventRow }[] = []
  const clock = {
    now: () => now,
    pass(milliseconds: number) {
      now = new Date(now.getTime() + milliseconds)
    },
  }
  const bank = bankInMemory('BANK', clock.now, cross)
  const providers = { find: () => bank.provider, all: [bank.provider], async close() {} }
  const transaction: typeof database.db.transaction = async (act, config) => {
    const done = await database.db.transaction(async (tx) => {
      const acted = await act(tx)
      cross()
      return acted
    }, config)
    cross()
    return done
  }
  // The cast: Object.create() has no type.
  const mortal = {
    ...database,
    db: Object.create(database.db, { transaction: { value: transaction } }) as typeof database.db,
  }
  const log = { info() {}, error() {} }
  const signingKeys = testSigningKeys()
  const work: Work = { database: mortal, keyring, signingKeys, exchange: unconnected, now: clock.now, log }
  const jobs = paymentsDomain.jobs?.({ providers }) ?? []

  const contextFor = (caller: Caller) =>
    contextOf({
      ...work,
      caller,
      language: 'az',
      meter: unmetered,
      timeout: 60_000,
      checkout: { providerOf: () => 'BANK', mayReturnTo: () => true },
    })

  /** Sends a command, with its key again if the process dies. */
  async function send(command: Command, input: object, caller: Caller, dies: number): Promise<Sent> {
    const scope = command.keyScope?.(input)
    // Whoever did not sign in has keys only for what an input names.
    const key = caller.party || scope !== undefined ? `key-${++keys}` : undefined
    const given = { mutation: command.name, key, scope, input: { ...input } }
    return await surviving(dies, async () => {
      const context = contextFor(caller)
      const prepared = await command.prepare?.(input, context)
      const outcome = await once(context, given, (acting) => command.act(input, acting, prepared))
      return 'userErrors' in outcome
        ? { reasons: outcome.userErrors.map(({ reason }) => reason) }
        : { reasons: [], id: ('made' in outcome ? Object.values(outcome.made)[0] : undefined) as string } // none of them makes a list
    })
  }

  /**
   * Runs the jobs of all events that nobody has seen, and of those that follow. One that dies runs again the next time: what
   * happens meanwhile comes first.
   */
  async function runJobs(dies: number, ran: (job: string, event: EventRow) => Promise<void> = async () => {}) {
    const again = unfinished
    unfinished = []
    const run = async (job: Job, event: EventRow) => {
      const act = () =>
        job.run(event, work).catch((error: unknown) => {
          // The queue repeats it.
          if (!(error instanceof BankUnavailable)) throw error
          unfinished.push({ job, event })
        })
      // The model learns what this one job finds, so its end must be known.
      if (job.name === 'checkPayment') await surviving(dies, act)
      else if (!(await dying(dies, act))) unfinished.push({ job, event })
      await ran(job.name, event)
    }
    for (;;) {
      const rows = await database.client<EventRow[]>`
        select id::text, id::text as position, domain, type, subject, party_id as "partyId", agency_id as "agencyId", at, actor, ids
        from events where id > ${seen}::bigint order by events.id`
      const last = rows.at(-1)
      if (!last) break
      seen = last.id
      for (const event of rows.map((row) => ({ ...row, at: new Date(row.at) })))
        for (const job of jobs.filter(({ on }) => on.includes(event.type))) await run(job, event)
    }
    for (const { job, event } of again) await run(job, event)
  }
  const tickNow = () => tick(database, now)

  /** The payer opens the address of a payment. */
  async function open(id: string) {
    const payment = await findPayment(database.db, id)
    if (payment && waiting.includes(payment.state) && payment.expiresAt > now)
      await openSession(
        { database: mortal, keyring, now: clock.now, origin: 'http://localhost' },
        bank.provider,
        payment,
      )
  }

  return { database, keyring, clock, bank, surviving, send, runJobs, tickNow, open }
}
