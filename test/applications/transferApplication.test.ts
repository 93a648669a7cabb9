import { eq } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { ApplicationState, applications } from '../../src/applications/application.table.js'
import { askRegistriesLater } from '../../src/applications/casework/askRegistriesLater.js'
import { raiseChargesFor } from '../../src/applications/submission/charges.js'
import { registerApplication } from '../../src/applications/submission/registerApplication.js'
import { timelineEntries } from '../../src/applications/timelineEntry.table.js'
import { applicationTransfers, TransferKind } from '../../src/applications/transfers/applicationTransfer.table.js'
import { FeeDue } from '../../src/catalogue/tariffs/fee.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { TermUnit } from '../../src/shared/termUnit.table.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, changeProcess, prefilled, registrars, start } from '../support/applying.js'
import { appointed } from '../support/appointed.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const { database, clock, ask, send, outcomeOf, run, read, timelineOf, partyOf, rowOf, inReview, registered } =
  await applyingOf()
const { db, client } = database
const [deputy, head, migration] = ['registration-deputy', 'registration-head', 'migration-head'] as const
/** An officer of both agencies. */
const both = 'other-officer'
beforeAll(async () => {
  await registrars(database)
  await appointed(database, migration, 'DMX', ['APPROVER'])
  for (const agency of ['BPQMI', 'DMX']) await appointed(database, both, agency, ['REVIEWER'])
})
beforeEach(() => clock.set(start))

const idOf = async (code: string) => {
  const [agency] = await db.select().from(agencies).where(eq(agencies.code, code))
  return agency?.id as string // in the data
}
const reason = 'Bu məsələ Miqrasiya Xidmətinin səlahiyyətindədir'
const toMigration = { agencyCode: 'DMX', serviceCode: 'DMX-TRP', reason }
const standing = 'kind from { code } to { code } reason application { number state phase dueOn }'
/** Returns `done`, or the reasons of the user errors. */
async function transfer(persona: string, applicationId: string, revision: number, more: object = {}) {
  const input = { applicationId, revision, ...toMigration, ...more }
  const { userErrors } = await send(persona, 'transferApplication', input, 'transfer { kind }')
  return userErrors.map((userError: { reason: string }) => userError.reason).join(' ') || 'done'
}
const transfersOf = async (persona: string) =>
  (await ask(`{ agencyTransfers(first: 10) { nodes { ${standing} } } }`, { headers: await as(persona) })).data
    .agencyTransfers.nodes

describe('transferApplication', () => {
  it('ends what was to be paid, and leaves the fees of the new service to an assessment', async () => {
    const { id, key, number, revision } = await inReview(deputy)
    await client`
      insert into application_fees (id, application_id, position, fee_id, amount, currency, due)
      select gen_random_uuid(), ${key}, 0, id, 500, 'AZN', 'AFTER_APPROVAL' from fees where due is not null limit 1`
    // As after a reversal.
    const open = { due: FeeDue.AFTER_APPROVAL, payBy: null, at: start, actor: 'a test' }
    const row = await rowOf(key)
    await db.transaction((tx) => raiseChargesFor(tx, keyring, row, open))
    expect(await transfer(deputy, id, revision)).toBe('done')
    expect(await client`select state from charges where subject_id = ${key}`).toEqual([{ state: 'CANCELLED' }])
    const shown = 'tariff { code } fees { money { amount } due paidAt }'
    expect(await read(number, shown, 'citizen')).toEqual({
      tariff: { code: expect.any(String) },
      fees: [{ money: null, due: 'AFTER_APPROVAL', paidAt: null }],
    })
  })

  it('moves a case to a service of another agency, which registers it under its own term', async () => {
    const { id, key, number, revision } = await inReview(deputy, { extendedAt: start, escalatedAt: start })
    clock.set('2026-11-30T08:00:00Z')
    const input = { applicationId: id, revision, ...toMigration }
    const { transfer, error, userErrors } = await send(deputy, 'transferApplication', input, `transfer { ${standing} }`)
    expect([error, userErrors]).toEqual([undefined, []])
    expect(transfer).toMatchObject({ kind: 'COMPETENCE', reason: null, application: { number, state: 'TRANSFERRED' } })
    expect(await client`select type from deadlines where subject = ${key}`).toEqual([])
    const cleared = { officerId: null, extendedAt: null, escalatedAt: null, registeredAt: null, dueOn: null }
    expect(await rowOf(key)).toMatchObject({ ...cleared, state: 'TRANSFERRED', agencyId: await idOf('DMX') })

    // After 18:00 in Baku, when a registration would count from the next working day.
    clock.set('2026-11-30T15:00:00Z')
    for (let twice = 0; twice < 2; twice++) await run(registerApplication, key)
    // 20 working days from 30 November.
    expect(await read(number, 'state dueOn service { code } officer { isCaller }')).toMatchObject({
      state: 'REGISTERED',
      dueOn: '2026-12-28',
      service: { code: 'DMX-TRP' },
      officer: null,
    })
    expect((await timelineOf(number)).slice(-2)).toMatchObject([
      { type: 'application.transferred', by: 'OFFICER', dueOn: null, dueReason: 'term.transferred' },
      { type: 'application.registered', dueOn: '2026-12-28', dueReason: 'term.registered' },
    ])
    const { timeline } = await read(number, `timeline(last: 2) { nodes { transfer { ${standing} } } }`)
    expect(timeline.nodes[0].transfer).toMatchObject({ reason, to: { code: 'DMX' } })
  })

  it('shows the former agency the state and the term only, and closes what it had opened', async () => {
    const { id, number, revision } = await inReview(deputy)
    clock.set('2026-12-01T08:00:00Z')
    for (const officer of [both, head])
      expect(await outcomeOf(officer, 'openApplication', { applicationId: id, reason: 'Həmkarım xəstədir' })).toBe(
        'done',
      )
    expect(await transfer(deputy, id, revision)).toBe('done')
    for (const officer of [deputy, head]) {
      expect(await read(number, 'state content { answers } timeline(first: 1) { nodes { text } }', officer)).toBeNull()
      const { data } = await ask(`{ node(id: "${id}") { id } }`, { headers: await as(officer) })
      expect(data.node).toBeNull()
      const query = `{ personRecords(fin: "TEST001", purpose: "APPLICATION", application: "${number}", agency: "BPQMI") {
        population { record { surname } } } }`
      expect((await ask(query, { headers: await as(officer) })).errors).toBeDefined()
      expect(await outcomeOf(officer, 'openApplication', { applicationId: id, reason })).toBe('application.unknown')
      expect((await transfersOf(officer))[0]).toMatchObject({
        reason: null,
        application: { number, state: 'TRANSFERRED', phase: 'WAITING_FOR_AGENCY', dueOn: null },
      })
    }
    expect(await read(number, 'state', migration)).toEqual({ state: 'TRANSFERRED' })
    expect(await transfersOf(migration)).toEqual([])
    // An officer of both agencies opened it at the former one only.
    expect(await read(number, 'state content { answers }', both)).toEqual({ state: 'TRANSFERRED', content: null })
    const openings = '{ agencyOpenings(first: 1) { nodes { reason application { number } } } }'
    const { data } = await ask(openings, { headers: await as(head) })
    expect(data.agencyOpenings.nodes[0]).toEqual({ reason: 'Həmkarım xəstədir', application: null })
  })

  it('keeps the answers readable with the form in which they were given', async () => {
    const { id, key, number, revision } = await inReview(deputy, { unsettled: ['/newAddress'] })
    expect(await transfer(deputy, id, revision)).toBe('done')
    await run(registerApplication, key)
    await db
      .update(applications)
      .set({ state: ApplicationState.IN_REVIEW, officerId: await partyOf(migration) })
      .where(eq(applications.id, key))
    const shown = 'content { answers } formVersion { form { ui } } viewerCan { action message }'
    const { content, formVersion, viewerCan } = await read(number, shown, migration)
    expect(content.answers.basis).toBe('OWNER')
    expect(JSON.stringify(formVersion.form.ui)).toContain('/newAddress')
    const { message } = viewerCan.find(({ action }: { action: string }) => action === 'APPROVE')
    expect(message).toContain('New address')
  })

  it('counts the term of the process, if it has one of its own for transfers', async () => {
    await changeProcess(database, 'DMX-TRP', { transferValue: 3, transferUnit: TermUnit.WORKING_DAY })
    const { id, key, revision } = await inReview(deputy)
    expect(await transfer(deputy, id, revision)).toBe('done')
    await run(registerApplication, key)
    expect((await rowOf(key)).dueOn).toBe('2026-11-30')
  })

  it('gives the usual term to an officer of a new service that only has an instant one', async () => {
    const { id, key, revision } = await inReview(deputy)
    expect(await transfer(deputy, id, revision, { agencyCode: 'DGK', serviceCode: 'DGK-SMART' })).toBe('done')
    await run(registerApplication, key)
    expect(await rowOf(key)).toMatchObject({ state: 'REGISTERED', dueOn: '2026-12-25' })
  })

  it('ends questions to a registry that the new service does not need', async () => {
    const declared = { '/applicant/surname': { registry: 'POPULATION', declaredAt: start.toISOString() } }
    const { key } = await registered({ prefilled: { ...prefilled, places: {}, declared } })
    const officerId = await partyOf(deputy)
    const unsettled = Object.keys(declared)
    await db
      .update(applications)
      .set({ state: ApplicationState.IN_REVIEW, officerId, unsettled })
      .where(eq(applications.id, key))
    const { number, revision } = await rowOf(key)
    const onwards = { agencyCode: 'DGK', serviceCode: 'DGK-SMART' }
    expect(await transfer(deputy, nodeIdOf('Application', key), revision, onwards)).toBe('done')
    await run(askRegistriesLater, key)
    expect((await rowOf(key)).unsettled).toEqual(unsettled)
    expect(await client`select type from deadlines where subject = ${key}`).toEqual([])
    expect(await client`select outcome from accesses where application = ${number}`).toEqual([])
  })

  it('neither prolongs nor shortens a waiting period, which began when the application was complete', async () => {
    await changeProcess(database, 'DMX-TRP', { waitingValue: 14, waitingUnit: TermUnit.CALENDAR_DAY })
    const { id, key, revision } = await inReview(deputy)
    const confirmed = {
      type: 'application.confirmed',
      at: new Date('2026-11-27T08:00:00Z'),
      mandateIds: [],
      actor: 'a test',
    }
    const [fromState, toState] = [ApplicationState.AWAITING_CONFIRMATION, ApplicationState.SUBMITTED]
    const partyId = await partyOf('citizen')
    await db.insert(timelineEntries).values({ ...confirmed, applicationId: key, partyId, fromState, toState })
    clock.set('2026-11-30T08:00:00Z')
    expect(await transfer(deputy, id, revision)).toBe('done')
    await run(registerApplication, key)
    expect((await rowOf(key)).notBefore).toEqual(new Date('2026-12-11T14:00:00Z'))
  })

  it('requires an agency that has not had the application, and one of its services', async () => {
    const { id, key, revision } = await inReview(deputy)
    const [fromAgencyId, toAgencyId] = [await idOf('EDLIYYE'), await idOf('BPQMI')]
    const before = { partyId: await partyOf('citizen'), kind: TransferKind.COMPETENCE, at: start }
    await db.insert(applicationTransfers).values({ ...before, applicationId: key, fromAgencyId, toAgencyId })
    const cases: [object, string][] = [
      [{ agencyCode: 'NONE' }, 'agency.unknown'],
      [{ agencyCode: 'BPQMI' }, 'transfer.same_agency'],
      [{ agencyCode: 'EDLIYYE' }, 'transfer.passed_on'],
      [{ serviceCode: null }, 'transfer.service'],
      [{ serviceCode: 'ED-NAME' }, 'transfer.service_unknown'],
      [{ agencyCode: 'VXSIDA', serviceCode: 'ASAN-EVISA-STD' }, 'transfer.service_unknown'],
      [{ agencyCode: 'BDYPI', serviceCode: 'DIN-FINES-VIEW' }, 'transfer.service_unknown'],
      [{ reason: ' ' }, 'text.missing'],
    ]
    for (const [more, expected] of cases) expect(await transfer(deputy, id, revision, more)).toBe(expected)
    expect(await transfer(head, id, revision)).toBe('application.not_assigned')
    expect(await transfer(migration, id, revision)).toBe('application.unknown')
  })
})

describe('registerApplication', () => {
  /** A citizen's appeal to that agency. */
  const appealTo = async (addressee: string) =>
    await insertApplication(database, keyring, {
      partyId: await partyOf('citizen'),
      service: 'GOV-APPEAL',
      state: 'SUBMITTED',
      answers: { addressee },
    })

  it('sends an appeal to the agency that the citizen has named, under the same service', async () => {
    const key = await appealTo('DMX')
    for (let twice = 0; twice < 2; twice++) await run(registerApplication, key)
    const { number } = await rowOf(key)
    expect(await read(number, `state dueOn agency { code } service { code } transfers { ${standing} }`)).toEqual({
      state: 'REGISTERED',
      // 15 working days from 25 November.
      dueOn: '2026-12-16',
      agency: { code: 'DMX' },
      service: { code: 'GOV-APPEAL' },
      transfers: [
        {
          kind: 'ADDRESSEE',
          from: { code: 'EHIM' },
          to: { code: 'DMX' },
          reason: null,
          application: { number, state: 'REGISTERED', phase: 'WAITING_FOR_AGENCY', dueOn: '2026-12-16' },
        },
      ],
    })
    expect((await timelineOf(number)).slice(-2)).toMatchObject([
      { type: 'application.transferred', by: 'SYSTEM', fromState: 'SUBMITTED', toState: 'TRANSFERRED' },
      { type: 'application.registered', dueOn: '2026-12-16' },
    ])
    // An officer may send it on, under the same service.
    await db
      .update(applications)
      .set({ state: ApplicationState.IN_REVIEW, officerId: await partyOf(migration) })
      .where(eq(applications.id, key))
    const { id, revision } = await read(number, 'id revision')
    const onwards = { agencyCode: 'DSX', serviceCode: 'DMX-TRP' }
    expect(await transfer(migration, id, revision, onwards)).toBe('transfer.keeps_service')
    expect(await transfer(migration, id, revision, { ...onwards, serviceCode: null })).toBe('done')
  })

  it('registers an appeal to the agency of the service there', async () => {
    const key = await appealTo('EHIM')
    await run(registerApplication, key)
    expect(await rowOf(key)).toMatchObject({ state: 'REGISTERED', agencyId: await idOf('EHIM') })
  })
})
