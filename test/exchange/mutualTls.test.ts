import { describe, expect, it } from 'vitest'
import { authorityOfTest } from '../support/certificates.js'
import { ask, openedExchange } from '../support/openedExchange.js'
import { exchangeOf, registryServer } from '../support/registryServer.js'

const [trusted, stranger] = await Promise.all([authorityOfTest(), authorityOfTest('Another')])
const [security, impostor, elsewhere, ours, theirs] = await Promise.all([
  trusted.certify('security server', '127.0.0.1'),
  stranger.certify('security server', '127.0.0.1'),
  trusted.certify('security server', '192.0.2.1'),
  trusted.certify('ours'),
  stranger.certify('theirs'),
])
const { authority } = trusted

/** A security server that requires a client certificate of its authority. */
const guarded = ({ certificate, key } = security) =>
  registryServer({ tls: { cert: certificate, key, ca: authority, requestCert: true, rejectUnauthorized: true } })

describe('Security server with https', () => {
  it('is asked with the configured client certificate', async () => {
    const server = await guarded()
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { tls: { ...ours, authority } }))
    expect(await ask(exchange)).toMatchObject({ answer: { held: true } })
    expect(server.received).toHaveLength(1)
  })

  it.each([
    ['without a client certificate', { authority }],
    ['with a client certificate of another authority', { ...theirs, authority }],
  ])('receives no question %s', async (_, tls) => {
    const server = await guarded()
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { tls }))
    // Node's server hangs up without an alert; the tests of the rules have the alerts of others.
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN' })
    expect(server.received).toHaveLength(0)
  })

  it.each([
    ['another authority', impostor],
    ['another address', elsewhere],
  ])('receives no question if its certificate is of %s', async (_, certified) => {
    const server = await guarded(certified)
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }, { tls: { ...ours, authority } }))
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN' })
    expect(server.received).toHaveLength(0)
    expect(lines.at(-1)?.what.type).toMatch(/^(UNABLE_TO_VERIFY|SELF_SIGNED|ERR_TLS_CERT_ALTNAME)/)
  })

  it('receives no question if no configured or system authority certifies it', async () => {
    const server = await registryServer({ tls: { cert: security.certificate, key: security.key } })
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { tls: {} }))
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN' })
    expect(server.received).toHaveLength(0)
  })
})
