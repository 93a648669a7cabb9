import { randomUUID } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { v7 } from 'uuid'
import { parseNodeId } from '../../../src/engine/node.js'
import { makeParty } from '../../../src/identity/parties/party.js'
import { PartyKind } from '../../../src/identity/parties/party.table.js'
import { raiseCharges } from '../../../src/payments/charges/charge.repository.js'
import { ChargeSubject, charges } from '../../../src/payments/charges/charge.table.js'
import { openDatabase } from '../../../src/platform/database.js'
import { keyringOf } from '../../../src/platform/keyringFile.js'
import { decrypt } from '../../../src/platform/personal.js'
import type { BankEntry } from '../../support/ledger.js'
import { urlOf } from '../../support/started.js'
import { oneOf, type Random } from './random.js'

/** A charge as it is printed. */
export interface Printed {
  id: string
  number: string
  code: string
}

/** Raises charges of an agency for a person of whom nothing is known. */
export async function raise(dataDir: string, count: number): Promise<Printed[]> {
  const database = await openDatabase(urlOf(dataDir), { connections: 1, statementTimeout: 20_000 })
  const keyring = keyringOf({ dataDir, keyring: undefined })
  try {
    const [agency] = await database.client`select id from agencies where code = 'DVX'`
    return await database.db.transaction(async (tx) => {
      const at = new Date()
      const key = await makeParty(tx, keyring, PartyKind.NATURAL_PERSON, at)
      const wanted = Array.from({ length: count }, (_, place) => ({
        agencyId: agency?.id as string, // in the data
        partyId: key.party,
        subjectType: ChargeSubject.OTHER,
        subjectId: v7(),
        currency: 'AZN',
        lines: [{ name: { az: 'Rüsum' }, amount: BigInt(100 * (place + 1)) }],
      }))
      const rows = await raiseCharges(tx, keyring, wanted, { at, actor: 'a test' })
      return rows.map((row) => ({
        id: row.id,
        number: row.number,
        code: decrypt(key, charges, row).code as string,
      }))
    })
  } finally {
    await database.close()
  }
}

/** The entries of money in the journal of a sandbox's bank. */
export function bankEntriesIn(dataDir: string): BankEntry[] {
  const lines = readFileSync(join(dataDir, 'bank.journal'), 'utf8').split('\n').filter(Boolean)
  return lines
    .map((line) => JSON.parse(line))
    .filter(({ kind }) => ['CAPTURE', 'REFUND', 'REVERSAL'].includes(kind))
    .map((entry) => ({ provider: 'BANK', ...entry }))
}

/** What payers were answered: a line each. No killed process can touch it. */
export function answersIn(path: string) {
  type Answer = { started: string } | { paid: string }
  const write = (answer: Answer) => appendFileSync(path, `${JSON.stringify(answer)}\n`)
  const all = () =>
    readFileSync(path, { encoding: 'utf8', flag: 'a+' })
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Answer)
  return {
    write,
    started: () => all().flatMap((answer) => ('started' in answer ? [answer.started] : [])),
    paid: () => all().flatMap((answer) => ('paid' in answer ? [answer.paid] : [])),
  }
}
export type Answers = ReturnType<typeof answersIn>

interface Paying {
  /** The address of the API. */
  address: string
  answers: Answers
  /** Headers of the payer; without any, nobody has signed in. */
  headers?: Record<string, string>
}
const mutation = `mutation($input: StartPaymentInput!) {
  startPayment(input: $input) { payment { id checkoutUrl } userErrors { reason } } }`

/** Milliseconds in which a process that was killed is there again, also on a busy machine. */
const patience = 120_000
/** Repeats what a process that dies leaves unanswered. Undefined, in `act`, is no answer. */
export async function untilAnswered<T>(what: string, act: () => Promise<T | undefined>): Promise<T> {
  const late = Date.now() + patience
  let last: unknown
  while (Date.now() < late) {
    try {
      const answered = await act()
      if (answered !== undefined) return answered
    } catch (error) {
      last = error
    }
    await sleep(150)
  }
  throw new Error(`${what} was not answered`, { cause: last })
}

export interface Begun {
  id: string
  checkoutUrl: string
}
/** Starts a payment under one key until it is answered. Undefined if it is refused: somebody has paid, or many try. */
export async function startPaying(
  { address, answers, headers = {} }: Paying,
  named: readonly Printed[],
): Promise<Begun | undefined> {
  const charges = named.map(({ number, code }) => ({ charge: { number, code } }))
  const variables = { input: { charges, method: 'CARD', idempotencyKey: randomUUID() } }
  const payload = await untilAnswered('startPayment', async () => {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: mutation, variables }),
      signal: AbortSignal.timeout(30_000),
    })
    const { data, errors } = (await response.json()) as { data?: any; errors?: any[] }
    const passes = ['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE', 'TIMEOUT']
    const strange = errors?.find(({ extensions }) => !passes.includes(extensions.code))
    if (strange) throw new Error(JSON.stringify(strange))
    return data?.startPayment ?? undefined
  })
  const [refusal] = payload.userErrors
  if (refusal) {
    if (!['charge.paid', 'payment.many_attempts'].includes(refusal.reason))
      throw new Error(`refused: ${refusal.reason}`)
    return undefined
  }
  const { id, checkoutUrl } = payload.payment
  const key = parseNodeId(id)?.key as string // it is one of ours
  answers.write({ started: key })
  return { id: key, checkoutUrl }
}

/** Follows the address of a payment to the bank, and sends its form; without one, leaves. */
export async function payAtBank(
  { answers }: Paying,
  { id, checkoutUrl }: Begun,
  form?: Record<string, string>,
): Promise<void> {
  // Begins at our own address each time: a bank that was started anew may be at another.
  await untilAnswered(`${new URL(checkoutUrl).pathname}, or the page of the bank,`, async () => {
    const signal = AbortSignal.timeout(30_000)
    const { status: ours, headers } = await fetch(checkoutUrl, { redirect: 'manual', signal })
    if (ours >= 500) return undefined
    const bank = headers.get('location') ?? ''
    // The payment ended meanwhile: our own page says so.
    if (!bank.includes('/checkout/') || !form) return true
    const page = await fetch(bank, { signal })
    if (!page.ok) return undefined
    const [, token] = /name="token" value="(\w+)"/.exec(await page.text()) ?? []
    // It is decided already.
    if (!token) return true
    const body = new URLSearchParams({ token, ...form })
    const { status } = await fetch(bank, { method: 'POST', body, redirect: 'manual', signal })
    if (status !== 303) return undefined
    if (form.card === 'pays') answers.write({ paid: id })
    return true
  })
}

export const pays = { act: 'pay', card: 'pays' }
const deeds = [pays, pays, pays, pays, { act: 'pay', card: 'no-money' }, { act: 'cancel' }, undefined]

/** Payers that start and pay, decline, cancel or leave, until they are stopped. */
export function letPay(paying: Paying, printed: readonly Printed[], random: Random, payers = 6) {
  let stopping = false
  let done = 0
  const running = Array.from({ length: payers }, async () => {
    while (!stopping) {
      // Few charges, so that several pay the same.
      const chosen = [...new Set([oneOf(random, printed), oneOf(random, printed)])].slice(0, random() < 0.5 ? 1 : 2)
      const begun = await startPaying(paying, chosen)
      const deed = oneOf(random, deeds)
      if (begun && deed) await payAtBank(paying, begun, deed)
      done++
      await sleep(random() * 30)
    }
  })
  const all = Promise.all(running)
  all.catch(() => {}) // reported when they are stopped
  return {
    /** Resolves when that many more visits have ended, or one has failed. */
    async visited(more: number) {
      const wanted = done + more
      while (done < wanted) await Promise.race([sleep(20), all])
    },
    async stop() {
      stopping = true
      await all
    },
  }
}
