import { eq, sql } from 'drizzle-orm'
import { pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { unmetered } from '../../src/engine/rates.js'
import { statementOf } from '../../src/engine/statement.js'
import type { Acting } from '../../src/events/commandKeys.js'
import { MandateKind, MandateSource, mandates, Power } from '../../src/identity/mandates/mandate.table.js'
import { authorityOver, isForCaller, type Wanted } from '../../src/identity/mandates/powers.js'
import { birthday, fullPowers, ownPowers, powersAtAges } from '../../src/identity/mandates/powers.rules.js'
import { refuseOwnCase } from '../../src/identity/officers/ownCase.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import { getSealMandate } from '../../src/identity/parties/seal.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { anonymous, type Caller, type Context, contextOf } from '../../src/shared/context.js'
import { cloneDatabase, untilBlocked } from '../support/database.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'

const database = await cloneDatabase()
const { db } = database
const { person, organisation, bornOn, give } = partiesIn(database)
const now = new Date('2026-11-25T08:00:00Z')
const aSecond = 1000

const contextFor = (caller: Partial<Caller>): Context =>
  contextOf({
    language: 'en',
    database,
    keyring,
    meter: unmetered,
    now: () => now,
    timeout: 5000,
    // The cast: each test gives what its kind has.
    caller: {
      ...anonymous,
      kind: 'PERSON',
      id: `person:${caller.party}`,
      assurance: Assurance.HIGH,
      ...caller,
    } as Caller,
  })
const acting = <Result>(caller: Partial<Caller>, act: (acting: Acting) => Promise<Result>): Promise<Result> =>
  db.transaction((tx) => act({ tx, context: contextFor(caller) }))
const forget = (id: string) => db.transaction((tx) => forgetParty(tx, id, now))
const revoke = (id: string, revokedAt = now) =>
  db.update(mandates).set({ revokedAt, revokedBy: 'a test' }).where(eq(mandates.id, id))
const refused = (code: string, more: object = {}) =>
  expect.objectContaining({ extensions: expect.objectContaining({ code, ...more }) })
const forbidden = refused('FORBIDDEN')

/** What `act` answers that begins while the mandate is being revoked. */
async function whileRevoked<Result>(mandate: string, act: () => Promise<Result>): Promise<Result> {
  let answer: Promise<PromiseSettledResult<Result>[]> | undefined
  await db.transaction(async (tx) => {
    await tx.update(mandates).set({ revokedAt: now, revokedBy: 'a test' }).where(eq(mandates.id, mandate))
    answer = Promise.allSettled([act()])
    await untilBlocked(database)
  })
  const [settled] = (await answer) ?? []
  if (settled?.status === 'fulfilled') return settled.value
  throw settled?.reason
}

describe('birthday', () => {
  it('is on 1 March for a person born on 29 February, unless the year has that day', () => {
    expect([birthday('2012-02-29', 14), birthday('2012-02-29', 16)]).toEqual(['2026-03-01', '2028-02-29'])
  })
})

describe('ownPowers', () => {
  const minor = { birthDate: '2011-06-15', isWard: false }
  it.each([
    ['VIEW to a minor', minor, '2029-06-14', [Power.VIEW]],
    ['all to whoever is 18', minor, '2029-06-15', fullPowers],
    ['VIEW to a ward of any age', { birthDate: '1950-01-01', isWard: true }, '2029-06-15', [Power.VIEW]],
    ['all to whose birth date is unknown', { birthDate: null, isWard: false }, '2029-06-15', fullPowers],
  ])('gives %s', (_whom, capacity, today, powers) => {
    expect([...ownPowers(capacity, today)]).toEqual(powers)
  })
})

describe('powersAtAges', () => {
  const today = '2026-11-25'
  const all = Object.values(Power)
  const adult = { birthDate: '1980-01-01', isWard: false }
  const atMost13 = '2012-11-26'
  const just14 = '2012-11-25'
  const almost18 = '2008-11-26'
  const just18 = '2008-11-25'
  const overSomebody = (kind: MandateKind, birthDate: string | null) =>
    powersAtAges({ kind, heldAs: kind, powers: all }, { holder: adult, principal: { birthDate, isWard: false } }, today)

  it.each<[who: string, MandateKind, string | null, readonly Power[]]>([
    ['a parent all powers over a child below 14', MandateKind.PARENT, atMost13, all],
    ['a parent VIEW and CONSENT over a child of 14', MandateKind.PARENT, just14, [Power.VIEW, Power.CONSENT]],
    ['a parent VIEW and CONSENT over a child below 18', MandateKind.PARENT, almost18, [Power.VIEW, Power.CONSENT]],
    ['a parent nothing over a child of 18', MandateKind.PARENT, just18, []],
    ['a parent all powers over a child of unknown age', MandateKind.PARENT, null, all],
    ['a guardian VIEW and CONSENT over a ward of 14', MandateKind.GUARDIAN, just14, [Power.VIEW, Power.CONSENT]],
    ['a guardian all powers over a ward of age', MandateKind.GUARDIAN, '1950-01-01', all],
    ['a minor what a parent consented to', MandateKind.CONSENT, almost18, all],
    ['nothing by a consent to whoever is 18', MandateKind.CONSENT, just18, []],
  ])('gives %s', (_who, kind, birthDate, powers) => {
    expect(overSomebody(kind, birthDate)).toEqual(powers)
  })

  it.each([MandateKind.HEAD, MandateKind.SEAL_HOLDER, MandateKind.DELEGATE, MandateKind.EMPLOYEE])(
    'gives nothing to a minor or a ward who is %s of an organisation or of its representative',
    (heldAs) => {
      const principal = { birthDate: null, isWard: false }
      for (const kind of [heldAs, MandateKind.DELEGATE]) {
        const powersOf = (birthDate: string, isWard: boolean) =>
          powersAtAges({ kind, heldAs, powers: all }, { holder: { birthDate, isWard }, principal }, today)
        expect([powersOf(almost18, false), powersOf('1950-01-01', true)]).toEqual([[], []])
        expect(powersOf(just18, false)).toEqual(all)
      }
    },
  )
})

describe('authorityOver', () => {
  const may = (caller: Partial<Caller>, over: string | undefined, wanted: Partial<Wanted> = {}) =>
    acting(caller, (acting) => authorityOver(acting, over, { power: Power.FILE, scope: 'filings:write', ...wanted }))

  it('lets persons act for themselves, and for nobody else', async () => {
    const [one, other] = [await person(), await person()]
    expect(await may({ party: one }, undefined)).toEqual({ party: one, mandates: [] })
    await expect(may({ party: one }, other)).rejects.toEqual(forbidden)
    await expect(may({ party: one }, v7())).rejects.toEqual(forbidden)
  })

  it('lets the holder of a mandate act in what it names, until it ends', async () => {
    const [holder, principal] = [await person(), await organisation()]
    const mandate = await give(principal, holder, {
      services: ['DVX-VAT'],
      validTo: new Date(now.getTime() + aSecond),
    })
    const authority = { party: principal, mandates: [mandate] }
    expect(await may({ party: holder }, principal, { service: 'DVX-VAT' })).toEqual(authority)
    for (const wanted of [{ service: 'DVX-RETURN' }, {}, { service: 'DVX-VAT', power: Power.PAY }])
      await expect(may({ party: holder }, principal, wanted)).rejects.toEqual(forbidden)
    await db.update(mandates).set({ validTo: now }).where(eq(mandates.id, mandate))
    await expect(may({ party: holder }, principal, { service: 'DVX-VAT' })).rejects.toEqual(forbidden)
  })

  it('lets the staff of a representative act in what both mandates have in common, and no link further', async () => {
    const [staff, delegate] = [await person(), await person()]
    const [accountants, company, third] = [await organisation(), await organisation(), await organisation()]
    const given = await give(company, accountants, { services: ['A', 'B'] })
    const own = await give(accountants, staff, {
      kind: MandateKind.EMPLOYEE,
      powers: [Power.VIEW, Power.FILE, Power.PAY],
      services: ['B', 'C'],
    })
    await give(accountants, delegate)
    await give(third, company)
    const asStaff = { party: staff }
    expect(await may(asStaff, company, { service: 'B' })).toEqual({ party: company, mandates: [given, own] })
    for (const wanted of [{ service: 'A' }, { service: 'C' }, { service: 'B', power: Power.PAY }])
      await expect(may(asStaff, company, wanted)).rejects.toEqual(forbidden)
    await expect(may({ party: delegate }, company, { service: 'B' })).rejects.toEqual(forbidden)
    await expect(may(asStaff, third, { service: 'B' })).rejects.toEqual(forbidden)
  })

  it('lets programs act for their organisation and its principals, within their scopes', async () => {
    const [own, client, beyond] = [await organisation(), await organisation(), await organisation()]
    const given = await give(client, own)
    await give(beyond, client)
    const program = (scope: string) => ({
      kind: 'PROGRAM' as const,
      party: own,
      program: { id: v7(), name: 'A program', scopes: new Set([scope]) },
    })
    expect(await may(program('filings:write'), undefined)).toEqual({ party: own, mandates: [] })
    expect(await may(program('filings:write'), client)).toEqual({ party: client, mandates: [given] })
    await expect(may(program('filings:write'), beyond)).rejects.toEqual(forbidden)
    await expect(may(program('payments:write'), undefined)).rejects.toEqual(forbidden)
  })

  it.each(['OFFICER', 'OPERATOR', 'AUDITOR'] as const)(
    'refuses whoever is here as %s, for themselves too',
    async (kind) => {
      await expect(may({ kind, party: await person() }, undefined)).rejects.toEqual(forbidden)
    },
  )

  it('lets a minor act for themselves only in what somebody consented to', async () => {
    const minor = await bornOn('2011-06-15')
    const consent = await give(minor, minor, { kind: MandateKind.CONSENT, powers: [Power.PAY] })
    const authority = { party: minor, mandates: [consent] }
    expect(await may({ party: minor }, undefined, { power: Power.PAY })).toEqual(authority)
    await expect(may({ party: minor }, undefined, { power: Power.FILE })).rejects.toEqual(forbidden)
  })

  it('asks no adult for a consent', async () => {
    const adult = await person()
    await give(adult, adult, { kind: MandateKind.CONSENT, powers: [Power.PAY] })
    expect(await may({ party: adult }, undefined, { power: Power.PAY })).toEqual({ party: adult, mandates: [] })
  })

  it('lets a minor act for no organisation, nor for its principals', async () => {
    const [minor, company, client] = [await bornOn('2008-11-26'), await organisation(), await organisation()]
    await give(company, minor, { kind: MandateKind.EMPLOYEE })
    await give(client, company)
    for (const party of [company, client]) await expect(may({ party: minor }, party)).rejects.toEqual(forbidden)
  })

  it('lets a parent look and consent for a child of 14, and no more', async () => {
    const [child, parent] = [await bornOn('2012-11-25'), await person()]
    await give(child, parent, { kind: MandateKind.PARENT, powers: Object.values(Power) })
    expect(await may({ party: parent }, child, { power: Power.CONSENT })).toMatchObject({ party: child })
    await expect(may({ party: parent }, child)).rejects.toEqual(forbidden)
  })

  it('lets a ward of age only look, for themselves and organisations, while there is a guardian', async () => {
    const [ward, company] = [await bornOn('1950-01-01'), await organisation()]
    const headship = await give(company, ward, { kind: MandateKind.HEAD })
    await give(ward, ward, { kind: MandateKind.CONSENT, powers: [Power.FILE] }) // of a parent, when they were a minor
    const guardian = await give(ward, await person(), { kind: MandateKind.GUARDIAN })
    expect(await may({ party: ward }, undefined, { power: Power.VIEW })).toEqual({ party: ward, mandates: [] })
    for (const party of [undefined, company]) await expect(may({ party: ward }, party)).rejects.toEqual(forbidden)
    await revoke(guardian)
    expect(await may({ party: ward }, undefined)).toEqual({ party: ward, mandates: [] })
    expect(await may({ party: ward }, company)).toEqual({ party: company, mandates: [headship] })
  })

  it('waits for the end of a revocation, and then finds no mandate', async () => {
    const [holder, principal] = [await person(), await organisation()]
    const mandate = await give(principal, holder)
    await expect(whileRevoked(mandate, () => may({ party: holder }, principal))).rejects.toEqual(forbidden)
  })

  it.each(['principal', 'holder'] as const)('finds no mandate whose %s was forgotten', async (gone) => {
    const parties = { principal: await organisation(), holder: await person() }
    await give(parties.principal, parties.holder)
    await forget(parties[gone])
    await expect(may({ party: parties.holder }, parties.principal)).rejects.toEqual(forbidden)
  })

  it.each(['principal', 'representative', 'staff'] as const)(
    'finds no way through a representative once the %s was forgotten',
    async (gone) => {
      const parties = { principal: await organisation(), representative: await organisation(), staff: await person() }
      await give(parties.principal, parties.representative)
      await give(parties.representative, parties.staff, { kind: MandateKind.EMPLOYEE })
      expect((await may({ party: parties.staff }, parties.principal)).mandates).toHaveLength(2)
      await forget(parties[gone])
      await expect(may({ party: parties.staff }, parties.principal)).rejects.toEqual(forbidden)
    },
  )
})

describe('isForCaller', () => {
  it('shows rows of a service by a mandate for it or for all services, and other rows by a mandate for all', async () => {
    const table = pgTable('things', { owner: uuid('owner').notNull(), service: text('service') })
    await database.client`create table things (owner uuid not null, service text)`
    const [holder, principal, stranger] = [await person(), await organisation(), await organisation()]
    const services = ['A', 'B', null]
    for (const owner of [principal, stranger])
      await db.insert(table).values(services.map((service) => ({ owner, service })))
    const mine = isForCaller(table.owner, undefined, table.service)
    const shown = async (): Promise<(string | null)[]> =>
      await statementOf({ sql: sql`(select json_agg(service order by service) from things where ${mine})` })(
        database.client,
        { context: contextFor({ party: holder }), variables: {} },
      )
    await give(principal, holder, { services: ['B', 'C'] })
    expect(await shown()).toEqual(['B'])
    await give(principal, holder, { powers: [Power.FILE] })
    expect(await shown()).toEqual(['B'])
    await give(principal, holder, { powers: [Power.VIEW] })
    expect(await shown()).toEqual(services)
  })
})

describe('getSealMandate', () => {
  const holds = (caller: Partial<Caller>, party: string) => acting(caller, (acting) => getSealMandate(acting, party))
  const whole = { powers: Object.values(Power) }

  it.each([MandateKind.HEAD, MandateKind.SEAL_HOLDER])('finds the mandate of a %s', async (kind) => {
    const [company, holder] = [await organisation(), await person()]
    const mandate = await give(company, holder, { ...whole, kind })
    expect(await holds({ party: holder }, company)).toEqual({ mandate })
  })

  it.each<[who: string, given: Parameters<typeof give>[2]]>([
    ['a delegate', {}],
    ['an employee', { kind: MandateKind.EMPLOYEE }],
    ['a head from a later moment on', { kind: MandateKind.HEAD, validFrom: new Date(now.getTime() + aSecond) }],
    ['a head until now', { kind: MandateKind.HEAD, validTo: now }],
    ['a holder of a part of the seal', { kind: MandateKind.SEAL_HOLDER, powers: [Power.VIEW, Power.FILE, Power.SIGN] }],
    ['a holder for some services', { kind: MandateKind.SEAL_HOLDER, services: ['DVX-RETURN'] }],
  ])('refuses %s', async (_who, given) => {
    const [company, holder] = [await organisation(), await person()]
    await give(company, holder, { ...whole, ...given })
    await expect(holds({ party: holder }, company)).rejects.toEqual(forbidden)
  })

  it('refuses a former head, and the head of another organisation, be it one that holds the seal', async () => {
    const [company, other, former, elsewhere] = [
      await organisation(),
      await organisation(),
      await person(),
      await person(),
    ]
    await revoke(await give(company, former, { ...whole, kind: MandateKind.HEAD }))
    await give(other, elsewhere, { ...whole, kind: MandateKind.HEAD })
    await give(company, other, { ...whole, kind: MandateKind.SEAL_HOLDER })
    for (const party of [former, elsewhere]) await expect(holds({ party }, company)).rejects.toEqual(forbidden)
    await expect(holds({ party: elsewhere }, v7())).rejects.toEqual(forbidden)
  })

  it('refuses a head below 18, or with a guardian', async () => {
    const company = await organisation()
    const [minor, ward, grown] = [await bornOn('2008-11-26'), await bornOn('1950-01-01'), await bornOn('2008-11-25')]
    await give(ward, grown, { kind: MandateKind.GUARDIAN })
    for (const party of [minor, ward]) {
      await give(company, party, { ...whole, kind: MandateKind.HEAD })
      await expect(holds({ party }, company)).rejects.toEqual(forbidden)
    }
    const mandate = await give(company, grown, { ...whole, kind: MandateKind.HEAD })
    expect(await holds({ party: grown }, company)).toEqual({ mandate })
  })

  it('refuses programs, officers, the operator, auditors and anonymous callers', async () => {
    const [company, holder] = [await organisation(), await person()]
    await give(company, holder, { ...whole, kind: MandateKind.HEAD })
    for (const kind of ['PROGRAM', 'OFFICER', 'OPERATOR', 'AUDITOR'] as const)
      await expect(holds({ kind, party: holder }, company)).rejects.toEqual(forbidden)
    await expect(holds({ kind: 'ANONYMOUS' }, company)).rejects.toEqual(refused('UNAUTHENTICATED'))
  })

  it.each(['company', 'holder'] as const)('refuses once the %s was forgotten', async (gone) => {
    const parties = { company: await organisation(), holder: await person() }
    await give(parties.company, parties.holder, { ...whole, kind: MandateKind.HEAD })
    await forget(parties[gone])
    await expect(holds({ party: parties.holder }, parties.company)).rejects.toEqual(forbidden)
  })

  it('requires assurance HIGH, which it tells the holder alone', async () => {
    const [company, holder] = [await organisation(), await person()]
    await give(company, holder, { ...whole, kind: MandateKind.HEAD })
    const assurance = Assurance.SUBSTANTIAL
    const stepUp = refused('STEP_UP_REQUIRED', { assurance: 'HIGH' })
    await expect(holds({ party: holder, assurance }, company)).rejects.toEqual(stepUp)
    await expect(holds({ party: await person(), assurance }, company)).rejects.toEqual(forbidden)
  })

  it('waits for the end of a revocation, and then refuses', async () => {
    const [company, holder] = [await organisation(), await person()]
    const mandate = await give(company, holder, { ...whole, kind: MandateKind.HEAD })
    await expect(whileRevoked(mandate, () => holds({ party: holder }, company))).rejects.toEqual(forbidden)
  })
})

describe('refuseOwnCase', async () => {
  const officer = await person()
  const asOfficer = { kind: 'OFFICER', id: `officer:${officer}`, party: officer } as const
  const decide = (party: string) => acting(asOfficer, (acting) => refuseOwnCase(acting, party))
  const caseOf = (tie: string) => refused('FORBIDDEN', { reason: `case.${tie}` })
  const withinAYear = new Date('2026-02-01T00:00:00Z')
  const longAgo = new Date('2025-10-01T00:00:00Z')

  /** A mandate that the principal itself has granted. */
  async function grant(principalId: string, holderId: string, more: Partial<typeof mandates.$inferInsert> = {}) {
    const createdAt = new Date('2025-01-01T00:00:00Z')
    const usual = { kind: MandateKind.DELEGATE, powers: [Power.VIEW], validFrom: createdAt, createdAt }
    const granted = { source: MandateSource.GRANT, grantedBy: principalId }
    const row = { id: v7(), principalId, holderId, ...usual, ...granted, ...more }
    await db.insert(mandates).values(row)
    return row.id
  }

  it('lets officers decide the cases of strangers, and of parties that do not exist', async () => {
    await decide(await person())
    await decide(v7())
  })

  it('refuses the case of the officer', async () => {
    await expect(decide(officer)).rejects.toEqual(caseOf('own'))
  })

  it('refuses the cases of a company of the officer and of its clients, until a year after', async () => {
    const [company, client] = [await organisation(), await organisation()]
    const headship = await give(company, officer, { kind: MandateKind.HEAD })
    await give(client, company)
    for (const end of [undefined, withinAYear]) {
      if (end) await revoke(headship, end)
      for (const party of [company, client]) await expect(decide(party)).rejects.toEqual(caseOf('mandate'))
    }
    await revoke(headship, longAgo)
    for (const party of [company, client]) await decide(party)
  })

  it('refuses the case of a representative of the officer, until a year after', async () => {
    const delegate = await person()
    const given = await grant(officer, delegate)
    await expect(decide(delegate)).rejects.toEqual(caseOf('mandate'))
    await revoke(given, withinAYear)
    await expect(decide(delegate)).rejects.toEqual(caseOf('mandate'))
    await revoke(given, longAgo)
    await decide(delegate)
  })

  it('refuses the case of an employee of a representative of the officer', async () => {
    const [adviser, employee] = [await organisation(), await person()]
    await grant(officer, adviser)
    await grant(adviser, employee, { kind: MandateKind.EMPLOYEE })
    await expect(decide(employee)).rejects.toEqual(caseOf('mandate'))
  })

  it.each([MandateKind.DELEGATE, MandateKind.EMPLOYEE, MandateKind.SEAL_HOLDER])(
    'ignores a mandate as %s that an applicant granted, until the officer does something under it',
    async (kind) => {
      const [applicant, client] = [await organisation(), await organisation()]
      const granted = await grant(applicant, officer, { kind })
      await grant(client, applicant)
      for (const party of [applicant, client]) await decide(party)
      await grant(applicant, await person(), { grantedBy: officer, grantedUnder: granted })
      await expect(decide(applicant)).rejects.toEqual(caseOf('mandate'))
      if (kind === MandateKind.DELEGATE) await decide(client)
      else await expect(decide(client)).rejects.toEqual(caseOf('mandate'))
    },
  )

  it.each([MandateKind.PARENT, MandateKind.GUARDIAN])(
    'refuses the cases of both sides of a mandate as %s, also once it has ended',
    async (kind) => {
      const [older, younger] = [await person(), await person()]
      await give(officer, older, { kind, validTo: withinAYear })
      const ended = await give(younger, officer, { kind, validTo: withinAYear })
      for (const party of [older, younger]) await expect(decide(party)).rejects.toEqual(caseOf('relative'))
      await db.delete(mandates).where(eq(mandates.id, ended))
      await decide(younger)
    },
  )
})
