import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eicar, pdfOf, sha256Of } from '../support/files.js'
import { tokensOf } from '../support/personaTokens.js'
import { start, stop, temporaryFolder, withClient } from '../support/started.js'

const patience = { timeout: 60_000, interval: 100 }

/** A sandbox whose API and worker die where they are told to, once each, and are started again. */
async function sandboxDyingAt(failpoints: string) {
  const dataDir = join(temporaryFolder(), 'data')
  const server = start(dataDir, { environment: { FAILPOINTS: failpoints, LOG_LEVEL: 'fatal' } })
  const [address, login] = await Promise.all([server.open, server.login])
  const token = tokensOf('citizen', { dataDir, sandboxPort: Number(new URL(login as string).port) })
  const origin = new URL(address as string).origin

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
      'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { id putAddress } } }',
      { input: { ...input, sha256: sha256Of(bytes) } },
    )
    const { id, putAddress } = data.createUpload.upload
    const taken = await persistently(() =>
      fetch(`${origin}${putAddress}`, { method: 'PUT', body: new Uint8Array(bytes) }),
    )
    expect(taken.status).toBe(200)
    return id as string
  }
  return { dataDir, server, ask, stateOf, send, origin }
}

/** As a client does that wants it done: again, until somebody answers. */
async function persistently(act: () => Promise<Response>): Promise<Response> {
  for (let left = 200; ; left--)
    try {
      const answer = await act()
      if (answer.status < 500 || left === 0) return answer
    } catch (error) {
      if (left === 0) throw error
    } finally {
      await sleep(100)
    }
}

test.each([
  ['upload.stored=kill', 'upload.received=kill'],
  ['upload.received=kill', 'upload.kept=kill'],
  ['upload.stored=kill@2', 'upload.scanned=kill'],
  ['upload.received=kill@2', 'job.ran=kill@2'],
])(
  'Whoever sends again loses no file, and sends none twice, where processes die at %s and %s',
  async (...failpoints) => {
    const { dataDir, server, send, stateOf, ask, origin } = await sandboxDyingAt(failpoints.join())
    const files = [pdfOf(), pdfOf({ pages: 3 }), eicar]
    const ids: string[] = []
    for (const bytes of files) ids.push(await send(bytes))
    for (const [at, id] of ids.entries())
      await expect.poll(() => stateOf(id), patience).toBe(at === 2 ? 'INFECTED' : 'CLEAN')

    for (const [at, id] of ids.slice(0, 2).entries()) {
      const { data } = await ask('query ($id: ID!) { node(id: $id) { ... on Upload { downloadAddress } } }', { id })
      const given = await fetch(`${origin}${data.node.downloadAddress}`)
      expect(Buffer.from(await given.arrayBuffer()).equals(files[at]!)).toBe(true)
    }
    // Once each, whatever died beside it; and nothing is left of what was on its way.
    const counted = await withClient(
      dataDir,
      (client) => client`select type, count(*)::int from events where domain = 'documents' group by type order by type`,
    )
    expect(counted.map(({ type, count }) => [type, count])).toEqual([
      ...[
        ['upload.announced', 3],
        ['upload.found_clean', 2],
        ['upload.received', 3],
        ['upload.refused', 1],
      ],
    ])
    const left = (folder: string) => readdirSync(join(dataDir, 'files/sandbox', folder))
    await expect.poll(() => left('quarantine'), patience).toEqual([])
    expect(await stop(server)).toBe(0)
  },
)
