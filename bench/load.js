// Open connections that ask one after another and read each answer whole.
import { Client } from 'undici'

export const connections = 16

/**
 * Asks until `amount` requests were sent or `seconds` are over. `next` makes each body and `check` gets each answer:
 * what it throws ends the bench. Returns how long each request took, and all of them.
 */
export async function load({
  url,
  headers,
  next,
  check,
  amount = Infinity,
  seconds = Infinity,
  clients = connections,
}) {
  const { origin, pathname: path } = new URL(url)
  const latencies = []
  let sent = 0
  const began = performance.now()
  const ends = began + seconds * 1000
  async function ask(client) {
    while (sent < amount && performance.now() < ends) {
      sent++
      const request = { path, method: 'POST', headers, body: next() }
      const asked = performance.now()
      const { status, bytes } = await answerOf(client, request)
      latencies.push(performance.now() - asked)
      if (status !== 200) throw new Error(`${url} must answer 200; ${status}: ${bytes}`)
      check(bytes)
    }
  }
  const opened = Array.from({ length: clients }, () => new Client(origin))
  try {
    await Promise.all(opened.map(ask))
  } finally {
    await Promise.all(opened.map((client) => client.destroy()))
  }
  return { latencies, took: performance.now() - began }
}

function answerOf(client, request) {
  return new Promise((settle, fail) => {
    const chunks = []
    let status
    client.dispatch(request, {
      onRequestStart() {},
      onResponseStart(_controller, code) {
        status = code
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk)
      },
      onResponseEnd: () => settle({ status, bytes: Buffer.concat(chunks) }),
      onResponseError: (_controller, error) => fail(error),
    })
  })
}

/** One round of one server. */
export async function measure({ server, database }, options) {
  const before = { server: server.cpu(), postgres: database.cpu() }
  const { latencies, took } = await load(options)
  const requests = latencies.length
  return {
    perSecond: (1000 * requests) / took,
    cpu: (server.cpu() - before.server) / requests,
    postgres: (database.cpu() - before.postgres) / requests,
    latencies,
  }
}
