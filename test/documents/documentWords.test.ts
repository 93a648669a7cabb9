import { describe, expect, it } from 'vitest'
import type { Claims } from '../../src/documents/issued/claims.js'
import { linesOf } from '../../src/documents/issued/documentWords.js'
import { DocumentKind } from '../../src/documents/issued/issuedDocument.table.js'

const filed: Claims = {
  kind: DocumentKind.FILING_RECEIPT,
  number: 'N26-0000001-X',
  subject: 'B26-0000001-X',
  issuedAt: '2026-11-30T08:00:00.000Z',
  party: '019abc00-0000-7000-8000-000000000001',
  agency: 'DVX',
  actor: 'program:019abc00-0000-7000-8000-000000000002',
  service: { code: 'DVX-VAT-RETURN', name: { az: 'ƏDV bəyannaməsi', en: 'VAT return', ru: 'Декларация по НДС' } },
  version: 3,
  period: '2026-10',
  externalNumber: 'INV-2026-10/1',
  voen: '9900000141',
  replaces: 'B26-0000002-X',
  holder: 'Sınaq MMC',
  actedBy: 'Sınaq Mühasibat MMC',
  program: 'Mühasibat 2.0',
  mandates: ['019abc00-0000-7000-8000-000000000003', '019abc00-0000-7000-8000-000000000004'],
  batch: '019abc00-0000-7000-8000-000000000005',
  receivedSha256: 'aa',
  signaturesSha256: ['bb'],
}
const lines = (claims: Claims) =>
  linesOf(claims, { agency: { az: 'Dövlət Vergi Xidməti', en: 'State Tax Service' } }).map(({ label, value }) => [
    label.en,
    typeof value === 'string' ? value : value.en,
  ])

describe('linesOf', () => {
  it('names the filer, the corrected filing, the firm that filed for it, its program and mandates on the receipt of a filing', () => {
    expect(lines(filed)).toEqual([
      ['Filing', 'B26-0000001-X'],
      ['Issued', '30.11.2026 12:00 (UTC+4)'],
      ['Agency', 'State Tax Service'],
      ['Service', 'VAT return'],
      ['Version of the service', '3'],
      ['Period', '10.2026'],
      ['Number of the filer', 'INV-2026-10/1'],
      ['Corrects filing', 'B26-0000002-X'],
      ['Filer', 'Sınaq MMC, VÖEN 9900000141'],
      ['On their behalf', 'Sınaq Mühasibat MMC'],
      ['Program', 'Mühasibat 2.0'],
      ['Mandates', '019abc00-0000-7000-8000-000000000003, 019abc00-0000-7000-8000-000000000004'],
      ['Batch', '019abc00-0000-7000-8000-000000000005'],
      ['Content (SHA-256)', 'aa'],
      ['Signatures (SHA-256)', 'bb'],
    ])
  })

  it.each([
    ['2026-Q3', { az: '2026, III rüb', en: 'Q3 2026', ru: 'III квартал 2026' }],
    ['2026', '2026'],
  ])('writes the period %s as people do', (period, value) => {
    const printed = linesOf({ ...filed, period }, {}).find(({ label }) => label.en === 'Period')
    expect(printed?.value).toEqual(value)
  })
})
