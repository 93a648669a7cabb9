import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { userErrorsInUpload } from '../../src/documents/uploads/upload.rules.js'
import { commandKeys } from '../../src/events/commandKey.table.js'
import { MandateKind, Power } from '../../src/identity/mandates/mandate.table.js'
import { asProgram } from '../support/appointed.js'
import { pdfOf, sha256Of } from '../support/files.js'
import { partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'
import { keyOf, uploading } from '../support/uploading.js'

const { database, parties, ask, announce, put, insertUpload, rowOf, eventsOf, seen, scan, hours } = await uploading({
  UPLOAD_BYTES: '100000',
  UPLOAD_BYTES_A_DAY: '150000',
})
const pdf = pdfOf()

describe('createUpload', () => {
  it('announces a file, which waits for its bytes for 24 hours', async () => {
    const { upload, replayed } = await announce(pdf, { name: '  Şəxsiyyət vəsiqəsi.pdf ' })
    expect([upload, replayed]).toEqual([
      {
        id: expect.any(String),
        name: 'Şəxsiyyət vəsiqəsi.pdf',
        size: pdf.length,
        sha256: sha256Of(pdf),
        state: 'WAITING',
        uploadUrl: expect.stringMatching(/^http:\/\/localhost:80\/uploads\//),
        downloadUrl: null,
        expiresAt: expect.any(String),
      },
      false,
    ])
    const row = await rowOf(upload.id)
    expect(row).toMatchObject({ partyId: await parties.persona('citizen'), mandateIds: [] })
    expect(row.expiresAt.getTime() - row.createdAt.getTime()).toBe(86_400_000)
    expect(await eventsOf(upload.id)).toEqual(['upload.announced'])
  })

  it('gives an address for the bytes, which makes the upload SCANNING and then CLEAN', async () => {
    // A hash may be written in capitals.
    const { upload } = await announce(pdf, { sha256: sha256Of(pdf).toUpperCase() })
    const { statusCode, json } = await put(upload.uploadUrl, pdf)
    expect([statusCode, json()]).toEqual([200, { id: upload.id, state: 'SCANNING' }])
    expect(await seen(upload.id)).toMatchObject({ state: 'SCANNING', uploadUrl: null, downloadUrl: null })
    await scan(upload.id)
    expect(await eventsOf(upload.id)).toEqual(['upload.announced', 'upload.received', 'upload.found_clean'])
    expect(await seen(upload.id)).toMatchObject({
      state: 'CLEAN',
      mediaType: 'application/pdf',
      refusedFor: null,
      refusal: null,
      downloadUrl: expect.stringMatching(/^http:\/\/localhost:80\/files\//),
    })
  })

  it('returns the same upload, with an address for its bytes, for the same idempotency key', async () => {
    const key = { idempotencyKey: 'one-key-for-one-upload' }
    const [first, again] = [await announce(pdf, key), await announce(pdf, key)]
    expect([again.upload.id, again.replayed]).toEqual([first.upload.id, true])
    expect(again.upload.uploadUrl).toMatch(/^http:\/\/localhost:80\/uploads\//)
    expect((await announce(pdf, { ...key, name: 'other.pdf' })).reasons).toEqual(['idempotencyKey.reused'])
  })

  it('reports all errors at once', async () => {
    const { userErrors } = await announce(pdf, { name: ' ', size: 0, sha256: 'abc' })
    expect(userErrors.map(({ reason, field }: any) => [reason, field])).toEqual([
      ['upload.no_name', ['name']],
      ['upload.no_bytes', ['size']],
      ['upload.strange_hash', ['sha256']],
    ])
  })

  it('rejects a file that is larger than the installation allows', async () => {
    const { userErrors, upload } = await announce(pdf, { size: 100_001 })
    expect([upload, userErrors]).toEqual([
      null,
      [
        {
          code: 'INVALID',
          reason: 'upload.too_large',
          field: ['size'],
          message: 'A file may have at most 100000 bytes; this has 100001.',
          params: [
            { name: 'most', value: '100000' },
            { name: 'found', value: '100001' },
          ],
        },
      ],
    ])
  })

  it('lets at most 20 files of a party wait, also when two are announced at once', async () => {
    const headers = await as('other-citizen')
    const { key, uploadUrl } = await insertUpload('WAITING', pdf, { persona: 'other-citizen' })
    await database.db.execute(sql`
      insert into uploads (id, party_id, name, size, sha256, state, created_by, mandate_ids, created_at, expires_at)
      select gen_random_uuid(), party_id, name, size, sha256, state, created_by, mandate_ids, created_at, expires_at
      from uploads, generate_series(1, 19) where id = ${key}`)
    expect((await announce(pdf, {}, headers)).reasons).toEqual(['upload.too_many_waiting'])
    await put(uploadUrl, pdf)
    const both = await Promise.all([announce(pdf, {}, headers), announce(pdf, {}, headers)])
    expect(both.flatMap(({ reasons }) => reasons)).toEqual(['upload.too_many_waiting'])
  })

  it('limits the bytes that a party announces in a day', async () => {
    const headers = await as('foreigner')
    const reasonsFor = async (size: number) => (await announce(Buffer.alloc(1), { size }, headers)).reasons
    expect(await reasonsFor(75_000)).toEqual([])
    expect(await reasonsFor(75_000)).toEqual([])
    expect(await reasonsFor(1)).toEqual(['upload.too_much_in_a_day'])
    hours(25)
    expect(await reasonsFor(1)).toEqual([])
  })

  it('announces a file for another party under a mandate with the power FILE', async () => {
    const company = await parties.firm('A company', '9900000141')
    const mandate = await parties.give(company, await parties.persona('company-delegate'))
    const { upload } = await announce(pdf, { partyId: partyId(company) }, await as('company-delegate'))
    expect(await rowOf(upload.id)).toMatchObject({ partyId: company, mandateIds: [mandate] })
  })

  it('forbids a holder of VIEW, a stranger, and a party that does not exist alike', async () => {
    const company = await parties.firm('Another company', '9900000271')
    await parties.give(company, await parties.persona('stateless'), { powers: [Power.VIEW] })
    for (const [persona, party] of [
      ['stateless', partyId(company)],
      ['citizen', partyId(company)],
      ['citizen', 'bm90aGluZw'],
      ['citizen', partyId('01a20000-0000-7000-8000-000000000000')],
    ] as const) {
      const { code, errors } = await announce(pdf, { partyId: party }, await as(persona))
      expect([code, errors?.[0]?.message]).toEqual(['FORBIDDEN', expect.stringContaining('requires the power FILE')])
    }
  })

  it.each([
    ['mandate is revoked', `update mandates set revoked_at = now(), revoked_by = 'a test'`],
    ['mandate has expired', `update mandates set valid_to = now()`],
  ])('refuses files at an issued uploadUrl once the %s', async (_what, end) => {
    const company = await parties.organisation()
    const mandate = await parties.give(company, await parties.persona('company-delegate'))
    const { upload } = await announce(pdf, { partyId: partyId(company) }, await as('company-delegate'))
    await database.client.unsafe(`${end} where id = '${mandate}'`)
    const response = await put(upload.uploadUrl, pdf)
    expect([response.statusCode, response.json().errors[0].extensions.reason]).toEqual([403, 'upload.mandate_ended'])
    expect(await rowOf(upload.id)).toMatchObject({ state: 'WAITING' })
  })

  it('refuses files at an issued uploadUrl once the program is revoked', async () => {
    const program = await asProgram(database, { scopes: ['documents:write'] })
    const { upload } = await announce(pdf, {}, program)
    await database.client`update programs set revoked_at = now(), revoked_by = 'a test'`
    expect((await put(upload.uploadUrl, pdf)).json().errors[0].extensions.reason).toBe('upload.mandate_ended')
    await database.client`update programs set revoked_at = null, revoked_by = null`
    expect((await put(upload.uploadUrl, pdf)).json()).toMatchObject({ state: 'SCANNING' })
  })

  it('announces a file under a mandate for some services if it names one of them', async () => {
    const company = await parties.firm('A third company', '9900000421')
    await parties.give(company, await parties.persona('stateless'), { services: ['DVX-RETURN'] })
    const headers = await as('stateless')
    expect((await announce(pdf, { partyId: partyId(company) }, headers)).code).toBe('FORBIDDEN')
    expect((await announce(pdf, { partyId: partyId(company), serviceCode: 'ED-BIRTH' }, headers)).code).toBe(
      'FORBIDDEN',
    )
    const { upload } = await announce(pdf, { partyId: partyId(company), serviceCode: 'DVX-RETURN' }, headers)
    expect(upload.state).toBe('WAITING')
    const program = await asProgram(database, { party: company, scopes: ['documents:write'] })
    const other = await announce(pdf, {}, program)
    expect((await seen(upload.id, headers)).isThere).toBe(true)
    expect((await seen(other.upload.id, headers)).isThere).toBe(false) // sent by another
  })

  it('rejects an anonymous caller, an operator, an auditor, and a program without the scope', async () => {
    const program = await asProgram(database, { scopes: ['documents:read'] })
    expect((await announce(pdf, {}, {})).code).toBe('UNAUTHENTICATED')
    for (const headers of [await as('operator'), await as('auditor'), program])
      expect((await announce(pdf, {}, headers)).code).toBe('FORBIDDEN')
  })

  it('lets a minor announce a file for a service that somebody has consented to', async () => {
    const minor = await parties.persona('minor')
    const headers = await as('minor')
    expect((await announce(pdf, {}, headers)).code).toBe('FORBIDDEN')
    await parties.give(minor, minor, { kind: MandateKind.CONSENT, powers: [Power.FILE], services: ['ED-BIRTH'] })
    expect((await announce(pdf, {}, headers)).code).toBe('FORBIDDEN')
    expect((await announce(pdf, { serviceCode: 'ED-BIRTH' }, headers)).upload.state).toBe('WAITING')
  })

  it('stores the name of a file encrypted, and no name with the idempotency key', async () => {
    const { upload } = await announce(pdf, { name: 'a telling name.pdf', idempotencyKey: 'key-of-a-telling-name' })
    const [row] =
      await database.client`select row_to_json(uploads)::text as text from uploads where id = ${keyOf(upload.id)}`
    expect(row!.text).not.toContain('telling')
    expect(await database.db.select().from(commandKeys)).toContainEqual(
      expect.objectContaining({ key: 'key-of-a-telling-name', made: { upload: keyOf(upload.id) } }),
    )
  })
})

describe('refusalsToAnnounce', () => {
  it.each([
    ['a path', '../../etc/passwd', 'upload.strange_name'],
    ['a backslash', 'a\\b.pdf', 'upload.strange_name'],
    ['a line break', 'a\nb.pdf', 'upload.strange_name'],
    ['a null character', 'nul\0.pdf', 'upload.strange_name'],
    ['a right-to-left override', 'gnp.\u202efdp.exe', 'upload.strange_name'],
    ['an Arabic letter mark', 'gnp.\u061cfdp.exe', 'upload.strange_name'],
    ['a soft hyphen', 'pass\u00adport.pdf', 'upload.strange_name'],
    ['a tag character', 'passport\u{e0041}.pdf', 'upload.strange_name'],
    ['half a character', 'half \ud800.pdf', 'upload.strange_name'],
    ['nothing but dots', '..', 'upload.strange_name'],
    ['201 characters', 'x'.repeat(201), 'upload.long_name'],
  ])('rejects a name with %s', (_what, name, reason) => {
    const limits = { bytes: 1_000, bytesADay: 1_000, hours: 24 }
    const refusals = userErrorsInUpload({ name, size: 1, sha256: sha256Of(pdf) }, limits)
    expect(refusals.map((refusal) => refusal.reason)).toEqual([reason])
  })
})

describe('uploads', () => {
  const list = async (headers: Record<string, string>, party?: string) => {
    const query =
      'query ($party: ID) { uploads(party: $party, first: 50) { totalCount nodes { id name state party { id } } } }'
    const { data, errors } = await ask(query, { headers, variables: { party } })
    return { ...data?.uploads, code: errors?.[0]?.extensions.code }
  }

  it('lists the uploads of the caller, newest first, in as many statements for many as for one', async () => {
    const persona = 'company-head'
    const headers = await as(persona)
    const statementsOf = async () => {
      database.statements.length = 0
      await list(headers)
      return database.statements.length
    }
    const ids = [(await insertUpload('WAITING', pdf, { persona, name: 'one.pdf' })).id]
    await list(headers)
    const ofOne = await statementsOf()
    for (const name of ['two.pdf', 'three.pdf', 'four.pdf']) {
      hours(0.01)
      ids.unshift((await insertUpload('WAITING', pdf, { persona, name })).id)
    }
    const { nodes, totalCount } = await list(headers)
    expect([nodes.map(({ id }: any) => id), totalCount, nodes[0].name]).toEqual([ids, 4, 'four.pdf'])
    expect(await statementsOf()).toBe(ofOne)
  })

  it('is empty for the party of another and for a party that does not exist, and forbidden to an operator', async () => {
    const theirs = partyId(await parties.persona('company-head'))
    expect(await list(await as('citizen'), theirs)).toMatchObject({ totalCount: 0, nodes: [] })
    expect(await list(await as('citizen'), 'bm90aGluZw')).toMatchObject({ totalCount: 0, nodes: [] })
    expect((await list(await as('operator'))).code).toBe('FORBIDDEN')
  })
})

describe('Upload', () => {
  it('is visible to programs of its party with documents:read, and to the one that sent it with documents:write', async () => {
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
