import { generateKeyPairSync, randomUUID } from 'node:crypto'
import canonicalize from 'canonicalize'
import { CompactSign, decodeProtectedHeader, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { layDocument } from '../../src/documents/layDocument.js'
import { readSigned } from '../../src/documents/readSigned.js'
import { sealsFrom } from '../../src/documents/sealsFrom.js'
import { signClaims } from '../../src/documents/signClaims.js'
import { signPdf } from '../../src/documents/signPdf.js'
import { forgetParty } from '../../src/identity/party.js'
import { numberOf } from '../../src/shared/number.js'
import { apiOf } from '../support/api.js'
import { selfSignedRsa } from '../support/certificates.js'
import { cloneDatabase } from '../support/database.js'
import { issuingIn } from '../support/issuing.js'
import { partiesIn } from '../support/parties.js'
import { disbeliefOf } from '../support/readPdf.js'
import { freshSeals, type SealAsText } from '../support/seals.js'

const production = { isSandbox: false, keys: 'all' } as const
const database = await cloneDatabase()
const parties = partiesIn(database)
const { seals, issue, complete, rowOf } = await issuingIn(database, await parties.persona('citizen'))
const ask = await apiOf(database, { seals })

const fields = `valid reason document { number kind issuedAt agency { code } sandbox seriesNumber supersededBy claims }`
const query = `query ($signature: String, $number: String, $code: String, $sha256: String) {
  verifyDocument(signature: $signature, number: $number, code: $code, sha256: $sha256) { ${fields} } }`
const answerTo = (variables: object) => ask(query, { variables: { ...variables } })
async function verify(variables: object) {
  const { data, errors } = await answerTo(variables)
  expect(errors).toBeUndefined()
  return data.verifyDocument
}
const never = numberOf('R', 2027, 9_999_999)
const unknown = { valid: false, reason: 'UNKNOWN', document: null }

async function signed(kind: 'RECEIPT' | 'DECISION', more: Parameters<typeof issue>[1] = {}) {
  const { id } = await issue(kind, more)
  await complete(id)
  const { signature, ...row } = await rowOf(id)
  return { ...row, signature: signature! }
}

describe('a document', () => {
  test('is genuine by its own signature, and by its number with its code: nobody need sign in', async () => {
    for (const kind of ['RECEIPT', 'DECISION'] as const) {
      const { signature, number, code, claims } = await signed(kind, { series: kind })
      const told = {
        ...{ number, kind, issuedAt: '2026-12-31T21:00:00.000Z', agency: { code: 'DVX' }, sandbox: true },
        ...{ seriesNumber: 1, supersededBy: null, claims },
      }
      expect(await verify({ signature })).toEqual({ valid: true, reason: null, document: told })
      for (const typed of [
        code,
        code.toLowerCase().replaceAll('-', ' '),
        code.replaceAll('0', 'O').replaceAll('1', 'l'),
      ])
        expect(await verify({ number, code: typed })).toEqual({ valid: true, reason: null, document: told })
    }
  })

  test('that is not signed yet says so to whoever has its code', async () => {
    const { id, number } = await issue('DECISION')
    const { code, claims } = await rowOf(id)
    expect(await verify({ number, code })).toMatchObject({ valid: false, reason: 'UNSIGNED', document: { claims } })
  })

  test('that a later one of its kind has replaced says by which', async () => {
    const first = await signed('DECISION')
    const { subjectId } = first
    await signed('RECEIPT', { subjectId })
    await signed('DECISION')
    expect((await verify({ signature: first.signature })).document.supersededBy).toBeNull()
    const later = await signed('DECISION', { subjectId })
    for (const held of [{ signature: first.signature }, { number: first.number, code: first.code }])
      expect(await verify(held)).toMatchObject({ valid: true, document: { supersededBy: later.number } })
    expect((await verify({ signature: later.signature })).document.supersededBy).toBeNull()
  })

  test('of whoever was forgotten is known by its signature alone', async () => {
    const other = await parties.persona('other-citizen')
    const { signature, number, code } = await signed('RECEIPT', { partyId: other })
    await database.db.transaction((tx) => forgetParty(tx, other, new Date()))
    expect(await verify({ number, code })).toEqual(unknown)
    expect(await verify({ signature })).toMatchObject({ valid: true, document: { number } })
  })
})

describe('a number alone opens nothing:', () => {
  test('a wrong code is answered as a number that was never given, by the same statements', async () => {
    const { number, code } = await signed('RECEIPT')
    const other = (await signed('RECEIPT')).code
    const asked = async (variables: object) => {
      database.statements.length = 0
      return [await verify(variables), [...database.statements]]
    }
    const absent = await asked({ number: never, code })
    expect(absent[0]).toEqual(unknown)
    expect(absent[1]).not.toEqual([])
    expect(await asked({ number, code: other })).toEqual(absent)
    const sha256 = 'ab'.repeat(32)
    expect(await asked({ number, sha256 })).toEqual(await asked({ number: never, sha256 }))
  })

  test('and it is read however it was copied: with dashes of another kind, and what is not seen', async () => {
    const { number, code } = await signed('RECEIPT')
    for (const dash of ['\u2011', '\u2013', '\u00ad-', ' - ', '\u200b'])
      expect(await verify({ number: number.replaceAll('-', dash), code })).toMatchObject({ valid: true })
  })

  test('what cannot be one is told apart without a look', async () => {
    const { number, code } = await signed('RECEIPT')
    database.statements.length = 0
    for (const given of [
      { number: number.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), code },
      { number, code: code.slice(1) },
      { number, code: code.replace(/^./, 'U') },
      { number, code: '' },
      { number: '', code },
      { number, sha256: 'ab' },
      { signature: '' },
    ])
      expect(await verify(given)).toEqual({ valid: false, reason: 'MALFORMED', document: null })
    expect(database.statements.filter((statement) => statement.includes('issued_documents'))).toEqual([])
  })

  test.each([
    [{}, 'nothing came'],
    [{ number: never }, 'number came'],
    [{ code: 'X' }, 'code came'],
    [{ signature: 'X', number: never }, 'signature, number came'],
    [{ number: never, code: 'X', sha256: 'X' }, 'number, code, sha256 came'],
  ])('%j is no way to ask', async (variables, came) => {
    const { errors } = await answerTo(variables)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' }, message: expect.stringContaining(came) }])
  })

  test('and one number is tried only so often, however it is written', async () => {
    const { number, code } = await signed('RECEIPT')
    for (let times = 0; times < 60; times++) await verify({ number, code })
    const { errors } = await answerTo({ number: number.toLowerCase().replaceAll('-', ''), code })
    expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) } }])
    await verify({ number: (await signed('RECEIPT')).number, code })
  })
})

describe('a signature that is not ours, or not of this:', () => {
  const isRefused = async (signature: string, reason?: string) => {
    const answer = await verify({ signature })
    expect({ signature, ...answer }).toEqual({
      signature,
      valid: false,
      document: null,
      reason: reason ?? answer.reason,
    })
  }
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

  test('one character changed anywhere', { timeout: 60_000 }, async () => {
    const { signature } = await signed('DECISION')
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (let at = 0; at < signature.length; at++) {
      const before = signature[at] as string
      // Of those that differ least, and in the bits that base64 leaves unused at an end.
      const after = before === '.' ? 'A' : alphabet[alphabet.indexOf(before) ^ 1]
      await isRefused(`${signature.slice(0, at)}${after}${signature.slice(at + 1)}`)
    }
    await isRefused(`${signature}=`, 'MALFORMED')
    await isRefused(`${signature} `, 'MALFORMED')
    await isRefused(signature.slice(0, -1))
    await isRefused(`${signature}.`, 'MALFORMED')
  })

  test('a seal signs what it is for: no receipts an agency’s decision, nor one agency another’s', async () => {
    const { claims } = await signed('DECISION')
    const [receipts, dmx, dvx] = await Promise.all([
      seals.current({ receipts: true }),
      seals.current({ agency: 'DMX' }),
      seals.current({ agency: 'DVX' }),
    ])
    expect(await verify({ signature: await signClaims(claims, dvx) })).toMatchObject({ valid: true })
    for (const seal of [receipts, dmx]) await isRefused(await signClaims(claims, seal), 'FORGED')
    const receipt = (await signed('RECEIPT')).claims
    await isRefused(await signClaims(receipt, dvx), 'FORGED')
    const { agency: _none, ...ofNobody } = claims
    await isRefused(await signClaims(ofNobody, dvx), 'FORGED')
  })

  test('one type is taken for no other', async () => {
    const { claims } = await signed('RECEIPT')
    const { id: kid, key } = await seals.current({ receipts: true })
    const payload = Buffer.from(canonicalize(claims) as string)
    for (const typ of ['JWT', 'pencere-decision+jwt', 'PENCERE-RECEIPT+JWT', undefined])
      await isRefused(await new CompactSign(payload).setProtectedHeader({ alg: 'ES256', kid, typ }).sign(key), 'FORGED')
    // By a key of ours, and never as a document.
    const token = await new SignJWT({ sub: 'somebody' })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
      .sign(key)
    await isRefused(token, 'FORGED')
  })

  test('no algorithm but its own, no key but ours, no claims but canonical ones', async () => {
    const { signature, claims } = await signed('RECEIPT')
    const [header, payload, mark] = signature.split('.') as [string, string, string]
    const { id: kid, key } = await seals.current({ receipts: true })
    const typ = 'pencere-receipt+jwt'
    await isRefused(`${encoded({ alg: 'none', kid, typ })}.${payload}.`, 'MALFORMED')
    await isRefused(`${encoded({ alg: 'none', kid, typ })}.${payload}.${mark}`, 'FORGED')
    const secret = Buffer.from(JSON.stringify(key.export({ format: 'jwk' })))
    await isRefused(
      await new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'HS256', kid, typ })
        .sign(secret),
      'FORGED',
    )
    const { privateKey: another } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = another.export({ format: 'jwk' })
    for (const alg of ['ES256'])
      await isRefused(
        await new CompactSign(Buffer.from(payload, 'base64url'))
          .setProtectedHeader({ alg, kid, typ, jwk: { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y } as never })
          .sign(another),
        'FORGED',
      )
    await isRefused(`${encoded({ alg: 'ES256', kid: randomUUID(), typ })}.${payload}.${mark}`, 'UNKNOWN_KEY')
    const reordered = Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(claims).reverse())))
    const seal = new CompactSign(reordered).setProtectedHeader({ alg: 'ES256', kid, typ })
    await isRefused(await seal.sign(key), 'FORGED')
    expect(header).toBe(encoded({ alg: 'ES256', kid, typ }))
  })

  test.each(['x', 'a.b', 'a.b.c', '..', 'e30.e30.e30', 'bnVsbA.bnVsbA.bnVsbA', `${'A'.repeat(120_000)}.e30.e30`])(
    'what is no JWS: %.20s',
    async (text) => isRefused(text),
  )
})

test('a retired seal verifies what it signed, without its key; what is signed now is by the one in front', async () => {
  const given = await freshSeals()
  const [current, retired] = [await freshSeals(), given].map(({ receipts: [first] }) => first as SealAsText)
  const before = sealsFrom(JSON.stringify({ receipts: [retired], agencies: {} }), production)
  const { key: _lost, ...published } = retired as SealAsText
  const turned = { receipts: [{ ...current, id: 'receipts-3' }, published], agencies: {} }
  const after = sealsFrom(JSON.stringify(turned), production)
  const { claims } = await signed('RECEIPT')
  const askAfter = await apiOf(database, { seals: after })
  const verifies = async (signature: string) =>
    (await askAfter(query, { variables: { signature } })).data.verifyDocument as {
      valid: boolean
      reason: string | null
    }
  const [old, fresh] = [await before.current({ receipts: true }), await after.current({ receipts: true })]
  expect(await verifies(await signClaims(claims, old))).toMatchObject({ valid: true })
  expect(await verifies(await signClaims(claims, fresh))).toMatchObject({ valid: true })
  expect([old.id, fresh.id]).toEqual(['receipts-2', 'receipts-3'])
  expect(await verifies((await signed('RECEIPT')).signature)).toMatchObject({ valid: false, reason: 'UNKNOWN_KEY' })
})

test('a seal may be RSA: its JWS is RS256 and no other, and its PDF is signed by it', { timeout: 20_000 }, async () => {
  const { certificate, key } = await selfSignedRsa('RSA')
  const text = JSON.stringify({ receipts: [{ id: 'rsa', key, chain: [certificate] }], agencies: {} })
  const seals = sealsFrom(text, production)
  const seal = await seals.current({ receipts: true })
  const { claims } = await signed('RECEIPT')
  const signature = await signClaims(claims, seal)
  expect(decodeProtectedHeader(signature).alg).toBe('RS256')
  expect(await readSigned(signature, seals)).toEqual(claims)
  const payload = Buffer.from(signature.split('.')[1] as string, 'base64url')
  const other = await new CompactSign(payload)
    .setProtectedHeader({ alg: 'PS256', kid: 'rsa', typ: 'pencere-receipt+jwt' })
    .sign(seal.key)
  expect(await readSigned(other, seals)).toBe('FORGED')
  const sheet = {
    ...{ number: 'R27', code: 'X', address: 'X', isSandbox: false, title: { az: 'Qəbz' }, issuer: { az: 'Pəncərə' } },
    ...{ lines: [], issuedAt: new Date(0), signing: { at: new Date(0), by: 'RSA' } },
  }
  expect(disbeliefOf(await signPdf(await layDocument(sheet), seal), seal.chain[0])).toBeUndefined()
})
