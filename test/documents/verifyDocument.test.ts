import { generateKeyPairSync, randomUUID } from 'node:crypto'
import canonicalize from 'canonicalize'
import { CompactSign, decodeProtectedHeader, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { signClaims } from '../../src/documents/issued/signClaims.js'
import { signingKeysFrom } from '../../src/documents/issued/signingKeysFrom.js'
import { readSigned } from '../../src/documents/signatures/readSigned.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import { numberOf } from '../../src/shared/number.js'
import { apiOf } from '../support/api.js'
import { selfSignedRsa } from '../support/certificates.js'
import { cloneDatabase } from '../support/database.js'
import { issuingIn } from '../support/issuing.js'
import { long } from '../support/long.js'
import { partiesIn } from '../support/parties.js'
import { freshSigningKeys, type SigningKeyAsText } from '../support/signingKeys.js'

const production = { isSandbox: false, keys: 'all' } as const
const database = await cloneDatabase()
const parties = partiesIn(database)
const { signingKeys, issue, sign, rowOf } = await issuingIn(database, await parties.persona('citizen'))
const ask = await apiOf(database, { signingKeys })

const fields = 'valid reason document { number kind issuedAt agency { code } sandbox seriesNumber supersededBy claims }'
const query = `query ($signature: String, $number: String, $code: String, $sha256: String) {
  verifyDocument(signature: $signature, number: $number, code: $code, sha256: $sha256) { ${fields} } }`
const answerTo = (variables: object) => ask(query, { variables: { ...variables } })
async function verify(variables: object) {
  const { data, errors } = await answerTo(variables)
  expect(errors).toBeUndefined()
  return data.verifyDocument
}
const neverIssued = numberOf('R', 2027, 9_999_999)
const unknown = { valid: false, reason: 'UNKNOWN', document: null }

async function signed(
  kind: 'APPLICATION_RECEIPT' | 'DECISION' | 'PAYMENT_RECEIPT',
  more: Parameters<typeof issue>[1] = {},
) {
  const { id } = await issue(kind, more)
  await sign(id)
  const { signature, ...row } = await rowOf(id)
  return { ...row, signature: signature! }
}

describe('verifyDocument', () => {
  it.each(['APPLICATION_RECEIPT', 'DECISION', 'PAYMENT_RECEIPT'] as const)(
    'accepts a %s by its signature, and by its number and code in any spelling, from anybody',
    async (kind) => {
      const { signature, number, code, claims } = await signed(kind, { series: kind })
      const valid = {
        valid: true,
        reason: null,
        document: {
          number,
          kind,
          issuedAt: '2026-12-31T21:00:00.000Z',
          agency: { code: 'DVX' },
          sandbox: true,
          seriesNumber: 1,
          supersededBy: null,
          claims: kind === 'APPLICATION_RECEIPT' ? claims : { ...claims, series: { name: kind, number: 1 } },
        },
      }
      expect(await verify({ signature })).toEqual(valid)
      for (const typed of [
        code,
        code.toLowerCase().replaceAll('-', ' '),
        code.replaceAll('0', 'O').replaceAll('1', 'l'),
      ])
        expect(await verify({ number, code: typed })).toEqual(valid)
      // Other dashes, and characters that nobody sees.
      for (const dash of ['\u2011', '\u2013', '\u00ad-', ' - ', '\u200b'])
        expect(await verify({ number: number.replaceAll('-', dash), code })).toEqual(valid)
    },
  )

  it('reports a decision that is not signed yet as UNSIGNED', async () => {
    const { id, number } = await issue('DECISION')
    const { code, claims } = await rowOf(id)
    expect(await verify({ number, code })).toMatchObject({ valid: false, reason: 'UNSIGNED', document: { claims } })
  })

  it('names the later document of the same kind and subject that supersedes a document', async () => {
    const first = await signed('DECISION')
    const { subjectId } = first
    await signed('APPLICATION_RECEIPT', { subjectId })
    await signed('DECISION')
    expect((await verify({ signature: first.signature })).document.supersededBy).toBeNull()
    const later = await signed('DECISION', { subjectId })
    for (const held of [{ signature: first.signature }, { number: first.number, code: first.code }])
      expect(await verify(held)).toMatchObject({ valid: true, document: { supersededBy: later.number } })
    expect((await verify({ signature: later.signature })).document.supersededBy).toBeNull()
  })

  it('accepts the document of a forgotten party only by its signature', async () => {
    const other = await parties.persona('other-citizen')
    const { signature, number, code } = await signed('APPLICATION_RECEIPT', { partyId: other })
    await database.db.transaction((tx) => forgetParty(tx, other, new Date()))
    expect(await verify({ number, code })).toEqual(unknown)
    expect(await verify({ signature })).toMatchObject({ valid: true, document: { number } })
  })

  it('returns the same result, by the same statements, for a wrong code or hash as for an unknown number', async () => {
    const { number, code } = await signed('APPLICATION_RECEIPT')
    const other = (await signed('APPLICATION_RECEIPT')).code
    const asked = async (variables: object) => {
      database.statements.length = 0
      return [await verify(variables), [...database.statements]]
    }
    const absent = await asked({ number: neverIssued, code })
    expect(absent[0]).toEqual(unknown)
    expect(absent[1]).not.toEqual([])
    expect(await asked({ number, code: other })).toEqual(absent)
    const sha256 = 'ab'.repeat(32)
    expect(await asked({ number, sha256 })).toEqual(await asked({ number: neverIssued, sha256 }))
  })

  it('reports a number, code, hash or signature of the wrong form as MALFORMED without reading the database', async () => {
    const { number, code } = await signed('APPLICATION_RECEIPT')
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

  it.each([
    [{}, 'it got nothing.'],
    [{ number: neverIssued }, 'it got number.'],
    [{ code: 'X' }, 'it got code.'],
    [{ signature: 'X', number: neverIssued }, 'it got signature, number.'],
    [{ number: neverIssued, code: 'X', sha256: 'X' }, 'it got number, code, sha256.'],
  ])('rejects the arguments %j as BAD_USER_INPUT', async (variables, got) => {
    const { errors } = await answerTo(variables)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' }, message: expect.stringContaining(got) }])
  })

  it('returns RATE_LIMITED after 60 wrong codes a minute from one address, and still accepts the right one', async () => {
    const { number, code } = await signed('APPLICATION_RECEIPT')
    const wrong = 'P1WRKVQM007RC9Q9GMG04X340KMC'
    const tries = (count: number, code: string) =>
      Array.from({ length: count }, (_, at) => `n${at}: verifyDocument(number: "${number}", code: "${code}") { valid }`)
    const check = (count: number, code: string, remoteAddress: string) =>
      ask(`{ ${tries(count, code).join(' ')} }`, { remoteAddress })
    const [here, elsewhere] = ['198.51.100.7', '198.51.100.8']
    for (let times = 0; times < 3; times++) expect((await check(20, wrong, here)).errors).toBeUndefined()
    const { errors } = await check(1, wrong, here)
    expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) } }])
    expect(await check(1, code as string, here)).toEqual({ data: { n0: { valid: true } } })
    expect(await check(1, wrong, elsewhere)).toEqual({ data: { n0: { valid: false } } })
  })
})

describe('verifyDocument with a signature', () => {
  const expectRefused = async (signature: string, reason?: string) => {
    const answer = await verify({ signature })
    expect({ signature, ...answer }).toEqual({
      signature,
      valid: false,
      document: null,
      reason: reason ?? answer.reason,
    })
  }
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

  it('rejects one with any character changed, added or missing', { timeout: 120_000 }, async () => {
    const { signature } = await signed('DECISION')
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const ends = [...signature.matchAll(/\.|$/g)].flatMap(({ index }) => [index - 1, index, index + 1])
    for (let at = 0; at < signature.length; at++) {
      if (!long && at % 17 > 0 && !ends.includes(at)) continue
      const before = signature[at] as string
      // The letter that differs in the lowest bit: at an end, base64 leaves that bit unused.
      const after = before === '.' ? 'A' : alphabet[alphabet.indexOf(before) ^ 1]
      await expectRefused(`${signature.slice(0, at)}${after}${signature.slice(at + 1)}`)
    }
    await expectRefused(`${signature}=`, 'MALFORMED')
    await expectRefused(`${signature} `, 'MALFORMED')
    await expectRefused(signature.slice(0, -1))
    await expectRefused(`${signature}.`, 'MALFORMED')
  })

  it('rejects a signing key that signs outside its purpose or its agency', async () => {
    const { claims } = await signed('DECISION')
    const [receipts, dmx, dvx] = await Promise.all([
      signingKeys.current({ receipts: true }),
      signingKeys.current({ agency: 'DMX' }),
      signingKeys.current({ agency: 'DVX' }),
    ])
    expect(await verify({ signature: await signClaims(claims, dvx) })).toMatchObject({ valid: true })
    for (const signingKey of [receipts, dmx]) await expectRefused(await signClaims(claims, signingKey), 'FORGED')
    const receipt = (await signed('APPLICATION_RECEIPT')).claims
    await expectRefused(await signClaims(receipt, dvx), 'FORGED')
    const { agency: _none, ...withoutAgency } = claims
    await expectRefused(await signClaims(withoutAgency, dvx), 'FORGED')
  })

  it('rejects another typ, and an access token that is signed with the same key', async () => {
    const { claims } = await signed('APPLICATION_RECEIPT')
    const { id: kid, key } = await signingKeys.current({ receipts: true })
    const payload = Buffer.from(canonicalize(claims) as string)
    for (const typ of ['JWT', 'pencere-decision+jwt', 'PENCERE-APPLICATION-RECEIPT+JWT', undefined])
      await expectRefused(
        await new CompactSign(payload).setProtectedHeader({ alg: 'ES256', kid, typ }).sign(key),
        'FORGED',
      )
    const token = await new SignJWT({ sub: 'somebody' })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
      .sign(key)
    await expectRefused(token, 'FORGED')
  })

  it('rejects another algorithm, another key, and claims that are not canonical', async () => {
    const { signature, claims } = await signed('APPLICATION_RECEIPT')
    const [header, payload, mark] = signature.split('.') as [string, string, string]
    const { id: kid, key } = await signingKeys.current({ receipts: true })
    const typ = 'pencere-application-receipt+jwt'
    await expectRefused(`${encoded({ alg: 'none', kid, typ })}.${payload}.`, 'MALFORMED')
    await expectRefused(`${encoded({ alg: 'none', kid, typ })}.${payload}.${mark}`, 'FORGED')
    const secret = Buffer.from(JSON.stringify(key.export({ format: 'jwk' })))
    await expectRefused(
      await new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'HS256', kid, typ })
        .sign(secret),
      'FORGED',
    )
    const { privateKey: another } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { kty, crv, x, y } = another.export({ format: 'jwk' })
    await expectRefused(
      await new CompactSign(Buffer.from(payload, 'base64url'))
        .setProtectedHeader({ alg: 'ES256', kid, typ, jwk: { kty, crv, x, y } as never })
        .sign(another),
      'FORGED',
    )
    await expectRefused(`${encoded({ alg: 'ES256', kid: randomUUID(), typ })}.${payload}.${mark}`, 'UNKNOWN_KEY')
    const reordered = Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(claims).reverse())))
    const signingKey = new CompactSign(reordered).setProtectedHeader({ alg: 'ES256', kid, typ })
    await expectRefused(await signingKey.sign(key), 'FORGED')
    expect(header).toBe(encoded({ alg: 'ES256', kid, typ }))
  })

  it.each([
    ['one part', 'x'],
    ['two parts', 'a.b'],
    ['three parts that are not base64url', 'a.b.c'],
    ['empty parts', '..'],
    ['empty objects', 'e30.e30.e30'],
    ['nulls', 'bnVsbA.bnVsbA.bnVsbA'],
    ['a huge header', `${'A'.repeat(120_000)}.e30.e30`],
  ])('rejects text with %s', async (_what, text) => expectRefused(text))

  it('accepts a retired signing key whose private key is gone, and rejects an unknown one', async () => {
    const [current, retired] = [await freshSigningKeys(), await freshSigningKeys()].map(
      ({ receipts: [first] }) => first as SigningKeyAsText,
    )
    const before = signingKeysFrom(JSON.stringify({ receipts: [retired], agencies: {} }), production)
    const { key: _lost, ...published } = retired as SigningKeyAsText
    const turned = { receipts: [{ ...current, id: 'receipts-3' }, published], agencies: {} }
    const after = signingKeysFrom(JSON.stringify(turned), production)
    const { claims, signature } = await signed('APPLICATION_RECEIPT')
    const [old, fresh] = [await before.current({ receipts: true }), await after.current({ receipts: true })]
    expect([old.id, fresh.id]).toEqual(['receipts-2', 'receipts-3'])
    expect(await readSigned(await signClaims(claims, old), after)).toEqual(claims)
    expect(await readSigned(await signClaims(claims, fresh), after)).toEqual(claims)
    expect(await readSigned(signature, after)).toBe('UNKNOWN_KEY')
  })

  it('accepts only RS256 from an RSA signing key', async () => {
    const { certificate, key } = await selfSignedRsa('RSA')
    const text = JSON.stringify({ receipts: [{ id: 'rsa', key, chain: [certificate] }], agencies: {} })
    const rsa = signingKeysFrom(text, production)
    const signingKey = await rsa.current({ receipts: true })
    const { claims } = await signed('APPLICATION_RECEIPT')
    const signature = await signClaims(claims, signingKey)
    expect(decodeProtectedHeader(signature).alg).toBe('RS256')
    expect(await readSigned(signature, rsa)).toEqual(claims)
    const payload = Buffer.from(signature.split('.')[1] as string, 'base64url')
    const other = await new CompactSign(payload)
      .setProtectedHeader({ alg: 'PS256', kid: 'rsa', typ: 'pencere-application-receipt+jwt' })
      .sign(signingKey.key)
    expect(await readSigned(other, rsa)).toBe('FORGED')
  })
})
