import { eq, sql } from 'drizzle-orm'
import { pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { statementOf } from '../../src/engine/statement.js'
import { ageOfConsent } from '../../src/identity/ages.js'
import { IdentifierType } from '../../src/identity/identifier.table.js'
import { partyBy } from '../../src/identity/identifiers.js'
import { MandateKind, MandateSource, mandates, Power } from '../../src/identity/mandate.table.js'
import { particulars } from '../../src/identity/particulars.table.js'
import { forgetParty, keyToSeal } from '../../src/identity/party.js'
import { PartyKind } from '../../src/identity/party.table.js'
import { authorityOver, isForCaller, type Wanted } from '../../src/identity/powers.js'
import { birthday, ownPowers } from '../../src/identity/powers.rules.js'
import { type Caller, type Context, contextOf, nobody } from '../../src/shared/context.js'
import { seal } from '../../src/shared/personal.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { unmetered } from '../support/meter.js'

const database = await cloneDatabase()
const { db } = database
const keyring = keyringOfTest()
const now = new Date('2026-11-25T08:00:00Z')

let number = 0
const party = (kind: PartyKind) =>
  db.transaction(async (tx) => {
    const value = `TEST${String(++number).padStart(3, '0')}`
    const key = await partyBy(tx, keyring, { kind, identifiers: [{ type: IdentifierType.FIN, value }], since: now })
    return key.party
  })
const person = () => party(PartyKind.NATURAL_PERSON)
const firm = () => party(PartyKind.LEGAL_ENTITY)

interface Given {
  kind?: MandateKind
  powers?: Power[]
  services?: string[] | null
  validTo?: Date | null
}
async function give(
  principalId: string,
  holderId: string,
  { kind = MandateKind.DELEGATE, powers = [Power.VIEW, Power.FILE], services = null, validTo = null }: Given = {},
): Promise<string> {
  const id = v7()
  const since = new Date('2026-01-01T00:00:00Z')
  const when = { validFrom: since, validTo, since, source: MandateSource.REGISTER }
  await db.insert(mandates).values({ id, principalId, holderId, kind, powers, services, ...when })
  return id
}

async function born(partyId: string, birthDate: string): Promise<string> {
  await db.transaction(async (tx) => {
    const row = { id: v7(), partyId, birthDate, source: 'a test', since: now }
    await tx.insert(particulars).values(seal(await keyToSeal(tx, keyring, partyId), particulars, row))
  })
  return partyId
}

const contextFor = (caller: Partial<Caller>): Context =>
  contextOf({
    ...{ language: 'en', database, keyring, meter: unmetered, now: () => now, timeout: 5000 },
    caller: { ...nobody, kind: 'PERSON', id: `person:${caller.party}`, ...caller },
  })
const may = (caller: Partial<Caller>, over: string | undefined, wanted: Partial<Wanted> = {}) =>
  db.transaction((tx) =>
    authorityOver({ tx, context: contextFor(caller) }, over, { power: Power.FILE, scope: 'filings:write', ...wanted }),
  )
const refused = expect.objectContaining({ extensions: expect.objectContaining({ code: 'FORBIDDEN' }) })

describe('somebody may act', () => {
  it('for themselves, and for nobody else', async () => {
    const [one, other] = [await person(), await person()]
    expect(await may({ party: one }, undefined)).toEqual({ party: one, mandates: [] })
    await expect(may({ party: one }, other)).rejects.toEqual(refused)
    await expect(may({ party: one }, v7())).rejects.toEqual(refused)
  })

  it('by a mandate, in what it names, and until its end', async () => {
    const [holder, principal] = [await person(), await firm()]
    const mandate = await give(principal, holder, { services: ['DVX-VAT'], validTo: new Date('2026-12-01T00:00:00Z') })
    expect(await may({ party: holder }, principal, { service: 'DVX-VAT' })).toEqual({
      party: principal,
      mandates: [mandate],
    })
    for (const wanted of [{ service: 'DVX-RETURN' }, {}, { service: 'DVX-VAT', power: Power.PAY }])
      await expect(may({ party: holder }, principal, wanted)).rejects.toEqual(refused)
    await db.update(mandates).set({ validTo: now }).where(eq(mandates.id, mandate))
    await expect(may({ party: holder }, principal, { service: 'DVX-VAT' })).rejects.toEqual(refused)
  })

  it('as staff of a firm that has a mandate, in what both have in common, and no link further', async () => {
    const [staff, delegate] = [await person(), await person()]
    const [accountants, company, third] = [await firm(), await firm(), await firm()]
    const given = await give(company, accountants, { services: ['A', 'B'] })
    const own = await give(accountants, staff, {
      ...{ kind: MandateKind.EMPLOYEE, powers: [Power.VIEW, Power.FILE, Power.PAY], services: ['B', 'C'] },
    })
    await give(accountants, delegate)
    await give(third, company)
    const asStaff = { party: staff }
    expect(await may(asStaff, company, { service: 'B' })).toEqual({ party: company, mandates: [given, own] })
    for (const wanted of [{ service: 'A' }, { service: 'C' }, { service: 'B', power: Power.PAY }])
      await expect(may(asStaff, company, wanted)).rejects.toEqual(refused)
    await expect(may({ party: delegate }, company, { service: 'B' })).rejects.toEqual(refused)
    await expect(may(asStaff, third, { service: 'B' })).rejects.toEqual(refused)
  })

  it('as a program, for its organisation and whom that acts for, within its scopes', async () => {
    const [organisation, client, beyond] = [await firm(), await firm(), await firm()]
    const given = await give(client, organisation)
    await give(beyond, client)
    const program = (...scopes: string[]) => ({
      ...{ kind: 'PROGRAM' as const, party: organisation, program: { id: v7(), scopes: new Set(scopes) } },
    })
    expect(await may(program('filings:write'), undefined)).toEqual({ party: organisation, mandates: [] })
    expect(await may(program('filings:write'), client)).toEqual({ party: client, mandates: [given] })
    await expect(may(program('filings:write'), beyond)).rejects.toEqual(refused)
    await expect(may(program('payments:write'), undefined)).rejects.toEqual(refused)
  })

  it('not for an agency, nor as the operator, be it for themselves', async () => {
    const one = await person()
    for (const kind of ['OFFICER', 'OPERATOR', 'AUDITOR'] as const)
      await expect(may({ kind, party: one }, undefined)).rejects.toEqual(refused)
  })
})

it('A mandate that is being revoked is waited for, and then there is none', async () => {
  const [holder, principal] = [await person(), await firm()]
  const mandate = await give(principal, holder)
  let acting: Promise<unknown> = Promise.resolve()
  await db.transaction(async (tx) => {
    await tx.update(mandates).set({ revokedAt: now, revokedBy: 'person:x' }).where(eq(mandates.id, mandate))
    acting = may({ party: holder }, principal)
    acting.catch(() => {})
    expect(await Promise.race([acting, new Promise((settle) => setTimeout(settle, 300, 'waits'))])).toBe('waits')
  })
  await expect(acting).rejects.toEqual(refused)
})

describe('Of parties of whom one was forgotten', () => {
  const forget = (id: string) => db.transaction((tx) => forgetParty(tx, id, now))

  it.each(['principal', 'holder'] as const)('nobody acts by a mandate whose %s it was', async (gone) => {
    const parties = { principal: await firm(), holder: await person() }
    await give(parties.principal, parties.holder)
    await forget(parties[gone])
    await expect(may({ party: parties.holder }, parties.principal)).rejects.toEqual(refused)
  })

  it.each(['company', 'firm', 'staff'] as const)('nobody acts through a firm where it was the %s', async (gone) => {
    const parties = { company: await firm(), firm: await firm(), staff: await person() }
    await give(parties.company, parties.firm)
    await give(parties.firm, parties.staff, { kind: MandateKind.EMPLOYEE })
    expect((await may({ party: parties.staff }, parties.company)).mandates).toHaveLength(2)
    await forget(parties[gone])
    await expect(may({ party: parties.staff }, parties.company)).rejects.toEqual(refused)
  })
})

it('What is about a service is seen by a mandate for that one or for all, and else by none for some', async () => {
  const table = pgTable('things', { owner: uuid('owner').notNull(), service: text('service') })
  await database.client`create table things (owner uuid not null, service text)`
  const [holder, principal, stranger] = [await person(), await firm(), await firm()]
  const services = ['A', 'B', null]
  for (const owner of [principal, stranger])
    await db.insert(table).values(services.map((service) => ({ owner, service })))
  const seen = async (): Promise<(string | null)[]> =>
    await statementOf({
      sql: sql`(select json_agg(service order by service) from things where ${isForCaller(table.owner, table.service)})`,
    })(database.client, { context: contextFor({ party: holder }), variables: {} })
  await give(principal, holder, { services: ['B', 'C'] })
  expect(await seen()).toEqual(['B'])
  await give(principal, holder, { powers: [Power.FILE] })
  expect(await seen()).toEqual(['B'])
  await give(principal, holder, { powers: [Power.VIEW] })
  expect(await seen()).toEqual(services)
})

describe('a minor', () => {
  it('may look, and with 18 all that anybody may', () => {
    const minor = { birthDate: '2011-06-15', isWard: false }
    expect([...ownPowers(minor, '2029-06-14')]).toEqual([Power.VIEW])
    expect(ownPowers(minor, '2029-06-15')).toContain(Power.SIGN)
    expect(birthday('2012-02-29', ageOfConsent)).toBe('2026-03-01')
  })

  it('acts alone in what somebody consented to', async () => {
    const minor = await person()
    const consent = await give(minor, minor, { kind: MandateKind.CONSENT, powers: [Power.PAY] })
    // Of full age by what is known of them: the consent is not asked for.
    expect(await may({ party: minor }, undefined, { power: Power.PAY })).toEqual({ party: minor, mandates: [] })
    await born(minor, '2011-06-15')
    expect(await may({ party: minor }, undefined, { power: Power.PAY })).toEqual({ party: minor, mandates: [consent] })
    await expect(may({ party: minor }, undefined, { power: Power.FILE })).rejects.toEqual(refused)
  })

  it.each([MandateKind.HEAD, MandateKind.SEAL_HOLDER, MandateKind.DELEGATE, MandateKind.EMPLOYEE])(
    'acts for no organisation as %s, nor for whom it acts for',
    async (kind) => {
      const [company, client] = [await firm(), await firm()]
      await give(client, company)
      for (const [birthDate, isLet] of [
        ['2008-11-26', false],
        ['2008-11-25', true],
      ] as const) {
        const holder = await born(await person(), birthDate)
        const mandate = await give(company, holder, { kind })
        if (isLet) expect(await may({ party: holder }, company)).toEqual({ party: company, mandates: [mandate] })
        else for (const party of [company, client]) await expect(may({ party: holder }, party)).rejects.toEqual(refused)
      }
    },
  )
})

describe('a parent', () => {
  const powersOver = async (kind: MandateKind, birthDate: string | undefined) => {
    const [child, elder] = [await person(), await person()]
    if (birthDate) await born(child, birthDate)
    await give(child, elder, { kind, powers: Object.values(Power) })
    const asked = Object.values(Power).map((power) => may({ party: elder }, child, { power }).then(() => power))
    return (await Promise.allSettled(asked)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  it('acts for a child below 14, then looks and consents, and with 18 nothing is left', async () => {
    expect(await powersOver(MandateKind.PARENT, '2012-11-26')).toEqual(Object.values(Power))
    expect(await powersOver(MandateKind.PARENT, '2012-11-25')).toEqual([Power.VIEW, Power.CONSENT])
    expect(await powersOver(MandateKind.PARENT, '2008-11-26')).toEqual([Power.VIEW, Power.CONSENT])
    expect(await powersOver(MandateKind.PARENT, '2008-11-25')).toEqual([])
  })

  it('does what the mandate says where nobody has told when the child was born', async () => {
    expect(await powersOver(MandateKind.PARENT, undefined)).toEqual(Object.values(Power))
  })

  it('is as a guardian is, who acts for a ward of age as well', async () => {
    expect(await powersOver(MandateKind.GUARDIAN, '2012-11-25')).toEqual([Power.VIEW, Power.CONSENT])
    expect(await powersOver(MandateKind.GUARDIAN, '1950-01-01')).toEqual(Object.values(Power))
  })
})

describe('a ward of age', () => {
  it('looks, and does nothing alone, for themselves or an organisation, as long as there is a guardian', async () => {
    const [ward, company] = [await born(await person(), '1950-01-01'), await firm()]
    const headship = await give(company, ward, { kind: MandateKind.HEAD })
    const guardian = await give(ward, await person(), { kind: MandateKind.GUARDIAN })
    expect(await may({ party: ward }, undefined, { power: Power.VIEW })).toEqual({ party: ward, mandates: [] })
    for (const party of [undefined, company]) await expect(may({ party: ward }, party)).rejects.toEqual(refused)
    await db.update(mandates).set({ revokedAt: now, revokedBy: 'a register' }).where(eq(mandates.id, guardian))
    expect(await may({ party: ward }, undefined)).toEqual({ party: ward, mandates: [] })
    expect(await may({ party: ward }, company)).toEqual({ party: company, mandates: [headship] })
  })

  it('has no use of what a parent once consented to', async () => {
    const ward = await born(await person(), '2008-11-25')
    await give(ward, ward, { kind: MandateKind.CONSENT, powers: [Power.FILE] })
    await give(ward, await person(), { kind: MandateKind.GUARDIAN })
    await expect(may({ party: ward }, undefined)).rejects.toEqual(refused)
  })
})
