import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import type { FormNode } from '../../src/catalogue/forms/form.fields.js'
import { forms } from '../../src/catalogue/forms/form.table.js'
import { services } from '../../src/catalogue/services/service.table.js'
import { serviceVersions } from '../../src/catalogue/services/serviceVersion.table.js'
import { configFrom } from '../../src/config.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { apiOf } from '../support/api.js'
import { applyingOf, moving } from '../support/applying.js'
import { unkept } from '../support/database.js'
import { partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'

const { database, world, clock, ask, send, outcomeOf, read } = await applyingOf()
const { db, client } = database

const service = 'DIN-ADDRESS-REG'
const start = async () => (await send('citizen', 'startApplication', { serviceCode: service })).application
const contentOf = async (number: string) =>
  (await read(number, 'content { answers sources { at registry messageId } }')).content

beforeEach(async () => {
  world.failing.clear()
  await client`truncate registry_answers`
})

describe('startApplication', () => {
  it('fills in what the registries know about the applicant, with the source of each answer', async () => {
    const { number, state } = await start()
    const { answers, sources } = await contentOf(number)
    expect([number, state]).toEqual([expect.stringMatching(/^M26-\d{7}-[0-9A-Z]$/), 'DRAFT'])
    expect(answers.applicant).toEqual({
      fin: 'TEST001',
      surname: 'Sınaq TEST001',
      givenName: 'Test',
      birthDate: '1990-01-01',
      sex: 'M',
      citizenship: 'AZ',
    })
    const surname = { at: ['applicant', 'surname'], registry: 'POPULATION', messageId: expect.any(String) }
    expect(sources).toContainEqual(surname)
  })

  it('starts no marriage of somebody who is married by the registry', async () => {
    world.saying.set('CIVIL', () => ({ subject: 'TEST001', maritalStatus: 'MARRIED', marriage: null, acts: [] }))
    const refused = await send('citizen', 'startApplication', { serviceCode: 'ED-MARRIAGE' })
    world.saying.delete('CIVIL')
    expect(refused).toMatchObject({
      application: null,
      userErrors: [{ code: 'INVALID', reason: 'marriage.married', field: ['partyId'] }],
    })
    await client`truncate registry_answers`
    expect((await send('citizen', 'startApplication', { serviceCode: 'ED-MARRIAGE' })).userErrors).toEqual([])
  })

  it('logs what it queries for the applicant with the purpose APPLICATION and the number of the draft', async () => {
    const before = await client`select id from accesses`
    const { number } = await start()
    const { data } = await ask(
      '{ accessLog(first: 100) { nodes { id kind application by { kind } agency { code } ground { code } purpose { code } registry { code } fields } } }',
      {
        headers: await as('citizen'),
      },
    )
    const entries = data.accessLog.nodes.slice(0, data.accessLog.nodes.length - before.length)
    const common = {
      kind: 'CALL',
      application: number,
      by: { kind: 'PERSON' },
      agency: null,
      ground: { code: 'CASE-APPLICATION' },
      purpose: { code: 'APPLICATION' },
    }
    const fields = ['surname', 'givenName', 'patronymic', 'birthDate', 'sex', 'citizenship', 'address']
    entries.sort((one: { registry: { code: string } }, other: { registry: { code: string } }) =>
      one.registry.code < other.registry.code ? -1 : 1,
    )
    expect(entries).toMatchObject([
      { ...common, registry: { code: 'POPULATION' }, fields },
      { ...common, registry: { code: 'REALESTATE' }, fields: ['titles'] },
    ])
    await start()
    const [last] = await database.client`select kind from accesses order by id desc limit 1`
    expect(last?.kind).toBe('STORED_ANSWER')
  })

  it('fills in what sign-in knows if a registry is down, and leaves the rest to the applicant', async () => {
    world.failing.set('POPULATION', FailureReason.DOWN)
    const { id, number } = await start()
    const { answers: filled, sources } = await contentOf(number)
    expect(filled).toEqual({ applicant: { fin: 'TEST001', birthDate: '1990-01-01', citizenship: 'AZ' } })
    expect(sources).toContainEqual({ at: ['applicant', 'fin'], registry: null, messageId: null })
    const answers = { ...moving, applicant: { surname: 'Sınaq' } }
    expect(await outcomeOf('citizen', 'saveDraft', { applicationId: id, revision: 1, answers })).toBe('done')
    const { validationErrors } = await read(number, 'validationErrors { code reason field }')
    const missing = { code: 'MISSING', reason: 'answer.missing', field: ['answers', 'applicant', 'givenName'] }
    expect(validationErrors).toContainEqual(missing)
  })

  it('uses the version that is valid once the registries have answered', async () => {
    const [current] = await db
      .select()
      .from(serviceVersions)
      .innerJoin(forms, eq(forms.versionId, serviceVersions.id))
      .innerJoin(services, eq(services.id, serviceVersions.serviceId))
      .where(eq(services.code, service))
    const { service_versions: before, forms: form } = current as NonNullable<typeof current> // it is seeded
    const [id, number] = [v7(), before.number + 1]
    const { applicant: _, ...properties } = form.schema.properties as Record<string, FormNode>
    const required = form.schema.required?.filter((name) => name !== 'applicant')
    const schema = { ...form.schema, properties, required }
    const publish = () =>
      unkept(database, async (tx) => {
        await tx.update(serviceVersions).set({ validTo: '2026-11-24' }).where(eq(serviceVersions.id, before.id))
        await tx.insert(serviceVersions).values({ ...before, id, number, validFrom: '2026-11-25' })
        await tx.insert(forms).values({ ...form, id: v7(), versionId: id, schema })
      })
    const asked = world.exchange.ask
    world.exchange.ask = async (...question) => {
      world.exchange.ask = asked
      await publish()
      return await asked(...question)
    }
    const { number: draft } = await start()
    expect.soft((await contentOf(draft)).answers).toEqual({})
    await unkept(database, async (tx) => {
      await tx.execute(`delete from timeline_entries; delete from applications where version_id = '${id}'`)
      await tx.delete(forms).where(eq(forms.versionId, id))
      await tx.delete(serviceVersions).where(eq(serviceVersions.id, id))
      await tx.update(serviceVersions).set({ validTo: null }).where(eq(serviceVersions.id, before.id))
    })
  })

  it('lets the draft expire after DRAFT_DAYS days', async () => {
    const config = configFrom({ LOG_LEVEL: 'silent', DRAFT_DAYS: '3' })
    const ask = await apiOf(database, { config, now: clock.now })
    const { data } = await ask(
      `mutation { startApplication(input: { serviceCode: "${service}", idempotencyKey: "a-draft-of-three-days" }) {
        application { expiresAt } } }`,
      { headers: await as('citizen') },
    )
    expect(data.startApplication.application.expiresAt).toBe('2026-11-28T08:00:00.000Z')
  })

  it.each([
    ['an unknown service', { serviceCode: 'NO-SUCH' }, 'service.unknown'],
    ['a service without a form', { serviceCode: 'ED-DIVORCE' }, 'service.not_online'],
    ['a filing', { serviceCode: 'DVX-EINVOICE' }, 'service.filing'],
    ['the payment of a fine', { serviceCode: 'DIN-FINES-PAY' }, 'service.payment'],
    ['a request for a visa', { serviceCode: 'ASAN-EVISA-STD' }, 'service.visa'],
    ['a service for another audience', { serviceCode: 'DMX-TRP' }, 'service.not_for_them'],
    [
      'a party without a mandate of theirs',
      { serviceCode: service, partyId: partyId('01a20000-0000-7000-8000-000000000000') },
      'FORBIDDEN',
    ],
  ])('rejects %s', async (_what, input, reason) => {
    expect(await outcomeOf('citizen', 'startApplication', input)).toBe(reason)
  })

  it('requires the assurance level of the service', async () => {
    const headers = as('citizen', { acr: 'urn:pencere:sandbox:low' })
    expect(await outcomeOf(headers, 'startApplication', { serviceCode: service })).toBe('STEP_UP_REQUIRED')
  })
})
