import 'reflect-metadata'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { compactVerify } from 'jose'
import { v7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { applicationSignatures } from '../../src/applications/application.table.js'
import { issuedDocuments } from '../../src/documents/issuedDocument.table.js'
import { openTrust } from '../../src/documents/openTrust.js'
import { UploadState, uploads } from '../../src/documents/upload.table.js'
import { nodeIdOf, parseNodeId } from '../../src/engine/nodeId.js'
import { MandateKind, Power } from '../../src/identity/mandate.table.js'
import { keysOf, keyToSeal } from '../../src/identity/party.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { open, seal } from '../../src/shared/personal.js'
import { applyingOf, moving } from '../support/applying.js'
import { unkept } from '../support/database.js'
import { everythingAsText, formsOf } from '../support/everything.js'
import { partiesIn, partyId } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { authorityForTest, type Certified, signedWith, signedWithSecret } from '../support/signing.js'
import { as } from '../support/tokens.js'

const folder = mkdtempSync(join(tmpdir(), 'pencere-signing-'))
afterAll(() => rmSync(folder, { recursive: true }))

const authority = await authorityForTest()
/** One whose list comes and goes. */
const shaky = await authorityForTest()
const [crl, shakyCrl] = [join(folder, 'a.crl'), join(folder, 'shaky.crl')]
const own = await authority.certify({ fin: 'PNOAZ-TEST006' })
const ofCompany = await authority.certify({ voen: 'VATAZ-9900000141' })
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
const { database, world, clock, ask, send, told } = await applyingOf({ trust })
const { db, client } = database
const parties = partiesIn(database)
const head = () => as('company-head')
const key = (id: string) => parseNodeId(id)?.key as string // its own

/** A return of zero, but for what the registry holds. */
const nothingSold = {
  ...{ tax: 'VAT', period: '2026-10', kind: 'ORIGINAL', active: false },
  ...{ contact: { phone: '+994125555555' }, confirmed: true },
}
let company: string
beforeAll(async () => {
  company = await parties.firm('Sınaq MMC', '9900000141')
  const all = [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN]
  await parties.give(company, await parties.persona('company-head'), { kind: MandateKind.HEAD, powers: all })
  await parties.give(company, await parties.persona('company-delegate'), { powers: [Power.VIEW, Power.FILE] })
  await parties.give(company, await parties.persona('other-citizen'), { powers: all })
})
beforeEach(() => {
  clock.set(new Date('2026-11-25T08:00:00Z'))
  world.failing.clear()
  later = 0
})

/** A return of the company that can be sent once it is signed. */
async function drafted(answers: object = nothingSold) {
  const { application, error } = await send(head(), 'startApplication', {
    service: 'DVX-RETURN',
    party: partyId(company),
  })
  expect(error).toBeUndefined()
  return await saved(application.id, 1, answers)
}
async function saved(id: string, revision: number, answers: object, more: object = {}) {
  const input = { application: id, revision, answers, ...more }
  const { application, error, userErrors } = await send(head(), 'saveDraft', input)
  expect([error, userErrors]).toEqual([undefined, []])
  return application as { id: string; number: string; revision: number }
}
type Draft = Awaited<ReturnType<typeof saved>>
async function prepared({ id, revision }: Draft, headers: ReturnType<typeof as> = head()) {
  const input = { application: id, revision, idempotencyKey: undefined }
  const selection = 'application { id number revision } toSign { payload sha256 typ algorithms }'
  const { toSign, application, userErrors, error } = await send(headers, 'prepareSignature', input, selection)
  expect([error, userErrors]).toEqual([undefined, []])
  return { ...toSign, draft: application } as { payload: string; sha256: string; typ: string; draft: Draft }
}
const submit = (draft: Draft, signature: string | null, headers: ReturnType<typeof as> = head()) =>
  told(headers, 'submitApplication', { application: draft.id, revision: draft.revision, signature })
const stateOf = async ({ number }: Draft) =>
  (await ask(`{ application(number: "${number}") { state } }`, { headers: await head() })).data.application.state
/** What it says. */
async function receiptOf({ id }: Draft) {
  const keys = await keysOf(database, keyring, [company])
  const [receipt] = await db
    .select()
    .from(issuedDocuments)
    .where(eq(issuedDocuments.subjectId, key(id)))
  return open(keys.get(company)!, issuedDocuments, receipt!).claims
}
const signaturesOf = ({ id }: Draft) =>
  db
    .select()
    .from(applicationSignatures)
    .where(eq(applicationSignatures.applicationId, key(id)))

describe('What is to be signed', () => {
  it('says which application in which revision, for whom, and by their hashes its answers', async () => {
    const draft = await drafted()
    const { payload, sha256, ...how } = await prepared(draft)
    const { answers } = (
      await ask(`{ application(number: "${draft.number}") { content { answers } } }`, { headers: await head() })
    ).data.application.content
    expect(JSON.parse(payload)).toEqual({
      ...{ application: draft.number, revision: 2, at: '2026-11-25T08:00:00.000Z', service: 'DVX-RETURN', version: 1 },
      applicant: { party: company, identifiers: [{ type: 'VOEN', value: '9900000141' }] },
      ...{ answersSha256: sha256Of(canonical(answers)), attachments: [], sandbox: true },
    })
    expect(sha256).toBe(sha256Of(payload))
    expect(how).toMatchObject({
      ...{ typ: 'pencere-application+jose', algorithms: ['ES256', 'ES384', 'RS256', 'PS256'] },
    })
  })

  it('is the same whenever it is asked for, and another once anything has changed', async () => {
    const draft = await drafted()
    const { payload } = await prepared(draft)
    clock.set(new Date('2026-11-25T09:00:00Z'))
    expect((await prepared(draft)).payload).toBe(payload)
    const again = await saved(draft.id, 2, nothingSold)
    const { payload: next } = await prepared(again)
    const [one, other] = [payload, next].map((text) => JSON.parse(text))
    expect(other).toEqual({ ...one, revision: 3, at: '2026-11-25T09:00:00.000Z' })
  })

  it('has the files in their order, each with what it is', async () => {
    const draft = await drafted()
    const [one, other] = [await uploaded('one'), await uploaded('other')]
    const attach = (revision: number, ids: string[]) =>
      saved(draft.id, revision, nothingSold, { attachments: ids.map((upload) => ({ upload })) })
    const filesOf = async (draft: Draft) => JSON.parse((await prepared(draft)).payload).attachments
    expect(await filesOf(await attach(2, [other, one]))).toEqual([
      { sha256: sha256Of('other'), document: null },
      { sha256: sha256Of('one'), document: null },
    ])
    const [first] = await filesOf(await attach(3, [one, other]))
    expect(first.sha256).toBe(sha256Of('one'))
  })

  it('is told of what can be sent alone, and says what is to be mended of what cannot', async () => {
    const { confirmed: _left, ...unconfirmed } = nothingSold
    const draft = await drafted(unconfirmed)
    expect(await told(head(), 'prepareSignature', { application: draft.id, revision: 2 })).toBe('answer.missing')
    expect(await told(head(), 'prepareSignature', { application: draft.id, revision: 1 })).toBe('application.changed')
  })

  it('is not told again to a repeat under its key', async () => {
    const draft = await drafted()
    const input = { application: draft.id, revision: 2, idempotencyKey: 'a-key-to-prepare' }
    const ask = () => send(head(), 'prepareSignature', input, 'application { id } toSign { payload }')
    expect((await ask()).toSign.payload).toContain(draft.number)
    expect(await ask()).toMatchObject({ replayed: true, toSign: null, application: { id: draft.id } })
  })

  it('is told to nobody who may not sign', async () => {
    const draft = await drafted()
    const ask = (persona: string, acr?: string) =>
      told(as(persona, acr ? { acr } : {}), 'prepareSignature', { application: draft.id, revision: 2 })
    expect(await ask('company-delegate')).toBe('FORBIDDEN')
    expect(await ask('citizen')).toBe('application.unknown')
    expect(await ask('company-head', 'urn:pencere:sandbox:substantial')).toBe('STEP_UP_REQUIRED')
  })
})

describe('A return of a company', () => {
  it('goes from the draft to its receipt by the signature of the head', async () => {
    const draft = await drafted()
    const { payload } = await prepared(draft)
    const signature = await signedWith(own, payload)
    expect(await submit(draft, signature)).toBe('done')
    expect(await stateOf(draft)).toBe('SUBMITTED')
    const [kept] = await signaturesOf(draft)
    const keys = await keysOf(database, keyring, [company])
    const whole = open(keys.get(company)!, applicationSignatures, kept!).signature
    // Nothing else is needed to verify it.
    const verified = await compactVerify(whole, own.certificate.publicKey)
    expect([Buffer.from(verified.payload).toString(), kept?.actor]).toEqual([
      ...[payload, `person:${await parties.persona('company-head')}`],
    ])
    expect(await receiptOf(draft)).toMatchObject({
      receivedSha256: JSON.parse(payload).answersSha256,
      signatureSha256: sha256Of(signature),
    })
    const everything = await everythingAsText(client)
    for (const form of formsOf(signature.split('..')[1]!)) expect(everything).not.toContain(form)
    for (const form of formsOf(own.certificate.raw)) expect(everything).not.toContain(form)
  })

  it('may be sealed by who holds the seal', async () => {
    const draft = await drafted()
    expect(await submit(draft, await signedWith(ofCompany, (await prepared(draft)).payload))).toBe('done')
  })

  it('may be signed by a delegate who has the power to, with a certificate of their own and not with the seal', async () => {
    const draft = await drafted()
    const delegate = await parties.persona('other-citizen')
    const { payload } = await prepared(draft, as('other-citizen'))
    const send = async (by: Certified) => await submit(draft, await signedWith(by, payload), as('other-citizen'))
    expect(await send(ofCompany)).toBe('signature.wrong_person')
    expect(await send(own)).toBe('signature.wrong_person')
    expect(await send(await authority.certify({ fin: 'PNOAZ-TEST002' }))).toBe('done')
    // The receipt says who acted for whom, by name too.
    expect(await receiptOf(draft)).toMatchObject({ actor: `person:${delegate}`, actedBy: 'Başqa Vətəndaş Sınaq' })
  })

  it('is not sent without one, nor by who may file it and not sign', async () => {
    const draft = await drafted()
    expect(await submit(draft, null)).toBe('signature.missing')
    expect(await submit(draft, null, as('company-delegate'))).toBe('signature.missing')
    const signature = await signedWith(await authority.certify({ fin: 'TEST007' }), (await prepared(draft)).payload)
    expect(await submit(draft, signature, as('company-delegate'))).toBe('FORBIDDEN')
    expect(await stateOf(draft)).toBe('DRAFT')
  })

  const spoilt: [string, (payload: string) => Promise<string>, string][] = [
    [
      'of another person',
      async (payload) => signedWith(await authority.certify({ fin: 'TEST002' }), payload),
      'wrong_person',
    ],
    [
      'of another company',
      async (payload) => signedWith(await authority.certify({ voen: 'VATAZ-9900000271' }), payload),
      'wrong_person',
    ],
    [
      'of the head for another company',
      async (payload) => signedWith(await authority.certify({ fin: 'TEST006', voen: 'VATAZ-9900000271' }), payload),
      'wrong_person',
    ],
    [
      'of another for the company',
      async (payload) => signedWith(await authority.certify({ fin: 'TEST002', voen: 'VATAZ-9900000141' }), payload),
      'wrong_person',
    ],
    ['that was revoked', (payload) => signedWith(revoked, payload), 'revoked'],
    [
      'that has ended',
      async (payload) => signedWith(await authority.certify({ fin: 'TEST006', until: -0.5 }), payload),
      'expired',
    ],
    [
      'whose authority nobody believes',
      async (payload) => signedWith(await (await authorityForTest()).certify({ fin: 'TEST006' }), payload),
      'untrusted',
    ],
    ['without an algorithm', (payload) => signedWith(own, payload, { alg: 'none' }), 'algorithm'],
    ['by a secret', (payload) => signedWithSecret(own, payload), 'algorithm'],
    ['that is none', async () => 'nothing', 'unreadable'],
    ['that is empty', async () => '', 'unreadable'],
    ['over one letter less', (payload) => signedWith(own, payload.slice(0, -1)), 'not_of_this'],
    [
      'over one letter that is another',
      (payload) => signedWith(own, payload.replace('VAT', 'VAU').replace('M26', 'M27')),
      'not_of_this',
    ],
    ['over the hash', (payload) => signedWith(own, sha256Of(payload)), 'not_of_this'],
    ['over nothing', () => signedWith(own, ''), 'not_of_this'],
  ]
  test.each(spoilt)('is not sent with a signature %s', async (_what, sign, reason) => {
    const draft = await drafted()
    const { payload } = await prepared(draft)
    const { userErrors, error } = await send(head(), 'submitApplication', {
      ...{ application: draft.id, revision: draft.revision, signature: await sign(payload) },
    })
    expect([error, userErrors]).toEqual([
      undefined,
      [{ code: 'INVALID', reason: `signature.${reason}`, field: ['signature'], message: expect.any(String) }],
    ])
    expect([await stateOf(draft), await signaturesOf(draft)]).toEqual(['DRAFT', []])
  })

  it('is not sent with the signature of what it was before, nor with that of another', async () => {
    const [draft, other] = [await drafted(), await drafted()]
    const signature = await signedWith(own, (await prepared(draft)).payload)
    expect(await submit(other, signature)).toBe('signature.not_of_this')
    const changed = await saved(draft.id, 2, { ...nothingSold, period: '2026-09' })
    expect(await submit(draft, signature)).toBe('application.changed')
    expect(await submit(changed, signature)).toBe('signature.not_of_this')
    // As it was, and yet another revision.
    const back = await saved(draft.id, 3, nothingSold)
    expect(await submit(back, signature)).toBe('signature.not_of_this')
    expect(await submit(back, await signedWith(own, (await prepared(back)).payload))).toBe('done')
    expect(await submit(back, signature)).toBe('application.changed')
  })

  it('tells all that is to be mended at once, the signature too', async () => {
    const { confirmed: _left, ...unconfirmed } = nothingSold
    const draft = await drafted(unconfirmed)
    expect(await submit(draft, null)).toBe('answer.missing signature.missing')
    expect(await submit(draft, 'nothing')).toBe('answer.missing signature.unreadable')
  })

  it('stays a draft while nobody can tell what was revoked, and is sent once somebody can', async () => {
    const draft = await drafted()
    const signature = await signedWith(await shaky.certify({ fin: 'TEST006' }), (await prepared(draft)).payload)
    const input = { application: draft.id, revision: draft.revision, signature, idempotencyKey: 'a-key-while-down' }
    expect(existsSync(shakyCrl)).toBe(false)
    const { userErrors } = await send(head(), 'submitApplication', input)
    expect(userErrors).toMatchObject([{ code: 'NOT_ALLOWED_NOW', reason: 'signature.cannot_be_checked' }])
    expect(await stateOf(draft)).toBe('DRAFT')
    writeFileSync(shakyCrl, await shaky.list())
    later = 6_000
    expect(await told(head(), 'submitApplication', input)).toBe('done')
    // A repeat says what was done, whatever has become of the authority meanwhile.
    rmSync(shakyCrl)
    later = 700_000 + 86_400_000
    expect(await send(head(), 'submitApplication', input)).toMatchObject({ replayed: true, userErrors: [] })
    expect(await signaturesOf(draft)).toHaveLength(1)
  })

  it('wants whoever seals to be known surely', async () => {
    // As if the service asked for less than a seal does.
    const asks = (assurance: string) =>
      unkept(database, (tx) =>
        tx.execute(sql`update service_versions v set assurance = ${assurance}::assurance
          from services s where s.id = v.service_id and s.code = 'DVX-RETURN'`),
      )
    await asks('LOW')
    try {
      const draft = await drafted()
      const { payload } = await prepared(draft)
      const substantial = () => as('company-head', { acr: 'urn:pencere:sandbox:substantial' })
      expect(await submit(draft, await signedWith(ofCompany, payload), substantial())).toBe('STEP_UP_REQUIRED')
      expect(await submit(draft, await signedWith(own, payload), substantial())).toBe('done')
    } finally {
      await asks('HIGH')
    }
  })
})

describe('Where nobody must sign', () => {
  const citizen = () => as('citizen')
  async function moved(more: object = {}) {
    const { application } = await send(citizen(), 'startApplication', { service: 'DIN-ADDRESS-REG' })
    const { answers } = (
      await ask(`{ application(number: "${application.number}") { content { answers } } }`, {
        headers: await citizen(),
      })
    ).data.application.content
    const input = { application: application.id, revision: 1, answers: { ...answers, ...moving, ...more } }
    return (await send(citizen(), 'saveDraft', input)).application as Draft
  }

  it('a signature that is given must be good, and is kept', async () => {
    const draft = await moved()
    const { payload } = await prepared(draft, citizen())
    expect(JSON.parse(payload).applicant.identifiers).toEqual([{ type: 'FIN', value: 'TEST001' }])
    expect(await submit(draft, await signedWith(own, payload), citizen())).toBe('signature.wrong_person')
    expect(await submit(draft, await signedWith(await authority.certify({ fin: 'TEST001' }), payload), citizen())).toBe(
      'done',
    )
    expect(await signaturesOf(draft)).toHaveLength(1)
  })

  it('what a registry could not say before is asked before it is signed, and what was signed is sent', async () => {
    await client`insert into processes (id, version_id, term_end, registry_down, co_applicants, appeal_days, proactive, numbered, confidence)
      select gen_random_uuid(), v.id, 'ESCALATED', 'FILLED_LATER', 0, 30, false, false, 'SEEN_IN_SOURCE'
      from service_versions v join services s on s.id = v.service_id where s.code = 'DIN-ADDRESS-REG'`
    await client`truncate registry_answers`
    world.failing.set('POPULATION', FailureReason.DOWN)
    const draft = await moved()
    expect(await told(citizen(), 'prepareSignature', { application: draft.id, revision: draft.revision })).toBe(
      'application.registry_down',
    )
    world.failing.clear()
    const { payload, draft: filled } = await prepared(draft, citizen())
    expect([filled.revision, JSON.parse(payload).revision]).toEqual([draft.revision + 1, draft.revision + 1])
    expect((await prepared(filled, citizen())).payload).toBe(payload)
    world.counted()
    await client`truncate registry_answers`
    const signature = await signedWith(await authority.certify({ fin: 'TEST001' }), payload)
    expect(await submit(filled, signature, citizen())).toBe('done')
    expect(world.counted()).toEqual({})
  })

  it('what is signed keeps that a registry has answered for a document, though it fills nothing', async () => {
    await client`
      insert into required_documents (id, version_id, position, name, mandatory, obtainable_from_registry_id)
      select gen_random_uuid(), v.id, 0, '{"az": "Sənəd"}', true, (select id from registries where code = 'MEIS')
      from service_versions v join services s on s.id = v.service_id where s.code = 'DIN-ADDRESS-REG'`
    await client`truncate registry_answers`
    world.failing.set('MEIS', FailureReason.DOWN)
    const draft = await moved()
    world.failing.clear()
    const { payload, draft: asked } = await prepared(draft, citizen())
    const signature = await signedWith(await authority.certify({ fin: 'TEST001' }), payload)
    expect.soft(await submit(asked, signature, citizen())).toBe('done')
    await unkept(database, (tx) => tx.execute('delete from required_documents'))
  })
})

test('An installation that believes nobody takes no signature, and loses nothing', async () => {
  const { withoutTrust } = await import('../../src/shared/trust.js')
  expect(await withoutTrust.check(await signedWith(own, '{}'))).toEqual({
    ...{ refused: 'cannot_be_checked', why: 'no_trust_list' },
  })
})

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex')
/** Of what has no numbers and no names that sort otherwise by code units. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  )

/** A file of the company that was looked through. */
async function uploaded(content: string): Promise<string> {
  const id = v7()
  const since = new Date('2026-11-25T08:00:00Z')
  await db.transaction(async (tx) => {
    const row = {
      ...{
        id,
        partyId: company,
        name: `${content}.pdf`,
        size: content.length,
        sha256: Buffer.from(sha256Of(content), 'hex'),
      },
      ...{ state: UploadState.CLEAN, mediaType: 'application/pdf', createdBy: 'test', mandateIds: [], since },
      expiresAt: new Date('2026-12-25T08:00:00Z'),
    }
    await tx.insert(uploads).values(seal(await keyToSeal(tx, keyring, company), uploads, row))
  })
  return nodeIdOf('Upload', id)
}
