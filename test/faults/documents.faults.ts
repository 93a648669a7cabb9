import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { issuedDocuments } from '../../src/documents/issuedDocument.table.js'
import { localFiles } from '../../src/documents/localFiles.js'
import { folderOfPdf, pdfOf } from '../../src/documents/places.js'
import { readSigned } from '../../src/documents/readSigned.js'
import { keysOf } from '../../src/identity/party.js'
import { open } from '../../src/shared/personal.js'
import { openedFile } from '../../src/shared/sealedFile.js'
import { wholeOf } from '../support/files.js'
import { issuingBeside } from '../support/issuingBeside.js'
import { signatureFaultOf } from '../support/readPdf.js'
import { start, stop, temporaryFolder } from '../support/started.js'

const patience = { timeout: 90_000, interval: 200 }

/** All that there is of documents, as the tables and the files tell it. */
async function standing(
  dataDir: string,
  { database, keyring, seals, partyId }: Awaited<ReturnType<typeof issuingBeside>>,
) {
  const files = localFiles(join(dataDir, 'files'), 'sandbox')
  const key = (await keysOf(database, keyring, [partyId])).get(partyId)!
  const rows = await database.db.select().from(issuedDocuments).where(eq(issuedDocuments.partyId, partyId))
  const faults: string[] = []
  for (const row of rows.map((row) => open(key, issuedDocuments, row))) {
    const { id, number, signature, pdfSha256, seriesNumber } = row
    const claims = await readSigned(signature ?? '', seals)
    if (typeof claims === 'string' || claims.number !== number) faults.push(`${number} is not signed`)
    const { file, place } = pdfOf(id, pdfSha256!)
    const pdf = (await wholeOf(openedFile((await files.get(file))!, key, place)))!
    const isNamed = createHash('sha256').update(pdf).digest().equals(pdfSha256!) && pdf.length === row.pdfSize
    const root = (await seals.published())[0]!.chain.at(-1)!
    if (!isNamed || signatureFaultOf(pdf, root)) faults.push(`${number} is not printed as it should be`)
    const kept = readdirSync(join(dataDir, 'files/sandbox', folderOfPdf(id)))
    if (kept.length !== 1) faults.push(`of ${number} there are ${kept.length} PDFs`)
    if (seriesNumber === null) faults.push(`${number} has no number in its series`)
  }
  return { numbers: rows.map(({ seriesNumber }) => seriesNumber).sort((a, b) => a! - b!), faults }
}

test.each(['series.numbered=kill', 'document.signed=kill@2', 'pdf.kept=kill', 'pdf.made=kill@2', 'job.ran=kill@3'])(
  'where the worker dies at %s each document is signed, numbered and printed once',
  async (failpoint) => {
    const dataDir = join(temporaryFolder(), 'data')
    const server = start(dataDir, { environment: { FAILPOINTS: failpoint, LOG_LEVEL: 'warn' } })
    const said: string[] = []
    server.process.stdout?.on('data', (chunk) => said.push(String(chunk)))
    expect(await server.open).toBeDefined()
    const issuing = await issuingBeside(dataDir)
    const { database, issue } = issuing
    try {
      await Promise.all(
        Array.from({ length: 8 }, (_, at) => issue(at % 2 ? 'RECEIPT' : 'DECISION', { series: 'TEST' })),
      )
      const { client } = database
      const unfinished = () => client`
      select 1 from issued_documents where pdf_sha256 is null union all
      select 1 from graphile_worker.jobs where task_identifier = 'completeDocument' union all
      select 1 from events where type = 'document.issued' and position is null`
      await expect.poll(unfinished, patience).toEqual([])
      expect(said.join('')).toMatch(/"role":"worker".*"ended, and is started again"/)
      expect(await standing(dataDir, issuing)).toEqual({ numbers: [1, 2, 3, 4, 5, 6, 7, 8], faults: [] })
      const counted = await client`
      select subject from events where type = 'document.completed' group by subject having count(*) = 1`
      expect(counted).toHaveLength(8)
    } finally {
      await database.close()
    }
    expect(await stop(server)).toBe(0)
  },
)
