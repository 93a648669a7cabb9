import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { eicar, pdfOf, sha256Of } from '../support/files.js'
import { long } from '../support/long.js'
import { tokensOf } from '../support/personaTokens.js'
import { opened, start, stop, timedBy, usedDataDir, withClient } from '../support/started.js'

const patience = { timeout: 60_000, interval: 100 }

const killed = (role: string) => new RegExp(`("role":"${role}".*"signal":"SIGKILL".*restarting)`)

/** A sandbox whose API and worker die once each at these places, and restart. */
async function sandboxDyingAt(failpoints: string) {
  const dataDir = usedDataDir()
  const { server, address } = await opened(
    start(dataDir, {
      environment: { FAILPOINTS: failpoints, LOG_LEVEL: 'warn' },
      ...timedBy({ orphanedJobInterval: 500 }),
    }),
  )
  const login = new URL((await server.login) as string)
  const token = tokensOf('citizen', { dataDir, sandboxPort: Number(login.port) })
  const { origin } = new URL(address)

  const ask = async (query: string, variables: object = {}) => {
    const headers = { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ query, variables })
    const answer = await persistently(() => fetch(`${origin}/graphql`, { method: 'POST', headers, body }))
    return (await answer.json()) as { data: any }
  }
  const stateOf = async (id: string): Promise<string> => {
    const { data } = await ask('query ($id: ID!) { node(id: $id) { ... on Upload { state } } }', { id })
    return data?.node?.state
  }
  const send = async (bytes: Buffer) => {
    const input = { idempotencyKey: `a-key-for-${sha256Of(bytes)}`, name: 'x.pdf', size: bytes.length }
    const { data } = await ask(
      'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { id uploadUrl } } }',
      { input: { ...input, sha256: sha256Of(bytes) } },
    )
    const { id, uploadUrl } = data.createUpload.upload
    const taken = await persistently(() => fetch(uploadUrl, { method: 'PUT', body: new Uint8Array(bytes) }))
    expect(taken.status).toBe(200)
    return id as string
  }
  return { dataDir, server, ask, stateOf, send }
}

/** Repeats until it is answered, like a client. */
async function persistently(act: () => Promise<Response>): Promise<Response> {
  for (const late = Date.now() + 60_000; ; await sleep(100)) {
    const answer = await act().catch((error) => {
      if (Date.now() > late) throw error
    })
    if (answer && (answer.status < 500 || Date.now() > late)) return answer
  }
}

// Failpoints apply to the first process of a role, so two deaths of one role need two servers.
const pairs = [
  ['upload.stored=kill', 'upload.kept=kill'],
  ['upload.received=kill', 'upload.scanned=kill'],
  ['upload.stored=kill@2', 'job.ran=kill@2'],
  ['upload.received=kill@2', 'upload.kept=kill@2'],
] as const
describe('An upload', () => {
  it.each(long ? pairs : pairs.slice(0, 2))(
    'is kept once if its sender repeats and processes die at %s and %s',
    async (...failpoints) => {
      const { dataDir, server, send, stateOf, ask } = await sandboxDyingAt(failpoints.join())
      const files = [pdfOf(), pdfOf({ pages: 3 }), eicar]
      const ids: string[] = []
      for (const bytes of files) ids.push(await send(bytes))
      expect(await server.written(killed('worker'))).toBeDefined()
      // What it had begun is abandoned work after ten seconds.
      await withClient(
        dataDir,
        (client) => client`update graphile_worker._private_jobs set locked_at = locked_at - interval '10 seconds'`,
      )
      for (const [at, id] of ids.entries())
        await expect.poll(() => stateOf(id), patience).toBe(at === 2 ? 'INFECTED' : 'CLEAN')

      for (const [at, id] of ids.slice(0, 2).entries()) {
        const { data } = await ask('query ($id: ID!) { node(id: $id) { ... on Upload { downloadUrl } } }', { id })
        const given = await fetch(data.node.downloadUrl)
        expect(Buffer.from(await given.arrayBuffer()).equals(files[at]!)).toBe(true)
      }
      // Each happened once, and no intermediate file is left.
      const counted = await withClient(
        dataDir,
        (client) => client`
          select type, count(*)::int from events where domain = 'documents' group by type order by type`,
      )
      expect(counted.map(({ type, count }) => [type, count])).toEqual([
        ['upload.announced', 3],
        ['upload.found_clean', 2],
        ['upload.received', 3],
        ['upload.refused', 1],
      ])
      const left = (folder: string) => readdirSync(join(dataDir, 'files/sandbox', folder))
      await expect.poll(() => left('quarantine'), patience).toEqual([])
      expect(server.output()).toMatch(killed('api'))
      expect(await stop(server)).toBe(0)
    },
  )
})
