import { v7 } from 'uuid'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { encrypt } from '../../platform/personal.js'
import { ownPartyOf } from '../../shared/context.js'
import type { Doing } from '../applicationCommand.js'
import { attachFiles } from '../attachments/officerFiles.js'
import type { DecisionOutcome } from '../decisions/decision.table.js'
import { applicationNotes, type NoteKind } from './applicationNote.table.js'

interface Written {
  kind: NoteKind
  text: string | null
  files?: readonly string[]
  proposed?: { outcome: DecisionOutcome; groundCodes: string[]; norm: string | null }
}

/** Writes a note of the caller on a locked application. Returns its ID. */
export async function insertNote(
  { tx, context, application, under, now }: Pick<Doing, 'tx' | 'context' | 'application' | 'under' | 'now'>,
  { kind, text, files = [], proposed }: Written,
): Promise<string> {
  const { id: applicationId, agencyId, partyId } = application
  const id = v7()
  const row = {
    id,
    applicationId,
    agencyId,
    partyId,
    appointmentId: under.under as string, // the caller is an officer
    officerId: ownPartyOf(context.caller),
    at: now,
    kind,
    text,
    outcome: proposed?.outcome ?? null,
    groundCodes: proposed?.groundCodes ?? null,
    norm: proposed?.norm ?? null,
  }
  const key = await keyToEncrypt(tx, context.keyring, partyId)
  // The cast: encrypt() returns the columns of that table.
  await tx.insert(applicationNotes).values(encrypt(key, applicationNotes, row) as typeof applicationNotes.$inferInsert)
  await attachFiles(tx, { applicationId, ofId: id, files })
  return id
}
