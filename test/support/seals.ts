import { sealsOfSandbox } from '../../src/sandbox/seals.js'
import type { Seals } from '../../src/shared/seals.js'
import { authorityOfTest } from './certificates.js'
import { folderOfTest } from './folder.js'

/** Sandbox seals, each made when it is first asked for. Call it at the top of the file. */
export const sealsOfTest = (): Seals => sealsOfSandbox(folderOfTest(), { keys: 'all' })

export interface SealAsText {
  id: string
  key?: string
  chain: string[]
}
export interface SealsAsText {
  receipts: SealAsText[]
  agencies: Record<string, SealAsText[]>
}

/** The seals of a production installation: a current and a retired one for receipts, and one of the State Tax Service. */
export async function freshSeals(): Promise<SealsAsText> {
  const { authority, certify } = await authorityOfTest()
  const seal = async (id: string): Promise<SealAsText & { key: string }> => {
    const { certificate, key } = await certify(id)
    return { id, key, chain: [certificate, authority] }
  }
  const { key: _lost, ...retired } = await seal('receipts-1')
  return { receipts: [await seal('receipts-2'), retired], agencies: { DVX: [await seal('dvx-1')] } }
}
