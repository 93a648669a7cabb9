import autocannon from 'autocannon'

export const connections = 16

/** One round of one server. A single wrong or failing answer fails the bench. */
export async function measure({ title, server, database }, options) {
  const before = { server: server.cpu(), postgres: database.cpu() }
  const latencies = []
  const began = performance.now()
  let ended = began
  const load = autocannon({ connections, timeout: 60, ...options })
  load.on('response', (_client, _status, _bytes, took) => {
    latencies.push(took)
    ended = performance.now()
  })
  const result = await load
  const { non2xx, errors, timeouts, mismatches } = result
  if (non2xx + errors + timeouts + mismatches > 0)
    throw new Error(`${title}: no request may fail; ${JSON.stringify({ non2xx, errors, timeouts, mismatches })} did`)
  const requests = latencies.length
  return {
    perSecond: (1000 * requests) / (ended - began),
    cpu: (server.cpu() - before.server) / requests,
    postgres: (database.cpu() - before.postgres) / requests,
    latencies,
  }
}
