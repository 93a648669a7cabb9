import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../../src/agencies/agency.table.js'
import { completeDocument } from '../../src/documents/issued/completeDocument.js'
import { issueDocument, type ToIssue } from '../../src/documents/issued/issueDocument.js'
import { DocumentKind, issuedDocuments } from '../../src/documents/issued/issuedDocument.table.js'
import { numberSeries } from '../../src/documents/issued/numberSeries.js'
import { signDocument } from '../../src/documents/issued/signDocument.js'
import type { EventRow, Work } from '../../src/events/job.js'
import { keysOf } from '../../src/identity/parties/party.js'
import { decrypt } from '../../src/platform/personal.js'
import { unconnected } from '../../src/shared/exchange.js'
import type { TestDatabase } from './database.js'
import { filesOfTest } from './files.js'
import { keyringOfFile } from './server.js'
import { testSigningKeys } from './signingKeys.js'

/** Issues documents of the State Tax Service to a party, as commands and the worker do. Call it at the top of the file. */
export async function issuingIn(database: TestDatabase, partyId: string, keyring = keyringOfFile) {
  const { db } = database
  const [signingKeys, files] = [testSigningKeys(), filesOfTest()]
  const [dvx] = await db.select().from(agencies).where(eq(agencies.code, 'DVX'))
  const agencyId = dvx?.id as string // seeded
  const now = () => new Date('2027-01-01T01:00:00+04:00')
  const context = { keyring, signingKeys, now, caller: { id: `person:${partyId}` } }
  const work: Work = { database, keyring, signingKeys, exchange: unconnected, now, log: { info() {}, error() {} } }

  const about = (): Omit<ToIssue, 'kind'> => ({
    partyId,
    agencyId,
    subjectId: v7(),
    serviceCode: 'DVX-RETURN',
    claims: { subject: 'A27-0000001-X', mandates: [] },
  })
  const issue = (kind: keyof typeof DocumentKind, more: Partial<ToIssue> = {}) =>
    db.transaction((tx) => issueDocument({ tx, context }, { kind: DocumentKind[kind], ...about(), ...more }))
  const complete = (id: string, more: Partial<Work> = {}) =>
    completeDocument({ files, verifyAt: 'https://api.example/verify' }).run({ subject: id } as EventRow, {
      ...work,
      ...more,
    }) // it reads only the subject of an event

  /** Numbers and signs a document. Makes no PDF, which takes most of the time of `complete`. */
  async function sign(id: string): Promise<void> {
    const { series } = await rowOf(id)
    if (series !== null) await numberSeries(work, series)
    await signDocument(work, id)
  }

  async function rowOf(id: string) {
    const [row] = await db.select().from(issuedDocuments).where(eq(issuedDocuments.id, id))
    if (!row) throw new Error(`there is no document ${id}`)
    const key = (await keysOf(database, keyring, [row.partyId])).get(row.partyId)
    if (!key) throw new Error(`the party of ${id} was forgotten`)
    return decrypt(key, issuedDocuments, row)
  }
  return { signingKeys, files, agencyId, now, context, work, about, issue, complete, sign, rowOf }
}
