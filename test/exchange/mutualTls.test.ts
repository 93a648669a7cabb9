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

/** A security server that answers whom its authority vouches for. */
const guarded = ({ certificate, key } = security) =>
  registryServer({ tls: { cert: certificate, key, ca: authority, requestCert: true, rejectUnauthorized: true } })

describe('A security server with https', () => {
  it('is asked with the certificate that was configured', async () => {
    const server = await guarded()
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { tls: { ...ours, authority } }))
    expect(await ask(exchange)).toMatchObject({ answer: { held: true } })
    expect(server.received).toHaveLength(1)
  })

  it.each([
    ['none', { authority }],
    ['one of a stranger', { ...theirs, authority }],
  ])('hears nothing from us with %s', async (_, tls) => {
    const server = await guarded()
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { tls }))
    // Node's server hangs up without a word; what another says about it is told in the facts on rules.
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN' })
    expect(server.received).toHaveLength(0)
  })

  it.each([
    ['somebody else vouches for', impostor],
    ['stands at another address', elsewhere],
  ])('is not the one that is meant where %s, and is told nothing', async (_, certified) => {
    const server = await guarded(certified)
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }, { tls: { ...ours, authority } }))
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN' })
    expect(server.received).toHaveLength(0)
    expect(lines.at(-1)?.what.type).toMatch(/^(UNABLE_TO_VERIFY|SELF_SIGNED|ERR_TLS_CERT_ALTNAME)/)
  })

  it('is not believed without an authority that the system knows, whatever the environment says', async () => {
    const server = await registryServer({ tls: { cert: security.certificate, key: security.key } })
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { tls: {} }))
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN' })
    expect(server.received).toHaveLength(0)
  })
})
