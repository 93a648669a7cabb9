import { createHash } from 'node:crypto'
import { v7 } from 'uuid'
import { UploadState, uploads } from '../../src/documents/uploads/upload.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import type { Database } from '../../src/platform/database.js'
import { encrypt } from '../../src/platform/personal.js'
import { keyOfParty } from './partyKey.js'
import { keyringOfFile as keyring } from './server.js'

/** Inserts an upload of a party with that content. Returns its id. */
export async function insertUpload(
  { db }: Pick<Database, 'db'>,
  partyId: string,
  { content = v7(), state = UploadState.CLEAN }: { content?: string; state?: UploadState } = {},
): Promise<string> {
  const id = v7()
  const row = {
    id,
    partyId,
    name: 'müqavilə.pdf',
    size: 1234,
    sha256: createHash('sha256').update(content).digest(),
    state,
    mediaType: 'application/pdf',
    createdBy: 'a test',
    mandateIds: [],
    createdAt: new Date('2026-11-25T07:00:00Z'),
    expiresAt: new Date('2026-12-25T07:00:00Z'),
  }
  await db.insert(uploads).values(encrypt(await keyOfParty({ db }, keyring, partyId), uploads, row))
  return nodeIdOf('Upload', id)
}
