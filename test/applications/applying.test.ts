import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FormNode } from '../../src/catalogue/form.fields.js'
import { forms } from '../../src/catalogue/form.table.js'
import { processes, RegistryDown } from '../../src/catalogue/process.table.js'
import { services } from '../../src/catalogue/service.table.js'
import { serviceVersions } from '../../src/catalogue/serviceVersion.table.js'
import { usualProcess } from '../../src/catalogue/usualProcess.js'
import { configFrom } from '../../src/config.js'
import { events } from '../../src/events/event.table.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { apiOf } from '../support/api.js'
import { applyingOf, keyOf as key, moving } from '../support/applying.js'
import { appointed } from '../support/appointed.js'
import { unkept } from '../support/database.js'
import { everythingAsText, formsOf } from '../support/everything.js'
import { partiesIn, partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'

const { database, world, clock, ask, send, told, run, look, whole, jobs } = await applyingOf()
const { db, client } = database
const parties = partiesIn(database)

const citizen = () => as('citizen')
const start = async (service = 'DIN-ADDRESS-REG', more: object = {}) =>
  (await send(citizen(), 'startApplication', { service, ...more })).application
const content = 'content { answers prefilled { at registry messageId } applicant { name identifiers { value } } }'
beforeAll(async () => void (await appointed(database, 'officer', 'DVX', ['REVIEWER'])))

beforeEach(() => {
  clock.set(new Date('2026-11-25T08:00:00Z'))
  world.failing.clear()
  world.saying.clear()
})

describe('A draft', () => {
  it('begins with what the registries hold of the applicant, and says where that is from', async () => {
    const { number, state } = await start()
    const { answers, prefilled } = (await look(number, content)).content
    expect([number, state]).toEqual([expect.stringMatching(/^M26-\d{7}-[0-9A-Z]$/), 'DRAFT'])
    expect(answers.applicant).toEqual({
      ...{ fin: 'TEST001', surname: 'Sınaq TEST001', givenName: 'Test', birthDate: '1990-01-01', sex: 'M' },
      citizenship: 'AZ',
    })
    expect(prefilled).toContainEqual({
      ...{ at: ['applicant', 'surname'], registry: 'POPULATION', messageId: expect.any(String) },
    })
  })

  it('keeps what a registry gave, whatever the client says of it', async () => {
    const { id, number } = await start()
    const forged = { applicant: { surname: 'Somebody', fin: 'TEST002' }, ...moving }
    expect(await told(citizen(), 'saveDraft', { application: id, revision: 1, answers: forged })).toBe('done')
    const { answers } = (await look(number, content)).content
    expect([answers.applicant.surname, answers.applicant.fin, answers.basis]).toEqual([
      'Sınaq TEST001',
      'TEST001',
      'OWNER',
    ])
  })

  it('leaves open what a registry that is down would fill, and the person fills it', async () => {
    world.failing.set('POPULATION', FailureReason.DOWN)
    await client`truncate registry_answers`
    const { id, number } = await start()
    expect((await look(number, content)).content.prefilled).toEqual([])
    const answers = { ...moving, applicant: { surname: 'Sınaq' } }
    expect(await told(citizen(), 'saveDraft', { application: id, revision: 1, answers })).toBe('done')
    expect((await look(number, 'faults { code reason field }')).faults).toContainEqual({
      ...{ code: 'MISSING', reason: 'answer.missing', field: ['answers', 'applicant', 'givenName'] },
    })
  })

  it('is filled as well where the form asks only once something else is answered, and not where it does not', async () => {
    const { id, number } = await start('GOV-APPEAL')
    expect((await look(number, content)).content).toMatchObject({ answers: {}, prefilled: [] })
    const save = (revision: number, answers: object) =>
      told(citizen(), 'saveDraft', { application: id, revision, answers })
    const forged = { person: { fin: 'TEST002', surname: 'Somebody' } }
    expect(await save(1, { author: 'PERSON', ...forged })).toBe('done')
    const { answers, prefilled } = (await look(number, content)).content
    expect(answers.person).toEqual({ fin: 'TEST001', surname: 'Sınaq TEST001', givenName: 'Test' })
    expect(prefilled.map(({ at }: { at: string[] }) => at.join('.'))).toContain('person.fin')

    expect(await save(2, { author: 'ORGANISATION', organisation: { name: 'Sınaq MMC' } })).toBe('done')
    const changed = await look(number, `${content} faults { field }`)
    expect(changed.content).toMatchObject({
      answers: { author: 'ORGANISATION', organisation: { name: 'Sınaq MMC' } },
      prefilled: [],
    })
    expect(changed.faults.map(({ field }: { field: string[] }) => field.join('.'))).not.toContain('answers.person')
    expect(await save(3, { author: 'PERSON', ...forged })).toBe('done')
    expect((await look(number, content)).content.answers.person.fin).toBe('TEST001')
  })

  it('is of the version that holds once the registries have answered', async () => {
    const [held] = await db
      .select()
      .from(serviceVersions)
      .innerJoin(forms, eq(forms.versionId, serviceVersions.id))
      .innerJoin(services, eq(services.id, serviceVersions.serviceId))
      .where(eq(services.code, 'DIN-ADDRESS-REG'))
    const { service_versions: before, forms: form } = held as NonNullable<typeof held> // it is seeded
    const [id, number] = [v7(), before.number + 1]
    const { applicant: _, ...properties } = form.schema.properties as Record<string, FormNode>
    const required = form.schema.required?.filter((name) => name !== 'applicant')
    const publish = () =>
      unkept(database, async (tx) => {
        await tx.update(serviceVersions).set({ validTo: '2026-11-24' }).where(eq(serviceVersions.id, before.id))
        await tx.insert(serviceVersions).values({ ...before, id, number, validFrom: '2026-11-25' })
        await tx
          .insert(forms)
          .values({ ...form, id: v7(), versionId: id, schema: { ...form.schema, properties, required } })
      })
    const asked = world.exchange.ask
    world.exchange.ask = async (...question) => {
      world.exchange.ask = asked
      await publish()
      return await asked(...question)
    }
    await client`truncate registry_answers`
    const { number: draft } = await start()
    expect.soft((await look(draft, content)).content.answers).toEqual({})
    await unkept(database, async (tx) => {
      await tx.execute(`delete from timeline_entries; delete from applications where version_id = '${id}'`)
      await tx.delete(forms).where(eq(forms.versionId, id))
      await tx.delete(serviceVersions).where(eq(serviceVersions.id, id))
      await tx.update(serviceVersions).set({ validTo: null }).where(eq(serviceVersions.id, before.id))
    })
  })

  it('may be incomplete, and not of answers that nobody asked for', async () => {
    const { id } = await start()
    const save = (answers: unknown) => told(citizen(), 'saveDraft', { application: id, revision: 1, answers })
    expect(await save({ pets: ['cat'] })).toBe('answer.unknown')
    expect(await save({ movedOn: 'x'.repeat(200_000) })).toBe('answers.too_large')
    expect(await save(JSON.parse('{"__proto__": {"polluted": true}}'))).toBe('BAD_REQUEST')
    let deep: unknown = {}
    for (let level = 0; level < 60; level++) deep = { deep }
    expect(await save(deep)).toBe('TOO_COSTLY')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(await save({})).toBe('done')
  })

  it('is not overwritten by who has not seen what it is now', async () => {
    const { id } = await start()
    const save = (revision: number) => told(citizen(), 'saveDraft', { application: id, revision, answers: {} })
    expect([await save(1), await save(1), await save(2)]).toEqual(['done', 'application.changed', 'done'])
  })

  it('is told all its faults at once, in the language of the caller, and no more than a person can mend', async () => {
    const { number, id } = await start()
    await send(citizen(), 'saveDraft', {
      application: id,
      revision: 1,
      answers: { movedOn: '2026-02-30', basis: 'NONE' },
    })
    const query = `{ application(number: "${number}") { faults { reason field message } } }`
    const inAz = (await ask(query, { headers: await citizen(), language: 'az' })).data.application.faults
    expect(inAz).toEqual(
      expect.arrayContaining([
        {
          reason: 'answer.format',
          field: ['answers', 'movedOn'],
          message: 'Təqvimdə olan gün yazılmalıdır: 2026-03-19.',
        },
        { reason: 'answer.option', field: ['answers', 'basis'], message: 'Təklif olunanlardan biri seçilməlidir.' },
        { reason: 'answer.missing', field: ['answers', 'newAddress'], message: 'Cavab verilməlidir.' },
      ]),
    )
  })

  it('of a person leaves nothing readable in the database', async () => {
    const { id } = await start()
    await send(citizen(), 'saveDraft', {
      application: id,
      revision: 1,
      answers: { newAddress: { street: 'Gizli küçə' } },
    })
    const everything = await everythingAsText(client)
    for (const form of formsOf('Gizli küçə')) expect(everything).not.toContain(form)
  })

  it('that nobody sends is over after its time, and says nothing any more', async () => {
    const { number, id } = await whole()
    const { expiresAt } = await look(number, 'expiresAt')
    clock.set(new Date(expiresAt))
    await run(jobs.expireApplication, key(id), 'application.draft_expires')
    await run(jobs.expireApplication, key(id), 'application.draft_expires')
    const over = await look(number, `state ${content} timeline(first: 100) { nodes { type toState } }`)
    expect([over.state, over.content.answers, over.timeline.nodes.at(-1).type, over.timeline.nodes.length]).toEqual([
      'DISCONTINUED',
      {},
      'application.expired',
      3,
    ])
  })

  it('that is taken back says nothing any more, and one that was sent says what it said', async () => {
    const [draft, sent] = [await whole(), await whole()]
    await send(citizen(), 'submitApplication', { application: sent.id, revision: sent.revision })
    const said = []
    for (const { id, number } of [draft, sent]) {
      expect(await told(citizen(), 'withdrawApplication', { application: id })).toBe('done')
      const { state, content: left } = await look(number, `state ${content}`)
      said.push([state, left.answers.newAddress, left.prefilled.length > 0])
    }
    expect(said).toEqual([
      ['WITHDRAWN', undefined, false],
      ['WITHDRAWN', moving.newAddress, true],
    ])
  })

  it('lasts as long as the installation says', async () => {
    const brief = await apiOf(database, {
      config: configFrom({ LOG_LEVEL: 'silent', DRAFT_DAYS: '3' }),
      now: clock.now,
    })
    const { data } = await brief(
      `mutation { startApplication(input: { service: "DIN-ADDRESS-REG", idempotencyKey: "a-draft-of-three-days" }) {
        application { expiresAt } } }`,
      { headers: await citizen() },
    )
    expect(data.startApplication.application.expiresAt).toBe('2026-11-28T08:00:00.000Z')
  })

  it.each([
    ['a service that there is not', { service: 'NO-SUCH' }, 'service.unknown'],
    ['a service without a form', { service: 'ED-DIVORCE' }, 'service.not_online'],
    ['a service for others', { service: 'DMX-TRP' }, 'service.not_for_them'],
    ['somebody else', { party: partyId('01a20000-0000-7000-8000-000000000000') }, 'FORBIDDEN'],
  ])('is not begun for %s', async (_for, more, reason) => {
    expect(await told(citizen(), 'startApplication', { service: 'DIN-ADDRESS-REG', ...more })).toBe(reason)
  })

  it('takes as much assurance as its service wants', async () => {
    const headers = as('citizen', { acr: 'urn:pencere:sandbox:low' })
    expect(await told(headers, 'startApplication', { service: 'DIN-ADDRESS-REG' })).toBe('STEP_UP_REQUIRED')
  })
})

describe('An application', () => {
  it('is sent with a receipt at once, entered by itself, and due by the calendar', async () => {
    const draft = await whole()
    const { application, error } = await send(citizen(), 'submitApplication', {
      application: draft.id,
      revision: draft.revision,
    })
    expect([error, application.state]).toEqual([undefined, 'SUBMITTED'])
    const [receipt] =
      await client`select kind, number, signature is not null as signed from issued_documents where subject_id = ${key(draft.id)}`
    expect(receipt).toEqual({ kind: 'RECEIPT', number: expect.stringMatching(/^R26-/), signed: true })
    await run(jobs.registerApplication, key(draft.id))
    await run(jobs.registerApplication, key(draft.id))
    const entered = await look(
      draft.number,
      'state dueOn dueAt timeline(first: 100) { nodes { type dueOn dueReason fromState toState } }',
    )
    expect([entered.state, entered.dueOn]).toEqual(['REGISTERED', '2026-12-02'])
    expect(entered.timeline.nodes.slice(-2)).toEqual([
      { type: 'application.submitted', dueOn: null, dueReason: null, fromState: 'DRAFT', toState: 'SUBMITTED' },
      {
        ...{ type: 'application.registered', dueOn: '2026-12-02', dueReason: 'term.registered' },
        ...{ fromState: 'SUBMITTED', toState: 'REGISTERED' },
      },
    ])
    const happened = await db
      .select()
      .from(events)
      .where(eq(events.subject, key(draft.id)))
      .orderBy(events.id)
    expect(happened.map(({ type }) => type)).toEqual([
      ...['application.started', 'application.saved', 'application.submitted', 'application.registered'],
    ])
  })

  it('is not sent with faults, of which all are told', async () => {
    const { id } = await start()
    const { userErrors } = await send(citizen(), 'submitApplication', { application: id, revision: 1 })
    expect(userErrors.map(({ field }: { field: string[] }) => field.join('.'))).toEqual(
      expect.arrayContaining(['answers.newAddress', 'answers.movedOn', 'answers.basis']),
    )
  })

  it('has the documents that its service wants, but those that a registry has answered', async () => {
    // The second is one that the register of real estate holds.
    await client`
      insert into required_documents (id, version_id, position, name, mandatory, obtainable_from_registry_id)
      select gen_random_uuid(), version.id, place, '{"az": "Sənəd"}', true,
        case when place = 1 then (select id from registries where code = 'REALESTATE') end
      from generate_series(0, 1) place, service_versions version join services on services.id = service_id
      where services.code = 'DIN-ADDRESS-REG'`
    const refusals = async () => {
      const draft = await whole()
      const { userErrors } = await send(citizen(), 'submitApplication', {
        application: draft.id,
        revision: draft.revision,
      })
      return userErrors.map(({ reason, field }: { reason: string; field: string[] }) => [reason, field.join('.')])
    }
    expect(await refusals()).toEqual([['document.missing', 'attachments.0']])
    world.failing.set('REALESTATE', FailureReason.DOWN)
    await client`truncate registry_answers`
    expect(await refusals()).toEqual([
      ['document.missing', 'attachments.0'],
      ['document.missing', 'attachments.1'],
    ])
    await unkept(database, (tx) => tx.execute('delete from required_documents'))
  })

  it('waits for a registry that is down, where its service says so: for answers that are asked, and for documents', async () => {
    await client`
      insert into required_documents (id, version_id, position, name, mandatory, obtainable_from_registry_id)
      select gen_random_uuid(), version.id, 0, '{"az": "Sənəd"}', true, (select id from registries where code = 'MEIS')
      from service_versions version join services on services.id = service_id where services.code = 'DIN-ADDRESS-REG'`
    const [version] = await client`
      select v.id from service_versions v join services s on s.id = v.service_id where s.code = 'DIN-ADDRESS-REG'`
    const process = { ...usualProcess, registryDown: RegistryDown.FILLED_LATER, versionId: version?.id }
    await db.insert(processes).values(process)
    world.failing.set('REALESTATE', FailureReason.DOWN)
    world.failing.set('MEIS', FailureReason.DOWN)
    await client`truncate registry_answers`
    const owner = await whole()
    const sent = ({ id, revision }: typeof owner) => told(citizen(), 'submitApplication', { application: id, revision })
    expect.soft(await sent(owner)).toBe('application.registry_down')
    // Who lives with their family is not asked for the number of a property.
    const { answers } = (await look(owner.number, content)).content
    const family = { fin: 'TEST002', surname: 'Sınaq', givenName: 'Test', agrees: true }
    const input = {
      application: owner.id,
      revision: owner.revision,
      answers: { ...answers, basis: 'FAMILY', owner: family },
    }
    const { application: withFamily } = await send(citizen(), 'saveDraft', input)
    expect.soft(await sent(withFamily)).toBe('document.missing')
    world.failing.delete('MEIS')
    expect.soft(await sent(withFamily)).toBe('done')
    await unkept(database, (tx) => tx.execute('delete from required_documents'))
    await unkept(database, (tx) => tx.execute('delete from processes'))
  })

  it('is one, however often and by however many it is sent under one key', async () => {
    const draft = await whole()
    const input = { application: draft.id, revision: draft.revision, idempotencyKey: 'one-key-of-fifty' }
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => await send(citizen(), 'submitApplication', input)),
    )
    expect(answers.map(({ application }) => application?.state)).toEqual(answers.map(() => 'SUBMITTED'))
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    const [{ receipts } = {}] = await client`
      select count(*)::int as receipts from issued_documents where subject_id = ${key(draft.id)}`
    expect(receipts).toBe(1)
  }, 30_000)

  it('that one files for oneself alone is sent by nobody else, whoever began it', async () => {
    const draft = await whole()
    await parties.give(await parties.persona('citizen'), await parties.persona('company-delegate'))
    const delegable = (is: boolean) =>
      unkept(database, (tx) =>
        tx.execute(`update service_versions set delegable = ${is} where service_id = (
          select id from services where code = 'DIN-ADDRESS-REG')`),
      )
    const sent = () =>
      told(as('company-delegate'), 'submitApplication', { application: draft.id, revision: draft.revision })
    await delegable(false)
    expect.soft(await sent()).toBe('service.not_delegable')
    expect.soft((await look(draft.number, 'state')).state).toBe('DRAFT')
    await delegable(true)
    expect(await sent()).toBe('done')
  })

  it('is taken back until it is decided, and nothing is done about it then', async () => {
    const draft = await whole()
    await send(citizen(), 'submitApplication', { application: draft.id, revision: draft.revision })
    expect(await told(citizen(), 'withdrawApplication', { application: draft.id })).toBe('done')
    await run(jobs.registerApplication, key(draft.id))
    expect((await look(draft.number, 'state')).state).toBe('WITHDRAWN')
    expect(await told(citizen(), 'withdrawApplication', { application: draft.id })).toBe('application.wrong_state')
  })

  it('says what the caller may do, from the same table that the commands ask', async () => {
    const { id, number, revision } = await whole()
    const can = async () =>
      Object.fromEntries(
        (await look(number, 'viewerCan { action allowed reason }')).viewerCan.map(
          ({ action, allowed, reason }: { action: string; allowed: boolean; reason: string }) => [
            action,
            allowed || reason,
          ],
        ),
      )
    expect(await can()).toMatchObject({ SAVE: true, SUBMIT: true, WITHDRAW: true, APPROVE: 'application.not_yours' })
    await send(citizen(), 'submitApplication', { application: id, revision })
    expect(await can()).toMatchObject({
      SAVE: 'application.wrong_state',
      WITHDRAW: true,
      RESPOND: 'application.wrong_state',
    })
  })
})

describe('Nobody else', () => {
  it.each(['other-citizen', 'company-head', 'minor'])('sees or touches the draft of another: %s', async (persona) => {
    const { id, number } = await start()
    const missing = await told(as(persona), 'withdrawApplication', { application: 'bm90aGluZw' })
    expect(await look(number, 'id', persona)).toBeNull()
    expect(await told(as(persona), 'withdrawApplication', { application: id })).toBe(missing)
    expect(await told(as(persona), 'saveDraft', { application: id, revision: 1, answers: {} })).toBe(
      'application.unknown',
    )
  })

  it.each(['officer', 'operator', 'auditor'])('sends one: %s', async (persona) => {
    const { id } = await start()
    expect(await told(as(persona), 'submitApplication', { application: id, revision: 1 })).toBe('FORBIDDEN')
  })

  it('is shown what a delegate is shown without its being logged', async () => {
    const minor = await parties.persona('minor')
    await parties.give(minor, await parties.persona('citizen'), { services: ['DIN-ADDRESS-REG'] })
    const { application, error } = await send(citizen(), 'startApplication', {
      service: 'DIN-ADDRESS-REG',
      party: partyId(minor),
    })
    expect(error).toBeUndefined()
    await client`select 1`
    await look(application.number, content)
    const rows = await client`select kind, fields, application from accesses where kind = 'FILE'`
    expect(rows.at(-1)).toEqual({ kind: 'FILE', fields: ['application'], application: application.number })
  })
})
