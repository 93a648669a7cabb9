import type { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { removeForgottenPdfs } from '../../src/documents/completeDocument.js'
import { inspected } from '../../src/documents/kinds.js'
import { layDocument } from '../../src/documents/layDocument.js'
import { folderOfPdf, pdfOf } from '../../src/documents/places.js'
import { signPdf } from '../../src/documents/signPdf.js'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import type { EventRow } from '../../src/events/job.js'
import { forgetParty, keysOf } from '../../src/identity/party.js'
import { openedFile } from '../../src/shared/sealedFile.js'
import { readAll, sweepAll } from '../events/happened.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { sha256Of, wholeOf } from '../support/files.js'
import { issuingIn } from '../support/issuing.js'
import { partiesIn } from '../support/parties.js'
import { disbeliefOf, textOf } from '../support/readPdf.js'
import { keyringOfFile as keyring } from '../support/server.js'

const database = await cloneDatabase()
const parties = partiesIn(database)
const citizen = await parties.persona('citizen')
const { seals, files, work, issue, complete, rowOf } = await issuingIn(database, citizen)
const agency = await seals.current({ agency: 'DVX' })
const root = agency.chain.at(-1) as X509Certificate // of a chain

async function pdfOfDocument(id: string): Promise<Buffer> {
  const { pdfSha256, partyId } = await rowOf(id)
  const { file, place } = pdfOf(id, pdfSha256!)
  const key = (await keysOf(database, keyring, [partyId])).get(partyId)!
  return (await wholeOf(openedFile((await files.get(file))!, key, place)))!
}
const namesOf = async (id: string) => {
  const names: string[] = []
  for await (const name of files.list(folderOfPdf(id), new Date(Date.now() + 60_000))) names.push(name)
  return names
}

const said = {
  ...{ subject: 'A27-0000001-X', holder: 'Sınaq Şəxs', mandates: ['019abc00-0000-7000-8000-000000000001'] },
  service: { code: 'DVX-RETURN', name: { az: 'Bəyannamə', en: 'A return', ru: 'Декларация' } },
  ...({ outcome: 'REFUSED', ground: 'Ərizə göstərilən müddətdə təqdim edilməyib', norm: 'Test, maddə 1' } as const),
  ...{ appealTo: 'Sınaq Məhkəməsi', appealUntil: '2027-02-01T14:00:00.000Z', officer: 'Sınaq Vəzifəli' },
}

test('a document is printed once it is signed and numbered: in three languages, with all that it says', async () => {
  const { id, number } = await issue('DECISION', { series: 'DVX', claims: said })
  await complete(id)
  const { code, pdfSha256, pdfSize } = await rowOf(id)
  const pdf = await pdfOfDocument(id)
  expect([sha256Of(pdf), pdf.length]).toEqual([pdfSha256?.toString('hex'), pdfSize])
  const pages = textOf(pdf)
  for (const text of [
    ...['Qərar', 'Decision · Решение', 'Dövlət Vergi Xidməti', number, `${number}   ${code}`, 'DVX № 1'],
    ...['01.01.2027 01:00 (UTC+4)', 'A27-0000001-X', 'Bəyannamə', 'A return · Декларация', 'Sınaq Şəxs'],
    ...['İmtina edilib', 'Refused · Отказано', said.ground, said.norm, 'Sınaq Məhkəməsi', '01.02.2027 18:00 (UTC+4)'],
    ...['Vəzifəli şəxs', 'Officer · Должностное лицо', 'Elektron imzalanıb: DVX SANDBOX', 'https://api.example/verify'],
    ...['SANDBOX', 'SANDBOX: sınaq nüsxəsi, hüquqi qüvvəsi yoxdur', `${number} · 1 / 1`],
  ])
    expect(pages.join('\n')).toContain(text)
})

test('it is signed as a PDF by who issued it, and a byte that is changed anywhere is found', {
  timeout: 60_000,
}, async () => {
  const [receipt, decision] = [(await issue('RECEIPT')).id, (await issue('DECISION')).id]
  const signers: string[] = []
  for (const id of [receipt, decision]) {
    await complete(id)
    const pdf = await pdfOfDocument(id)
    expect(disbeliefOf(pdf, root)).toBeUndefined()
    signers.push(/\/Name \(([^)]*)\)/.exec(pdf.toString('latin1'))?.[1] ?? '')
  }
  expect(signers[1]).toBe('DVX SANDBOX')
  expect(signers[0]).not.toBe(signers[1])

  const pdf = await pdfOfDocument(decision)
  const range = /\/ByteRange \[0 (\d+) (\d+) /.exec(pdf.toString('latin1')) ?? []
  const [, length, then] = range.map(Number)
  const [from, to] = [
    length! + 1,
    length! +
      1 +
      pdf
        .subarray(length! + 1, then! - 1)
        .toString('latin1')
        .search(/(00)+$/),
  ]
  const every = (step: number, from: number, to: number) =>
    Array.from({ length: Math.ceil((to - from) / step) }, (_, at) => from + at * step)
  const places = [
    ...[...every(400, 0, pdf.length), ...every(7, from, to)],
    ...[0, length! - 1, length!, from, to, then! - 1, then!, pdf.length - 1],
  ]
  const believed = places.filter((at) => {
    const changed = Buffer.from(pdf)
    changed[at] = (changed[at] as number) ^ 1
    return disbeliefOf(changed, root) === undefined
  })
  expect(believed).toEqual([])
  expect(disbeliefOf(Buffer.concat([pdf, Buffer.from('\n')]), root)).toBe('not all of it is signed')
  const stranger = (await seals.current({ receipts: true })).chain[0]
  expect(disbeliefOf(pdf, stranger)).toBe('it leads to another root')
})

test('the same sheet gives the same bytes, of whatever length', { timeout: 30_000 }, async () => {
  const sheet = {
    ...{ number: 'D27-0000001-2', code: 'X', address: 'https://api.example/verify?number=1#X', isSandbox: false },
    ...{
      title: { az: 'Qərar' },
      issuer: { az: 'Orqan' },
      issuedAt: new Date(0),
      signing: { at: new Date(0), by: 'Orqan' },
    },
    lines: [
      { label: { az: 'Əsas', en: 'Grounds', ru: 'Основание' }, value: 'Uzun mətn. '.repeat(2_000) },
      {
        label: { az: 'Boş', en: 'None', ru: 'Нет' },
        value: '/ByteRange [0 /********** /********** /**********] (\\) \u0000 <script> 😀 \u202e',
      },
    ],
  }
  const [one, other] = [await layDocument(sheet), await layDocument(sheet)]
  expect(one.equals(other)).toBe(true)
  const pages = textOf(one)
  expect(pages.length).toBeGreaterThan(3)
  expect(pages.at(-1)).toContain(`D27-0000001-2 · ${pages.length} / ${pages.length}`)
  expect(pages.join('')).not.toContain('SANDBOX')
  expect(disbeliefOf(await signPdf(one, agency), root)).toBeUndefined()
})

test('it is made once, whoever comes twice or together; of those who were slower nothing stays', async () => {
  const { id } = await issue('RECEIPT')
  await Promise.all([complete(id), complete(id), complete(id)])
  const names = await namesOf(id)
  expect(names).toEqual([pdfOf(id, (await rowOf(id)).pdfSha256!).file])
  await complete(id)
  expect(await namesOf(id)).toEqual(names)
  await sweepAll(database)
  const events = (await readAll(database)).filter(
    ({ subject, type }) => subject === id && type === 'document.completed',
  )
  expect(events).toMatchObject([{ partyId: citizen, ids: { about: expect.any(String) } }])
})

test('what somebody began and left behind is taken out by the next', async () => {
  const { id } = await issue('RECEIPT')
  await files.put(pdfOf(id, Buffer.alloc(32)).file, (async function* () {})())
  await complete(id)
  expect(await namesOf(id)).toEqual([pdfOf(id, (await rowOf(id)).pdfSha256!).file])
})

test('what the law decided says from when it holds, and a receipt of what it is the hash', async () => {
  const [law, receipt] = [
    await issue('DECISION', { claims: { ...said, effectiveAt: '2026-12-30T14:00:00.000Z' } }),
    await issue('RECEIPT', {
      claims: {
        ...{ subject: said.subject, receivedSha256: 'aa' },
        attachmentsSha256: ['bb', 'cc'],
        signatureSha256: 'dd',
      },
    }),
  ]
  for (const { id } of [law, receipt]) await complete(id)
  for (const text of ['Qüvvəyə minib', 'With effect from · Действует с', '30.12.2026 18:00 (UTC+4)'])
    expect(textOf(await pdfOfDocument(law.id)).join('\n')).toContain(text)
  for (const text of ['Faylların heşləri (SHA-256)', 'bb, cc', 'İmzanın heşi (SHA-256)', 'dd'])
    expect(textOf(await pdfOfDocument(receipt.id)).join('\n')).toContain(text)
})

test('it stands sealed, is fetched whole, and verifies by its hash', async () => {
  const ask = await apiOf(database, { seals, files })
  const { id, number } = await issue('DECISION', { claims: said })
  await complete(id)
  const { file } = pdfOf(id, (await rowOf(id)).pdfSha256!)
  const sealed = await wholeOf(await files.get(file))
  expect([sealed?.includes('%PDF'), sealed?.includes('ByteRange')]).toEqual([false, false])
  const sha256 = sha256Of(await pdfOfDocument(id))
  const query =
    'query ($number: String, $sha256: String) { verifyDocument(number: $number, sha256: $sha256) { valid document { lines { label value } } } }'
  const { data } = await ask(query, { variables: { number, sha256 }, language: 'ru' })
  expect(data.verifyDocument.valid).toBe(true)
  expect(data.verifyDocument.document.lines).toContainEqual({ label: 'Результат', value: 'Отказано' })
  expect(nodeIdOf('IssuedDocument', id)).toBeDefined()
})

test('it may be sent back: it is a PDF as uploads want it', async () => {
  const { id } = await issue('RECEIPT')
  await complete(id)
  expect(inspected(await pdfOfDocument(id))).toEqual({ mediaType: 'application/pdf' })
})

test('whoever was forgotten has none, made before or after', async () => {
  const other = await parties.persona('other-citizen')
  const [before, after] = [await issue('RECEIPT', { partyId: other }), await issue('RECEIPT', { partyId: other })]
  await complete(before.id)
  expect(await namesOf(before.id)).toHaveLength(1)
  await database.db.transaction((tx) => forgetParty(tx, other, new Date()))
  await removeForgottenPdfs(files).run({ subject: other } as EventRow, work) // it reads no more of an event
  await complete(after.id)
  await complete(before.id)
  expect([await namesOf(before.id), await namesOf(after.id)]).toEqual([[], []])
})
