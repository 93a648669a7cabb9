import { createHash } from 'node:crypto'
import { and, eq, isNotNull } from 'drizzle-orm'
import { failpoint } from '../../engine/failpoint.js'
import type { Job, Work } from '../../events/job.js'
import { record } from '../../events/record.js'
import { parties } from '../../identity/parties/party.table.js'
import { decryptFile, encryptFile, FileChanged } from '../../platform/encryptedFile.js'
import type { PartyKey } from '../../platform/personal.js'
import { withRetries } from '../../platform/retries.js'
import type { FileStore } from '../files/fileStore.js'
import { keptOf, quarantineOf } from '../files/places.js'
import { inspected } from './kinds.js'
import { findUpload, type UploadRow } from './receiveUpload.js'
import type { Scanner } from './scanner.js'
import type { RefusalReason } from './upload.reasons.js'
import { subjectOfUpload } from './upload.rules.js'
import { UploadState, uploads } from './upload.table.js'

interface Tools {
  files: FileStore
  scanner: Scanner
}

/** The result of a scan: the kind of file, or the reason for refusal. */
type Found = { mediaType: string } | { refused: RefusalReason }

/**
 * Scans a received file. The bytes are read once, compared with the announcement, scanned and stored. So nothing is stored that was
 * not scanned, even if the quarantine changes meanwhile.
 */
export const scanUpload = (tools: Tools): Job => ({
  name: 'scanUpload',
  on: ['upload.received'],
  isLong: true,
  async run({ subject }, work) {
    const known = await findUpload(work, subject)
    if (known?.upload.state === UploadState.SCANNING) await scan(known, tools, work)
    // The party's data was erased, maybe after the file was stored.
    if (!known) await tools.files.remove(keptOf(subject).file)
    // Last, so that a run that died before this can repeat all steps.
    await tools.files.remove(quarantineOf(subject).file)
  },
})

async function scan({ upload, key }: { upload: UploadRow; key: PartyKey }, tools: Tools, work: Work): Promise<void> {
  const bytes = await quarantined(upload, key, tools.files)
  const found = bytes ? await lookThrough(bytes, tools.scanner) : { refused: 'upload.changed' as const }
  const { file, place } = keptOf(upload.id)
  const isKept = bytes && !('refused' in found)
  if (isKept) await tools.files.put(file, encryptFile(once(bytes), key, place))
  await failpoint('upload.kept')
  const isMarked = await mark(upload, found, work)
  await failpoint('upload.scanned')
  if (isKept && isMarked === 'FORGOTTEN') await tools.files.remove(file)
}

/** The bytes in quarantine. Undefined if they differ from the announcement, so were changed after they were received. */
async function quarantined(
  { id, size, sha256 }: UploadRow,
  key: PartyKey,
  files: FileStore,
): Promise<Buffer | undefined> {
  const { file, place } = quarantineOf(id)
  const encrypted = await files.get(file)
  // This also happens if a folder is not mounted. The operator has three days to repair it.
  if (!encrypted) throw new Error(`the file of the upload ${id} must be in quarantine; it is not`)
  const pieces: Buffer[] = []
  let length = 0
  try {
    for await (const piece of decryptFile(encrypted, key, place)) {
      length += piece.length
      if (length > size) return undefined
      pieces.push(piece)
    }
  } catch (error) {
    if (error instanceof FileChanged) return undefined
    throw error
  }
  const bytes = Buffer.concat(pieces)
  return createHash('sha256').update(bytes).digest().equals(sha256) ? bytes : undefined
}

async function lookThrough(bytes: Buffer, scanner: Scanner): Promise<Found> {
  // First, because malware may be of any kind.
  if ((await scanner.findsIn(bytes)) === 'SOMETHING') return { refused: 'upload.infected' }
  return inspected(bytes)
}

async function* once(bytes: Buffer) {
  yield bytes
}

/** Records the result, unless another run has. */
const mark = (
  { id, partyId, subjectId }: UploadRow,
  found: Found,
  { database, now }: Work,
): Promise<'MARKED' | 'FORGOTTEN'> =>
  withRetries(() =>
    database.db.transaction(async (tx) => {
      const isKnown = and(eq(parties.id, partyId), isNotNull(parties.key))
      const [party] = await tx.select({ id: parties.id }).from(parties).where(isKnown).for('share')
      if (!party) return 'FORGOTTEN' // `removeForgottenUploads` removes its files
      const at = now()
      const [marked] = await tx
        .update(uploads)
        .set({ ...outcomeOf(found), scannedAt: at })
        .where(and(eq(uploads.id, id), eq(uploads.state, UploadState.SCANNING)))
        .returning({ state: uploads.state })
      if (marked) {
        const type = `upload.${marked.state === UploadState.CLEAN ? 'found_clean' : 'refused'}`
        await record(tx, [{ ...subjectOfUpload({ id, partyId, subjectId }), type, at, actor: 'scanUpload' }])
      }
      return 'MARKED'
    }),
  )

function outcomeOf(found: Found) {
  if (!('refused' in found)) return { state: UploadState.CLEAN, mediaType: found.mediaType }
  const state = found.refused === 'upload.infected' ? UploadState.INFECTED : UploadState.REFUSED
  return { state, refusedFor: found.refused }
}
