import { createServer, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeSecret } from '../../platform/secretFile.js'
import { bodyOf, close, listen, localHosts, longestBody } from '../localServer.js'
import { type BankParts, openBank, Refusal } from './bank.js'
import { type Answer, jsonAnswer, merchantApi, refusalAnswer } from './merchantApi.js'
import { faultAnswer, isPayerPage, payerPages } from './payerPages.js'
import { bankAt, bankPortFile } from './provider.js'
import { signatureCheck } from './signature.js'

interface Parts extends BankParts {
  port: number
  /** Milliseconds that a slow bank takes. */
  slowness?: number
}

/** A bank that takes cards and instant payments, on this machine only. */
export async function startBank(parts: Parts): Promise<{ stop(): Promise<void> }> {
  const { port, log, troubleOf, slowness = 30_000 } = parts
  const bank = await openBank(parts)
  const check = signatureCheck(parts)
  const askMerchant = merchantApi({ ...parts, bank, address: bankAt(port) })
  const showPayer = payerPages({ ...parts, bank })
  const hosts = localHosts(port)

  function answerTo({ method = '', url = '', headers }: IncomingMessage, body: Buffer): Answer {
    const [path = '', query = ''] = url.split('?')
    if (isPayerPage(path)) return showPayer({ method, path, query: new URLSearchParams(query), headers, body })
    const fault = check(headers, { method, path: url, body })
    if (fault)
      return refusalAnswer(401, fault, 'the request must be signed with the secret of its merchant, just now and once')
    return askMerchant(method, path, body)
  }

  async function serve(request: IncomingMessage): Promise<Answer | undefined> {
    if (!hosts.includes(request.headers.host ?? '')) return strangeHost
    // What is played by hand works in any trouble.
    const trouble = request.url?.startsWith('/sandbox/') ? 'up' : troubleOf()
    if (trouble === 'down') {
      request.socket.resetAndDestroy()
      return undefined
    }
    const body = await bodyOf(request)
    if (!body) return tooLong
    if (trouble === 'slow') await sleep(slowness, undefined, { ref: false })
    try {
      if (trouble === 'failing') throw new Refusal(500, 'out_of_order', 'the bank is in trouble')
      return answerTo(request, body)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return isPayerPage(request.url ?? '')
        ? faultAnswer(error.status, request.headers)
        : refusalAnswer(error.status, error.code, error.message)
    } finally {
      await bank.flushed()
    }
  }

  const server = createServer((request, response) => {
    serve(request)
      .catch((error: Error) => {
        if (request.socket.destroyed) return undefined // the caller has gone
        log.error({ stack: error.stack }, 'unexpected error of the bank')
        return jsonAnswer(500, { error: 'internal_error', message: 'the log of the sandbox says why' })
      })
      .then((answer) => answer && response.writeHead(answer.status, { ...guards, ...answer.headers }).end(answer.body))
  })
  try {
    await listen(server, port)
  } catch (error) {
    await bank.close()
    throw new Error(`the bank of a sandbox must have a port that is free; ${(error as Error).message}`)
  }
  writeSecret(bankPortFile(parts.dataDir), String(port))
  log.info({ bank: bankAt(port) }, 'the bank of the sandbox is open')
  return {
    async stop() {
      await close(server)
      await bank.close()
    },
  }
}

const guards = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
}

const strangeHost: Answer = {
  status: 421,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: 'This is the bank of a sandbox, and answers to no other name than localhost.\n',
}
const refusedBody = refusalAnswer(413, 'body_too_long', `the body must have at most ${longestBody} bytes`)
const tooLong: Answer = { ...refusedBody, headers: { ...refusedBody.headers, connection: 'close' } }
