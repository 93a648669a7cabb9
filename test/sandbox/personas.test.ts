import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { appointments } from '../../src/identity/appointment.table.js'
import { clients } from '../../src/identity/client.table.js'
import { IdentifierType } from '../../src/identity/identifier.table.js'
import { partyBy } from '../../src/identity/identifiers.js'
import { mandates } from '../../src/identity/mandate.table.js'
import { particulars } from '../../src/identity/particulars.table.js'
import { keysOf } from '../../src/identity/party.js'
import { PartyKind, parties } from '../../src/identity/party.table.js'
import { digestOf } from '../../src/identity/secret.js'
import { personasOf, programsOf, textOfPersonas } from '../../src/sandbox/personas.js'
import { personasFrom } from '../../src/sandbox/personasFile.js'
import { programSecret } from '../../src/sandbox/programSecret.js'
import { seedPersonas } from '../../src/sandbox/seedPersonas.js'
import type { Caller } from '../../src/shared/context.js'
import { open } from '../../src/shared/personal.js'
import { seeds } from '../../src/shared/seeds.table.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { openLogin } from '../support/login.js'
import { createServer } from '../support/server.js'
import { frontendOf } from '../support/signIn.js'

const database = await cloneDatabase()
const { db, client } = database
const keyring = keyringOfTest()
const { config, address } = await openLogin()
const file = personasFrom(textOfPersonas())
/** Whoever is known surely enough to be somebody before they sign in. */
const known = file.persons.filter(({ assurance }) => assurance !== 'LOW')

beforeAll(async () => {
  expect(await seedPersonas(database, keyring, config)).toBe(true)
})

/** The party of somebody of the file. */
async function partyOf(name: string): Promise<string> {
  const person = file.persons.find((person) => person.name === name)
  const voen = file.organisations.find((organisation) => organisation.name === name)?.voen
  const { fin, document } = { ...person }
  const identifiers = [
    ...(fin ? [{ type: IdentifierType.FIN, value: fin }] : []),
    ...(document ? [{ type: IdentifierType.DOCUMENT, value: `${document.country}:${document.number}` }] : []),
    ...(voen ? [{ type: IdentifierType.VOEN, value: voen }] : []),
  ]
  const named = { kind: PartyKind.NATURAL_PERSON, identifiers, since: new Date() }
  return (await db.transaction((tx) => partyBy(tx, keyring, named))).party
}

const powersOf = async (name: string, at: string) => {
  const rows = await client`
    select principal_id as principal, powers from powers_of(${await partyOf(name)}, ${at}::text::timestamptz, 2)`
  return rows.map(({ principal, powers }) => ({ principal, powers }))
}

describe('personas', () => {
  test('are each a party, with what is known of them', async () => {
    expect(known.length).toBe(file.persons.length - 1)
    expect(await db.$count(parties)).toBe(known.length + file.organisations.length)
    for (const { name, fullName, kind, ...person } of known) {
      const party = await partyOf(name)
      const [row] = await db.select().from(particulars).where(eq(particulars.partyId, party))
      const key = (await keysOf(database, keyring, [party])).get(party)
      expect(open(key!, particulars, row!)).toMatchObject({
        ...{ name: fullName, birthDate: person.birthDate, source: 'sandbox' },
        status: ['CITIZEN', 'FOREIGNER', 'STATELESS'].includes(kind) ? kind : null,
      })
    }
  })

  test('of whom some act for others', async () => {
    const now = '2026-11-25T12:00:00Z'
    const all = ['VIEW', 'FILE', 'PAY', 'SIGN']
    const [company, other] = [await partyOf('company'), await partyOf('other-company')]
    expect(await powersOf('company-head', now)).toEqual([{ principal: company, powers: all }])
    expect(await powersOf('other-company-head', now)).toEqual([{ principal: other, powers: all }])
    expect(await powersOf('company-delegate', now)).toEqual([{ principal: company, powers: ['VIEW', 'FILE'] }])
    const [delegated] = await db
      .select()
      .from(mandates)
      .where(eq(mandates.kind, 'DELEGATE' as never))
    const [head] = await db
      .select()
      .from(mandates)
      .where(eq(mandates.holderId, await partyOf('company-head')))
    expect(delegated?.validTo).toEqual(new Date('2030-12-30T20:00:00Z'))
    expect(delegated).toMatchObject({ source: 'GRANT', grantedBy: head?.holderId, grantedUnder: head?.id })
  })

  test('of whom a parent looks at a minor and consents to what they do, from the 14th birthday to the 18th, in Baku', async () => {
    const consent = [{ principal: await partyOf('minor'), powers: ['VIEW', 'CONSENT'] }]
    expect(await powersOf('citizen', '2025-06-14T19:59:59Z')).toEqual([])
    expect(await powersOf('citizen', '2025-06-14T20:00:00Z')).toEqual(consent)
    expect(await powersOf('citizen', '2029-06-14T19:59:59Z')).toEqual(consent)
    expect(await powersOf('citizen', '2029-06-14T20:00:00Z')).toEqual([])
  })

  test('of whom programs have a secret that the database does not hold', async () => {
    for (const { id, name, organisation, scopes } of file.programs) {
      const [row] = await db.select().from(clients).where(eq(clients.id, id))
      const secret = programSecret(config, { id, name })
      expect(row).toMatchObject({ name, scopes, partyId: await partyOf(organisation), secretHash: digestOf(secret) })
      expect(JSON.stringify(row)).not.toContain(secret)
    }
  })
})

describe('seeding them again', () => {
  test('is one select', async () => {
    database.statements.length = 0
    expect(await seedPersonas(database, keyring, config)).toBe(false)
    expect(database.statements).toHaveLength(1)
  })

  test('adds nothing twice, gives no office back that was ended, and takes over a secret that was made anew', async () => {
    const count = async () => [
      ...[await db.$count(parties), await db.$count(particulars), await db.$count(mandates)],
      ...[await db.$count(appointments), await db.$count(clients)],
    ]
    const before = await count()
    const evisa = eq(appointments.partyId, await partyOf('evisa-officer'))
    await db
      .update(appointments)
      .set({ state: 'ENDED' as never, endedAt: new Date() })
      .where(evisa)
    const [program] = programsOf()
    await db.update(clients).set({ secretHash: 'of another folder' }).where(eq(clients.id, program!.id))
    await db.update(seeds).set({ digest: 'of another file' }).where(eq(seeds.name, 'personas'))
    expect(await seedPersonas(database, keyring, config)).toBe(true)
    expect(await count()).toEqual(before)
    const [ended] = await db.select().from(appointments).where(evisa)
    expect(ended?.state).toBe('ENDED')
    const [client] = await db.select().from(clients).where(eq(clients.id, program!.id))
    expect(client?.secretHash).toBe(digestOf(programSecret(config, program!)))
    await db
      .update(appointments)
      .set({ state: 'ACTIVE' as never, endedAt: null })
      .where(evisa)
  })
})

describe('who signs in at the login', async () => {
  const app = await createServer({ config, database, keyring })
  let caller: Caller | undefined
  app.addHook('preHandler', async (request) => {
    caller = request.caller
  })
  afterAll(() => app.close())

  const kinds = { CITIZEN: 'PERSON', FOREIGNER: 'PERSON', STATELESS: 'PERSON' } as Record<string, string>
  test.each(personasOf())('is the persona that was chosen: $name', async ({ name, kind, assurance }) => {
    const { access_token: token } = await frontendOf(address).signIn(name)
    const headers = { authorization: `Bearer ${token}` }
    const answer = await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query: '{ __typename }' } })
    expect(answer.json()).toEqual({ data: { __typename: 'Query' } })
    const party = assurance === 'LOW' ? expect.any(String) : await partyOf(name)
    expect(caller).toMatchObject({
      ...{ kind: kinds[kind] ?? kind, party, assurance },
      ...{ signedInAt: expect.any(Date), signInAt: `${address}/` },
    })
    const offices = file.appointments.filter(({ officer }) => officer === name)
    expect(caller?.offices.map(({ agency, roles }) => ({ agency, roles }))).toEqual(
      offices.map(({ agency, roles }) => ({ agency, roles })),
    )
  })

  test('is nobody new, but for one who is not known surely: there are as many parties as personas', async () => {
    expect(await db.$count(parties)).toBe(file.persons.length + file.organisations.length)
  })

  test('is an officer of an agency that is there', async () => {
    const codes = await db.select({ code: agencies.code }).from(agencies)
    expect(codes.map(({ code }) => code)).toEqual(expect.arrayContaining(file.appointments.map(({ agency }) => agency)))
  })
})

describe('the file of personas', () => {
  const changed = (change: (file: any) => void) => {
    const changing = JSON.parse(textOfPersonas())
    change(changing)
    return () => personasFrom(JSON.stringify(changing))
  }
  test.each<[string, (file: any) => void, RegExp]>([
    ['a FİN that is none', ({ persons }) => (persons[0].fin = 'TESTO01'), /persons\[0\]\.fin: a FİN/],
    [
      'a VÖEN that does not add up',
      ({ organisations }) => (organisations[0].voen = '9900000151'),
      /a VÖEN that adds up/,
    ],
    ['a name twice', ({ programs }) => (programs[0].name = 'citizen'), /a name that is given once; came "citizen"/],
    [
      'a mandate of nobody',
      ({ mandates }) => (mandates[0].holder = 'nobody'),
      /a person or an organisation; came "nobody"/,
    ],
    [
      'an officer who is none',
      ({ appointments }) => (appointments[0].officer = 'citizen'),
      /an officer; came "citizen"/,
    ],
    [
      'a program of a person',
      ({ programs }) => (programs[0].organisation = 'citizen'),
      /an organisation; came "citizen"/,
    ],
    [
      'a grant by who holds no seal',
      ({ mandates }) => (mandates[2].grantedBy = 'citizen'),
      /the head of the principal/,
    ],
    ['a scope that there is not', ({ programs }) => programs[0].scopes.push('all'), /programs\[0\]\.scopes\[5\]/],
  ])('is refused with %s', (_, change, fault) => {
    expect(changed(change)).toThrow(fault)
  })
})
