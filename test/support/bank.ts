import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll } from 'vitest'
import { startBank } from '../../src/sandbox/bank/bankServer.js'
import type { BankTrouble } from '../../src/sandbox/bank/bankTrouble.js'
import { bankAt, bankSecret, merchant } from '../../src/sandbox/bank/provider.js'
import { signed } from '../../src/sandbox/bank/signature.js'
import { freePorts } from '../../src/sandbox/freePorts.js'

interface Asking {
  body?: string
  headers?: Record<string, string>
  /** Changes what was signed. */
  signing?: Partial<Parameters<typeof signed>[1]>
}

/** The bank of a sandbox for the tests of one file, on a clock of its own. It is up until a test sets something else. */
export async function bankOfTest(moment = '2026-11-30T08:00:00Z') {
  const dataDir = mkdtempSync(join(tmpdir(), 'pencere-bank-'))
  const [port] = (await freePorts(1)) as [number] // as many as were asked for
  const address = bankAt(port)
  const errors: unknown[] = []
  let [trouble, time]: [BankTrouble, number] = ['up', Date.parse(moment)]
  const now = () => new Date(time)
  const secret = bankSecret({ dataDir })
  const log = { info() {}, warn() {}, error: (...said: unknown[]) => void errors.push(said) }
  const open = () =>
    startBank({ dataDir, port, merchant, secret, now, troubleOf: () => trouble, log, pause: 5, slowness: 20 })
  let running = await open()
  afterAll(async () => {
    await running.stop()
    rmSync(dataDir, { recursive: true })
  })

  async function ask(method: string, path: string, { body = '', headers, signing }: Asking = {}) {
    const signature = signed({ method, path, body }, { merchant, secret, now, ...signing })
    const answer = await fetch(`${address}${path}`, {
      method,
      headers: { ...signature, ...headers },
      ...(body && { body }),
    })
    const said = await answer.text()
    return {
      status: answer.status,
      text: said,
      json: said.startsWith('{') ? JSON.parse(said.split('\n')[0]!) : undefined,
    }
  }
  return {
    address,
    dataDir,
    secret,
    errors,
    ask,
    post: (path: string, value: unknown) => ask('POST', path, { body: JSON.stringify(value) }),
    get: (path: string) => ask('GET', path),
    set: (next: BankTrouble) => {
      trouble = next
    },
    goTo: (moment: string) => {
      time = Date.parse(moment)
    },
    async restart(between: () => void = () => {}) {
      await running.stop()
      between()
      running = await open()
    },
  }
}

/** A merchant that hears callbacks. `hears` says what it answers; 200 unless a test changes it. */
export async function merchantOfTest() {
  const heard: { event: string; orderId: string; headers: Record<string, unknown>; body: string; path: string }[] = []
  let answers: () => number = () => 200
  const server = createServer(async (request, response) => {
    if (request.method === 'GET')
      return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Back</title>')
    const body = await text(request)
    heard.push({ ...JSON.parse(body), headers: request.headers, body, path: request.url })
    return response.writeHead(answers()).end()
  })
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  afterAll(() => server.close())
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    answers: (next: () => number) => {
      answers = next
    },
  }
}
