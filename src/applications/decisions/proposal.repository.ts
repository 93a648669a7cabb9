import { asc, eq } from 'drizzle-orm'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { decrypt } from '../../platform/personal.js'
import type { Doing } from '../applicationCommand.js'
import { officerFiles } from '../attachments/officerFile.table.js'
import { applicationNotes } from '../casework/applicationNote.table.js'

/** The open proposal of a locked application, with its files. */
export async function findProposal({ tx, context, application }: Pick<Doing, 'tx' | 'context' | 'application'>) {
  const { proposalId, partyId } = application
  if (!proposalId) return undefined
  const [row] = await tx.select().from(applicationNotes).where(eq(applicationNotes.id, proposalId))
  if (!row) return undefined
  const files = await tx
    .select({ id: officerFiles.uploadId })
    .from(officerFiles)
    .where(eq(officerFiles.ofId, proposalId))
    .orderBy(asc(officerFiles.position))
  const proposal = decrypt(await keyToEncrypt(tx, context.keyring, partyId), applicationNotes, row)
  return { ...proposal, files: files.map(({ id }) => id) }
}
