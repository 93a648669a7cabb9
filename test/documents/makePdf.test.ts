import type { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { folderOfPdf, pdfOf } from '../../src/documents/files/places.js'
import type { ClaimsContent } from '../../src/documents/issued/claims.js'
import { removeForgottenPdfs } from '../../src/documents/issued/completeDocument.js'
import { layDocument } from '../../src/documents/issued/layDocument.js'
import { signingKeysFrom } from '../../src/documents/issued/signingKeysFrom.js'
import { signPdf } from '../../src/documents/issued/signPdf.js'
import { inspected } from '../../src/documents/uploads/kinds.js'
import type { EventRow } from '../../src/events/job.js'
import { forgetParty, keysOf } from '../../src/identity/parties/party.js'
import { decryptFile } from '../../src/platform/encryptedFile.js'
import { readAll, sweepAll } from '../events/happened.js'
import { apiOf } from '../support/api.js'
import { selfSignedRsa } from '../support/certificates.js'
import { cloneDatabase } from '../support/database.js'
import { sha256Of, wholeOf } from '../support/files.js'
import { issuingIn } from '../support/issuing.js'
import { long } from '../support/long.js'
import { partiesIn } from '../support/parties.js'
import { qrTextOf, signatureFaultOf, textOf } from '../support/readPdf.js'
import { keyringOfFile as keyring } from '../support/server.js'

const database = await cloneDatabase()
const parties = partiesIn(database)
const citizen = await parties.persona('citizen')
const { signingKeys, files, work, issue, complete, rowOf } = await issuingIn(database, citizen)
const agency = await signingKeys.current({ agency: 'DVX' })
const root = agency.chain.at(-1) as X509Certificate // no chain is empty

async function pdfOfDocument(id: string): Promise<Buffer> {
  const { pdfSha256, partyId } = await rowOf(id)
  const { file, place } = pdfOf(id, pdfSha256!)
  const key = (await keysOf(database, keyring, [partyId])).get(partyId)!
  return (await wholeOf(decryptFile((await files.get(file))!, key, place)))!
}
const pdfFilesOf = async (id: string) => {
  const names: string[] = []
  for await (const name of files.list(folderOfPdf(id), new Date(Date.now() + 60_000))) names.push(name)
  return names
}
const putPdfFile = (id: string) => files.put(pdfOf(id, Buffer.alloc(32)).file, (async function* () {})())

const claims = {
  subject: 'A27-0000001-X',
  holder: 'Sınaq Şəxs',
  actedBy: 'Sınaq Nümayəndə',
  mandates: ['019abc00-0000-7000-8000-000000000001'],
  service: { code: 'DVX-RETURN', name: { az: 'Bəyannamə', en: 'A return', ru: 'Декларация' } },
  outcome: 'REFUSED',
  effectiveAt: '2026-12-30T14:00:00.000Z',
  reasoning: 'Ərizə göstərilən müddətdə təqdim edilməyib',
  norm: 'Test, maddə 1',
  dueOn: '2027-01-15',
  appealTo: { az: 'Sınaq Məhkəməsi', en: 'Test Court', ru: 'Тестовый суд' },
  appealUntil: '2027-02-01T14:00:00.000Z',
  officer: 'Sınaq Vəzifəli',
  receivedSha256: 'aa',
  attachmentsSha256: ['bb', 'cc'],
  signedBy: ['Sınaq İmzalayan', 'İkinci İmzalayan'],
  signaturesSha256: ['dd', 'ee'],
} as const satisfies ClaimsContent
const paid = {
  operator: { az: 'Pəncərə', en: 'The window' },
  servicePoint: 'ONLINE',
  payment: 'P27-0000002-X',
  method: 'CARD',
  at: '2026-12-31T20:59:00.000Z',
  about: { type: 'APPLICATION', number: 'A27-0000001-X' },
  lines: [
    {
      kind: 'STATE_DUTY',
      name: { az: 'Dövlət rüsumu', en: 'State duty', ru: 'Госпошлина' },
      amount: '40.00',
      budgetClassification: '111111',
      budgetOrganisation: '222222',
    },
    { kind: 'SERVICE_FEE', name: { az: 'Xidmət haqqı' }, amount: '0.50' },
  ],
  total: '40.50',
  currency: 'AZN',
} as const satisfies ClaimsContent['paid']
// Making a PDF is slow: these serve most of the tests.
const decision = await issue('DECISION', { series: 'DVX', claims })
await complete(decision.id)
const decisionPdf = await pdfOfDocument(decision.id)
const receipt = await issue('APPLICATION_RECEIPT')
await Promise.all([complete(receipt.id), complete(receipt.id)])

describe('makePdf', () => {
  it('prints all claims of a signed and numbered decision, in three languages', async () => {
    const { number } = decision
    const { code, pdfSha256, pdfSize } = await rowOf(decision.id)
    expect([sha256Of(decisionPdf), decisionPdf.length]).toEqual([pdfSha256?.toString('hex'), pdfSize])
    const text = textOf(decisionPdf).join('\n')
    const missing = [
      'Qərar',
      'Decision · Решение',
      'Dövlət Vergi Xidməti',
      `${number}   ${code}`,
      'DVX № 1',
      '01.01.2027 01:00 (UTC+4)',
      claims.subject,
      'Bəyannamə',
      'A return · Декларация',
      claims.holder,
      claims.actedBy,
      claims.mandates[0],
      'İmtina edilib',
      'Refused · Отказано',
      'Qüvvəyə minib',
      'With effect from · Действует с',
      '30.12.2026 18:00 (UTC+4)',
      claims.reasoning,
      claims.norm,
      '15.01.2027',
      claims.appealTo.az,
      'Test Court · Тестовый суд',
      '01.02.2027 18:00 (UTC+4)',
      'Officer · Должностное лицо',
      claims.officer,
      'Faylların heşləri (SHA-256)',
      'bb, cc',
      'Signed by · Подписали',
      claims.signedBy.join(', '),
      'İmzaların heşləri (SHA-256)',
      'dd, ee',
      'Elektron imzalanıb: DVX SANDBOX',
      'https://api.example/verify',
      'SANDBOX: sınaq nüsxəsi, hüquqi qüvvəsi yoxdur',
      `${number} · 1 / `,
    ].filter((part) => !text.includes(part))
    expect(missing).toEqual([])
  })

  it('prints to whom, what for, when and how much was paid, with the unique number', async () => {
    const { id, number } = await issue('PAYMENT_RECEIPT', {
      series: 'PAYMENTS-2027',
      claims: { subject: 'C27-0000003-X', holder: 'Sınaq Ödəyici', paid },
    })
    await complete(id)
    const text = textOf(await pdfOfDocument(id)).join('\n')
    const missing = [
      'Ödəniş çıxarışı',
      'Payment receipt · Квитанция об оплате',
      'PAYMENTS-2027 № 1',
      'Payer · Плательщик',
      'Sınaq Ödəyici',
      'Paid to · Получатель',
      paid.about.number,
      'Dövlət rüsumu',
      'State duty · Госпошлина',
      '40.00 AZN',
      'təsnifat 111111, təşkilat 222222',
      'classification 111111, organisation 222222',
      'Xidmət haqqı',
      '0.50 AZN',
      'Total · Итого',
      '40.50 AZN',
      '01.01.2027 00:59 (UTC+4)',
      'Bank card, online · Банковская карта, онлайн',
      'P27-0000002-X, C27-0000003-X',
      'Portalın operatoru',
      `${number}   `,
    ].filter((part) => !text.includes(part))
    expect(missing).toEqual([])
  })

  it('prints a QR code that opens the verification page with the number and the code of the document', async () => {
    const { number, code } = await rowOf(decision.id)
    expect(qrTextOf(decisionPdf)).toBe(`https://api.example/verify?number=${number}#${code}`)
  })

  it('signs the PDF with the signing key of the issuer', async () => {
    const signers = [decisionPdf, await pdfOfDocument(receipt.id)].map((pdf) => {
      expect(signatureFaultOf(pdf, root)).toBeUndefined()
      return /\/Name \(([^)]*)\)/.exec(pdf.toString('latin1'))?.[1] ?? ''
    })
    expect(signers[0]).toBe('DVX SANDBOX')
    expect(signers[1]).not.toBe('DVX SANDBOX')
    const stranger = (await signingKeys.current({ receipts: true })).chain[0]
    expect(signatureFaultOf(decisionPdf, stranger)).toBe('the chain ends at another root')
  })

  it('makes a PDF whose signature fails once any byte is changed or added', { timeout: 300_000 }, () => {
    const pdf = decisionPdf
    const [, length, then] = (/\/ByteRange \[0 (\d+) (\d+) /.exec(pdf.toString('latin1')) ?? []).map(Number)
    const signatureAt = length! + 1
    const hex = pdf.subarray(signatureAt, then! - 1).toString('latin1')
    const paddingAt = signatureAt + hex.search(/(00)+$/)
    const every = (step: number, from: number, to: number) =>
      Array.from({ length: Math.ceil((to - from) / step) }, (_, at) => from + at * step)
    const places = [
      ...every(long ? 50 : 20_000, 0, pdf.length),
      ...every(long ? 1 : 211, signatureAt, paddingAt),
      length! - 1,
      length!,
      paddingAt,
      then! - 1,
      then!,
      pdf.length - 1,
    ]
    const unnoticed = places.filter((at) => {
      const changed = Buffer.from(pdf)
      changed[at] = (changed[at] as number) ^ 1
      return signatureFaultOf(changed, root) === undefined
    })
    expect(unnoticed).toEqual([])
    const longer = Buffer.concat([pdf, Buffer.from('\n')])
    expect(signatureFaultOf(longer, root)).toBe('the signature does not cover the whole file')
  })

  it('makes one PDF and records one event when it runs twice, at once or later', async () => {
    const [name] = await pdfFilesOf(receipt.id)
    await complete(receipt.id)
    expect(await pdfFilesOf(receipt.id)).toEqual([name])
    expect(name).toBe(pdfOf(receipt.id, (await rowOf(receipt.id)).pdfSha256!).file)
    await sweepAll(database)
    const events = (await readAll(database)).filter(
      ({ subject, type }) => subject === receipt.id && type === 'document.completed',
    )
    expect(events).toMatchObject([{ partyId: citizen, ids: { about: expect.any(String) } }])
  })

  it('removes the file of a run that died', async () => {
    const kept = await pdfFilesOf(receipt.id)
    await putPdfFile(receipt.id)
    await complete(receipt.id)
    expect(await pdfFilesOf(receipt.id)).toEqual(kept)
  })

  it('encrypts the file', async () => {
    const encrypted = await wholeOf(await files.get(pdfOf(decision.id, (await rowOf(decision.id)).pdfSha256!).file))
    expect([encrypted?.includes('%PDF'), encrypted?.includes('ByteRange')]).toEqual([false, false])
  })

  it('makes a PDF that verifyDocument finds by its hash', async () => {
    const ask = await apiOf(database, { signingKeys, files })
    const query =
      'query ($number: String, $sha256: String) { verifyDocument(number: $number, sha256: $sha256) { valid document { lines { label value } } } }'
    const variables = { number: decision.number, sha256: sha256Of(decisionPdf) }
    const { valid, document } = (await ask(query, { variables, language: 'ru' })).data.verifyDocument
    expect(valid).toBe(true)
    expect(document.lines).toContainEqual({ label: 'Результат', value: 'Отказано' })
  })

  it('makes a PDF that may be uploaded', () => {
    expect(inspected(decisionPdf)).toEqual({ mediaType: 'application/pdf' })
  })

  it('makes none for a forgotten party', async () => {
    const other = await parties.persona('other-citizen')
    const { id } = await issue('APPLICATION_RECEIPT', { partyId: other })
    await database.db.transaction((tx) => forgetParty(tx, other, new Date()))
    await complete(id)
    expect(await pdfFilesOf(id)).toEqual([])
  })
})

describe('removeForgottenPdfs', () => {
  it('removes the PDFs of a forgotten party', async () => {
    const company = await parties.firm('Sınaq MMC', '9900000421')
    const { id } = await issue('APPLICATION_RECEIPT', { partyId: company })
    await putPdfFile(id)
    await removeForgottenPdfs(files).run({ subject: company } as EventRow, work) // it reads only the subject of an event
    expect(await pdfFilesOf(id)).toEqual([])
    expect(await pdfFilesOf(decision.id)).toHaveLength(1)
  })
})

const sheet = {
  number: 'D27-0000001-2',
  code: 'X',
  address: 'https://api.example/verify?number=1#X',
  isSandbox: false,
  title: { az: 'Qərar' },
  issuer: { az: 'Orqan' },
  issuedAt: new Date(0),
  signing: { at: new Date(0), by: 'Orqan' },
  lines: [
    { label: { az: 'Əsas', en: 'Grounds', ru: 'Основание' }, value: 'Uzun mətn. '.repeat(600) },
    {
      label: { az: 'Boş', en: 'None', ru: 'Нет' },
      value: '/ByteRange [0 /********** /********** /**********] (\\) \u0000 <script> 😀 \u202e',
    },
  ],
}
const laid = await layDocument(sheet)

describe('layDocument', () => {
  it('makes the same bytes of the same sheet', async () => {
    expect((await layDocument(sheet)).equals(laid)).toBe(true)
  })

  it('does not depend on the documents before', async () => {
    const [letters, ligature] = ['ffi', '\ufb03'] // drawn by the same glyph, which remembers its characters
    await layDocument({ ...sheet, lines: [], issuer: { az: letters } })
    expect(textOf(await layDocument({ ...sheet, lines: [], issuer: { az: ligature } }))[0]).toContain(ligature)
  })

  it('numbers the pages of a long sheet, and marks none as SANDBOX in production', () => {
    const pages = textOf(laid)
    expect(pages.length).toBeGreaterThan(1)
    expect(pages.at(-1)).toContain(`D27-0000001-2 · ${pages.length} / ${pages.length}`)
    expect(pages.join('')).not.toContain('SANDBOX')
  })
})

describe('signPdf', () => {
  it('signs a PDF whose text imitates the room for a signature', async () => {
    expect(signatureFaultOf(await signPdf(laid, agency), root)).toBeUndefined()
  })

  it('signs with an RSA signing key', async () => {
    const { certificate, key } = await selfSignedRsa('RSA')
    const text = JSON.stringify({ receipts: [{ id: 'rsa', key, chain: [certificate] }], agencies: {} })
    const signingKey = await signingKeysFrom(text, { isSandbox: false, keys: 'all' }).current({ receipts: true })
    expect(signatureFaultOf(await signPdf(laid, signingKey), signingKey.chain[0])).toBeUndefined()
  })
})
