import { sandboxSigningKeys } from '../../src/sandbox/signingKeys.js'
import type { SigningKeys } from '../../src/shared/signingKeys.js'
import { authorityOfTest } from './certificates.js'
import { folderOfTest } from './folder.js'

/** Sandbox signingKeys, each made when it is first asked for. Call it at the top of the file. */
export const testSigningKeys = (): SigningKeys => sandboxSigningKeys(folderOfTest(), { keys: 'all' })

export interface SigningKeyAsText {
  id: string
  key?: string
  chain: string[]
}
export interface SigningKeysAsText {
  receipts: SigningKeyAsText[]
  agencies: Record<string, SigningKeyAsText[]>
}

/** The signing keys of a production installation: a current and a retired one for receipts, and one of the State Tax Service. */
export async function freshSigningKeys(): Promise<SigningKeysAsText> {
  const { authority, certify } = await authorityOfTest()
  const signingKey = async (id: string): Promise<SigningKeyAsText & { key: string }> => {
    const { certificate, key } = await certify(id)
    return { id, key, chain: [certificate, authority] }
  }
  const { key: _lost, ...retired } = await signingKey('receipts-1')
  return { receipts: [await signingKey('receipts-2'), retired], agencies: { DVX: [await signingKey('dvx-1')] } }
}
