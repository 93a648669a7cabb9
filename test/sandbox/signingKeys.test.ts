import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sandboxSigningKeys } from '../../src/sandbox/signingKeys.js'
import { folderOfTest } from '../support/folder.js'

const folder = folderOfTest()
const [ofApi, ofWorker] = [
  sandboxSigningKeys(folder, { keys: 'receipts' }),
  sandboxSigningKeys(folder, { keys: 'all' }),
]

describe('sandboxSigningKeys', () => {
  it('makes a signing key once, when it is first needed, and publishes it', async () => {
    expect(await ofApi.published()).toEqual([])
    expect(readdirSync(folder)).toEqual([])
    const [one, same] = await Promise.all([ofApi.current({ receipts: true }), ofWorker.current({ receipts: true })])
    expect(one.id).toMatch(/^receipts-[0-9a-f]{8}$/)
    expect(same.key.equals(one.key)).toBe(true)
    expect((await ofApi.published()).map(({ id }) => id)).toEqual([one.id])
  })

  it('shows the API the certificate of an agency and not its key', async () => {
    await expect(ofApi.current({ agency: 'DVX' })).rejects.toThrow('the API signs for no agency; DVX was asked for')
    const { id, chain } = await ofWorker.current({ agency: 'DVX' })
    const known = (await ofApi.published()).find((signingKey) => signingKey.id === id)
    expect(known).toMatchObject({ id, owner: { agency: 'DVX' } })
    expect(known?.chain[0].fingerprint256).toBe(chain[0].fingerprint256)
    const kept = readdirSync(join(folder, 'signing-keys')).map((name) => {
      const path = join(folder, 'signing-keys', name)
      return [name, statSync(path).mode & 0o077, readFileSync(path, 'utf8').includes('PRIVATE')] as const
    })
    expect(kept.filter(([, forOthers, isPrivate]) => isPrivate && forOthers)).toEqual([])
    expect(kept.filter(([, , isPrivate]) => isPrivate).map(([name]) => name)).toEqual([
      'agency-DVX.json',
      'receipts.json',
    ])
  })
})
