import { createHash, X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import canonicalize from 'canonicalize'
import { eq } from 'drizzle-orm'
import { compactVerify } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { FilingPeriod } from '../../src/catalogue/services/filingRule.table.js'
import { issuedDocuments } from '../../src/documents/issued/issuedDocument.table.js'
import { openTrust } from '../../src/documents/signatures/openTrust.js'
import { readSigned } from '../../src/documents/signatures/readSigned.js'
import { filingSignatureType, signatureType } from '../../src/documents/signatures/signature.rules.js'
import { filings } from '../../src/filings/filing.table.js'
import { MandateKind, mandates, Power } from '../../src/identity/mandates/mandate.table.js'
import { decrypt } from '../../src/platform/personal.js'
import { apiOf } from '../support/api.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase } from '../support/database.js'
import { addFilingService, addFilingVersion, signed, withoutPeriods } from '../support/filingService.js'
import { brokenFilingRules } from '../support/filings.js'
import { folderOfTest } from '../support/folder.js'
import { partiesIn } from '../support/parties.js'
import { keyOfParty } from '../support/partyKey.js'
import { finOf } from '../support/personas.js'
import { asProgram } from '../support/programs.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { authorityForTest, type Certified, signedWith } from '../support/signing.js'
import { testSigningKeys } from '../support/signingKeys.js'

const [client, firm, unentitled] = ['9900000271', '9900000141', '9900000831'] as const
const folder = folderOfTest()
const [crl, crlOfShaky] = [join(folder, 'a.crl'), join(folder, 'shaky.crl')]
const [authority, stranger, shaky] = await Promise.all([authorityForTest(), authorityForTest(), authorityForTest()])
const asVoen = (voen: string) => ({ voen: `VATAZ-${voen}` })
const asFin = (persona: string) => ({ fin: `PNOAZ-${finOf(persona)}` })
const revoked = await authority.certify(asVoen(client))
writeFileSync(crl, await authority.list([revoked.certificate]))

let later = 0
const trust = openTrust(
  async () => [
    { certificate: authority.certificate, crl: { file: crl }, maxAge: 1 },
    { certificate: shaky.certificate, crl: { file: crlOfShaky }, maxAge: 1 },
  ],
  { log: { warn() {} }, now: () => new Date(Date.now() + later) },
)
const database = await cloneDatabase()
const signingKeys = testSigningKeys()
const now = new Date('2026-11-25T08:00:00Z')
const ask = await apiOf(database, { signingKeys, trust, now: () => now })
const send = commanding(ask)
const parties = partiesIn(database)

let filer: { authorization: string }
let firmParty: string
let mandateOfFirm: string
const mandateOf: Record<string, string> = {}
beforeAll(async () => {
  const rule = { period: FilingPeriod.MONTH, onePerPeriod: false }
  for (const code of ['T-SIGNED', 'T-OTHER']) await addFilingService(database, { code, rule, version: signed })
  await addFilingService(database, { code: 'T-UNSIGNED', rule: withoutPeriods })
  const party = await parties.firm('Müştəri MMC', client)
  firmParty = await parties.firm('Mühasibat MMC', firm)
  mandateOfFirm = await parties.give(party, firmParty, { powers: [Power.VIEW, Power.FILE, Power.SIGN] })
  await parties.give(party, await parties.firm('Yad MMC', unentitled))
  const powers = [Power.SIGN]
  mandateOf.citizen = await parties.give(party, await parties.persona('citizen'), { powers })
  const head = { kind: MandateKind.HEAD, powers }
  mandateOf['company-head'] = await parties.give(firmParty, await parties.persona('company-head'), head)
  await parties.give(party, await parties.persona('other-citizen'), { powers: [Power.SIGN], services: ['T-OTHER'] })
  filer = await asProgram(database, { party: firmParty, scopes: ['filings:read', 'filings:write', 'documents:read'] })
})

let last = 0
const inputOf = (more: object = {}) => ({
  serviceCode: 'T-SIGNED',
  partyVoen: client,
  period: '2026-10' as string | null,
  externalNumber: `signed-${++last}`,
  replacesNumber: null as string | null,
  content: { json: { total: 1 } },
  ...more,
})
type Input = ReturnType<typeof inputOf>
/** What is signed, as the documentation says. */
const payloadOf = (input: Input, changed: object = {}): string =>
  canonicalize({
    service: input.serviceCode,
    version: 1,
    party: input.partyVoen,
    period: input.period,
    externalNumber: input.externalNumber,
    contentSha256: createHash('sha256').update(canonicalize(input.content.json)!).digest('hex'),
    replaces: input.replacesNumber,
    sandbox: true,
    ...changed,
  })!
const signatureBy = (signer: Certified, payload: string, typ: string = filingSignatureType) =>
  signedWith(signer, payload, { typ })

async function submit(input: Input, signature?: string) {
  const selection = 'filing { number state } receipt { number }'
  const { payload, code, reasons } = await send(
    filer,
    'submitFiling',
    { ...input, signature, idempotencyKey: undefined },
    selection,
  )
  return { ...payload, outcome: code ?? reasons.join(' ') }
}
const submitBy = async (signer: Certified, input = inputOf()) =>
  await submit(input, await signatureBy(signer, payloadOf(input)))
async function rowOf(number: string) {
  const [row] = await database.db.select().from(filings).where(eq(filings.number, number))
  return row!
}

const own = await authority.certify(asVoen(client))

describe('submitFiling', () => {
  it.each<[string, Parameters<typeof authority.certify>[0], string | null, string[]]>([
    ['the seal of the party', asVoen(client), client, []],
    ['the certificate of a person for the party', { ...asVoen(client), ...asFin('officer') }, client, []],
    ['the seal of a firm with the power SIGN', asVoen(firm), firm, ['firm']],
    ['a person with the power SIGN', asFin('citizen'), 'citizen', ['citizen']],
    ['the head of that firm', asFin('company-head'), 'company-head', ['company-head', 'firm']],
    [
      'a person with the power SIGN whose certificate names another organisation',
      { ...asFin('citizen'), ...asVoen(unentitled) },
      'citizen',
      ['citizen'],
    ],
  ])('accepts a signature by %s', async (_, asked, signer, through) => {
    const { filing, outcome } = await submitBy(await authority.certify(asked))
    expect(outcome).toBe('')
    const row = await rowOf(filing.number)
    const voens: Record<string, string> = { [client]: row.partyId, [firm]: firmParty }
    expect(row.signerId).toBe(voens[signer!] ?? (await parties.persona(signer!)))
    const ids = through.map((name) => mandateOf[name] ?? mandateOfFirm)
    expect(new Set(row.mandateIds)).toEqual(new Set([mandateOfFirm, ...ids]))
  })

  it.each<[string, () => Promise<Certified>, string]>([
    ['a firm with the power FILE alone', () => authority.certify(asVoen(unentitled)), 'filing.wrong_signer'],
    ['an organisation that is unknown', () => authority.certify(asVoen('9900000421')), 'filing.wrong_signer'],
    ['a person without a mandate', () => authority.certify(asFin('officer')), 'filing.wrong_signer'],
    ['a person with SIGN in another service', () => authority.certify(asFin('other-citizen')), 'filing.wrong_signer'],
    [
      'a person without a mandate, for a firm with SIGN',
      () => authority.certify({ ...asFin('officer'), ...asVoen(firm) }),
      'filing.wrong_signer',
    ],
    ['an unknown authority', () => stranger.certify(asVoen(client)), 'signature.untrusted'],
    [
      'a certificate that expired',
      () => authority.certify({ ...asVoen(client), from: -3, until: -1 }),
      'signature.expired',
    ],
    ['a certificate of tomorrow', () => authority.certify({ ...asVoen(client), from: 0.5 }), 'signature.expired'],
    ['a revoked certificate', async () => revoked, 'signature.revoked'],
    ['a certificate that cannot be checked now', () => shaky.certify(asVoen(client)), 'filing.certificate_unchecked'],
  ])('refuses a signature by %s', async (_, certified, reason) => {
    expect(await submitBy(await certified())).toMatchObject({ filing: null, outcome: reason })
  })

  it('refuses a certificate that was revoked since its last filing, a moment ago', async () => {
    const signer = await authority.certify(asVoen(client))
    expect((await submitBy(signer)).outcome).toBe('')
    writeFileSync(crl, await authority.list([revoked.certificate, signer.certificate]))
    later += 2_000
    expect((await submitBy(signer)).outcome).toBe('signature.revoked')
    expect((await submitBy(own)).outcome).toBe('')
  })

  it('refuses a signer whose mandate ended since the last filing', async () => {
    const signer = await authority.certify(asFin('company-head'))
    expect((await submitBy(signer)).outcome).toBe('')
    await database.db
      .update(mandates)
      .set({ revokedAt: now, revokedBy: 'a test' })
      .where(eq(mandates.id, mandateOf['company-head']!))
    expect((await submitBy(signer)).outcome).toBe('filing.wrong_signer')
  })

  it.each<[string, object]>([
    ['service', { service: 'T-OTHER' }],
    ['version', { version: 2 }],
    ['party', { party: firm }],
    ['period', { period: '2026-09' }],
    ['period, which is null', { period: null }],
    ['external number', { externalNumber: 'another' }],
    ['content', { contentSha256: '0'.repeat(64) }],
    ['corrected filing', { replaces: 'B26-0000001-X' }],
    ['installation, in production', { sandbox: undefined }],
    ['member', { more: 1 }],
  ])('refuses a signature over another %s', async (_, changed) => {
    const input = inputOf()
    const signature = await signatureBy(own, payloadOf(input, changed))
    expect(await submit(input, signature)).toMatchObject({ filing: null, outcome: 'filing.signed_other' })
  })

  it('refuses a signature over the version that was replaced after validateFiling', async () => {
    const wanted = { rule: withoutPeriods, version: { ...signed, number: 1 } }
    const { serviceId } = await addFilingService(database, { code: 'T-CHANGING', ...wanted })
    const input = inputOf({ serviceCode: 'T-CHANGING', period: null })
    const validate = async () => {
      const query = 'query ($input: SubmitFilingInput!) { validateFiling(input: $input) { payload } }'
      const { data } = await ask(query, { variables: { input }, headers: filer })
      return data.validateFiling.payload as string
    }
    const before = await signatureBy(own, await validate())
    await addFilingVersion(database, serviceId, { ...wanted, version: { ...signed, number: 2 } })
    expect((await submit(input, before)).outcome).toBe('filing.signed_other')
    const anew = await validate()
    expect(anew).toBe(payloadOf(input, { version: 2 }))
    expect((await submit(input, await signatureBy(own, anew))).outcome).toBe('')
  })

  it('requires the signature of a correction to name what it corrects', async () => {
    const { filing } = await submitBy(own, inputOf({ period: '2026-01' }))
    const correction = inputOf({ period: '2026-01', replacesNumber: filing.number })
    const unaware = await signatureBy(own, payloadOf(correction, { replaces: null }))
    expect((await submit(correction, unaware)).outcome).toBe('filing.signed_other')
    expect(await submitBy(own, correction)).toMatchObject({ filing: { state: 'ACCEPTED' }, outcome: '' })
  })

  it('refuses the signature of an application, of a batch and of another filing', async () => {
    const input = inputOf()
    const first = await signatureBy(own, payloadOf(input))
    const batchSha256 = createHash('sha256').update(canonicalize(input.content.json)!).digest('hex')
    const others = [
      [await signatureBy(own, payloadOf(input), signatureType), 'signature.unreadable'],
      [await signatureBy(own, canonicalize({ batchSha256, sandbox: true })!), 'filing.signed_other'],
      [undefined, 'filing.unsigned'],
      ['', 'signature.unreadable'],
      [first, ''],
    ] as const
    for (const [signature, outcome] of others) expect((await submit(input, signature)).outcome).toBe(outcome)
    expect((await submit(inputOf(), first)).outcome).toBe('filing.signed_other')
  })

  it('checks a signature that the service does not require', async () => {
    const input = inputOf({ serviceCode: 'T-UNSIGNED', period: null })
    expect((await submit(input, await signatureBy(own, 'something else'))).outcome).toBe('filing.signed_other')
    expect((await submit(input)).outcome).toBe('')
  })

  it('returns the first filing for a repeat that is signed anew or not at all', async () => {
    const input = inputOf()
    const { filing } = await submitBy(own, input)
    for (const again of [await submitBy(await authority.certify(asFin('citizen')), input), await submit(input)])
      expect(again).toMatchObject({ filing: { number: filing.number }, replayed: true, outcome: '' })
  })

  it('keeps a signature that can be verified alone, and its hash in the receipt', async () => {
    const input = inputOf({ content: { json: { total: 7, note: 'ə' } } })
    const signature = await signatureBy(own, payloadOf(input))
    const { filing, receipt } = await submit(input, signature)
    const { data } = await ask(`{ filing(number: "${filing.number}") { signature } }`, { headers: filer })
    const kept: string = data?.filing.signature
    const { x5c } = JSON.parse(Buffer.from(kept.split('.')[0]!, 'base64url').toString())
    const { publicKey } = new X509Certificate(Buffer.from(x5c[0], 'base64'))
    const { payload } = await compactVerify(kept, publicKey)
    expect(Buffer.from(payload).toString()).toBe(payloadOf(input))
    const [document] = await database.db
      .select()
      .from(issuedDocuments)
      .where(eq(issuedDocuments.number, receipt.number))
    const key = await keyOfParty(database, keyring, document!.partyId)
    const claims = await readSigned(String(decrypt(key, issuedDocuments, document!).signature), signingKeys)
    expect(claims).toMatchObject({ signaturesSha256: [createHash('sha256').update(signature).digest('hex')] })
  })
})

describe('submitFilings', () => {
  it('checks the signature of each item by itself', async () => {
    const items = [inputOf(), inputOf(), inputOf()]
    const [first, , third] = await Promise.all(items.map((input) => signatureBy(own, payloadOf(input))))
    const sent = items.map((input, at) => ({ ...input, signature: [first, first, third][at] }))
    const { data } = await ask(
      `mutation ($input: SubmitFilingsInput!) { submitFilings(input: $input) {
        results { filing { state } userErrors { reason field } } } }`,
      { variables: { input: { items: sent } }, headers: filer },
    )
    expect(data.submitFilings.results).toEqual([
      { filing: { state: 'ACCEPTED' }, userErrors: [] },
      { filing: null, userErrors: [{ reason: 'filing.signed_other', field: ['items', '1', 'signature'] }] },
      { filing: { state: 'ACCEPTED' }, userErrors: [] },
    ])
  })
})

describe('createFilingBatch', () => {
  it('accepts a signature over the hash of its file, and none over a filing', async () => {
    const sha256 = createHash('sha256').update('a file').digest('hex')
    const create = async (signature: string) => {
      const { reasons } = await send(filer, 'createFilingBatch', { size: 6, sha256, signature }, 'batch { state }')
      return reasons.join(' ')
    }
    const over = (payload: object) => signatureBy(own, canonicalize(payload)!)
    const ofItem = payloadOf(inputOf(), { contentSha256: sha256 })
    expect(await create(await signatureBy(own, ofItem))).toBe('filing.signed_other')
    expect(await create(await over({ batchSha256: sha256 }))).toBe('filing.signed_other')
    expect(await create(await over({ batchSha256: sha256, sandbox: true }))).toBe('')
  })
})

it('keeps every rule of filings', async () => {
  expect(await brokenFilingRules(database.client)).toEqual([])
})
