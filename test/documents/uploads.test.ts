import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { commandKeys } from '../../src/events/commandKey.table.js'
import { MandateKind, Power } from '../../src/identity/mandate.table.js'
import { asProgram } from '../support/appointed.js'
import { pdfOf, sha256Of } from '../support/files.js'
import { partiesIn, partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'
import { keyOf, uploading } from '../support/uploading.js'

const { database, ask, announce, put, rowOf, eventsOf, seen, scan, uploaded } = await uploading({
  UPLOAD_BYTES: '100000',
})
const parties = partiesIn(database)
const pdf = pdfOf()

describe('A file is announced', () => {
  it('with what it is called and what it must be, and waits for its bytes', async () => {
    const { upload, replayed } = await announce(pdf, { name: '  Şəxsiyyət vəsiqəsi.pdf ' })
    expect([upload, replayed]).toEqual([
      {
        ...{ id: expect.any(String), name: 'Şəxsiyyət vəsiqəsi.pdf', size: pdf.length, sha256: sha256Of(pdf) },
        ...{ state: 'WAITING', putAddress: expect.stringMatching(/^\/uploads\//), downloadAddress: null },
        expiresAt: expect.any(String),
      },
      false,
    ])
    const row = await rowOf(upload.id)
    expect(row).toMatchObject({ partyId: await parties.persona('citizen'), mandateIds: [] })
    expect(row.expiresAt.getTime() - row.since.getTime()).toBe(86_400_000)
    expect(await eventsOf(upload.id)).toEqual(['upload.announced'])
  })

  it('once under one key; a repeat finds it again, and where to send it', async () => {
    const key = { idempotencyKey: 'one-key-for-one-upload' }
    const [first, again] = [await announce(pdf, key), await announce(pdf, key)]
    expect([again.upload.id, again.replayed]).toEqual([first.upload.id, true])
    expect(again.upload.putAddress).toMatch(/^\/uploads\//)
    expect((await announce(pdf, { ...key, name: 'other.pdf' })).reasons).toEqual(['idempotencyKey.reused'])
  })

  it('and all that is wrong with it is told at once', async () => {
    const { userErrors } = await announce(pdf, { name: ' ', size: 0, sha256: 'abc' })
    expect(userErrors.map(({ reason, field }: any) => [reason, field])).toEqual([
      ['upload.no_name', ['name']],
      ['upload.no_bytes', ['size']],
      ['upload.strange_hash', ['sha256']],
    ])
  })

  it.each([
    ['../../etc/passwd', 'upload.strange_name'],
    ['a\\b.pdf', 'upload.strange_name'],
    ['a\nb.pdf', 'upload.strange_name'],
    ['nul\0.pdf', 'upload.strange_name'],
    ['gnp.\u202efdp.exe', 'upload.strange_name'],
    ['gnp.\u061cfdp.exe', 'upload.strange_name'],
    ['pass\u00adport.pdf', 'upload.strange_name'],
    ['passport\u{e0041}.pdf', 'upload.strange_name'],
    ['half \ud800.pdf', 'upload.strange_name'],
    ['..', 'upload.strange_name'],
    ['x'.repeat(201), 'upload.long_name'],
  ])('not as %j', async (name, reason) => {
    expect((await announce(pdf, { name })).reasons).toEqual([reason])
  })

  it('of no more bytes than the installation takes', async () => {
    const { userErrors, upload } = await announce(pdf, { size: 100_001 })
    expect([upload, userErrors]).toEqual([
      null,
      [
        {
          ...{ code: 'INVALID', reason: 'upload.too_large', field: ['size'] },
          message: 'A file may have 100000 bytes; this has 100001.',
          params: [
            { name: 'most', value: '100000' },
            { name: 'came', value: '100001' },
          ],
        },
      ],
    ])
  })

  it('and a hash may be written in capitals', async () => {
    const bytes = pdfOf({ pages: 2 })
    const { upload } = await announce(bytes, { sha256: sha256Of(bytes).toUpperCase() })
    expect((await put(upload.putAddress, bytes)).statusCode).toBe(200)
  })
})

describe('So many wait at once', () => {
  it('as one party may have, and no more', async () => {
    const headers = await as('other-citizen')
    const sent = pdfOf({ pages: 3 })
    const [first] = await Promise.all(Array.from({ length: 20 }, () => announce(sent, {}, headers)))
    expect((await announce(sent, {}, headers)).reasons).toEqual(['upload.too_many_waiting'])
    await put(first!.upload.putAddress, sent)
    const both = await Promise.all([announce(sent, {}, headers), announce(sent, {}, headers)])
    expect(both.flatMap(({ reasons }) => reasons)).toEqual(['upload.too_many_waiting'])
  })

  it('and so many bytes come in a day', async () => {
    const small = await uploading({ UPLOAD_BYTES: '2000', UPLOAD_BYTES_A_DAY: '3000' })
    const bytes = Buffer.alloc(1500)
    expect((await small.announce(bytes)).reasons).toEqual([])
    expect((await small.announce(bytes)).reasons).toEqual([])
    expect((await small.announce(Buffer.alloc(1))).reasons).toEqual(['upload.too_much_in_a_day'])
    small.hours(25)
    expect((await small.announce(Buffer.alloc(1))).reasons).toEqual([])
  })
})

describe('For a party a file is announced', () => {
  it('by who may file for it, under the mandate that lets them', async () => {
    const company = await parties.firm('A company', '9900000141')
    const mandate = await parties.give(company, await parties.persona('company-delegate'))
    const { upload } = await announce(pdf, { party: partyId(company) }, await as('company-delegate'))
    expect(await rowOf(upload.id)).toMatchObject({ partyId: company, mandateIds: [mandate] })
  })

  it('not by who may only look, nor by a stranger, nor for a party that never was', async () => {
    const company = await parties.firm('Another company', '9900000271')
    await parties.give(company, await parties.persona('stateless'), { powers: [Power.VIEW] })
    for (const [persona, party] of [
      ['stateless', partyId(company)],
      ['citizen', partyId(company)],
      ['citizen', 'bm90aGluZw'],
      ['citizen', partyId('01a20000-0000-7000-8000-000000000000')],
    ] as const) {
      const { code, errors } = await announce(pdf, { party }, await as(persona))
      expect([code, errors?.[0]?.message]).toEqual(['FORBIDDEN', expect.stringContaining('takes the power FILE')])
    }
  })

  it('by who may file in some services where one of these is named, and then they see it', async () => {
    const company = await parties.firm('A third company', '9900000421')
    await parties.give(company, await parties.persona('stateless'), { services: ['DVX-RETURN'] })
    const headers = await as('stateless')
    expect((await announce(pdf, { party: partyId(company) }, headers)).code).toBe('FORBIDDEN')
    expect((await announce(pdf, { party: partyId(company), service: 'ED-BIRTH' }, headers)).code).toBe('FORBIDDEN')
    const { upload } = await announce(pdf, { party: partyId(company), service: 'DVX-RETURN' }, headers)
    expect(upload.state).toBe('WAITING')
    // What others sent for the party is not theirs to see.
    const program = await asProgram(database, { party: company, scopes: ['documents:write'] })
    const other = await announce(pdf, {}, program)
    expect(other.upload.state).toBe('WAITING')
    expect([(await seen(upload.id, headers)).isThere, (await seen(other.upload.id, headers)).isThere]).toEqual([
      true,
      false,
    ])
  })

  it('by nobody, an officer, an auditor or a program without the scope', async () => {
    const program = await asProgram(database, { scopes: ['documents:read'] })
    expect((await announce(pdf, {}, {})).code).toBe('UNAUTHENTICATED')
    for (const headers of [await as('operator'), await as('auditor'), program])
      expect((await announce(pdf, {}, headers)).code).toBe('FORBIDDEN')
  })

  it('by a minor where somebody has consented to it, and else not', async () => {
    const minor = await parties.persona('minor')
    const headers = await as('minor')
    expect((await announce(pdf, {}, headers)).code).toBe('FORBIDDEN')
    await parties.give(minor, minor, { kind: MandateKind.CONSENT, powers: [Power.FILE], services: ['ED-BIRTH'] })
    expect((await announce(pdf, {}, headers)).code).toBe('FORBIDDEN')
    const { upload } = await announce(pdf, { service: 'ED-BIRTH' }, headers)
    expect((await put(upload.putAddress, pdf)).statusCode).toBe(200)
  })
})

describe('Sent whole', () => {
  it('it is looked through and kept, and then it is fetched as it was', async () => {
    const bytes = pdfOf({ pages: 7 })
    const { upload } = await announce(bytes, { name: 'seven pages.pdf' })
    const taken = await put(upload.putAddress, bytes)
    expect([taken.statusCode, taken.json()]).toEqual([200, { id: upload.id, state: 'SCANNING' }])
    expect(await seen(upload.id)).toMatchObject({ state: 'SCANNING', putAddress: null, downloadAddress: null })
    await scan(upload.id)
    expect(await eventsOf(upload.id)).toEqual(['upload.announced', 'upload.received', 'upload.found_clean'])
    expect(await seen(upload.id)).toMatchObject({
      ...{ state: 'CLEAN', mediaType: 'application/pdf', refusedFor: null, refusal: null },
      downloadAddress: expect.stringMatching(/^\/files\//),
    })
  })

  it('it is taken once more, and nothing new comes of it', async () => {
    const { upload } = await announce(pdf)
    await put(upload.putAddress, pdf)
    const again = await put(upload.putAddress, pdf)
    expect([again.statusCode, again.json().state]).toEqual([200, 'SCANNING'])
    await scan(upload.id)
    expect((await put(upload.putAddress, pdf)).json()).toEqual({ id: upload.id, state: 'CLEAN' })
    expect(await eventsOf(upload.id)).toEqual(['upload.announced', 'upload.received', 'upload.found_clean'])
  })

  it('by two at once it is received once', async () => {
    const bytes = Buffer.concat([pdfOf(), randomBytes(60_000)])
    const { upload } = await announce(bytes)
    const both = await Promise.all([put(upload.putAddress, bytes), put(upload.putAddress, bytes)])
    expect(both.map(({ statusCode }) => statusCode)).toEqual([200, 200])
    expect(await eventsOf(upload.id)).toEqual(['upload.announced', 'upload.received'])
  })
})

describe('The list of a party', () => {
  const list = async (headers: Record<string, string>, party?: string) => {
    const query =
      'query ($party: ID) { uploads(party: $party, first: 50) { totalCount nodes { id name state party { id } } } }'
    const { data, errors } = await ask(query, { headers, variables: { party } })
    return { ...data?.uploads, code: errors?.[0]?.extensions.code }
  }

  it('has all of them, the newest first, by as many statements as one', async () => {
    const person = await as('company-head')
    expect((await list(await as('operator'))).code).toBe('FORBIDDEN')
    const ids: string[] = []
    const statementsOf = async () => {
      database.statements.length = 0
      await list(person)
      return database.statements.length
    }
    ids.unshift((await announce(pdf, { name: 'one.pdf' }, person)).upload.id)
    const ofOne = await statementsOf()
    for (const name of ['two.pdf', 'three.pdf', 'four.pdf'])
      ids.unshift((await announce(pdf, { name }, person)).upload.id)
    const { nodes, totalCount } = await list(person)
    expect([nodes.map(({ id }: any) => id), totalCount, nodes[0].name]).toEqual([ids, 4, 'four.pdf'])
    expect(await statementsOf()).toBe(ofOne)
  })

  it('is empty of a party that is another’s, as of one that never was', async () => {
    const theirs = partyId(await parties.persona('company-head'))
    expect(await list(await as('citizen'), theirs)).toMatchObject({ totalCount: 0, nodes: [] })
    expect(await list(await as('citizen'), 'bm90aGluZw')).toMatchObject({ totalCount: 0, nodes: [] })
  })

  it('shows a program all of its organisation with documents:read, and with documents:write what it sent itself', async () => {
    const company = await parties.firm('A fourth company', '9900000551')
    const [writer, other, reader] = await Promise.all(
      [['documents:write'], ['documents:write'], ['documents:read']].map((scopes) =>
        asProgram(database, { party: company, scopes: scopes as never[] }),
      ),
    )
    const { upload } = await announce(pdf, {}, writer)
    const found = await Promise.all([writer, other, reader].map((headers) => seen(upload.id, headers)))
    expect(found.map(({ isThere }) => isThere)).toEqual([true, false, true])
  })
})

it('What was announced for a party stands nowhere in clear but for its length, its hash and when', async () => {
  const { upload } = await announce(pdf, { name: 'a telling name.pdf', idempotencyKey: 'key-of-a-telling-name' })
  const [row] =
    await database.client`select row_to_json(uploads)::text as text from uploads where id = ${keyOf(upload.id)}`
  expect(row!.text).not.toContain('telling')
  expect(await database.db.select().from(commandKeys)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ key: 'key-of-a-telling-name', made: { upload: keyOf(upload.id) } }),
    ]),
  )
})

it('An upload that is expected to be kept is kept', async () => {
  expect((await rowOf(await uploaded())).state).toBe('CLEAN')
})
