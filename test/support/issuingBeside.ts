import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../../src/agencies/agency.table.js'
import { configFrom } from '../../src/config.js'
import { issueDocument, type ToIssue } from '../../src/documents/issued/issueDocument.js'
import type { DocumentKind } from '../../src/documents/issued/issuedDocument.table.js'
import { makeParty } from '../../src/identity/parties/party.js'
import { PartyKind } from '../../src/identity/parties/party.table.js'
import { openDatabase } from '../../src/platform/database.js'
import { keyringOf } from '../../src/platform/keyringFile.js'
import { sandboxSigningKeys } from '../../src/sandbox/signingKeys.js'
import { urlOf } from './started.js'

/** Issues documents in the database of a running sandbox, from this process, by its keys. */
export async function issuingBeside(dataDir: string) {
  const database = await openDatabase(urlOf(dataDir), { connections: 4, statementTimeout: 10_000 })
  const keyring = keyringOf(configFrom({ DATA_DIR: dataDir }))
  const signingKeys = sandboxSigningKeys(dataDir, { keys: 'all' })
  const now = () => new Date()
  const { party: partyId } = await database.db.transaction((tx) =>
    makeParty(tx, keyring, PartyKind.NATURAL_PERSON, now()),
  )
  const [dvx] = await database.db.select().from(agencies).where(eq(agencies.code, 'DVX'))
  const issue = (kind: `${DocumentKind}`, more: Partial<ToIssue> = {}) =>
    database.db.transaction((tx) =>
      issueDocument(
        { tx, context: { keyring, signingKeys, now, caller: { id: 'person:test' } } },
        {
          kind: kind as DocumentKind,
          partyId,
          agencyId: dvx?.id as string, // seeded
          subjectId: v7(),
          claims: { subject: 'TEST-1', holder: 'Sınaq' },
          ...more,
        },
      ),
    )
  return { database, keyring, signingKeys, partyId, issue }
}
