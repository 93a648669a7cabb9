import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { localFiles } from '../../src/documents/files/localFiles.js'
import { folderOfPdf, pdfOf } from '../../src/documents/files/places.js'
import { DocumentKind, issuedDocuments } from '../../src/documents/issued/issuedDocument.table.js'
import { readSigned } from '../../src/documents/signatures/readSigned.js'
import { keysOf } from '../../src/identity/parties/party.js'
import { decryptFile } from '../../src/platform/encryptedFile.js'
import { decrypt } from '../../src/platform/personal.js'
import { wholeOf } from '../support/files.js'
import { issuingBeside } from '../support/issuingBeside.js'
import { signatureFaultOf } from '../support/readPdf.js'
import { postgresForFile, start, stop } from '../support/started.js'

const patience = { timeout: 120_000, interval: 100 }

/** The documents of a party, by tables and files: their serial numbers, and any errors. */
async function standing(
  dataDir: string,
  { database, keyring, signingKeys, partyId }: Awaited<ReturnType<typeof issuingBeside>>,
) {
  const files = localFiles(join(dataDir, 'files'), 'sandbox')
  const key = (await keysOf(database, keyring, [partyId])).get(partyId)!
  const rows = await database.db.select().from(issuedDocuments).where(eq(issuedDocuments.partyId, partyId))
  const faults: string[] = []
  for (const row of rows.map((row) => decrypt(key, issuedDocuments, row))) {
    const { id, number, signature, pdfSha256, seriesNumber } = row
    const claims = await readSigned(signature ?? '', signingKeys)
    if (typeof claims === 'string' || claims.number !== number) faults.push(`${number} is not signed`)
    // The API signs the receipt of an application before it has a number.
    else if (row.kind !== DocumentKind.APPLICATION_RECEIPT && claims.series?.number !== seriesNumber)
      faults.push(`${number} is not signed with its number`)
    const { file, place } = pdfOf(id, pdfSha256!)
    const pdf = (await wholeOf(decryptFile((await files.get(file))!, key, place)))!
    const isNamed = createHash('sha256').update(pdf).digest().equals(pdfSha256!) && pdf.length === row.pdfSize
    const root = (await signingKeys.published())[0]!.chain.at(-1)!
    if (!isNamed || signatureFaultOf(pdf, root)) faults.push(`${number} is not printed as it should be`)
    const kept = readdirSync(join(dataDir, 'files/sandbox', folderOfPdf(id)))
    if (kept.length !== 1) faults.push(`of ${number} there are ${kept.length} PDFs`)
    if (seriesNumber === null) faults.push(`${number} has no number in its series`)
  }
  return { numbers: rows.map(({ seriesNumber }) => seriesNumber).sort((a, b) => a! - b!), faults }
}

let environment: Record<string, string>
let dataDir: string
beforeAll(async () => {
  const postgres = await postgresForFile()
  dataDir = postgres.dataDir
  environment = {
    ROLE: 'worker',
    DATABASE_URL: postgres.url,
    SANDBOX_ALLOWS: 'database-url',
    KEYRING: readFileSync(join(dataDir, 'keyring.json'), 'utf8'),
  }
})

/** Each worker dies at the next of these, with what the one before has left and with new documents. */
const deaths = ['series.numbered=kill', 'document.signed=kill@2', 'pdf.kept=kill', 'pdf.made=kill@2', 'job.ran=kill@3']

describe('An issued document', () => {
  it('is signed, numbered and printed once if one worker after another ends somewhere', async () => {
    const issuing = await issuingBeside(dataDir)
    const { client } = issuing.database
    try {
      const kinds = ['DECISION', 'PAYMENT_RECEIPT', 'APPLICATION_RECEIPT', 'PAYMENT_RECEIPT'] as const
      const issued: string[] = []
      for (const FAILPOINTS of deaths) {
        const more = await Promise.all(kinds.map((kind) => issuing.issue(kind, { series: FAILPOINTS })))
        issued.push(...more.map(({ id }) => id))
        const dying = start(dataDir, { environment: { ...environment, FAILPOINTS } })
        await dying.ended
        expect(dying.process.signalCode).toBe('SIGKILL')
        // Work that it had begun counts as abandoned.
        await client`update graphile_worker._private_jobs set locked_at = locked_at - interval '10 seconds'`
      }

      const worker = start(dataDir, { environment })
      const unfinished = () => client`
        select 1 from issued_documents where pdf_sha256 is null union all
        select 1 from graphile_worker.jobs where task_identifier = 'completeDocument' union all
        select 1 from events where type = 'document.issued' and position is null`
      await expect.poll(unfinished, patience).toEqual([])
      const numbers = kinds.flatMap((_, at) => deaths.map(() => at + 1))
      expect(await standing(dataDir, issuing)).toEqual({ numbers, faults: [] })
      const completed = await client`
        select subject from events where type = 'document.completed' and subject in ${client(issued)}
        group by subject having count(*) = 1`
      expect(completed).toHaveLength(issued.length)
      expect(await stop(worker)).toBe(0)
    } finally {
      await issuing.database.close()
    }
  })
})
