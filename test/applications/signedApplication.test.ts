import { createHash } from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { compactVerify } from 'jose'
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { applicationSignatures } from '../../src/applications/submission/applicationSignature.table.js'
import { RegistryDown } from '../../src/catalogue/services/process.table.js'
import { issuedDocuments } from '../../src/documents/issued/issuedDocument.table.js'
import { openTrust } from '../../src/documents/signatures/openTrust.js'
import { signatureType } from '../../src/documents/signatures/signature.rules.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { MandateKind, Power } from '../../src/identity/mandates/mandate.table.js'
import { keysOf } from '../../src/identity/parties/party.js'
import { decrypt } from '../../src/platform/personal.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { withoutTrust } from '../../src/shared/trust.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, type Case, changeProcess, moving, start } from '../support/applying.js'
import { unkept } from '../support/database.js'
import { everythingAsText, formsOf } from '../support/everything.js'
import { folderOfTest } from '../support/folder.js'
import { long } from '../support/long.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { authorityForTest, type Certified, signedWith, signedWithSecret } from '../support/signing.js'
import { as } from '../support/tokens.js'
import { insertUpload } from '../support/uploadRow.js'

const folder = folderOfTest()
const authority = await authorityForTest()
/** An authority whose revocation list is not always there. */
const shaky = await authorityForTest()
const [crl, shakyCrl] = [join(folder, 'a.crl'), join(folder, 'shaky.crl')]
const own = await authority.certify({ fin: 'PNOAZ-TEST006' })
const sealOfCompany = await authority.certify({ voen: 'VATAZ-9900000141' })
const revoked = await authority.certify({ fin: 'PNOAZ-TEST006' })
writeFileSync(crl, await authority.list([revoked.certificate]))
let later = 0
const trust = openTrust(
  async () => [
    { certificate: authority.certificate, crl: { file: crl }, maxAge: 600 },
    { certificate: shaky.certificate, crl: { file: shakyCrl }, maxAge: 600 },
  ],
  { log: { warn() {} }, now: () => new Date(Date.now() + later) },
)
const applying = await applyingOf({ trust })
const { database, world, clock, send, outcomeOf, partyOf, read, rowOf, timelineOf } = applying
const { client, db } = database

let company: string
beforeAll(async () => {
  const { firm, give } = partiesIn(database)
  company = await firm('Sınaq MMC', '9900000141')
  const all = [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN]
  await give(company, await partyOf('company-head'), { kind: MandateKind.HEAD, powers: all })
  await give(company, await partyOf('company-delegate'), { powers: [Power.VIEW, Power.FILE] })
  await give(company, await partyOf('other-citizen'), { powers: all })
})
beforeEach(() => {
  clock.set(start)
  world.failing.clear()
  later = 0
})

/** Answers to the form of a licence, with those of the registry. */
const aboutLicence = {
  company: { voen: '9900000141', name: 'Sınaq 9900000141', address: { unit: 'Nümunə rayonu' } },
  head: { fin: 'TEST006', surname: 'Sınaq', givenName: 'Şirkət Rəhbəri' },
  activity: 'Nümunə',
  territory: 'COUNTRY',
  hasPlaces: false,
  contact: { phone: '+994125555555' },
  confirmed: true,
}
const { confirmed: _confirmed, ...unconfirmed } = aboutLicence

/** An application of the company, which its service requires to be signed. */
async function licence(answers: Record<string, unknown> = aboutLicence): Promise<Case> {
  const key = await insertApplication(database, keyring, {
    partyId: company,
    service: 'IN-LICENSE',
    state: 'DRAFT',
    answers,
  })
  const { number, revision } = await rowOf(key)
  return { id: nodeIdOf('Application', key), key, number, revision }
}
async function save({ id, key, revision }: Case, answers: object, uploads?: string[]): Promise<Case> {
  const attachments = uploads?.map((uploadId) => ({ uploadId }))
  const input = { applicationId: id, revision, answers, attachments }
  const { application, error, userErrors } = await send('company-head', 'saveDraft', input)
  expect([error, userErrors]).toEqual([undefined, []])
  return { ...application, key }
}
/** What `prepareSignature` gives for a draft. */
async function toSignOf({ id, revision }: Case, persona = 'company-head') {
  const input = { applicationId: id, revision, idempotencyKey: undefined }
  const selection = 'application { revision } toSign { payload sha256 typ algorithms }'
  const { toSign, application, userErrors, error } = await send(persona, 'prepareSignature', input, selection)
  expect([error, userErrors]).toEqual([undefined, []])
  return { ...toSign, revision: application.revision } as {
    payload: string
    sha256: string
    typ: string
    revision: number
  }
}
const payloadOf = async (draft: Case, persona?: string) => (await toSignOf(draft, persona)).payload
type By = Parameters<typeof send>[0]
const sign = ({ id }: Case, signature: string, by: By = 'company-head') =>
  outcomeOf(by, 'signApplication', { applicationId: id, signature })
const submit = ({ id, revision }: Case, by: By = 'company-head') =>
  outcomeOf(by, 'submitApplication', { applicationId: id, revision })
/** What is missing for SUBMIT and SIGN, as that persona sees it. */
async function missingIn({ number }: Case, persona = 'company-head') {
  const { viewerCan } = await read(number, 'viewerCan { action allowed reason missing }', persona)
  const of = (wanted: string) => viewerCan.find(({ action }: { action: string }) => action === wanted)
  return { submit: of('SUBMIT'), sign: of('SIGN') }
}
const signaturesOf = ({ key }: Case) =>
  db.select().from(applicationSignatures).where(eq(applicationSignatures.applicationId, key))
async function receiptClaims({ key }: Case) {
  const keys = await keysOf(database, keyring, [company])
  const [receipt] = await db.select().from(issuedDocuments).where(eq(issuedDocuments.subjectId, key))
  return decrypt(keys.get(company)!, issuedDocuments, receipt!).claims
}

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex')
/** Canonical JSON of values without numbers, whose names are sorted the same by code units. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  )

describe('prepareSignature', () => {
  it('gives the application, its revision, the applicant and the hash of the answers to sign', async () => {
    const draft = await licence()
    const { payload, sha256, ...how } = await toSignOf(draft)
    expect(JSON.parse(payload)).toEqual({
      application: draft.number,
      service: 'IN-LICENSE',
      version: 1,
      applicant: { party: company, identifiers: [{ type: 'VOEN', value: '9900000141' }] },
      answersSha256: sha256Of(canonical(aboutLicence)),
      attachments: [],
      sandbox: true,
    })
    expect(sha256).toBe(sha256Of(payload))
    expect(how).toMatchObject({
      typ: 'pencere-application+jose',
      algorithms: ['ES256', 'ES384', 'RS256', 'PS256'],
    })
  })

  it('gives the same payload until the draft changes', async () => {
    const draft = await licence()
    const payload = await payloadOf(draft)
    clock.set('2026-11-25T09:00:00Z')
    expect(await payloadOf(draft)).toBe(payload)
    const changed = { ...aboutLicence, activity: 'Başqa' }
    const next = await payloadOf(await save(draft, changed))
    expect(JSON.parse(next)).toEqual({ ...JSON.parse(payload), answersSha256: sha256Of(canonical(changed)) })
  })

  it('lists the hashes of the files in their order', async () => {
    const [one, other] = [
      await insertUpload(database, company, { content: 'one' }),
      await insertUpload(database, company, { content: 'other' }),
    ]
    const hashesOf = async (draft: Case) => JSON.parse(await payloadOf(draft)).attachments
    const draft = await save(await licence(), aboutLicence, [other, one])
    const [hashOfOne, hashOfOther] = ['one', 'other'].map((content) => ({ sha256: sha256Of(content), document: null }))
    expect(await hashesOf(draft)).toEqual([hashOfOther, hashOfOne])
    expect(await hashesOf(await save(draft, aboutLicence, [one, other]))).toEqual([hashOfOne, hashOfOther])
  })

  it('rejects a draft that cannot be submitted, and a revision that is not the current one', async () => {
    const { id } = await licence(unconfirmed)
    const prepare = (revision: number) => outcomeOf('company-head', 'prepareSignature', { applicationId: id, revision })
    expect(await prepare(1)).toBe('answer.unconfirmed')
    expect(await prepare(2)).toBe('application.changed')
  })

  it('does not repeat what is to be signed under the same idempotency key', async () => {
    const { id, number, revision } = await licence()
    const input = { applicationId: id, revision, idempotencyKey: 'a-key-to-prepare' }
    const prepare = () => send('company-head', 'prepareSignature', input, 'application { id } toSign { payload }')
    expect((await prepare()).toSign.payload).toContain(number)
    expect(await prepare()).toMatchObject({ replayed: true, toSign: null, application: { id } })
  })

  it('requires the power SIGN and the assurance level of the service', async () => {
    const { id, revision } = await licence()
    const prepare = (by: Parameters<typeof send>[0]) =>
      outcomeOf(by, 'prepareSignature', { applicationId: id, revision })
    expect(await prepare('company-delegate')).toBe('application.not_yours')
    expect(await prepare('citizen')).toBe('application.unknown')
    const substantial = as('company-head', { acr: 'urn:pencere:sandbox:substantial' })
    expect(await prepare(substantial)).toBe('STEP_UP_REQUIRED')
  })
})

describe('signApplication', () => {
  it('keeps the signature of the head encrypted, with all that verifies it, and its hash in the receipt', async () => {
    const draft = await licence()
    const payload = await payloadOf(draft)
    const signature = await signedWith(own, payload)
    expect(await sign(draft, signature)).toBe('done')
    expect(await submit(draft)).toBe('done')
    expect((await rowOf(draft.key)).state).toBe('SUBMITTED')
    const [kept] = await signaturesOf(draft)
    const keys = await keysOf(database, keyring, [company])
    const whole = decrypt(keys.get(company)!, applicationSignatures, kept!).signature
    const verified = await compactVerify(whole, own.certificate.publicKey)
    expect(Buffer.from(verified.payload).toString()).toBe(payload)
    expect(kept?.actor).toBe(`person:${await partyOf('company-head')}`)
    expect(await receiptClaims(draft)).toMatchObject({
      receivedSha256: JSON.parse(payload).answersSha256,
      signedBy: ['Şirkət Rəhbəri Sınaq'],
      signaturesSha256: [sha256Of(signature)],
    })
    const everything = await everythingAsText(client)
    for (const form of formsOf(signature.split('..')[1]!)) expect(everything).not.toContain(form)
    for (const form of formsOf(own.certificate.raw)) expect(everything).not.toContain(form)
  })

  it('lets a delegate without SIGN submit what the head signed', async () => {
    const draft = await licence()
    const unsigned = { allowed: false, reason: 'application.unsigned', missing: ['APPLICANT'] }
    expect(await missingIn(draft, 'company-delegate')).toMatchObject({
      submit: unsigned,
      sign: { allowed: false, reason: 'application.not_yours' },
    })
    expect(await submit(draft, 'company-delegate')).toBe('application.unsigned')
    expect(await missingIn(draft)).toMatchObject({ submit: unsigned, sign: { allowed: true, missing: ['APPLICANT'] } })
    const signature = await signedWith(own, await payloadOf(draft))
    expect(await sign(draft, signature, 'company-delegate')).toBe('application.not_yours')
    expect(await sign(draft, signature)).toBe('done')
    expect(await missingIn(draft, 'company-delegate')).toMatchObject({ submit: { allowed: true, missing: null } })
    expect(await submit(draft, 'company-delegate')).toBe('done')
    expect(await receiptClaims(draft)).toMatchObject({
      actor: `person:${await partyOf('company-delegate')}`,
      actedBy: 'Şirkət Nümayəndəsi Sınaq',
      signedBy: ['Şirkət Rəhbəri Sınaq'],
    })
    const { timeline } = await read(draft.number, 'timeline(last: 2) { nodes { type person } }', 'company-head')
    expect(timeline.nodes).toEqual([
      { type: 'application.signed', person: 'Şirkət Rəhbəri Sınaq' },
      { type: 'application.submitted', person: 'Şirkət Nümayəndəsi Sınaq' },
    ])
  })

  it('refuses a second signature of the same party, whoever makes it', async () => {
    const draft = await licence()
    const payload = await payloadOf(draft)
    expect(await sign(draft, await signedWith(own, payload))).toBe('done')
    expect(await sign(draft, await signedWith(own, payload))).toBe('application.signed_already')
    const other = await authority.certify({ fin: 'PNOAZ-TEST002' })
    expect(await sign(draft, await signedWith(other, payload), 'other-citizen')).toBe('application.signed_already')
    expect(await signaturesOf(draft)).toHaveLength(1)
  })

  it('ends when the content changes, which the saving person and the timeline learn', async () => {
    const draft = await licence()
    const signature = await signedWith(own, await payloadOf(draft))
    expect(await sign(draft, signature)).toBe('done')
    const input = { applicationId: draft.id, revision: draft.revision, answers: { ...aboutLicence, activity: 'Başqa' } }
    const saved = await send('company-delegate', 'saveDraft', input, 'endedSignatures application { revision }')
    expect(saved.endedSignatures).toBe(1)
    const changed = { ...draft, revision: saved.application.revision }
    expect((await timelineOf(draft.number, 'company-head')).map(({ type }: { type: string }) => type)).toEqual([
      'application.started',
      'application.signed',
      'application.saved',
      'application.signatures_ended',
    ])
    expect(await submit(changed)).toBe('application.unsigned')
    expect(await sign(changed, signature)).toBe('signature.not_of_this')
    expect(await sign(changed, await signedWith(own, await payloadOf(changed)))).toBe('done')
    expect(await submit(changed)).toBe('done')
    expect((await receiptClaims(draft)).signaturesSha256).toHaveLength(1)
  })

  it('accepts the seal of the company from the person who holds it', async () => {
    const draft = await licence()
    expect(await sign(draft, await signedWith(sealOfCompany, await payloadOf(draft)))).toBe('done')
  })

  it('accepts a delegate with the power SIGN, with a certificate of their own and not with the seal', async () => {
    const draft = await licence()
    const payload = await payloadOf(draft, 'other-citizen')
    const signBy = async (by: Certified) => await sign(draft, await signedWith(by, payload), 'other-citizen')
    expect(await signBy(sealOfCompany)).toBe('signature.wrong_person')
    expect(await signBy(own)).toBe('signature.wrong_person')
    expect(await signBy(await authority.certify({ fin: 'PNOAZ-TEST002' }))).toBe('done')
  })

  const certified = async (asked: Parameters<typeof authority.certify>[0], payload: string) =>
    await signedWith(await authority.certify(asked), payload)
  const spoilt: [name: string, sign: (payload: string) => Promise<string>, reason: string][] = [
    ['of another person', (payload) => certified({ fin: 'TEST002' }, payload), 'wrong_person'],
    ['of another company', (payload) => certified({ voen: 'VATAZ-9900000271' }, payload), 'wrong_person'],
    [
      'of the head for another company',
      (payload) => certified({ fin: 'TEST006', voen: 'VATAZ-9900000271' }, payload),
      'wrong_person',
    ],
    [
      'of another person for the company',
      (payload) => certified({ fin: 'TEST002', voen: 'VATAZ-9900000141' }, payload),
      'wrong_person',
    ],
    ['with a revoked certificate', (payload) => signedWith(revoked, payload), 'revoked'],
    ['that is empty', async () => '', 'unreadable'],
    ['over a payload with another letter', (payload) => signedWith(own, payload.replace('M26', 'M27')), 'not_of_this'],
  ]
  const moreSpoilt: typeof spoilt = [
    ['with an expired certificate', (payload) => certified({ fin: 'TEST006', until: -0.5 }, payload), 'expired'],
    [
      'of an untrusted authority',
      async (payload) => signedWith(await (await authorityForTest()).certify({ fin: 'TEST006' }), payload),
      'untrusted',
    ],
    ['without an algorithm', (payload) => signedWith(own, payload, { alg: 'none' }), 'algorithm'],
    ['made with a shared secret', (payload) => signedWithSecret(own, payload), 'algorithm'],
    ['that is no JWS', async () => 'nothing', 'unreadable'],
    ['over a payload that lacks one letter', (payload) => signedWith(own, payload.slice(0, -1)), 'not_of_this'],
    ['over the hash of the payload', (payload) => signedWith(own, sha256Of(payload)), 'not_of_this'],
    ['over an empty payload', () => signedWith(own, ''), 'not_of_this'],
  ]
  /** One draft for all of them: it stays a draft. */
  let prepared: Promise<{ draft: Case; payload: string }> | undefined
  async function prepare() {
    const draft = await licence()
    return { draft, payload: await payloadOf(draft) }
  }
  it.each(long ? [...spoilt, ...moreSpoilt] : spoilt)('rejects a signature %s', async (_name, signWrongly, reason) => {
    prepared ??= prepare()
    const { draft, payload } = await prepared
    const { userErrors, error } = await send('company-head', 'signApplication', {
      applicationId: draft.id,
      signature: await signWrongly(payload),
    })
    expect([error, userErrors]).toEqual([
      undefined,
      [
        {
          code: 'INVALID',
          reason: `signature.${reason}`,
          field: ['signature'],
          message: expect.any(String),
          params: expect.any(Array),
        },
      ],
    ])
    expect([(await rowOf(draft.key)).state, await signaturesOf(draft)]).toEqual(['DRAFT', []])
  })

  it('rejects a signature of other content or of another draft', async () => {
    const [draft, other] = [await licence(), await licence()]
    const signature = await signedWith(own, await payloadOf(draft))
    expect(await sign(other, signature)).toBe('signature.not_of_this')
    const changed = await save(draft, { ...aboutLicence, activity: 'Başqa' })
    expect(await sign(changed, signature)).toBe('signature.not_of_this')
  })

  it('accepts nothing while the revocation list is missing, and replays the result once it was signed', async () => {
    const draft = await licence()
    const signature = await signedWith(await shaky.certify({ fin: 'TEST006' }), await payloadOf(draft))
    const input = { applicationId: draft.id, signature, idempotencyKey: 'a-key-while-down' }
    expect(existsSync(shakyCrl)).toBe(false)
    const { userErrors } = await send('company-head', 'signApplication', input)
    expect(userErrors).toMatchObject([{ code: 'NOT_ALLOWED_NOW', reason: 'signature.cannot_be_checked' }])
    expect(await signaturesOf(draft)).toEqual([])
    writeFileSync(shakyCrl, await shaky.list())
    later = 6_000
    expect(await outcomeOf('company-head', 'signApplication', input)).toBe('done')
    rmSync(shakyCrl)
    later = 700_000 + 86_400_000
    const repeated = await send('company-head', 'signApplication', input)
    expect(repeated).toMatchObject({ replayed: true, userErrors: [] })
    expect(await signaturesOf(draft)).toHaveLength(1)
  })

  it('requires assurance HIGH for a seal, even if the service requires less', async () => {
    const setAssurance = (assurance: string) =>
      unkept(database, (tx) =>
        tx.execute(`update service_versions v set assurance = '${assurance}'
          from services s where s.id = v.service_id and s.code = 'IN-LICENSE'`),
      )
    await setAssurance('LOW')
    onTestFinished(async () => void (await setAssurance('HIGH')))
    const draft = await licence()
    const payload = await payloadOf(draft)
    const substantial = () => as('company-head', { acr: 'urn:pencere:sandbox:substantial' })
    expect(await sign(draft, await signedWith(sealOfCompany, payload), substantial())).toBe('STEP_UP_REQUIRED')
    expect(await sign(draft, await signedWith(own, payload), substantial())).toBe('done')
  })
})

describe('signApplication for a service that does not require a signature', () => {
  const certifiedCitizen = async (payload: string) =>
    await signedWith(await authority.certify({ fin: 'TEST001' }), payload)

  it('rejects a bad signature, and keeps a good one', async () => {
    const draft = await applying.draft()
    const payload = await payloadOf(draft, 'citizen')
    expect(JSON.parse(payload).applicant.identifiers).toEqual([{ type: 'FIN', value: 'TEST001' }])
    expect(await sign(draft, await signedWith(own, payload), 'citizen')).toBe('signature.wrong_person')
    expect(await sign(draft, await certifiedCitizen(payload), 'citizen')).toBe('done')
    expect(await signaturesOf(draft)).toHaveLength(1)
  })

  it('submits what was signed, for which registries were asked before', async () => {
    await changeProcess(database, 'DIN-ADDRESS-REG', { registryDown: RegistryDown.WAIT_FOR_REGISTRY })
    onTestFinished(() => changeProcess(database, 'DIN-ADDRESS-REG', {}))
    world.failing.set('POPULATION', FailureReason.DOWN)
    const { application } = await send('citizen', 'startApplication', { serviceCode: 'DIN-ADDRESS-REG' })
    const input = { applicationId: application.id, revision: 1, answers: moving }
    const draft: Case = (await send('citizen', 'saveDraft', input)).application
    expect(await outcomeOf('citizen', 'prepareSignature', { applicationId: draft.id, revision: 2 })).toBe(
      'application.registry_down',
    )
    world.failing.clear()
    const { payload, revision } = await toSignOf(draft, 'citizen')
    expect(revision).toBe(3)
    const filled = { ...draft, revision }
    expect(await payloadOf(filled, 'citizen')).toBe(payload)
    world.counted()
    await client`truncate registry_answers`
    expect(await sign(filled, await certifiedCitizen(payload), 'citizen')).toBe('done')
    expect(await submit(filled, 'citizen')).toBe('done')
    expect(world.counted()).toEqual({})
  })

  it('submits what was signed after a registry has answered for a document, though it fills in nothing', async () => {
    await changeProcess(database, 'DIN-ADDRESS-REG', { registryDown: RegistryDown.WAIT_FOR_REGISTRY })
    await client`
      insert into required_documents (id, version_id, position, code, name, mandatory, confidence, obtainable_from_registry_id)
      select gen_random_uuid(), v.id, 9, 'PROOF', '{"az": "Sənəd"}', true, 'SEEN_IN_SOURCE',
        (select id from registries where code = 'MEIS')
      from service_versions v join services s on s.id = v.service_id where s.code = 'DIN-ADDRESS-REG'`
    onTestFinished(async () => {
      await unkept(database, (tx) => tx.execute('delete from required_documents'))
      await changeProcess(database, 'DIN-ADDRESS-REG', {})
    })
    const draft = await applying.draft({ answered: [] })
    const { payload, revision } = await toSignOf(draft, 'citizen')
    expect(await sign(draft, await certifiedCitizen(payload), 'citizen')).toBe('done')
    expect(await submit({ ...draft, revision }, 'citizen')).toBe('done')
  })
})

describe('The founding of a company', () => {
  const founder = (fin: string, name: string, birthDate: string) => ({
    hasFin: true,
    fin,
    surname: 'Sınaq',
    givenName: name,
    birthDate,
    citizenship: 'AZ',
    share: '50',
  })
  const answers = {
    company: {
      name: 'Sınaq',
      address: { unit: 'Bakı' },
      capital: '1000',
      foreignCapital: false,
      activities: ['62.01'],
    },
    applicant: founder('TEST001', 'Vətəndaş', '1990-01-01'),
    founders: [founder('TEST002', 'Başqa Vətəndaş', '1985-02-02')],
    head: { fin: 'TEST001', surname: 'Sınaq', givenName: 'Vətəndaş' },
    contact: { phone: '+994125555555' },
    confirmed: true,
  }

  async function founding(answers: Record<string, unknown>): Promise<Case & { partyId: string }> {
    const partyId = await partyOf('citizen')
    const key = await insertApplication(database, keyring, { partyId, service: 'DVX-LLC-REG', state: 'DRAFT', answers })
    const { number } = await rowOf(key)
    return { id: nodeIdOf('Application', key), key, number, revision: 1, partyId }
  }

  it('reaches the agency when all founders have confirmed and signed', async () => {
    const { partyId, ...draft } = await founding(answers)
    const { key, number } = draft
    const payload = await payloadOf(draft, 'citizen')
    const [one, other] = [await authority.certify({ fin: 'TEST001' }), await authority.certify({ fin: 'TEST002' })]
    expect(await sign(draft, await signedWith(one, payload), 'citizen')).toBe('done')
    const input = { applicationId: draft.id, revision: 1 }
    const sent = await send('citizen', 'submitApplication', input, 'invitationCodes application { state }')
    expect([sent.userErrors, sent.application.state]).toEqual([[], 'AWAITING_CONFIRMATION'])
    expect(sent.invitationCodes).toHaveLength(1)
    expect((await missingIn(draft, 'citizen')).sign).toMatchObject({
      reason: 'application.signed_already',
      missing: ['FOUNDER'],
    })

    expect(await sign(draft, await signedWith(other, payload), 'other-citizen')).toBe('application.unknown')
    const invitation = { applicationNumber: number, code: sent.invitationCodes[0] }
    expect(await outcomeOf('other-citizen', 'confirmApplication', invitation)).toBe('done')
    const confirmed = await rowOf(key)
    expect(confirmed.state).toBe('AWAITING_CONFIRMATION')
    expect(await payloadOf({ ...draft, revision: confirmed.revision }, 'other-citizen')).toBe(payload)
    expect(await sign(draft, await signedWith(one, payload), 'other-citizen')).toBe('signature.wrong_person')
    expect(await sign(draft, await signedWith(other, payload), 'other-citizen')).toBe('done')
    expect(await read(number, 'state parties { role signedAt }', 'other-citizen')).toEqual({
      state: 'SUBMITTED',
      parties: [
        { role: 'APPLICANT', signedAt: start.toISOString() },
        { role: 'FOUNDER', signedAt: start.toISOString() },
      ],
    })
    const keys = await keysOf(database, keyring, [partyId])
    const receipts = await db.select().from(issuedDocuments).where(eq(issuedDocuments.subjectId, key))
    const signedBy = receipts.map((row) => decrypt(keys.get(partyId)!, issuedDocuments, row).claims.signedBy)
    expect(signedBy).toEqual([['Vətəndaş Sınaq'], ['Vətəndaş Sınaq', 'Başqa Vətəndaş Sınaq']])
  })

  it('takes the confirmation of a founder again after another one had it returned', async () => {
    const [first, second] = [
      { ...answers.founders[0], share: '25' },
      { ...founder('TEST007', 'Şirkət Nümayəndəsi', '1992-07-07'), share: '25' },
    ]
    const draft = await founding({ ...answers, founders: [first, { ...second, birthDate: '1992-07-08' }] })
    const certificate = await authority.certify({ fin: 'TEST001' })
    const { key, number } = draft
    /** Signed and submitted. Each founder has a code of their own. */
    const invite = async (): Promise<string[]> => {
      const { revision } = await rowOf(key)
      const payload = await payloadOf({ ...draft, revision }, 'citizen')
      expect(await sign(draft, await signedWith(certificate, payload), 'citizen')).toBe('done')
      const input = { applicationId: draft.id, revision }
      return (await send('citizen', 'submitApplication', input, 'invitationCodes')).invitationCodes
    }
    const confirm = (persona: string, code = '') =>
      outcomeOf(persona, 'confirmApplication', { applicationNumber: number, code })
    const [code, another] = await invite()
    expect(await confirm('other-citizen', code)).toBe('done')
    expect(await confirm('company-delegate', another)).toBe('done')
    expect(await read(number, 'state parties { role signedAt }')).toEqual({
      state: 'DRAFT',
      parties: [{ role: 'APPLICANT', signedAt: null }],
    })
    const { revision } = await rowOf(key)
    const corrected = { ...answers, founders: [first, second] }
    const input = { applicationId: draft.id, revision, answers: corrected }
    expect(await outcomeOf('citizen', 'saveDraft', input)).toBe('done')
    const [anew, last] = await invite()
    expect(await confirm('other-citizen', anew)).toBe('done')
    expect(await confirm('company-delegate', last)).toBe('done')
    const shown = await read(number, 'parties { role } documents { revokedAt }', 'company-delegate')
    expect(shown).toEqual({
      parties: [{ role: 'APPLICANT' }, { role: 'FOUNDER' }, { role: 'FOUNDER' }],
      documents: [{ revokedAt: null }],
    })
  })
})

describe('respondToRequest', () => {
  it('rejects other answers of a service that requires a signature', async () => {
    const key = await insertApplication(database, keyring, {
      partyId: company,
      service: 'IN-LICENSE',
      state: 'INFORMATION_REQUESTED',
      answers: aboutLicence,
    })
    const input = { applicationId: nodeIdOf('Application', key), revision: 1, answers: aboutLicence }
    expect(await outcomeOf('company-head', 'respondToRequest', input)).toBe('answers.signed')
  })
})

describe('withoutTrust', () => {
  it('refuses every signature of an installation without a trust list', async () => {
    expect(await withoutTrust.check(await signedWith(own, '{}'), signatureType)).toEqual({
      refused: 'cannot_be_checked',
      why: 'no_trust_list',
    })
  })
})
