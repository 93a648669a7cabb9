import { createServer as createPlainServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { personasOf, programsOf } from '../../src/sandbox/personas.js'
import { seedPersonas } from '../../src/sandbox/seedPersonas.js'
import { tokenOf } from '../../src/sandbox/token.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { openLogin } from '../support/login.js'
import { createServer } from '../support/server.js'
import { issuersOfTest } from '../support/tokens.js'

const database = await cloneDatabase()
const keyring = keyringOfTest()
const login = await openLogin()
const app = await createServer({ config: login.config, database, keyring })
beforeAll(async () => {
  await seedPersonas(database, keyring, login.config)
  await app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(() => app.close())

/** The configuration that the command reads from the environment. */
const config = () => ({ ...login.config, issuers: [], port: (app.server.address() as AddressInfo).port })

async function viewer(token: string) {
  const query = '{ viewer { kind agencies { agency { code } roles } program { clientId name scopes } } }'
  const headers = { authorization: `Bearer ${token}` }
  return (await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query } })).json().data.viewer
}

describe('tokenOf', () => {
  it('gives a token of a persona that the API of the sandbox accepts', async () => {
    expect(await viewer(await tokenOf('senior-officer', config()))).toEqual({
      kind: 'OFFICER',
      agencies: [{ agency: { code: 'DVX' }, roles: ['APPROVER', 'ADMIN'] }],
      program: null,
    })
  })

  it('gives a token of a persona without a server', async () => {
    const token = await tokenOf('citizen', { ...config(), port: 1, sandboxPort: 4001 })
    expect(decodeJwt(token).iss).toBe('http://localhost:4001')
  })

  it.each([
    [
      'filing-program',
      ['APPLICATIONS_READ', 'DOCUMENTS_READ', 'DOCUMENTS_WRITE', 'FILINGS_READ', 'FILINGS_WRITE', 'PAYMENTS_WRITE'],
    ],
    ['reader-program', ['CATALOGUE_READ']],
  ])('asks the API for a token of the program %s', async (name, scopes) => {
    const clientId = programsOf().find((program) => program.name === name)?.id
    const seen = await viewer(await tokenOf(name, config()))
    expect(seen).toEqual({ kind: 'PROGRAM', agencies: [], program: { clientId, name, scopes } })
  })

  const names = [...personasOf(), ...programsOf()].map(({ name }) => name)

  it.each([
    ['nobody', 'got "nobody"'],
    [undefined, 'got nothing'],
  ])('rejects the name %s and lists all personas', async (name, came) => {
    const message = await tokenOf(name, config()).catch(({ message }) => message)
    expect(
      message
        .split('\n')
        .slice(1, -1)
        .map((line: string) => line.trim().split(' ')[0]),
    ).toEqual(names)
    expect(message).toMatch(new RegExp(`\n${came}$`))
  })

  it('gives no token with other issuers or in production', async () => {
    await expect(tokenOf('citizen', { ...config(), issuers: issuersOfTest })).rejects.toThrow('ISSUERS names others')
    await expect(tokenOf('citizen', { ...config(), mode: 'PRODUCTION' as never })).rejects.toThrow('MODE is production')
  })

  it('requires the ports', async () => {
    await expect(tokenOf('citizen', { ...config(), sandboxPort: 0 })).rejects.toThrow('SANDBOX_PORT must be the port')
    await expect(tokenOf('filing-program', { ...config(), port: 0 })).rejects.toThrow('PORT must be the port')
  })

  it('reports an API that does not answer or gives no token', async () => {
    const other = createPlainServer((_request, response) => response.writeHead(503).end('closed'))
    await new Promise<void>((settle) => other.listen(0, '127.0.0.1', settle))
    const { port } = other.address() as AddressInfo
    await expect(tokenOf('filing-program', { ...config(), port })).rejects.toThrow('it answered 503: closed')
    await new Promise((settle) => other.close(settle))
    await expect(tokenOf('filing-program', { ...config(), port })).rejects.toThrow(
      `localhost:${port}/oauth/token does not answer`,
    )
  })
})
