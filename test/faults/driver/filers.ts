import { createHash, createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import canonicalize from 'canonicalize'
import type { Config } from '../../../src/config.js'
import type { Authority } from '../../../src/sandbox/authority.js'
import { tokenOf } from '../../../src/sandbox/token.js'
import { untilAnswered } from './payers.js'

/** A filing as a program sends it, without its signature. */
export interface ToFile {
  serviceCode: string
  partyVoen: string
  period?: string | null
  externalNumber: string
  content: Record<string, unknown>
}

const hashOf = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')
const canonical = (value: object) => canonicalize(value) as string // an object
const part = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** The seal of an organisation of the sandbox: signs what the organisation files. */
export async function sealOf(authority: Authority, voen: string, serviceVersion = 1) {
  const { key: pem, chain } = await authority.issue({
    commonName: voen,
    organisationIdentifier: `VATAZ-${voen}`,
    usage: 'seal',
    days: 30,
  })
  const key = createPrivateKey(pem)
  const x5c = chain.map((one) => new X509Certificate(one).raw.toString('base64'))
  const header = part({ alg: 'ES256', typ: 'pencere-filing+jose', x5c })
  const over = (payload: object) => {
    const input = Buffer.from(`${header}.${part(canonical(payload))}`)
    return `${header}..${sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }
  return {
    overFiling: ({ serviceCode: service, partyVoen: party, period = null, externalNumber, content }: ToFile) =>
      over({
        service,
        version: serviceVersion,
        party,
        period,
        externalNumber,
        contentSha256: hashOf(canonical(content)),
        replaces: null,
        sandbox: true,
      }),
    overBatch: (file: Buffer) => over({ batchSha256: hashOf(file), sandbox: true }),
  }
}

export interface Outcome {
  number?: string
  replayed: boolean
  receipt?: string
  reasons: string[]
}
const submit = `mutation($input: SubmitFilingInput!) {
  submitFiling(input: $input) { filing { number } receipt { signature } replayed userErrors { reason } } }`
const announce = `mutation($input: CreateFilingBatchInput!) {
  createFilingBatch(input: $input) { batch { id uploadUrl } userErrors { reason message } } }`
const results = 'query($id: ID!) { filingBatch(id: $id) { state resultsUrl } }'

/** A line of the results of a batch. */
export interface ResultLine {
  line: number
  externalNumber: string | null
  outcome: 'FILED' | 'REPEATED' | 'REFUSED'
  filingNumber: string | null
  receipt: string | null
  userErrors: { reason: string }[]
}

type Sandbox = Pick<Config, 'mode' | 'issuers' | 'dataDir' | 'port' | 'sandboxPort' | 'timings'>
/** Milliseconds after which a program asks for another token. */
const tokenAge = 120_000

/** A program of the sandbox that repeats what a process that dies leaves unanswered. */
export function filerOf(name: string, sandbox: Sandbox) {
  let token: { text: string; at: number } | undefined
  const address = `http://127.0.0.1:${sandbox.port}/graphql`
  async function tokenNow(): Promise<string> {
    if (!token || Date.now() - token.at > tokenAge) token = { text: await tokenOf(name, sandbox), at: Date.now() }
    return token.text
  }
  /** The field of an answer, as soon as there is one. */
  const ask = (query: string, variables: object, field: string) =>
    untilAnswered(`${name}: ${field}`, async () => {
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await tokenNow()}` },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(30_000),
      })
      const { data, errors } = (await response.json()) as { data?: any; errors?: any[] }
      const passes = ['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE', 'TIMEOUT']
      const strange = errors?.find(({ extensions }) => !passes.includes(extensions.code))
      if (strange) throw new Error(JSON.stringify(strange))
      return data?.[field] ?? undefined
    })

  return {
    async file(filing: ToFile, signature: string): Promise<Outcome> {
      const { content: json, ...rest } = filing
      const payload = await ask(submit, { input: { ...rest, content: { json }, signature } }, 'submitFiling')
      return {
        number: payload.filing?.number,
        replayed: payload.replayed,
        receipt: payload.receipt?.signature,
        reasons: payload.userErrors.map(({ reason }: { reason: string }) => reason),
      }
    },
    /** Announces a file and sends it. Returns the id of the batch. */
    async send(file: Buffer, signature: string | undefined): Promise<string> {
      const input = { size: file.length, sha256: hashOf(file), signature, idempotencyKey: randomUUID() }
      const { batch, userErrors } = await ask(announce, { input }, 'createFilingBatch')
      if (!batch) throw new Error(JSON.stringify(userErrors))
      await untilAnswered('the PUT of a batch', async () => {
        const signal = AbortSignal.timeout(60_000)
        const { ok, status } = await fetch(batch.uploadUrl, { method: 'PUT', body: new Uint8Array(file), signal })
        if (!ok && status < 500) throw new Error(`the batch was answered ${status}`)
        return ok || undefined
      })
      return batch.id
    },
    /** Waits for the end of a batch, and reads its results. */
    async resultsOf(id: string): Promise<ResultLine[]> {
      for (;;) {
        const { resultsUrl } = await ask(results, { id }, 'filingBatch')
        if (!resultsUrl) {
          await sleep(100)
          continue
        }
        const response = await fetch(resultsUrl)
        if (!response.ok) throw new Error(`the results were answered ${response.status}`)
        const lines = (await response.text()).split('\n').filter(Boolean)
        return lines.map((line) => JSON.parse(line))
      }
    },
  }
}

export const ndjsonOf = (lines: readonly object[]): Buffer =>
  Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))

/** As a receipt names it. */
export const contentHashOf = ({ content }: ToFile): string => hashOf(canonical(content))

/** The content of an e-invoice. */
export function invoice(number: string, manat: number): Record<string, unknown> {
  const [amount, vat, payable] = [manat * 100, manat * 18, manat * 118].map((qepik) => (qepik / 100).toFixed(2))
  return {
    number,
    issuedOn: '2026-11-02',
    kind: 'SALE',
    buyer: { registered: false, name: 'Sınaq alıcı' },
    lines: [{ description: 'Sınaq', unit: 'ədəd', quantity: '1', amount, taxed: 'STANDARD', vat }],
    total: { amount, vat, payable },
  }
}

/** The content of a VAT return of a month without any turnover. */
export const emptyReturn = { kind: 'REGULAR', active: false }
