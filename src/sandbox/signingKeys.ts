import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../platform/privileges.js'
import { secretIn } from '../platform/secretFile.js'
import type { KeyOwner, PublishedKey, SigningKey, SigningKeys } from '../shared/signingKeys.js'

interface Kept {
  id: string
  owner: KeyOwner
  /** PEM. */
  chain: string[]
}

const folderIn = (dataDir: string) => join(dataDir, 'signing-keys')
const nameOf = (owner: KeyOwner) => ('agency' in owner ? `agency-${owner.agency}` : 'receipts')
const ending = '.public.json'

/**
 * A sandbox's signing keys in DATA_DIR, each created on first use. The public part is in a separate file, written
 * before anything is signed, so that the API knows agencies' certificates without their keys.
 */
export function sandboxSigningKeys(dataDir: string, { keys }: { keys: 'receipts' | 'all' }): SigningKeys {
  const folder = folderIn(dataDir)
  const known = new Map<string, PublishedKey>()
  const current = new Map<string, Promise<SigningKey>>()
  const read = (file: string): PublishedKey => {
    const signingKey = known.get(file) ?? publishedKeyOf(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Kept) // written below
    known.set(file, signingKey)
    return signingKey
  }
  return {
    isSandbox: true,
    areMadeOnDemand: true,
    async current(owner) {
      const name = nameOf(owner)
      if ('agency' in owner && keys !== 'all')
        throw new Error(`the API signs for no agency; ${owner.agency} was asked for`)
      // The promise, because hundreds of receipts may ask at once, and making a key takes long.
      const signingKey = current.get(name) ?? currentIn(dataDir, owner)
      current.set(name, signingKey)
      signingKey.catch(() => current.delete(name))
      return await signingKey
    },
    async published() {
      if (!existsSync(folder)) return []
      return readdirSync(folder)
        .filter((file) => file.endsWith(ending))
        .sort()
        .map(read)
    },
  }
}

async function currentIn(dataDir: string, owner: KeyOwner): Promise<SigningKey> {
  const [folder, file] = [folderIn(dataDir), `${nameOf(owner)}.json`]
  const made = existsSync(join(folder, file)) ? '' : await freshSigningKey(dataDir, owner)
  makeFolder(folder, 0o711)
  const { key, ...kept } = JSON.parse(secretIn(folder, file, () => made)) as Kept & { key: string } // as below
  publish(folder, kept)
  return { ...publishedKeyOf(kept), key: createPrivateKey(key) }
}

/** A concurrent process writes the same. */
function publish(folder: string, kept: Kept): void {
  const path = join(folder, `${nameOf(kept.owner)}${ending}`)
  if (existsSync(path)) return
  const next = `${path}.${process.pid}`
  writeFileSync(next, JSON.stringify(kept), { flush: true })
  renameSync(next, path)
}

// The cast: a stored chain is not empty.
const publishedKeyOf = ({ id, owner, chain }: Kept): PublishedKey => ({
  id,
  owner,
  chain: chain.map((pem) => new X509Certificate(pem)) as unknown as PublishedKey['chain'],
})

/** Loads the certificate authority on demand: that takes a quarter of a second. */
async function freshSigningKey(dataDir: string, owner: KeyOwner): Promise<string> {
  const { authorityOf } = await import('./authority.js')
  const authority = await authorityOf(dataDir)
  const name = 'agency' in owner ? owner.agency : 'Pəncərə'
  const { key, chain } = await authority.issue({ commonName: `${name} SANDBOX`, usage: 'seal', days: 3650 })
  const { fingerprint256 } = new X509Certificate(chain[0] as string) // the chain begins with it
  const id = `${nameOf(owner)}-${fingerprint256.replaceAll(':', '').slice(0, 8).toLowerCase()}`
  return JSON.stringify({ id, owner, chain, key })
}
