import type { AddressInfo } from 'node:net'
import { serverAudits } from 'graphql-http'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../src/config.js'
import { cloneDatabase } from './support/database.js'
import { createServer } from './support/server.js'

const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database: await cloneDatabase() })
afterAll(() => app.close())
await app.listen({ host: '127.0.0.1', port: 0 })
const { port } = app.server.address() as AddressInfo
const audits = serverAudits({ url: `http://127.0.0.1:${port}/graphql`, fetchFn: fetch })

describe('GraphQL over HTTP', () => {
  it('has 61 audits', () => expect(audits).toHaveLength(61))

  // Recommended and optional behaviour counts too.
  it.each(audits.map((audit): [string, typeof audit] => [`${audit.id} ${audit.name}`, audit]))(
    'passes audit %s',
    async (_name, audit) => {
      const result = await audit.fn()
      expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok')
    },
  )
})
