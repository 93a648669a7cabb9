import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { tooMany } from '../../engine/rates.js'
import { addressOf } from '../../platform/address.js'
import { type openRates, refuseWhileFull } from '../../platform/rates.js'
import type { Timings } from '../../platform/timings.js'
import type { PublishedKey, SigningKeys } from '../../shared/signingKeys.js'
import { algorithmOf } from './signClaims.js'

interface Parts {
  config: { timings: Timings }
  signingKeys: SigningKeys
  counters: Pick<ReturnType<typeof openRates>, 'request'>
}

/**
 * The public keys of all signing keys (RFC 7517), including retired ones, so that old signatures verify. A client that
 * caches them fetches them again for an unknown `kid`.
 */
export const publishedKeys =
  ({ config: { timings }, signingKeys, counters }: Parts) =>
  async (app: FastifyInstance) => {
    const onRequest = async ({ ip, raw }: FastifyRequest) =>
      refuseWhileFull(await counters.request(addressOf(ip, raw.socket.remoteAddress)), tooMany.requests)
    app.get('/.well-known/jwks.json', { onRequest }, async (_request, reply) => {
      const keys = (await signingKeys.published()).map(jwkOf)
      return reply
        .header('cache-control', `public, max-age=${timings.signingKeysFreshFor / 1000}`)
        .type('application/jwk-set+json')
        .send(JSON.stringify({ keys }))
    })
  }

const jwkOf = ({ id, chain }: PublishedKey) => ({
  ...chain[0].publicKey.export({ format: 'jwk' }),
  kid: id,
  use: 'sig',
  alg: algorithmOf(chain[0].publicKey),
  x5c: chain.map(({ raw }) => raw.toString('base64')),
  'x5t#S256': createHash('sha256').update(chain[0].raw).digest('base64url'),
})
