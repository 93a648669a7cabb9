import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { cloneDatabase } from '../support/database.js'
import { programIn } from '../support/programs.js'
import { createServer } from '../support/server.js'

const database = await cloneDatabase()
const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database })
await app.listen({ host: '127.0.0.1', port: 0 })
afterAll(() => app.close())
const address = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`

const run = promisify(execFile)
const shown = readFileSync('docs/programs.md', 'utf8')
/** The code block of docs/programs.md in that language that contains the word. */
const block = (language: string, word: string) =>
  [...shown.matchAll(/```(\w+)\n(.*?)```/gs)].find(([, of, text]) => of === language && text?.includes(word))?.[2] ?? ''

describe('docs/programs.md', () => {
  let folder = ''
  beforeAll(() => {
    mkdirSync('node_modules/.cache', { recursive: true })
    folder = mkdtempSync('node_modules/.cache/programs-') // where jose is found
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const runHere = (file: string, args: string[], env: Record<string, string> = {}) =>
    run(file, args, { cwd: folder, env: { PATH: process.env.PATH, ...env } })

  it('gets a token by a secret with curl', async () => {
    const { id, secret } = await programIn(database)
    const curl = block('sh', 'curl').replace('https://api.example', address)
    const { stdout } = await runHere('sh', ['-c', curl], { CLIENT_ID: id, CLIENT_SECRET: secret })
    expect(JSON.parse(stdout)).toMatchObject({ access_token: expect.any(String), token_type: 'Bearer' })
  })

  it('makes a key pair, and gets a token by it with JavaScript', async () => {
    const made = await runHere('sh', ['-c', block('sh', 'generateKeyPair').replace('npm install jose', '')])
    expect(statSync(`${folder}/private.json`).mode & 0o777).toBe(0o600)
    const { id } = await programIn(database, { jwks: { keys: JSON.parse(made.stdout).keys } })
    const script = block('js', 'SignJWT').replaceAll('metadata.token_endpoint', "API + '/oauth/token'")
    writeFileSync(`${folder}/token.mjs`, script)
    const { stdout } = await runHere('node', ['token.mjs'], { API: address, CLIENT_ID: id, KEY_FILE: 'private.json' })
    expect(stdout).toMatch(/access_token: '[\w-]{43}'/)
  })
})
