import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FilingPeriod } from '../../src/catalogue/services/filingRule.table.js'
import { ServiceStatus } from '../../src/catalogue/services/service.table.js'
import { configFrom } from '../../src/config.js'
import { issuedDocuments } from '../../src/documents/issued/issuedDocument.table.js'
import { readSigned } from '../../src/documents/signatures/readSigned.js'
import { filings } from '../../src/filings/filing.table.js'
import { Power } from '../../src/identity/mandates/mandate.table.js'
import { decrypt } from '../../src/platform/personal.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { askOf } from '../support/api.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase } from '../support/database.js'
import { addFilingService, addFilingVersion, byAgency, withoutPeriods } from '../support/filingService.js'
import { brokenFilingRules } from '../support/filings.js'
import { partiesIn } from '../support/parties.js'
import { keyOfParty } from '../support/partyKey.js'
import { asProgram } from '../support/programs.js'
import { createServer, keyringOfFile as keyring } from '../support/server.js'
import { testSigningKeys } from '../support/signingKeys.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const signingKeys = testSigningKeys()
const now = new Date('2026-11-25T08:00:00Z')
const app = await createServer({
  config: configFrom({ LOG_LEVEL: 'silent' }),
  database,
  signingKeys,
  now: () => now,
})
afterAll(() => app.close())
const ask = askOf(app)
const send = commanding(ask)
const parties = partiesIn(database)

const [own, client, stranger] = ['9900000141', '9900000271', '9900000831'] as const
let organisation: string
let asFiler: { authorization: string }

beforeAll(async () => {
  await addFilingService(database, { code: 'T-MONTHLY' })
  await addFilingService(database, { code: 'T-AGENCY', rule: byAgency })
  await addFilingService(database, { code: 'T-ANY', rule: withoutPeriods })
  await addFilingService(database, { code: 'T-TYPED', rule: { ...withoutPeriods, typedAs: 'vatReturn2026' } })
  organisation = await parties.firm('Firma MMC', own)
  await parties.give(await parties.firm('Müştəri MMC', client), organisation, {
    powers: [Power.VIEW, Power.FILE],
    services: ['T-MONTHLY', 'T-AGENCY', 'T-ANY'],
  })
  await parties.firm('Yad MMC', stranger)
  asFiler = await asProgram(database, {
    party: organisation,
    scopes: ['filings:read', 'filings:write', 'documents:read'],
  })
})

interface Given {
  serviceCode?: string
  partyVoen?: string | null
  period?: string | null
  externalNumber?: string
  replacesNumber?: string | null
  json?: object
  content?: object
  signature?: string
}
function invoiceWith(lines: number): object {
  const form = JSON.parse(readFileSync('src/catalogue/forms/DVX-EINVOICE.form.json', 'utf8'))
  const [invoice] = form.examples.valid
  return { ...invoice, lines: Array(lines).fill(invoice.lines[0]) }
}
let last = 0
const inputOf = ({ json = { total: 1 }, ...more }: Given) => ({
  serviceCode: 'T-ANY',
  externalNumber: `number-${++last}`,
  content: { json },
  ...more,
})
const fields = `filing { id number state period party { id } replaces { number } replacedBy { number } } receipt { number keyId }
  userErrors { code reason field message params { name value } } replayed`

async function submit(given: Given, headers = asFiler) {
  const { data, errors } = await ask(
    `mutation ($input: SubmitFilingInput!) { submitFiling(input: $input) { ${fields} } }`,
    { variables: { input: inputOf(given) }, headers, language: 'en' },
  )
  return { ...data?.submitFiling, error: errors?.[0]?.extensions.code, errors }
}
async function submitAll(items: Given[], headers = asFiler) {
  const { data, errors } = await ask(
    `mutation ($input: SubmitFilingsInput!) { submitFilings(input: $input) { results { ${fields} } userErrors { reason field } } }`,
    { variables: { input: { items: items.map(inputOf) } }, headers, language: 'en' },
  )
  return { ...data?.submitFilings, error: errors?.[0] }
}
/** What became of a filing: its state, or the reasons of its errors. */
const outcomeOf = ({ filing, replayed, userErrors, error }: Awaited<ReturnType<typeof submit>>): string =>
  error ?? (filing ? `${filing.state}${replayed ? ' again' : ''}` : userErrors.map((one: any) => one.reason).join(' '))
/** Accepts a filing of the agency, which leases all that wait. */
async function acknowledge(filingNumber: string) {
  const agency = await asProgram(database, { agency: 'DVX', scopes: ['filings:handle'] })
  const collected = await send(agency, 'collectFilings', { max: 100 }, 'filings { number leaseId }')
  const { leaseId } = collected.payload.filings.find(({ number }: { number: string }) => number === filingNumber)
  const { reasons } = await send(agency, 'acknowledgeFiling', { filingNumber, leaseId }, 'filing { state }')
  expect(reasons).toEqual([])
}

describe('submitFiling', () => {
  it('checks typed content by the form in force, and refuses that of another form', async () => {
    const content = { vatReturn2026: { kind: 'REGULAR', active: false } }
    const [checked, other] = [await submit({ serviceCode: 'T-TYPED', content }), await submit({ content })]
    expect(checked.userErrors.map(({ field }: any) => field)).toContainEqual(['content', 'vatReturn2026', 'total'])
    expect(other.userErrors).toMatchObject([{ reason: 'filing.other_form', field: ['content', 'vatReturn2026'] }])
  })

  it('accepts a filing at once, with a signed receipt that names who filed', async () => {
    const content = { total: 12, lines: [{ amount: 5 }] }
    const { filing, receipt, replayed, userErrors } = await submit({
      serviceCode: 'T-MONTHLY',
      partyVoen: client,
      period: '2026-10',
      externalNumber: 'VAT/10',
      json: content,
    })
    expect({ filing, replayed, userErrors }).toMatchObject({
      filing: { number: expect.stringMatching(/^B26-/), state: 'ACCEPTED', period: '2026-10' },
      replayed: false,
      userErrors: [],
    })
    const [row] = await database.db.select().from(filings).where(eq(filings.number, filing.number))
    const key = await keyOfParty(database, keyring, row!.partyId)
    expect(decrypt(key, filings, row!).content).toEqual(content)
    const [document] = await database.db
      .select()
      .from(issuedDocuments)
      .where(eq(issuedDocuments.number, receipt.number))
    const claims = await readSigned(String(decrypt(key, issuedDocuments, document!).signature), signingKeys)
    expect(claims).toMatchObject({
      kind: 'FILING_RECEIPT',
      subject: filing.number,
      holder: 'Müştəri MMC',
      voen: client,
      actedBy: 'Firma MMC',
      program: 'A program',
      service: { code: 'T-MONTHLY' },
      version: 1,
      period: '2026-10',
      externalNumber: 'VAT/10',
      mandates: row!.mandateIds,
    })
    expect(row!.mandateIds).toHaveLength(1)
  })

  it('returns the first filing for the same number and content, and refuses another content', async () => {
    const first = await submit({ externalNumber: 'twice', json: { total: 1, note: 'a' } })
    const again = await submit({ externalNumber: 'twice', json: { note: 'a', total: 1 } })
    expect([again.filing, again.receipt, again.replayed]).toEqual([first.filing, first.receipt, true])
    const { userErrors } = await submit({ externalNumber: 'twice', json: { total: 2 } })
    expect(userErrors).toMatchObject([
      {
        code: 'KEY_REUSED',
        field: ['externalNumber'],
        params: [{ name: 'number', value: first.filing.number }],
        message: expect.stringContaining(first.filing.number),
      },
    ])
  })

  it('lists all faults at once with their paths, and leaves the number free', async () => {
    const { filing, userErrors } = await submit({
      serviceCode: 'T-MONTHLY',
      period: '2026-13',
      externalNumber: 'faulty',
      replacesNumber: 'B26-0000000-X',
      json: { total: -1, lines: [{ amount: 1 }, {}], other: true },
    })
    expect(filing).toBeNull()
    expect(Object.fromEntries(userErrors.map(({ field, reason }: any) => [field.join('/'), reason]))).toEqual({
      period: 'period.format',
      replacesNumber: 'filing.unknown',
      'content/json/total': 'answer.too_little',
      'content/json/lines/1/amount': 'answer.missing',
      'content/json/other': 'answer.unknown',
    })
    expect(outcomeOf(await submit({ externalNumber: 'faulty' }))).toBe('ACCEPTED')
  })

  it('takes long lists in the content, and lists what is too long or too deep as an error of the content', async () => {
    const lines = Array.from({ length: 101 }, () => ({ amount: 1 }))
    expect(outcomeOf(await submit({ json: { total: 101, lines } }))).toBe('ACCEPTED')
    const deep = { total: JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`) }
    expect((await submit({ json: deep })).userErrors).toMatchObject([
      { reason: 'answers.not_plain', field: ['content', 'json'] },
    ])
    const content = { invoice2026: invoiceWith(101) }
    const { data } = await ask(
      'query ($input: SubmitFilingInput!) { validateFiling(input: $input) { userErrors { reason field } } }',
      { variables: { input: { serviceCode: 'DVX-EINVOICE', externalNumber: 'long', content } }, headers: asFiler },
    )
    expect(data.validateFiling.userErrors).toEqual([
      { reason: 'answer.too_many', field: ['content', 'invoice2026', 'lines'] },
    ])
  })

  it('refuses a second filing for a period and names the first, unless it corrects that one', async () => {
    const monthly = { serviceCode: 'T-MONTHLY', period: '2026-01' }
    const first = await submit(monthly)
    const second = await submit(monthly)
    expect(second.userErrors).toMatchObject([
      { code: 'CONFLICT', reason: 'filing.period_taken', params: [{ value: first.filing.number }] },
    ])
    const correction = await submit({ ...monthly, replacesNumber: first.filing.number })
    expect(correction.filing).toMatchObject({ state: 'ACCEPTED', replaces: { number: first.filing.number } })
    expect(outcomeOf(await submit({ ...monthly, replacesNumber: first.filing.number }))).toBe(
      'filing.superseded filing.period_taken',
    )
  })

  it('counts the time for corrections by the version that was filed for, as viewerCan does', async () => {
    const { serviceId } = await addFilingService(database, { code: 'T-TERMS', rule: { correctionValue: 1 } })
    const monthly = { serviceCode: 'T-TERMS', period: '2026-04' }
    const { filing } = await submit(monthly)
    const receivedAt = new Date(now.getTime() - 3 * 86_400_000)
    await database.db
      .update(filings)
      .set({ receivedAt, acknowledgedAt: receivedAt })
      .where(eq(filings.number, filing.number))
    await addFilingVersion(database, serviceId, { version: { number: 2 } })
    expect(outcomeOf(await submit({ ...monthly, replacesNumber: filing.number }))).toBe('filing.correction_late')
    const { data } = await ask(`query ($number: String!) { filing(number: $number) { viewerCan { action reason } } }`, {
      variables: { number: filing.number },
      headers: asFiler,
    })
    expect(data.filing.viewerCan).toContainEqual({ action: 'REPLACE', reason: 'filing.correction_late' })
  })

  it('keeps an accepted filing while its correction waits for the agency', async () => {
    const first = await submit({ serviceCode: 'T-AGENCY', period: '2026-02' })
    expect(first.filing.state).toBe('RECEIVED')
    const correct = () => submit({ serviceCode: 'T-AGENCY', period: '2026-02', replacesNumber: first.filing.number })
    expect(outcomeOf(await correct())).toBe('filing.not_acknowledged')
    await acknowledge(first.filing.number)
    expect(outcomeOf(await correct())).toBe('RECEIVED')
    expect(outcomeOf(await correct())).toBe('filing.correction_waits')
  })

  it.each([
    ['no mandate', { partyVoen: stranger }],
    ['a party that nobody knows', { partyVoen: '9900000421' }],
    ['a service beyond the mandate', { partyVoen: client, serviceCode: 'DVX-RETURN' }],
  ])('is FORBIDDEN for %s', async (_, given) => {
    expect((await submit(given)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', power: 'FILE' } }])
  })

  it('requires the scope filings:write', async () => {
    const headers = await asProgram(database, { party: organisation, scopes: ['filings:read'] })
    expect((await submit({}, headers)).error).toBe('FORBIDDEN')
  })

  it('requires the assurance of the service from a person', async () => {
    await parties.give(organisation, await parties.persona('citizen'))
    await addFilingService(database, { code: 'T-HIGH', rule: withoutPeriods, version: { assurance: Assurance.HIGH } })
    const given = { serviceCode: 'T-HIGH', partyVoen: own, externalNumber: 'by-a-person' }
    expect(outcomeOf(await submit(given, await as('citizen')))).toBe('ACCEPTED')
    expect((await submit(given, await as('citizen', { acr: undefined }))).error).toBe('STEP_UP_REQUIRED')
  })
})

describe('submitFiling, for a hostile input,', () => {
  it('lists the first 200 of 10,000 faults and counts the others', async () => {
    const lines = Array.from({ length: 10_000 }, () => ({}))
    const { userErrors } = await submit({ json: { total: 1, lines } })
    expect(userErrors).toHaveLength(201)
    expect(userErrors.at(-1)).toMatchObject({ reason: 'answer.many_more', params: [{ value: '9800' }] })
  })

  it.each([
    // The parser of bodies refuses the first two for any request.
    ['__proto__', '{"total":1,"__proto__":{"total":2}}', 'BAD_REQUEST'],
    ['constructor.prototype', '{"total":1,"constructor":{"prototype":{"total":2}}}', 'BAD_REQUEST'],
    ['constructor', '{"total":1,"constructor":{}}', 'answer.unknown'],
    ['hasOwnProperty', '{"total":1,"hasOwnProperty":1}', 'answer.unknown'],
    ['toString instead of a required member', '{"toString":1}', 'answer.missing answer.unknown'],
  ])('refuses a content with the member %s', async (_, json, outcome) => {
    const { userErrors, errors } = await submit({ json: JSON.parse(json) })
    expect(errors?.[0]?.extensions.code ?? userErrors.map(({ reason }: any) => reason).join(' ')).toBe(outcome)
  })

  it('refuses a content with the member __proto__ that is written in the query', async () => {
    const { data } = await ask(
      `mutation { submitFiling(input: { serviceCode: "T-ANY", externalNumber: "written", content: {
        json: { total: 1, lines: [{ amount: 1, __proto__: { amount: 2 } }] } } }) { userErrors { reason } } }`,
      { headers: asFiler },
    )
    expect(data.submitFiling.userErrors).toEqual([{ reason: 'answers.not_plain' }])
  })

  it.each(['with space', 'x'.repeat(65), 'line\nbreak', 'bell\u0007', 'nömrə', ''])(
    'refuses the external number %j',
    async (externalNumber) => {
      expect(outcomeOf(await submit({ externalNumber }))).toBe('filing.external_number')
    },
  )

  it('accepts an external number of 64 characters, whatever it looks like', async () => {
    for (const externalNumber of ['x'.repeat(64), '__proto__', `';--"\\%00{}`])
      expect(outcomeOf(await submit({ externalNumber }))).toBe('ACCEPTED')
  })

  it.each([
    ['MONTH', 'T-MONTHLY', ['2026-13', '2026-1', '2026-Q3', '2026', '2026-10 ', '2026-12', null]],
    ['QUARTER', 'T-QUARTERLY', ['2026-Q5', '2026-q1', '2026-10', '2027-Q1', null]],
    ['YEAR', 'T-YEARLY', ['26', '2026-01', '2027', '٢٠٢٦', null]],
    ['NONE', 'T-ANY', ['2026', '']],
  ] as const)('refuses a wrong period of the kind %s', async (kind, serviceCode, wrong) => {
    if (!serviceCode.startsWith('T-A') && kind !== 'MONTH')
      await addFilingService(database, { code: serviceCode, rule: { period: FilingPeriod[kind] } })
    const { results } = await submitAll(wrong.map((period) => ({ serviceCode, period })))
    for (const one of results) expect(outcomeOf(one)).toMatch(/^period\.\w+$/)
  })

  it('answers for an unknown party as for one without the power', async () => {
    const [unknown, known] = [
      { partyVoen: '9900000421', externalNumber: 'alike', replacesNumber: 'B26-0000000-X', json: {} },
      { partyVoen: stranger, externalNumber: 'alike', replacesNumber: 'B26-0000000-X', json: {} },
    ]
    const alone = [await submit(unknown), await submit(known)]
    expect(alone[0]).toEqual(alone[1])
    const { results } = await submitAll([unknown, known])
    const [first, second] = results.map(({ userErrors: [{ field: _, ...userError }], ...more }: any) => ({
      ...more,
      userError,
    }))
    expect(first).toEqual(second)
  })

  it.each([
    ['INVALID filing.other_service', 'DIN-ID-ISSUE', undefined],
    ['NOT_FOUND filing.unknown_service', 'NO-SUCH', undefined],
    ['NOT_FOUND filing.unknown_service', '__proto__', undefined],
    ['NOT_ALLOWED_NOW filing.not_online', 'T-PAUSED', '3600'],
  ])('returns %s for the service %s', async (refusal, serviceCode, retryAfter) => {
    if (serviceCode === 'T-PAUSED') {
      const suspendedUntil = new Date(now.getTime() + 3_600_000)
      const service = { status: ServiceStatus.SUSPENDED, suspendedUntil }
      await addFilingService(database, { code: serviceCode, rule: withoutPeriods, service })
    }
    const [userError] = (await submit({ serviceCode })).userErrors
    expect(`${userError.code} ${userError.reason}`).toBe(refusal)
    const params = userError.params.filter(({ name }: { name: string }) => name === 'retryAfter')
    expect(params.map(({ value }: { value: string }) => value)).toEqual(retryAfter ? [retryAfter] : [])
  })

  it('reads no more of a body than its caller may send', async () => {
    const item = { ...inputOf({ json: { total: 1, note: 'x'.repeat(131_000) } }) }
    const payload = JSON.stringify({
      query: 'mutation ($input: SubmitFilingsInput!) { submitFilings(input: $input) { results { replayed } } }',
      variables: { input: { items: Array(100).fill(item) } },
    })
    /** Sends it in pieces, without its length. */
    const sendIn = async (headers: object) => {
      let read = 0
      function* pieces() {
        for (let at = 0; at < payload.length; at += 65_536) {
          const piece = payload.slice(at, at + 65_536)
          read += piece.length
          yield Buffer.from(piece)
        }
      }
      const { statusCode, ...response } = await app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { 'content-type': 'application/json', ...headers },
        payload: Readable.from(pieces()),
      })
      return { statusCode, error: response.json().errors[0].extensions, read }
    }
    const anonymous = await sendIn({})
    const tooCostly = { code: 'TOO_COSTLY', limit: 'body' }
    expect(anonymous).toMatchObject({ statusCode: 413, error: { ...tooCostly, allowed: 262_144 } })
    expect(anonymous.read).toBeLessThan(2_000_000)
    const known = await sendIn(asFiler)
    expect(known).toMatchObject({ statusCode: 413, error: { ...tooCostly, allowed: 2_097_152 } })
  })
})

describe('submitFiling, several times at once,', () => {
  const atOnce = async (given: Given[]) => (await Promise.all(given.map((one) => submit(one)))).map(outcomeOf).sort()

  it('files one of those with one external number', async () => {
    const given = { externalNumber: 'at-once' }
    expect(await atOnce([given, given, given])).toEqual(['ACCEPTED', 'ACCEPTED again', 'ACCEPTED again'])
    const other = [1, 2, 3].map((total) => ({ externalNumber: 'at-once-differing', json: { total } }))
    expect(await atOnce(other)).toEqual(['ACCEPTED', 'filing.key_reused', 'filing.key_reused'])
  })

  it('files one of those for one period', async () => {
    const monthly = { serviceCode: 'T-MONTHLY', period: '2026-05' }
    const taken = 'filing.period_taken'
    expect(await atOnce([monthly, monthly, monthly])).toEqual(['ACCEPTED', taken, taken])
  })

  it('files one correction of a filing', async () => {
    const monthly = { serviceCode: 'T-MONTHLY', period: '2026-06' }
    const { filing } = await submit(monthly)
    const correction = { ...monthly, replacesNumber: filing.number }
    const refused = expect.stringMatching(/^filing\.superseded/)
    expect(await atOnce([correction, correction, correction])).toEqual(['ACCEPTED', refused, refused])
    const byAgency = { serviceCode: 'T-AGENCY', period: '2026-06' }
    const first = await submit(byAgency)
    await acknowledge(first.filing.number)
    const second = { ...byAgency, replacesNumber: first.filing.number }
    const waits = 'filing.correction_waits'
    expect(await atOnce([second, second, second])).toEqual(['RECEIVED', waits, waits])
  })

  it('returns one correction to all that repeat it', async () => {
    const monthly = { serviceCode: 'T-MONTHLY', period: '2026-07' }
    const { filing } = await submit(monthly)
    const correction = { ...monthly, replacesNumber: filing.number, externalNumber: 'at-once-correction' }
    expect(await atOnce([correction, correction, correction])).toEqual(['ACCEPTED', 'ACCEPTED again', 'ACCEPTED again'])
  })

  it('files each item once when two requests have the same in opposite orders', async () => {
    const items = ['a', 'b', 'c'].map((name) => ({ externalNumber: `opposite-${name}` }))
    const both = await Promise.all([submitAll(items), submitAll([...items].reverse())])
    expect(both.map(({ error }) => error)).toEqual([undefined, undefined])
    const outcomes = both.flatMap(({ results }) => results.map(outcomeOf)).sort()
    expect(outcomes).toEqual([...Array(3).fill('ACCEPTED'), ...Array(3).fill('ACCEPTED again')])
  })
})

describe('validateFiling', () => {
  const validate = async (given: Given) =>
    await ask(
      'query ($input: SubmitFilingInput!) { validateFiling(input: $input) { payload userErrors { reason field } } }',
      {
        variables: { input: inputOf(given) },
        headers: asFiler,
      },
    )

  it('returns what to sign and keeps nothing', async () => {
    const { data } = await validate({ partyVoen: client, externalNumber: 'checked', json: { total: 1 } })
    expect(data.validateFiling.userErrors).toEqual([])
    expect(JSON.parse(data.validateFiling.payload)).toEqual({
      service: 'T-ANY',
      version: 1,
      party: client,
      period: null,
      externalNumber: 'checked',
      contentSha256: createHash('sha256').update('{"total":1}').digest('hex'),
      replaces: null,
      sandbox: true,
    })
    expect(outcomeOf(await submit({ partyVoen: client, externalNumber: 'checked', json: { total: 2 } }))).toBe(
      'ACCEPTED',
    )
  })

  it('lists the faults, and is FORBIDDEN without the power', async () => {
    const { data } = await validate({ json: {} })
    expect(data.validateFiling).toEqual({
      payload: null,
      userErrors: [{ reason: 'answer.missing', field: ['content', 'json', 'total'] }],
    })
    expect((await validate({ partyVoen: stranger })).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })
})

describe('submitFilings', () => {
  it('lets a program alone send a body that is larger than the usual', async () => {
    const items = Array.from({ length: 5 }, () => ({ json: { total: 1, note: 'x'.repeat(90_000) } }))
    const { results } = await submitAll(items)
    expect(results.map(outcomeOf)).toEqual(items.map(() => 'ACCEPTED'))
    const { error } = await submitAll(items, await as('citizen'))
    expect(error).toMatchObject({ extensions: { code: 'TOO_COSTLY', limit: 'body', allowed: 262_144 } })
  })

  it('files each item by itself, in order, for many parties', async () => {
    const monthly = { serviceCode: 'T-MONTHLY', period: '2026-03' }
    const { results } = await submitAll([
      { ...monthly, externalNumber: 'one' },
      { ...monthly, partyVoen: client, externalNumber: 'one' },
      { externalNumber: 'bad', json: {} },
      { partyVoen: stranger },
      { ...monthly, externalNumber: 'one' },
      { ...monthly, externalNumber: 'two' },
      { externalNumber: 'bad' },
    ])
    expect(results.map(outcomeOf)).toEqual([
      'ACCEPTED',
      'ACCEPTED',
      'answer.missing',
      'filing.no_power',
      'ACCEPTED again',
      'filing.period_taken',
      'ACCEPTED',
    ])
    expect(results[2].userErrors[0].field).toEqual(['items', '2', 'content', 'json', 'total'])
    expect(results[4].filing).toEqual(results[0].filing)
  })

  it('refuses an item with a text that cannot be stored, and files the others', async () => {
    const { results } = await submitAll([
      { externalNumber: 'a\u0000' },
      { serviceCode: 'T-\ud800' },
      { serviceCode: 'T-MONTHLY', period: '2026-0\u0000' },
      { externalNumber: 'beside-broken' },
    ])
    expect(results.map(outcomeOf)).toEqual([
      'filing.external_number',
      'filing.unknown_service',
      'period.format',
      'ACCEPTED',
    ])
  })

  it('takes 1 to 100 items', async () => {
    for (const items of [[], Array.from({ length: 101 }, () => ({}))]) {
      const { userErrors, error } = await submitAll(items)
      expect(error?.extensions.code ?? userErrors[0].reason).toMatch(/^filing.items|TOO_COSTLY$/)
    }
  })

  it('decides races by the unique indexes', async () => {
    const items = Array.from({ length: 10 }, (_, at) => ({ externalNumber: `race-${at}` }))
    const answers = await Promise.all(Array.from({ length: 4 }, () => submitAll(items)))
    for (const at of items.keys()) {
      const results = answers.map((answer) => answer.results[at])
      expect(new Set(results.map(({ filing }) => filing.number)).size).toBe(1)
      expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1)
    }
  })
})

it('keeps every rule of filings', async () => {
  expect(await brokenFilingRules(database.client)).toEqual([])
})
