import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { mandates } from '../../src/identity/mandates/mandate.table.js'
import { AppointmentState, appointments } from '../../src/identity/officers/appointment.table.js'
import { IdentifierType, identifiers } from '../../src/identity/parties/identifier.table.js'
import { partyBy } from '../../src/identity/parties/identifiers.js'
import { particulars } from '../../src/identity/parties/particulars.table.js'
import { keysOf } from '../../src/identity/parties/party.js'
import { PartyKind, parties } from '../../src/identity/parties/party.table.js'
import { programs } from '../../src/identity/programs/program.table.js'
import { digestOf } from '../../src/identity/programs/secret.js'
import { decrypt } from '../../src/platform/personal.js'
import { seeds } from '../../src/platform/seeds.table.js'
import { programsOf, textOfPersonas } from '../../src/sandbox/personas.js'
import { personasFrom } from '../../src/sandbox/personasFile.js'
import { personaToken } from '../../src/sandbox/personaToken.js'
import { programSecret } from '../../src/sandbox/programSecret.js'
import { seedPersonas } from '../../src/sandbox/seedPersonas.js'
import type { Caller } from '../../src/shared/context.js'
import { cloneDatabase } from '../support/database.js'
import { dataFiles } from '../support/dataFiles.js'
import { keyringOfTest } from '../support/keyring.js'
import { openLogin } from '../support/login.js'
import { long } from '../support/long.js'
import { createServer } from '../support/server.js'

const database = await cloneDatabase()
const { db, client } = database
const keyring = keyringOfTest()
const { config, address } = await openLogin()
const app = await createServer({ config, database, keyring })
let caller: Caller | undefined
app.addHook('preHandler', async (request) => {
  caller = request.caller
})
afterAll(() => app.close())
const file = personasFrom(textOfPersonas())

/** Of each kind and assurance: what `npm test` looks at. */
const sample = [
  'citizen',
  'minor',
  'foreigner',
  'foreign-resident',
  'stateless',
  'sole-entrepreneur',
  'senior-officer',
  'operator',
  'auditor',
]
const looked = file.persons.filter(({ name }) => long || sample.includes(name))

beforeAll(async () => {
  expect(await seedPersonas(database, keyring, config)).toBe(true)
})

/** The party of a person or an organisation of the file. */
async function partyOf(name: string): Promise<string> {
  const person = file.persons.find((person) => person.name === name)
  const voen = file.organisations.find((organisation) => organisation.name === name)?.voen
  const { fin, document } = { ...person }
  const identifiers = [
    ...(fin ? [{ type: IdentifierType.FIN, value: fin }] : []),
    ...(document ? [{ type: IdentifierType.DOCUMENT, value: `${document.country}:${document.number}` }] : []),
    ...(voen ? [{ type: IdentifierType.VOEN, value: voen }] : []),
  ]
  const named = { kind: PartyKind.NATURAL_PERSON, identifiers, createdAt: new Date() }
  return (await db.transaction((tx) => partyBy(tx, keyring, named))).party
}

const powersOf = async (name: string, at: string) => {
  const rows = await client`
    select principal_id as principal, powers from powers_of(${await partyOf(name)}, ${at}::text::timestamptz, 2)`
  return rows.map(({ principal, powers }) => ({ principal, powers }))
}

describe('seedPersonas', () => {
  it('makes a party with particulars of each person with assurance SUBSTANTIAL, and of each organisation', async () => {
    const known = file.persons.filter(({ assurance }) => assurance !== 'LOW')
    expect(known).toHaveLength(file.persons.length - 1)
    expect(await db.$count(parties)).toBe(known.length + file.organisations.length)
    for (const { name, fullName, kind, birthDate } of known.filter((person) => looked.includes(person))) {
      const party = await partyOf(name)
      const [row] = await db.select().from(particulars).where(eq(particulars.partyId, party))
      const key = (await keysOf(database, keyring, [party])).get(party)
      const status = ['CITIZEN', 'FOREIGNER', 'STATELESS'].includes(kind) ? kind : null
      expect(decrypt(key!, particulars, row!)).toMatchObject({ name: fullName, birthDate, source: 'sandbox', status })
    }
  })

  it('gives heads and delegates of organisations their powers', async () => {
    const now = '2026-11-25T12:00:00Z'
    const all = ['VIEW', 'FILE', 'PAY', 'SIGN']
    const [company, other, third] = await Promise.all(['company', 'other-company', 'third-company'].map(partyOf))
    expect(await powersOf('company-head', now)).toEqual([{ principal: company, powers: all }])
    const headed = await powersOf('other-company-head', now)
    expect(new Map(headed.map(({ principal, powers }) => [principal, powers]))).toEqual(
      new Map([
        [other, all],
        [third, all],
      ]),
    )
    expect(await powersOf('company-delegate', now)).toEqual([{ principal: company, powers: ['VIEW', 'FILE'] }])
    const ofDelegate = eq(mandates.holderId, await partyOf('company-delegate'))
    const [delegated] = await db.select().from(mandates).where(ofDelegate)
    const holder = await partyOf('company-head')
    const [head] = await db.select().from(mandates).where(eq(mandates.holderId, holder))
    expect(delegated).toMatchObject({
      source: 'GRANT',
      grantedBy: holder,
      grantedUnder: head?.id,
      validTo: new Date('2030-12-30T20:00:00Z'),
    })
  })

  it('gives the head of an accounting firm the powers that companies gave to the firm', async () => {
    const clients = ['company', 'other-company', 'third-company']
    const [firm, company, other, third] = await Promise.all(['accounting-firm', ...clients].map(partyOf))
    const found = await powersOf('accounting-head', '2026-11-25T12:00:00Z')
    expect(new Map(found.map(({ principal, powers }) => [principal, [...powers].sort()]))).toEqual(
      new Map([
        [firm, ['FILE', 'PAY', 'SIGN', 'VIEW']],
        [company, ['FILE', 'SIGN', 'VIEW']],
        [other, ['FILE', 'PAY', 'SIGN', 'VIEW']],
        [third, ['FILE', 'SIGN', 'VIEW']],
      ]),
    )
  })

  it('gives a sole entrepreneur a VÖEN beside the FİN', async () => {
    const party = await partyOf('sole-entrepreneur')
    const named = await db.select({ type: identifiers.type }).from(identifiers).where(eq(identifiers.partyId, party))
    expect(named.map(({ type }) => type).sort()).toEqual(['FIN', 'VOEN'])
  })

  it('gives the parent of the minor powers from the 14th to the 18th birthday in Baku', async () => {
    const consent = [{ principal: await partyOf('minor'), powers: ['VIEW', 'CONSENT'] }]
    expect(await powersOf('citizen', '2025-06-14T19:59:59Z')).toEqual([])
    expect(await powersOf('citizen', '2025-06-14T20:00:00Z')).toEqual(consent)
    expect(await powersOf('citizen', '2029-06-14T19:59:59Z')).toEqual(consent)
    expect(await powersOf('citizen', '2029-06-14T20:00:00Z')).toEqual([])
  })

  it('registers programs and stores only digests of their secrets', async () => {
    for (const { id, name, organisation, scopes } of file.programs) {
      const [row] = await db.select().from(programs).where(eq(programs.id, id))
      const secret = programSecret(config, { id, name })
      const partyId = organisation ? await partyOf(organisation) : null
      expect(row).toMatchObject({ name, scopes, partyId, secretHash: digestOf(secret) })
      expect(row?.agencyId === null).toBe(partyId !== null)
      expect(JSON.stringify(row)).not.toContain(secret)
    }
  })

  it('appoints officers at agencies of the catalogue', async () => {
    const codes = await db.select({ code: agencies.code }).from(agencies)
    expect(codes.map(({ code }) => code)).toEqual(expect.arrayContaining(file.appointments.map(({ agency }) => agency)))
  })

  it('takes one select when the file has not changed', async () => {
    database.statements.length = 0
    expect(await seedPersonas(database, keyring, config)).toBe(false)
    expect(database.statements).toHaveLength(1)
  })

  it('adds nothing twice, restores no ended appointment, and takes over a new secret', async () => {
    const tables = [parties, particulars, mandates, appointments, programs]
    const count = () => Promise.all(tables.map((table) => db.$count(table)))
    const before = await count()
    const ofOfficer = eq(appointments.partyId, await partyOf('evisa-officer'))
    await db.update(appointments).set({ state: AppointmentState.ENDED, endedAt: new Date() }).where(ofOfficer)
    const program = programsOf()[0]!
    await db.update(programs).set({ secretHash: 'of another folder' }).where(eq(programs.id, program.id))
    await db.update(seeds).set({ digest: 'of another file' }).where(eq(seeds.name, 'personas'))
    expect(await seedPersonas(database, keyring, config)).toBe(true)
    expect(await count()).toEqual(before)
    const [ended] = await db.select().from(appointments).where(ofOfficer)
    expect(ended?.state).toBe('ENDED')
    const [row] = await db.select().from(programs).where(eq(programs.id, program.id))
    expect(row?.secretHash).toBe(digestOf(programSecret(config, program)))
    await db.update(appointments).set({ state: AppointmentState.ACTIVE, endedAt: null }).where(ofOfficer)
  })
})

describe('personas.data.json', () => {
  const holdersOf = (role: string, agency: string) =>
    file.appointments
      .filter((of) => of.agency === agency && of.roles.some((one) => one === role))
      .map((of) => of.officer)
  const { services, forms } = dataFiles()
  const shipped = services.services.filter(({ code }) => code in forms).map(({ agency }) => agency)

  it.each([...new Set(shipped)])('staffs %s, which has a form, with a reviewer and another approver', (agency) => {
    const approvers = holdersOf('APPROVER', agency)
    expect(holdersOf('REVIEWER', agency).some((name) => approvers.some((other) => other !== name))).toBe(true)
  })

  it('staffs an agency with two finance officers, of whom one confirms what the other requests', () => {
    expect(holdersOf('FINANCE', 'DVX')).toEqual(['finance-officer', 'second-finance-officer'])
  })
})

describe('personaToken', () => {
  const kinds: Record<string, string> = { CITIZEN: 'PERSON', FOREIGNER: 'PERSON', STATELESS: 'PERSON' }

  it.each(looked)('signs in $name with their party and offices', async (persona) => {
    const { name, kind, assurance } = persona
    const before = await db.$count(parties)
    const headers = { authorization: `Bearer ${await personaToken(config, persona)}` }
    const answer = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers,
      payload: { query: '{ __typename }' },
    })
    expect(answer.json()).toEqual({ data: { __typename: 'Query' } })
    expect(caller).toMatchObject({
      kind: kinds[kind] ?? kind,
      party: assurance === 'LOW' ? expect.any(String) : await partyOf(name),
      assurance,
      signedInAt: expect.any(Date),
      signInAt: `${address}/`,
    })
    const offices = file.appointments.filter(({ officer }) => officer === name)
    expect(caller?.offices.map(({ agency, roles }) => ({ agency, roles }))).toEqual(
      offices.map(({ agency, roles }) => ({ agency, roles })),
    )
    expect(await db.$count(parties)).toBe(assurance === 'LOW' ? before + 1 : before)
  })
})

describe('personasFrom', () => {
  const changed = (change: (file: any) => void) => {
    const changing = JSON.parse(textOfPersonas())
    change(changing)
    return () => personasFrom(JSON.stringify(changing))
  }
  it.each<[string, (file: any) => void, RegExp]>([
    ['an invalid FİN', ({ persons }) => (persons[0].fin = 'TESTO01'), /persons\.0\.fin: a FİN/],
    ['a VÖEN of a company for a person', ({ persons }) => (persons[0].voen = '9900000141'), /of a natural person/],
    [
      'a VÖEN with a wrong check digit',
      ({ organisations }) => (organisations[0].voen = '9900000151'),
      /a VÖEN that adds up/,
    ],
    ['a name twice', ({ programs }) => (programs[0].name = 'citizen'), /a name that is given once; got "citizen"/],
    [
      'an unknown holder of a mandate',
      ({ mandates }) => (mandates[0].holder = 'nobody'),
      /a person or an organisation; got "nobody"/,
    ],
    [
      'an appointment of a citizen',
      ({ appointments }) => (appointments[0].officer = 'citizen'),
      /an officer; got "citizen"/,
    ],
    [
      'a program of a person',
      ({ programs }) => (programs[0].organisation = 'citizen'),
      /an organisation; got "citizen"/,
    ],
    [
      'a grant by somebody who is not the head',
      ({ mandates }) => (mandates[3].grantedBy = 'citizen'),
      /the head of the principal/,
    ],
    [
      'a scope of an organisation for the program of an agency',
      ({ programs }) => programs[3].scopes.push('catalogue:read'),
      /one owner, and scopes for it; got "pension-program"/,
    ],
    ['an unknown scope', ({ programs }) => programs[0].scopes.push('all'), /programs\.0\.scopes\.6/],
  ])('rejects a file with %s', (_, change, message) => {
    expect(changed(change)).toThrow(message)
  })
})
