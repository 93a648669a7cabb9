import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ApplicationState } from '../../src/applications/application.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { MandateKind } from '../../src/identity/mandates/mandate.table.js'
import { insertApplication, insertCoApplicant } from '../support/applicationRow.js'
import { applyingOf, keyOf, movingAnswers, registrars } from '../support/applying.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const { database, ask, outcomeOf, read, timelineOf, partyOf, rowOf, draft, inReview, upload } = await applyingOf()
const { client } = database
const [officer, deputy, head] = ['registration-officer', 'registration-deputy', 'registration-head'] as const
beforeAll(async () => void (await registrars(database)))

const accessesOf = async (number: string) =>
  (await client`select actor, kind, fields from accesses where application = ${number} order by id`).map(
    ({ actor, kind, fields }) => [actor.split(':')[0], kind, ...fields],
  )

describe('Application.content', () => {
  it('is shown to the applicant and the assigned officer, and FORBIDDEN to colleagues and auditors', async () => {
    const { number } = await inReview(officer)
    for (const persona of ['citizen', officer])
      expect((await read(number, 'content { answers }', persona)).content.answers).toEqual(movingAnswers)
    for (const persona of [deputy, head, 'auditor']) {
      const query = `{ application(number: "${number}") { content { answers } } }`
      const { data, errors } = await ask(query, { headers: await as(persona) })
      expect([persona, data.application.content, errors?.[0]?.extensions.code]).toEqual([persona, null, 'FORBIDDEN'])
    }
  })

  it('logs each look of the officer once, and none of the applicant', async () => {
    const { number } = await inReview(officer)
    const fields = 'content { answers } timeline(first: 10) { nodes { text } }'
    await read(number, fields, officer)
    await read(number, fields)
    expect(await accessesOf(number)).toEqual([['officer', 'CASE', 'application']])
  })

  it('logs the look of a person who acts for the applicant', async () => {
    const minor = await partyOf('minor')
    await partiesIn(database).give(minor, await partyOf('citizen'), { services: ['DIN-ADDRESS-REG'] })
    const key = await insertApplication(database, keyring, {
      partyId: minor,
      service: 'DIN-ADDRESS-REG',
      state: 'DRAFT',
    })
    const { number } = await rowOf(key)
    await read(number, 'content { answers }')
    expect(await accessesOf(number)).toEqual([['person', 'CASE', 'application']])
  })

  it('is hidden from an officer with a tie to the applicant or a co-applicant', async () => {
    const { id, key, number } = await inReview(officer)
    expect(await outcomeOf('citizen', 'sendApplicationMessage', { applicationId: id, text: 'Açar qonşudadır' })).toBe(
      'done',
    )
    const seen = async () => {
      const basis = (await read(number, 'content { answers }', officer)).content?.answers.basis
      return [basis, (await timelineOf(number, officer)).at(-1).text]
    }
    const shown = ['OWNER', 'Açar qonşudadır']
    const hidden = [undefined, null]
    expect(await seen()).toEqual(shown)
    const { give } = partiesIn(database)
    const relative = await partyOf('other-citizen')
    const mandate = await give(await partyOf(officer), relative, { kind: MandateKind.PARENT })
    onTestFinished(async () => void (await client`delete from mandates where kind = 'PARENT'`))
    expect(await seen()).toEqual(shown)
    await insertCoApplicant(database, key, relative)
    expect(await seen()).toEqual(hidden)
    await client`delete from mandates where id = ${mandate}`
    expect(await seen()).toEqual(shown)
    await give(await partyOf(officer), await partyOf('citizen'), { kind: MandateKind.PARENT })
    expect(await seen()).toEqual(hidden)
  })
})

describe('applications', () => {
  it('filters by phase, which follows from the state', async () => {
    const partyId = await partyOf('company-head')
    for (const state of Object.values(ApplicationState))
      await insertApplication(database, keyring, { partyId, service: 'DIN-ADDRESS-REG', state })
    const statesIn = async (phase: string) => {
      const query = `{ applications(first: 100, filter: { phases: [${phase}] }) { nodes { state phase } } }`
      const { nodes } = (await ask(query, { headers: await as('company-head') })).data.applications
      expect(nodes.every((node: { phase: string }) => node.phase === phase)).toBe(true)
      return nodes.map(({ state }: { state: string }) => state).sort()
    }
    expect(await statesIn('WAITING_FOR_APPLICANT')).toEqual([
      'AWAITING_CONFIRMATION',
      'AWAITING_FEE',
      'AWAITING_PAYMENT',
      'DRAFT',
      'INFORMATION_REQUESTED',
      'READY',
    ])
    expect(await statesIn('WAITING_FOR_AGENCY')).toEqual([
      'APPROVED',
      'AWAITING_ASSESSMENT',
      'IN_REVIEW',
      'REGISTERED',
      'SUBMITTED',
      'TRANSFERRED',
      'UNDER_APPEAL',
    ])
    expect(await statesIn('CLOSED')).toEqual(['COMPLETED', 'DISCONTINUED', 'EXPIRED', 'LAPSED', 'REFUSED', 'WITHDRAWN'])
  })

  it('lists those that a party confirmed among its own, newest first, from one index', async () => {
    const [own, other] = [await partyOf('stateless'), await partyOf('citizen')]
    const made = async (partyId: string, day: number) => {
      const createdAt = new Date(Date.UTC(2026, 9, day))
      const more = { createdAt, submittedAt: createdAt }
      return await insertApplication(database, keyring, { partyId, service: 'DMX-TRP', state: 'SUBMITTED', more })
    }
    const keys = [await made(own, 3), await made(other, 2), await made(own, 1)] as const
    await made(other, 4)
    await insertCoApplicant(database, keys[1], own)
    await client`
      with filler as materialized (
        select gen_random_uuid() as id, n, '2020-01-01Z'::timestamptz + n * interval '1 day' as at
        from generate_series(1, 2000) n),
      filled as (
        insert into applications (id, number, service_id, service_code, version_id, agency_id, party_id, origin, state, revision,
          answers, prefilled, created_by, mandate_ids, created_at, changed_at, submitted_at)
        select filler.id, n::text, service_id, service_code, version_id, agency_id, party_id, origin, state, revision,
          answers, prefilled, created_by, mandate_ids, at, at, at
        from applications row, filler where row.id = ${keys[0]})
      insert into application_parties (id, application_id, party_id, role, created_at)
      select id, id, ${own}, 'APPLICANT', at from filler`
    // One statement serves all parties, and most have few applications.
    await client`
      with others as (
        insert into parties (id, kind, key, wrapped_by, created_at)
        select gen_random_uuid(), kind, key, wrapped_by, created_at from parties, generate_series(1, 500)
        where parties.id = ${other} returning id)
      insert into application_parties (id, application_id, party_id, role, created_at)
      select gen_random_uuid(), ${keys[0]}, id, 'APPLICANT', now() from others`
    await client`analyze applications, application_parties`
    const page = async (after?: string) => {
      const query =
        'query ($after: String) { applications(first: 2, after: $after) { nodes { id } pageInfo { endCursor } } }'
      const { data } = await ask(query, { headers: await as('stateless'), variables: { after } })
      return data.applications
    }
    database.statements.length = 0
    const first = await page()
    const second = await page(first.pageInfo.endCursor)
    expect([...first.nodes, second.nodes[0]].map(({ id }) => keyOf(id))).toEqual(keys)
    for (const text of database.statements.filter((text) => text.includes('"application_parties"'))) {
      const plan = JSON.stringify(await client.unsafe(`explain (generic_plan) ${text}`).simple())
      expect(plan).toContain('application_parties_party_id_created_at_application_id_index')
      expect(plan).not.toContain('Sort Key: t1')
    }
  })
})

describe('Application.validationErrors', () => {
  it('lists every error in the language of the caller', async () => {
    const { number } = await draft({
      answers: { ...movingAnswers, movedOn: '2026-02-30', basis: 'NONE', newAddress: undefined },
    })
    const query = `{ application(number: "${number}") { validationErrors { reason field message } } }`
    const { data } = await ask(query, { headers: await as('citizen'), language: 'az' })
    expect(data.application.validationErrors).toEqual(
      expect.arrayContaining([
        {
          reason: 'answer.format',
          field: ['answers', 'movedOn'],
          message: 'Köçmə tarixi: təqvim tarixi (məsələn, 2026-03-19) yazılmalıdır.',
        },
        {
          reason: 'answer.option',
          field: ['answers', 'basis'],
          message: expect.stringContaining('birini seçin — Mənzil mənimdir'),
        },
        { reason: 'answer.missing', field: ['answers', 'newAddress'], message: 'Yeni ünvan: cavab verilməlidir.' },
      ]),
    )
  })
})

describe('Application.viewerCan', () => {
  it('gives the reason of each action that the caller may not do', async () => {
    const { number } = await inReview(officer)
    const { viewerCan } = await read(number, 'viewerCan { action allowed reason message }')
    const can = (action: string) => viewerCan.find((one: { action: string }) => one.action === action)
    expect(can('WITHDRAW')).toEqual({ action: 'WITHDRAW', allowed: true, reason: null, message: null })
    expect(can('SAVE')).toMatchObject({ allowed: false, reason: 'application.wrong_state' })
    expect(can('APPROVE')).toMatchObject({ allowed: false, reason: 'application.not_yours' })
    expect(can('APPROVE').message).toBe('You cannot do this with this application.')
  })
})

describe('Application.attachments', () => {
  const attached = 'attachments { file { name size mediaType } downloadUrl upload { id } }'

  it('gives files to the applicant and, logged first, to the assigned officer, and to nobody else', async () => {
    const found = await inReview(officer)
    const file = await upload()
    await client`insert into attachments (id, application_id, upload_id, attached_at)
      values (gen_random_uuid(), ${found.key}, ${keyOf(file)}, now())`
    const shown = {
      file: { name: 'müqavilə.pdf', size: 1234, mediaType: 'application/pdf' },
      downloadUrl: expect.stringMatching(/^http:\/\/localhost:80\/files\//),
    }
    const hidden = { file: null, downloadUrl: null, upload: null }
    const seenBy = async (persona?: string) => (await read(found.number, attached, persona)).attachments
    expect(await seenBy()).toEqual([{ ...shown, upload: { id: file } }])
    expect(await accessesOf(found.number)).toEqual([])
    expect(await seenBy(officer)).toEqual([{ ...shown, upload: null }])
    for (const persona of [deputy, 'auditor']) expect(await seenBy(persona)).toEqual([hidden])
    expect(await accessesOf(found.number)).toEqual([['officer', 'FILE', file]])
  })
})

describe('ApplicationDecision.downloadUrl', () => {
  it('is null until the PDF is made, and then for colleagues, who see that a document was issued', async () => {
    const { id, key, number, revision } = await inReview(deputy)
    const decision = { outcome: 'REFUSED', reasoning: 'Səbəb', groundCodes: ['FALSE_DATA'] }
    expect(await outcomeOf(deputy, 'decideApplication', { applicationId: id, revision, ...decision })).toBe('done')
    const seenBy = async (persona?: string) =>
      (await read(number, 'decisions { downloadUrl document { number } }', persona)).decisions[0]
    expect((await seenBy(deputy)).downloadUrl).toBeNull()
    const [document] = await client`
      update issued_documents set pdf_sha256 = sha256('x'), pdf_size = 1 where subject_id = ${key} returning id`
    const address = expect.stringMatching(/^http:\/\/localhost:80\/files\//)
    expect((await seenBy(deputy)).downloadUrl).toEqual(address)
    expect((await seenBy()).downloadUrl).toEqual(address)
    const issued = { number: expect.stringMatching(/^D26-/) }
    expect(await seenBy(officer)).toEqual({ downloadUrl: null, document: issued })
    expect(await seenBy('auditor')).toMatchObject({ downloadUrl: null })
    expect(await accessesOf(number)).toEqual([['officer', 'FILE', nodeIdOf('IssuedDocument', document?.id)]])
  })
})
