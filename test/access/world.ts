import { randomBytes } from 'node:crypto'
import { and, eq, inArray } from 'drizzle-orm'
import { v4, v7 } from 'uuid'
import { agencies } from '../../src/agencies/agency.table.js'
import { registries } from '../../src/agencies/registry.table.js'
import { FeeKind } from '../../src/catalogue/tariffs/fee.table.js'
import { issueDocument } from '../../src/documents/issued/issueDocument.js'
import { DocumentKind, issuedDocuments } from '../../src/documents/issued/issuedDocument.table.js'
import { UploadState, uploads } from '../../src/documents/uploads/upload.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { unmetered } from '../../src/engine/rates.js'
import { AccessKind, AccessOutcome, accesses } from '../../src/exchange/accessLog/access.table.js'
import { logAccesses, type NewAccess } from '../../src/exchange/accessLog/logAccesses.js'
import { purposes } from '../../src/exchange/accessLog/purpose.table.js'
import { consents } from '../../src/exchange/consents/consent.table.js'
import { filingBatches } from '../../src/filings/batches/filingBatch.table.js'
import { filings } from '../../src/filings/filing.table.js'
import { MandateKind, MandateSource, mandates, Power } from '../../src/identity/mandates/mandate.table.js'
import { AppointmentState, appointments, OfficerRole } from '../../src/identity/officers/appointment.table.js'
import { IdentifierType } from '../../src/identity/parties/identifier.table.js'
import { partyBy } from '../../src/identity/parties/identifiers.js'
import { identities } from '../../src/identity/parties/identity.table.js'
import { makeParty, unwrapped } from '../../src/identity/parties/party.js'
import { PartyKind, parties } from '../../src/identity/parties/party.table.js'
import { oauthPayloads } from '../../src/identity/programs/oauthPayload.table.js'
import { programs } from '../../src/identity/programs/program.table.js'
import { digestOf } from '../../src/identity/programs/secret.js'
import { authorization } from '../../src/identity/signIn/authorization.js'
import { applyToCharges, raiseCharges } from '../../src/payments/charges/charge.repository.js'
import { ChargeSubject, charges } from '../../src/payments/charges/charge.table.js'
import { PaymentMethod, PaymentState, payments } from '../../src/payments/checkout/payment.table.js'
import { paymentItems } from '../../src/payments/checkout/paymentItem.table.js'
import {
  ReconciliationKind,
  ReconciliationState,
  reconciliations,
} from '../../src/payments/reconciliation/reconciliation.table.js'
import { RefundKind, RefundState, refunds } from '../../src/payments/refunds/refund.table.js'
import type { Database } from '../../src/platform/database.js'
import { decrypt, encrypt, hashesOf, type PartyKey } from '../../src/platform/personal.js'
import { usualTimings } from '../../src/platform/timings.js'
import { addPersonas } from '../../src/sandbox/addPersonas.js'
import { type Persona, personasOf, programsOf, textOfPersonas } from '../../src/sandbox/personas.js'
import { personasFrom } from '../../src/sandbox/personasFile.js'
import { type Caller, contextOf } from '../../src/shared/context.js'
import { sweepAll } from '../events/happened.js'
import { type Answer, apiOf } from '../support/api.js'
import { insertApplication, insertCoApplicant } from '../support/applicationRow.js'
import { cloneDatabase, type TestDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { long } from '../support/long.js'
import { keyOfParty } from '../support/partyKey.js'
import { testSigningKeys } from '../support/signingKeys.js'
import { as, issuerOfTest, issuersOfTest } from '../support/tokens.js'
import { addFilings } from './filings.js'

export type World = Awaited<ReturnType<typeof openWorld>>
/** Officers of other agencies may do what these may, each at their own. */
const agenciesHere = ['DVX', 'DMX', 'VXSIDA', 'BPQMI']
const isHere = ({ agency }: { agency?: string | undefined }) => agency === undefined || agenciesHere.includes(agency)
const personsHere = personasOf().filter(isHere)
export const personas = (): string[] => ['nobody'].concat([...personsHere, ...programsOf()].map(({ name }) => name))
/** Of each kind of caller, of each role and assurance, and of each way to act for another. */
export const representatives = [
  'nobody',
  'citizen',
  'other-citizen',
  'minor',
  'foreigner',
  'stateless',
  'company-head',
  'company-delegate',
  'other-company-head',
  'officer',
  'senior-officer',
  'finance-officer',
  'other-officer',
  'operator',
  'auditor',
  ...programsOf().map(({ name }) => name),
]
/** Those of `npm test`: one of each kind of caller. The others are for `npm run test:wide`. */
export const few = ['nobody', 'citizen', 'stateless', 'company-head', 'officer', 'operator', 'filing-program']
/** Those whom the world has. */
export const inhabitants = long ? personas() : representatives

type Db = Database['db']
type Ask = Awaited<ReturnType<typeof apiOf>>
type PartyOf = (persona: string) => string

const keyring = keyringOfTest()
const signingKeys = testSigningKeys()

/** The sandbox's personas, each somebody already, in a database of this test file. */
export async function openWorld() {
  const database = await cloneDatabase()
  const { db } = database
  const ask = await apiOf(database, { keyring, signingKeys })
  await addPersonsHere(db)
  const callers = new Map<string, WhoIs>([
    [
      'nobody',
      {
        kind: 'ANONYMOUS',
        scopes: [],
        isSure: false,
        officerOf: [],
        adminOf: [],
        reviewerOf: [],
        financeOf: [],
        headers: {},
      },
    ],
  ])
  for (const persona of personsHere.filter(({ name }) => inhabitants.includes(name)))
    callers.set(persona.name, await whoIsPerson(db, ask, persona))
  for (const { name, id } of programsOf()) callers.set(name, await whoIsProgram(db, id))
  const whoIs = (persona: string): WhoIs => {
    const found = callers.get(persona)
    if (!found) throw new Error(`there is no persona ${persona}`)
    return found
  }
  const askAs = (
    persona: string,
    { query, variables }: { query: string; variables: object },
    headers = whoIs(persona).headers,
  ): Promise<Answer> => ask(query, { variables: { ...variables }, language: 'en', headers })
  const partyOf = (persona: string) => whoIs(persona).party as string // nobody is asked for
  await addMandates(db, partyOf)
  await addConsents(db, partyOf)
  await addLooks(db, partyOf)
  await addDocuments(db, partyOf)
  await addUploads(db, whoIs)
  await addApplications(database, partyOf)
  await addCharges(db, partyOf)
  await addFilings({ db, keyring, signingKeys, partyOf }, await agenciesBy(db))
  await addPayments(db, partyOf)
  await addRefunds(db)
  await addReceipts(db)
  await addDifferences(db)
  await sweepAll(database)
  const timings = usualTimings
  const identify = authorization({ issuers: issuersOfTest, database, keyring, now: () => new Date(), timings })
  /** The caller whom the server takes somebody with these headers for. */
  async function callerAs({ authorization }: Record<string, string>): Promise<Caller> {
    const found = await identify(authorization === undefined ? [] : [authorization], '127.0.0.1')
    if (typeof found === 'string') throw new Error(`the token was refused: ${found}`)
    return found.caller
  }
  /** A request of its own, at a moment that is always the same. */
  const contextFor = (parts: Pick<Parameters<typeof contextOf>[0], 'caller' | 'language' | 'now'>) =>
    contextOf({ database, keyring, signingKeys, meter: unmetered, timeout: 60_000, ...parts })
  return {
    askAs,
    whoIs,
    partyOf,
    callerAs,
    contextFor,
    database,
    keyring,
    signingKeys,
    db,
    statements: database.statements,
    spare: {
      ...(await addSpares(database, partyOf('filing-program'))),
      ...(await sparesOfLooks(db)),
      ...(await spareDocument(db)),
      ...(await spareRefund(db, partyOf('filing-program'))),
      ...(await sparesOfFilings(db, partyOf('filing-program'))),
      difference: await spareDifference(db),
    },
  }
}

async function addPersonsHere(db: Db): Promise<void> {
  const file = personasFrom(textOfPersonas())
  const isAbsent = (name: string) => !inhabitants.includes(name) && file.persons.some((person) => person.name === name)
  const persons = file.persons.filter(({ name }) => !isAbsent(name))
  const mandates = file.mandates.filter(({ principal, holder }) => !isAbsent(principal) && !isAbsent(holder))
  const appointments = file.appointments.filter(({ officer, ...of }) => isHere(of) && !isAbsent(officer))
  const text = JSON.stringify({ ...file, persons, mandates, appointments })
  const secrets = new Map(file.programs.map(({ name }) => [name, `secret of ${name}`]))
  await db.transaction((tx) => addPersonas({ tx, keyring, secrets, at: new Date() }, text))
}

/** Of each kind that opens something, or would if it were not over, to come, or for a service alone. */
async function addMandates(db: Db, partyOf: PartyOf): Promise<void> {
  const [company, other] = [partyOf('filing-program'), partyOf('reader-program')]
  const firm = await db.transaction((tx) => makeParty(tx, keyring, PartyKind.LEGAL_ENTITY, new Date()))
  const [past, now, ahead] = [-86_400_000, 0, 86_400_000].map((distance) => new Date(Date.now() + distance))
  const rows: [principal: string, holder: string, given: Partial<typeof mandates.$inferInsert>][] = [
    [company, firm.party, {}],
    [firm.party, partyOf('other-citizen'), { kind: MandateKind.EMPLOYEE }],
    [other, partyOf('stateless'), { services: ['DVX-RETURN'] }],
    [other, partyOf('company-head'), { powers: [Power.FILE] }],
    [other, partyOf('company-delegate'), { revokedAt: now, revokedBy: 'a test' }],
    [other, partyOf('citizen'), { validTo: now }],
    [other, partyOf('foreigner'), { validFrom: ahead }],
    [other, partyOf('officer'), {}],
    [partyOf('minor'), partyOf('minor'), { kind: MandateKind.CONSENT, powers: [Power.PAY] }],
    [company, partyOf('stateless'), { powers: [Power.PAY], services: ['DVX-RETURN'] }],
  ]
  await db.insert(mandates).values(
    rows.map(([principalId, holderId, given]) => ({
      id: v7(),
      principalId,
      holderId,
      kind: MandateKind.DELEGATE,
      powers: [Power.VIEW, Power.FILE],
      source: MandateSource.REGISTER,
      validFrom: past as Date, // made above, as are those below
      createdAt: past as Date,
      ...given,
    })),
  )
}

/** To two agencies, by persons and organisations; one that is over and one that was withdrawn are seen like the others. */
async function addConsents(db: Db, partyOf: PartyOf): Promise<void> {
  const [past, now, ahead] = [-86_400_000, 0, 86_400_000].map((distance) => new Date(Date.now() + distance))
  const rows: [persona: string, agency: string, given: Partial<typeof consents.$inferInsert>][] = [
    ['citizen', 'DVX', {}],
    ['minor', 'DMX', {}],
    ['minor', 'DVX', { validTo: now }],
    ['filing-program', 'DVX', { registries: ['REALESTATE'] }],
    ['reader-program', 'DVX', { withdrawnAt: now, withdrawnBy: 'a test' }],
    ['officer', 'DMX', {}],
  ]
  const agencyIds = await agenciesBy(db)
  const purposeId = await purposeOf(db, 'APPLICATION')
  await db.insert(consents).values(
    rows.map(([persona, agency, given]) => ({
      id: v7(),
      partyId: partyOf(persona),
      agencyId: agencyIds.get(agency) as string, // seeded
      purposeId,
      registries: ['MEIS'],
      validFrom: past as Date, // made above, as are those below
      validTo: ahead as Date,
      createdAt: past as Date,
      givenBy: 'a test',
      givenUnder: [],
      ...given,
    })),
  )
}

/** Of persons and organisations, sent by themselves and by those who act for them, did so, or will. */
async function addUploads(db: Db, whoIs: (persona: string) => WhoIs): Promise<void> {
  const rows: [owner: string, sentBy: string][] = [
    ['citizen', 'citizen'],
    ['minor', 'citizen'],
    ['foreigner', 'foreigner'],
    ['officer', 'officer'],
    ['filing-program', 'filing-program'],
    ['filing-program', 'company-delegate'],
    ['filing-program', 'other-citizen'],
    ['reader-program', 'reader-program'],
    ['reader-program', 'company-head'],
    ['reader-program', 'stateless'],
    ['reader-program', 'company-delegate'],
    ['reader-program', 'citizen'],
  ]
  for (const [owner, sentBy] of rows) {
    const { kind, party, program } = whoIs(sentBy)
    await addUpload(db, whoIs(owner).party as string, `${kind.toLowerCase()}:${program ?? party}`) // nobody has sent anything
  }
}

async function addUpload(db: Db, partyId: string, createdBy: string): Promise<string> {
  const [id, createdAt] = [v7(), new Date()]
  const row = {
    id,
    partyId,
    name: 'a file.pdf',
    size: 1,
    sha256: randomBytes(32),
    state: UploadState.WAITING,
    createdBy,
    mandateIds: [],
    createdAt,
    expiresAt: new Date(createdAt.getTime() + 86_400_000),
  }
  await db.insert(uploads).values(encrypt(await keyOfParty({ db }, keyring, partyId), uploads, row))
  return id
}

/** Drafts, and what was sent, to two agencies; of one that a second applicant has confirmed. */
async function addApplications(database: TestDatabase, partyOf: PartyOf): Promise<void> {
  const rows: [persona: string, service: string, state: 'DRAFT' | 'SUBMITTED'][] = [
    ['citizen', 'DIN-ADDRESS-REG', 'DRAFT'],
    ['citizen', 'DIN-ADDRESS-REG', 'SUBMITTED'],
    ['foreigner', 'DMX-TRP', 'SUBMITTED'],
    ['filing-program', 'DVX-RETURN', 'DRAFT'],
    ['filing-program', 'DVX-RETURN', 'SUBMITTED'],
    ['reader-program', 'DVX-RETURN', 'SUBMITTED'],
    ['reader-program', 'DVX-BENEFICIAL', 'SUBMITTED'],
    ['officer', 'DIN-ADDRESS-REG', 'SUBMITTED'],
    ['citizen', 'DSMF-PENSION', 'DRAFT'],
    ['citizen', 'DSMF-PENSION', 'SUBMITTED'],
  ]
  for (const [persona, service, state] of rows)
    await insertApplication(database, keyring, { partyId: partyOf(persona), service, state })
  const applicationId = await insertApplication(database, keyring, {
    partyId: partyOf('minor'),
    service: 'ED-MARRIAGE',
    state: 'SUBMITTED',
  })
  await insertCoApplicant(database, applicationId, partyOf('stateless'))
  await insertCoApplicant(database, applicationId)
}

/** Of parties to two agencies: for a service, for another, and for none; and what nobody is said to owe. */
async function addCharges(db: Db, partyOf: PartyOf): Promise<void> {
  const at = new Date()
  const rows: [persona: string | null, agency: string, serviceCode?: string][] = [
    ['citizen', 'DVX'],
    ['minor', 'BPQMI', 'DIN-ID-ISSUE'],
    ['filing-program', 'DVX', 'DVX-RETURN'],
    ['filing-program', 'DMX'],
    ['reader-program', 'DVX', 'DVX-RETURN'],
    ['reader-program', 'DVX', 'DVX-BENEFICIAL'],
    ['officer', 'DMX'],
    [null, 'DVX'],
  ]
  const line = { name: { az: 'Rüsum', en: 'Duty' }, kind: FeeKind.STATE_DUTY, amount: 1250n }
  const agencyIds = await agenciesBy(db)
  const owed = rows.map(([persona, agency, serviceCode = null]) => ({
    agencyId: agencyIds.get(agency) as string, // seeded
    partyId: persona && partyOf(persona),
    serviceCode,
    subjectType: ChargeSubject.OTHER,
    reference: v7(),
    currency: 'AZN',
    lines: [line, { ...line, kind: null, amount: 50n }],
  }))
  await db.transaction((tx) => raiseCharges(tx, keyring, owed, { at, actor: 'a test' }))
  const [paid] = await db.select().from(charges).limit(1)
  await db.transaction((tx) => applyToCharges(tx, [{ id: idOf([paid!]), amount: 1300n }], at, { at, actor: 'a test' }))
}

/** Of each charge one that its party started, and one that somebody started without signing in. */
async function addPayments(db: Db, partyOf: PartyOf): Promise<void> {
  const [createdAt, expiresAt] = [new Date(), new Date(Date.now() + 1_800_000)]
  const { party } = await db.transaction((tx) => makeParty(tx, keyring, PartyKind.NATURAL_PERSON, createdAt))
  const all = await db.select().from(charges).orderBy(charges.id)
  const made = all.flatMap(({ id: chargeId, partyId, amount, currency }) =>
    [party, partyId ?? partyOf('foreigner')].map((payer) => {
      const id = v4()
      const about = { provider: 'BANK', method: PaymentMethod.CARD, language: 'az', createdAt, expiresAt }
      const state = { state: PaymentState.PENDING, changedAt: createdAt, anonymous: payer === party }
      const payment = { id, number: `P26-${id}`, partyId: payer, amount, currency, ...about, ...state }
      return { payment, item: { paymentId: id, position: 0, chargeId, amount, currency } }
    }),
  )
  await db.insert(payments).values(made.map(({ payment }) => payment))
  await db.insert(paymentItems).values(made.map(({ item }) => item))
}

/** Of each payment, also those that somebody made without signing in. */
async function addRefunds(db: Db): Promise<void> {
  const [at, paid] = [new Date(), { payment: payments, charge: charges }]
  const rows = await db
    .select(paid)
    .from(paymentItems)
    .innerJoin(payments, eq(payments.id, paymentItems.paymentId))
    .innerJoin(charges, eq(charges.id, paymentItems.chargeId))
  const state = {
    kind: RefundKind.AUTOMATIC,
    state: RefundState.APPROVED,
    requestedAt: at,
    decidedAt: at,
    changedAt: at,
  }
  await db.insert(refunds).values(
    rows.map(({ payment, charge: { agencyId, serviceCode, amount, currency, id: chargeId } }) => {
      const about = { agencyId, serviceCode, amount, currency, chargeId, paymentId: payment.id }
      return { ...about, ...state, partyId: payment.partyId, number: `F26-${payment.id}` }
    }),
  )
}

/** Of each charge of a party, as if it was paid. */
async function addReceipts(db: Db): Promise<void> {
  const context = { keyring, signingKeys, now: () => new Date(), caller: { id: 'person:test' } }
  for (const { id: subjectId, partyId, agencyId, serviceCode } of await db.select().from(charges)) {
    const about = { kind: DocumentKind.PAYMENT_RECEIPT, agencyId, subjectId, serviceCode: serviceCode ?? undefined }
    if (partyId)
      await db.transaction((tx) =>
        issueDocument({ tx, context }, { ...about, partyId, claims: { subject: 'a receipt' } }),
      )
  }
}

/** Of two agencies, open and settled, and of none. */
async function addDifferences(db: Db): Promise<void> {
  const foundAt = new Date()
  const about = { kind: ReconciliationKind.STATUS, provider: 'BANK', day: '2026-11-30', foundAt }
  const open = { ...about, state: ReconciliationState.OPEN }
  const settled = { ...about, state: ReconciliationState.SETTLED, settledAt: foundAt, reason: 'The bank corrected it.' }
  const [tax, migration] = [await agencyOf(db, 'DVX'), await agencyOf(db, 'DMX')]
  for (const agencyId of [tax, migration, null])
    await db.insert(reconciliations).values([
      { ...open, id: v7(), subject: v7(), agencyId },
      { ...settled, id: v7(), subject: v7(), agencyId },
    ])
}

/** By officers of two agencies, a program and persons; what is secret as yet, and what was. */
async function addLooks(db: Db, partyOf: PartyOf): Promise<void> {
  const longAgo = new Date(Date.now() - 2 * 366 * 86_400_000)
  const by = async (officer: string, agency: string) => ({
    actor: `officer:${partyOf(officer)}`,
    actorPartyId: partyOf(officer),
    agencyId: await agencyOf(db, agency),
  })
  const [dvx, dmx] = [await by('officer', 'DVX'), await by('other-officer', 'DMX')]
  const byProgram = { actor: 'program:test', actorPartyId: partyOf('reader-program') }
  const usual = await purposeOf(db, 'APPLICATION')
  const secretly = { purposeId: await purposeOf(db, 'OPERATIONAL_SEARCH') }
  const [registry] = await db.select().from(registries).limit(1)
  const rows: [persona: string, given: Partial<NewAccess>][] = [
    ['citizen', { ...dvx, ...secretly, application: 'secret spare' }],
    ['citizen', { ...dmx, ...secretly }],
    ['citizen', { ...dvx, ...secretly, at: longAgo }],
    ['citizen', dmx],
    ['minor', { actor: `person:${partyOf('citizen')}`, actorPartyId: partyOf('citizen') }],
    ['foreigner', dvx],
    ['filing-program', { ...dvx, application: 'spare' }],
    ['filing-program', { ...byProgram, programId: (await db.select().from(programs).limit(1))[0]?.id }],
    ['reader-program', { ...dmx, ...secretly }],
    ['reader-program', byProgram],
    ['officer', dvx],
  ]
  const looked = rows.map(
    ([persona, given]): NewAccess => ({
      at: new Date(),
      kind: AccessKind.CALL,
      outcome: AccessOutcome.SHOWN,
      fields: ['name'],
      mandateIds: [],
      partyId: partyOf(persona),
      actor: 'person:test',
      registryId: registry?.id,
      purposeId: usual,
      ...given,
    }),
  )
  await db.transaction((tx) => logAccesses(tx, looked))
}
/** Of the company, and of the citizen what is secret as yet. */
async function sparesOfLooks(db: Db) {
  const found = async (application: string) =>
    nodeIdOf('AccessLogEntry', idOf(await db.select().from(accesses).where(eq(accesses.application, application))))
  return { access: await found('spare'), secretAccess: await found('secret spare') }
}
/** About a service, about another, and about none. */
async function addDocuments(db: Db, partyOf: PartyOf): Promise<void> {
  const agencyId = await agencyOf(db, 'DVX')
  const rows: [persona: string, serviceCode?: string][] = [
    ['citizen', 'DVX-RETURN'],
    ['minor', 'DIN-ID-ISSUE'],
    ['filing-program', 'DVX-RETURN'],
    ['filing-program'],
    ['reader-program', 'DVX-RETURN'],
    ['reader-program', 'DVX-BENEFICIAL'],
    ['reader-program'],
    ['officer'],
  ]
  for (const [persona, serviceCode] of rows)
    await db.transaction((tx) =>
      issueDocument(
        { tx, context: { keyring, signingKeys, now: () => new Date(), caller: { id: 'person:test' } } },
        {
          kind: DocumentKind.APPLICATION_RECEIPT,
          partyId: partyOf(persona),
          agencyId,
          subjectId: v7(),
          serviceCode,
          claims: { subject: persona },
        },
      ),
    )
}
/** Of the company. */
async function spareDocument(db: Db) {
  const keys = new Map((await db.select().from(parties)).map((row) => [row.id, unwrapped(keyring, row)]))
  const rows = (await db.select().from(issuedDocuments)).map(
    (row) => decrypt(keys.get(row.partyId) as PartyKey, issuedDocuments, row), // of a party that is there
  )
  const found = rows.find(({ claims }) => claims.subject === 'filing-program') as (typeof rows)[0] // made above
  return { document: nodeIdOf('IssuedDocument', found.id), shown: { number: found.number, code: found.code } }
}
/** With its charge and payment: of the company to the State Tax Service (DVX). */
async function spareRefund(db: Db, partyId: string) {
  const isIts = and(eq(refunds.partyId, partyId), eq(refunds.serviceCode, 'DVX-RETURN'))
  const [found] = await db.select().from(refunds).where(isIts)
  const { id, paymentId, chargeId } = found as NonNullable<typeof found> // made above
  return {
    refund: nodeIdOf('Refund', id),
    payment: nodeIdOf('Payment', paymentId),
    charge: nodeIdOf('Charge', chargeId),
  }
}
/** Of the company. */
async function sparesOfFilings(db: Db, partyId: string) {
  const [filing] = await db.select().from(filings).where(eq(filings.partyId, partyId)).limit(1)
  const { id, number } = filing as NonNullable<typeof filing> // made above
  const batches = await db.select().from(filingBatches).where(eq(filingBatches.partyId, partyId)).limit(1)
  const filingBatch = nodeIdOf('FilingBatch', idOf(batches))
  return { filing: nodeIdOf('Filing', id), filingNumber: number, filingBatch }
}
/** Of the State Tax Service (DVX). */
const spareDifference = async (db: Db) => {
  const isIts = eq(reconciliations.agencyId, await agencyOf(db, 'DVX'))
  return nodeIdOf('Reconciliation', idOf(await db.select().from(reconciliations).where(isIts)))
}
const idOf = (rows: { id: string }[]) => rows[0]?.id as string // both are seeded
const agencyOf = async (db: Db, code: string) => idOf(await db.select().from(agencies).where(eq(agencies.code, code)))
/** The ids of all agencies, by code. */
const agenciesBy = async (db: Db) => new Map((await db.select().from(agencies)).map(({ code, id }) => [code, id]))
const purposeOf = async (db: Db, code: string) => idOf(await db.select().from(purposes).where(eq(purposes.code, code)))

/**
 * What nobody needs, for those who may end it: a mandate, a program and a consent of the company, and an officer of its tax
 * service.
 */
async function addSpares(database: TestDatabase, party: string) {
  const { db } = database
  const at = new Date()
  const identifier = { type: IdentifierType.FIN, value: 'TEST098' }
  const somebody = await db.transaction((tx) =>
    partyBy(tx, keyring, { kind: PartyKind.NATURAL_PERSON, identifiers: [identifier], createdAt: at }),
  )
  const agencyId = await agencyOf(db, 'DVX')
  const ids = { mandate: v7(), program: v7(), appointment: v7(), consent: v7() }
  await db.insert(mandates).values({
    id: ids.mandate,
    principalId: party,
    holderId: somebody.party,
    kind: MandateKind.DELEGATE,
    createdAt: at,
    powers: [Power.PAY],
    source: MandateSource.REGISTER,
    validFrom: at,
  })
  await db.insert(programs).values({
    id: ids.program,
    partyId: party,
    name: 'spare',
    scopes: ['catalogue:read'],
    secretHash: digestOf('secret'),
    registeredBy: 'a test',
    createdAt: at,
    expiresAt: new Date(at.getTime() + 86_400_000),
  })
  await db.insert(appointments).values({
    id: ids.appointment,
    agencyId,
    partyId: somebody.party,
    roles: [OfficerRole.REVIEWER],
    state: AppointmentState.ACTIVE,
    proposedBy: 'a test',
    createdAt: at,
    activeFrom: at,
  })
  await db.insert(consents).values({
    id: ids.consent,
    partyId: party,
    agencyId,
    purposeId: await purposeOf(db, 'APPLICATION'),
    registries: ['MEIS'],
    validFrom: at,
    validTo: new Date(at.getTime() + 86_400_000),
    createdAt: at,
    givenBy: 'a test',
    givenUnder: [],
  })
  return {
    party: nodeIdOf('Party', party),
    mandate: nodeIdOf('Mandate', ids.mandate),
    program: nodeIdOf('Program', ids.program),
    appointment: nodeIdOf('Appointment', ids.appointment),
    consent: nodeIdOf('Consent', ids.consent),
    upload: nodeIdOf('Upload', await addUpload(db, party, 'a test')),
    application: nodeIdOf(
      'Application',
      await insertApplication(database, keyring, { partyId: party, service: 'DVX-RETURN', state: 'SUBMITTED' }),
    ),
  }
}

export interface WhoIs {
  kind: 'ANONYMOUS' | 'PERSON' | 'PROGRAM' | 'AGENCY_PROGRAM' | 'OFFICER' | 'OPERATOR' | 'AUDITOR'
  party?: string
  program?: string
  /** The agency of a program. */
  programOf?: string
  scopes: readonly string[]
  /** More surely known than LOW. */
  isSure: boolean
  /** Agencies. */
  officerOf: string[]
  adminOf: string[]
  /** Agencies where they review or approve. */
  reviewerOf: string[]
  financeOf: string[]
  headers: Record<string, string>
}

const isForCases = (role: string) => role === 'REVIEWER' || role === 'APPROVER'
async function whoIsPerson(db: Db, ask: Ask, { name, kind, assurance }: Persona): Promise<WhoIs> {
  const headers = await as(name)
  await ask('{ viewer { kind } }', { headers })
  const subjects = hashesOf(keyring, identities.subjectIndex, JSON.stringify([issuerOfTest.issuer, name]))
  const [row] = await db.select().from(identities).where(inArray(identities.subjectIndex, subjects))
  const partyId = row?.partyId as string // who has just signed in
  const held = await db.select().from(appointments).where(eq(appointments.partyId, partyId))
  const active = held.filter(({ state }) => kind === 'OFFICER' && state === 'ACTIVE')
  const adminOf = active.filter(({ roles }) => roles.includes(OfficerRole.ADMIN))
  const reviewerOf = active.filter(({ roles }) => roles.some(isForCases))
  const financeOf = active.filter(({ roles }) => roles.includes(OfficerRole.FINANCE))
  const isPerson = kind === 'CITIZEN' || kind === 'FOREIGNER' || kind === 'STATELESS'
  return {
    kind: isPerson ? 'PERSON' : kind,
    party: partyId,
    scopes: [],
    isSure: assurance !== 'LOW',
    headers,
    officerOf: active.map(({ agencyId }) => agencyId),
    adminOf: adminOf.map(({ agencyId }) => agencyId),
    reviewerOf: reviewerOf.map(({ agencyId }) => agencyId),
    financeOf: financeOf.map(({ agencyId }) => agencyId),
  }
}

/** With a token as the endpoint gives one, with all scopes of the program. */
async function whoIsProgram(db: Db, id: string): Promise<WhoIs> {
  const [program] = await db.select().from(programs).where(eq(programs.id, id))
  const { partyId, agencyId, scopes } = program as NonNullable<typeof program> // whom the sandbox has made
  const token = randomBytes(32).toString('base64url')
  const payload = { clientId: id, scope: scopes.join(' ') }
  const expiresAt = new Date(Date.now() + 600_000)
  await db.insert(oauthPayloads).values({ model: 'ClientCredentials', idHash: digestOf(token), payload, expiresAt })
  const headers = { authorization: `Bearer ${token}` }
  const known = {
    isSure: true,
    program: id,
    scopes,
    officerOf: [],
    adminOf: [],
    reviewerOf: [],
    financeOf: [],
    headers,
  }
  return agencyId
    ? { ...known, kind: 'AGENCY_PROGRAM', programOf: agencyId }
    : { ...known, kind: 'PROGRAM', party: partyId as string } // it has either owner
}
