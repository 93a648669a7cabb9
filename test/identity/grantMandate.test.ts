import { eq } from 'drizzle-orm'
import type { JWTPayload } from 'jose'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { events } from '../../src/events/event.table.js'
import {
  maxMandates,
  type NamedHolder,
  userErrorsBeside,
  userErrorsInAge,
  userErrorsInGrant,
  userErrorsInHolder,
  type Wanted,
} from '../../src/identity/mandates/mandate.rules.js'
import { MandateKind, mandates, Power } from '../../src/identity/mandates/mandate.table.js'
import { IdentifierType } from '../../src/identity/parties/identifier.table.js'
import { parties } from '../../src/identity/parties/party.table.js'
import { acrOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { readFin } from '../../src/shared/identifiers/fin.js'
import { readVoen } from '../../src/shared/identifiers/voen.js'
import { apiOf } from '../support/api.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase, untilBlocked } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db } = database
const ask = await apiOf(database)
const send = commanding(ask)
const { persona, firm, give, by } = partiesIn(database)
const every = [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN]

const head = await persona('company-head')
const company = await firm('Sınaq MMC', '0000000001')
const headship = await give(company, head, { kind: MandateKind.HEAD, powers: every })

const inAYear = new Date(Date.now() + 365 * 86_400_000).toISOString()
const delegate = (fin: string, more: object = {}) => ({
  partyId: partyId(company),
  holder: { fin },
  kind: 'DELEGATE',
  powers: ['VIEW', 'FILE'],
  validTo: inAYear,
  ...more,
})
const shown = `mandate { id kind powers services validFrom validTo createdAt revokedAt principal { name }
  holder { name } holderNamed { type value } }`
const grant = async (who: string, input: object, claims?: JWTPayload) =>
  await send(await as(who, claims), 'grantMandate', input, shown)
const reasonsOf = async (more: object) => (await grant('company-head', delegate('TEST009', more))).reasons

beforeAll(async () => {
  // The statements of a first sign-in are not those of a command.
  for (const who of ['company-head', 'citizen', 'other-citizen'])
    await ask('{ __typename }', { headers: await as(who) })
})

describe('grantMandate', () => {
  it('gives a mandate of an organisation to whoever is named by a FİN', async () => {
    const serviceCodes = ['DVX-RETURN', 'DVX-RETURN']
    const { payload } = await grant('company-head', delegate('test-013', { serviceCodes }))
    expect(payload).toMatchObject({
      mandate: {
        kind: 'DELEGATE',
        powers: ['VIEW', 'FILE'],
        services: ['DVX-RETURN'],
        validTo: inAYear,
        revokedAt: null,
        principal: { name: 'Sınaq MMC' },
        holder: null,
        holderNamed: { type: 'FIN', value: '****013' },
      },
      userErrors: [],
      replayed: false,
    })
  })

  it('records who acted, for whom, and under which mandate', async () => {
    await grant('company-head', delegate('TEST012'))
    const holder = await by('NATURAL_PERSON', IdentifierType.FIN, 'TEST012')
    const [mandate] = await db.select().from(mandates).where(eq(mandates.holderId, holder))
    expect(mandate).toMatchObject({ grantedBy: head, grantedUnder: headship, source: 'GRANT' })
    const [event] = await db
      .select()
      .from(events)
      .where(eq(events.subject, mandate?.id ?? ''))
    expect(event).toMatchObject({
      domain: 'identity',
      type: 'mandate.granted',
      partyId: company,
      actor: `person:${head}`,
      ids: { holder, under: headship },
    })
  })

  it('gives a mandate to an organisation by its VÖEN', async () => {
    const { payload } = await grant('company-head', delegate('', { holder: { voen: '1401555071' } }))
    expect(payload.mandate.holderNamed).toEqual({ type: 'VOEN', value: '*******071' })
  })

  it('lets a seal holder grant everything but the seal, which the head alone grants', async () => {
    const sealed = delegate('TEST001', { kind: 'SEAL_HOLDER', powers: every })
    expect((await grant('company-head', sealed)).reasons).toEqual([])
    expect((await grant('citizen', delegate('TEST015'))).reasons).toEqual([])
    expect((await grant('citizen', delegate('TEST015', { kind: 'SEAL_HOLDER' }))).code).toBe('FORBIDDEN')
  })

  it('requires assurance HIGH', async () => {
    const { code } = await grant('company-head', delegate('TEST012'), { acr: acrOf(Assurance.SUBSTANTIAL) })
    expect(code).toBe('STEP_UP_REQUIRED')
  })

  it('shows a repeat by a former seal holder no mandate', async () => {
    const kind = MandateKind.SEAL_HOLDER
    const seal = await give(company, await persona('other-company-head'), { kind, powers: every })
    const input = delegate('TEST016', { idempotencyKey: 'one-key-of-a-former' })
    expect((await grant('other-company-head', input)).payload.mandate).not.toBeNull()
    await db.update(mandates).set({ revokedAt: new Date(), revokedBy: 'a test' }).where(eq(mandates.id, seal))
    const { payload } = await grant('other-company-head', input)
    expect(payload).toEqual({ mandate: null, userErrors: [], replayed: true })
  })

  it('runs the same statements for the party of another and for one that does not exist', async () => {
    const asked = async (partyId: string) => {
      database.statements.length = 0
      const { errors } = await grant('other-citizen', delegate('TEST012', { partyId }))
      return { errors, statements: [...database.statements] }
    }
    const foreign = await asked(partyId(company))
    expect(foreign.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect(foreign.statements.length).toBeGreaterThan(3)
    expect(await asked(partyId(v7()))).toEqual(foreign)
    expect(await asked('no id at all')).toEqual(foreign)
  })

  it('does not show whether anybody has the identifier, in the answer or the statements', async () => {
    const granted = async (fin: string) => {
      database.statements.length = 0
      const { payload } = await grant('company-head', delegate(fin, { serviceCodes: ['DVX-VAT'], validTo: inAYear }))
      const { id, createdAt, validFrom, holderNamed, ...mandate } = payload.mandate
      return { mandate, type: holderNamed.type, statements: [...database.statements] }
    }
    const known = await granted('TEST001') // who has signed in
    expect(await granted('TESTX99')).toEqual(known)
    expect(await granted('TESTX98')).toEqual(known)
    expect(known.mandate.holder).toBeNull()
    expect(known.statements.length).toBeGreaterThan(10)
  })

  it('lets the mandate wait for whoever signs in with the identifier', async () => {
    const { payload } = await grant('company-head', delegate('TEST056', { powers: ['VIEW'] }))
    const headers = await as('citizen', { sub: 'somebody-new', fin: 'TEST056' })
    const { data } = await ask(
      `{ mandatesHeld(first: 5) { nodes { id holder { name } } }
        viewer { mandates(first: 5) { nodes { party { name } } } } }`,
      { headers },
    )
    expect(data.mandatesHeld.nodes).toEqual([{ id: payload.mandate.id, holder: { name: 'Vətəndaş Sınaq' } }])
    expect(data.viewer.mandates.nodes).toEqual([{ party: { name: 'Sınaq MMC' } }])
  })

  it('returns all errors at once', async () => {
    const input = delegate('', {
      holder: { fin: 'TEST0' },
      kind: 'EMPLOYEE',
      powers: ['CONSENT'],
      serviceCodes: ['dvx return', ''],
      validFrom: '2020-01-01T00:00:00Z',
      validTo: '2019-01-01T00:00:00Z',
    })
    const { payload } = await grant('company-head', input)
    expect(payload.mandate).toBeNull()
    expect(payload.userErrors).toMatchObject([
      { code: 'INVALID', reason: 'fin.length', field: ['holder', 'fin'] },
      {
        reason: 'mandate.powers_beyond_kind',
        message: 'The mandate type EMPLOYEE allows the powers VIEW, FILE, PAY or SIGN, but not CONSENT.',
      },
      { reason: 'mandate.strange_service', params: [{ name: 'code', value: 'dvx return' }] },
      { reason: 'mandate.strange_service', params: [{ name: 'code', value: '' }] },
      { reason: 'mandate.begins_in_the_past', field: ['validFrom'] },
      { reason: 'mandate.ends_before_it_begins', field: ['validTo'] },
      { reason: 'mandate.ends_in_the_past' },
    ])
  })

  it('grants a mandate once of two requests at once, and again only to last longer', async () => {
    const both = await Promise.all([reasonsOf({}), reasonsOf({})])
    expect(both.sort()).toEqual([[], ['mandate.already_exists']])
    expect(await reasonsOf({ validTo: new Date(Date.parse(inAYear) + 1000).toISOString() })).toEqual([])
  })

  it('grants the last of 200 mandates once, of two requests at once', async () => {
    const full = await firm('Dolu MMC', '8888888899')
    await give(full, head, { kind: MandateKind.HEAD, powers: every })
    const one = await give(full, await persona('foreigner'), { services: ['S'] })
    const [row] = await db.select().from(mandates).where(eq(mandates.id, one))
    const more = Array.from({ length: maxMandates - 3 }, (_, at) => ({ ...row!, id: v7(), services: [`S${at}`] }))
    await db.insert(mandates).values(more)
    const both: ReturnType<typeof reasonsOf>[] = []
    await db.transaction(async (tx) => {
      // No mandate of it can be inserted meanwhile, so both requests are under way before either is done.
      await tx.select().from(parties).where(eq(parties.id, full)).for('update')
      for (const fin of ['TEST009', 'TEST010']) both.push(reasonsOf({ partyId: partyId(full), holder: { fin } }))
      await untilBlocked(database, 2)
    })
    expect((await Promise.all(both)).sort()).toEqual([[], ['mandate.too_many']])
  })

  it('reveals nothing about the holder if there are other errors', async () => {
    const again = { holder: { fin: 'TEST005' }, kind: 'EMPLOYEE', powers: ['PAY'] }
    expect(await reasonsOf(again)).toEqual([])
    expect(await reasonsOf(again)).toEqual(['mandate.already_exists'])
    expect(await reasonsOf({ ...again, serviceCodes: [] })).toEqual(['mandate.no_services'])
    const toThemselves = { holder: { fin: 'TEST006' }, validFrom: '2020-01-01T00:00:00Z' }
    expect(await reasonsOf(toThemselves)).toEqual(['mandate.begins_in_the_past'])
  })
})

describe('grantMandate of a CONSENT', () => {
  const consent = async (who: string, more: object = {}, claims?: JWTPayload) => {
    const usual = { partyId: partyId(await persona('minor')), kind: 'CONSENT', powers: ['PAY'] }
    return await grant(who, { ...usual, serviceCodes: ['DIN-ID-ISSUE'], ...more }, claims)
  }

  it('requires the power CONSENT over a minor whose birth date is known', async () => {
    const parent = { kind: MandateKind.PARENT, powers: [Power.CONSENT] }
    await give(await persona('minor'), await persona('citizen'), parent)
    expect((await consent('citizen')).reasons).toEqual(['consent.age_unknown'])
    await ask('{ __typename }', { headers: await as('minor') })
    for (const who of ['other-citizen', 'minor', 'company-head']) expect((await consent(who)).code).toBe('FORBIDDEN')
    expect((await consent('citizen', {}, { acr: acrOf(Assurance.LOW) })).code).toBe('STEP_UP_REQUIRED')
    const { payload } = await consent('citizen')
    expect(payload.mandate).toMatchObject({ kind: 'CONSENT', powers: ['PAY'], services: ['DIN-ID-ISSUE'] })
  })

  it('shows the consent to the minor, among their mandates', async () => {
    const query = '{ viewer { mandates(first: 5) { nodes { kind powers party { name } } } } }'
    const { data } = await ask(query, { headers: await as('minor') })
    const name = 'Yetkinlik Yaşına Çatmayan Sınaq'
    expect(data.viewer.mandates.nodes).toEqual([{ kind: 'CONSENT', powers: ['PAY'], party: { name } }])
  })
})

const now = new Date('2026-11-25T08:00:00Z')
const wanted: Wanted = {
  kind: MandateKind.DELEGATE,
  powers: [Power.VIEW, Power.FILE],
  services: null,
  validFrom: now,
  validTo: new Date('2027-11-25T08:00:00Z'),
}
const reasonsIn = (refusals: { reason: string }[]) => refusals.map(({ reason }) => reason)

describe('refusalsToGrant', () => {
  const seal = { kind: MandateKind.SEAL_HOLDER, powers: every }
  it.each<[string, Partial<Wanted>, string[]]>([
    ['nothing of a delegate until next year', {}, []],
    ['nothing of an employee without an end', { kind: MandateKind.EMPLOYEE, validTo: null }, []],
    ['nothing of the whole seal', seal, []],
    ['no power', { powers: [] }, ['mandate.no_powers']],
    ['a part of the seal', { ...seal, powers: [Power.VIEW, Power.SIGN, Power.PAY] }, ['mandate.seal_is_whole']],
    ['the seal for some services', { ...seal, services: ['DVX-RETURN'] }, ['mandate.seal_is_whole']],
    [
      'VIEW and CONSENT in a consent',
      { kind: MandateKind.CONSENT, powers: [Power.VIEW, Power.CONSENT] },
      ['mandate.powers_beyond_kind'],
    ],
    ['an empty list of services', { services: [] }, ['mandate.no_services']],
    ['101 services', { services: Array.from({ length: 101 }, (_, at) => `S${at}`) }, ['mandate.too_many_services']],
    ['a delegate without an end', { validTo: null }, ['mandate.no_end']],
    ['an end after five years', { validTo: new Date('2031-11-25T08:00:01Z') }, ['mandate.too_far_ahead']],
    [
      'a beginning after five years',
      { validFrom: new Date('2031-11-25T08:00:01Z'), validTo: null, kind: MandateKind.EMPLOYEE },
      ['mandate.too_far_ahead'],
    ],
    ['a kind that a register keeps', { kind: MandateKind.HEAD }, ['mandate.of_register']],
  ])('refuses %s', (_what, more, reasons) => {
    expect(reasonsIn(userErrorsInGrant({ ...wanted, ...more }, now))).toEqual(reasons)
  })
})

describe('refusalsOfHolder', () => {
  const [fin, company, ofPerson] = [readFin('TEST009'), readVoen('1401555071'), readVoen('0300293922')]
  it.each<[string, keyof typeof MandateKind, NamedHolder, string[]]>([
    ['nothing of a FİN', 'DELEGATE', { fin }, []],
    ['nothing of the VÖEN of an organisation', 'DELEGATE', { voen: company }, []],
    ['nothing of a consent without a holder', 'CONSENT', {}, []],
    ['no holder', 'DELEGATE', {}, ['mandate.one_holder']],
    ['both a FİN and a VÖEN', 'DELEGATE', { fin, voen: company }, ['mandate.one_holder']],
    ['the VÖEN of a person', 'DELEGATE', { voen: ofPerson }, ['mandate.person_by_fin']],
    ['the seal for an organisation', 'SEAL_HOLDER', { voen: company }, ['mandate.takes_a_person']],
    ['an organisation as an employee', 'EMPLOYEE', { voen: company }, ['mandate.takes_a_person']],
    ['a holder of a consent', 'CONSENT', { fin }, ['mandate.holder_is_the_minor']],
  ])('refuses %s', (_what, kind, holder, reasons) => {
    expect(reasonsIn(userErrorsInHolder(MandateKind[kind], holder))).toEqual(reasons)
  })
})

describe('refusalsBeside', () => {
  const [principal, granter, holder] = ['principal', 'granter', 'holder']
  const same = { ...wanted, powers: [...wanted.powers], services: null, holderId: holder }
  const beside = (standing: (typeof same)[], to = holder, more: Partial<Wanted> = {}) =>
    reasonsIn(userErrorsBeside({ ...wanted, ...more }, standing, { principal, granter, holder: to }))

  it('refuses a mandate for the organisation itself or for whoever grants it', () => {
    for (const to of [principal, granter]) expect(beside([], to)).toEqual(['mandate.to_oneself'])
  })

  it('refuses what the holder has already, in any order of powers', () => {
    const powers = [Power.FILE, Power.VIEW, Power.VIEW]
    expect(beside([same], holder, { powers })).toEqual(['mandate.already_exists'])
    expect(beside([{ ...same, validTo: new Date('2026-12-01T00:00:00Z') }])).toEqual([])
    expect(beside([{ ...same, holderId: 'somebody else' }])).toEqual([])
  })

  it('refuses more than 200 mandates in force, and then says nothing of the holder', () => {
    const standing = Array.from({ length: maxMandates - 1 }, (_, at) => ({ ...same, holderId: `holder ${at}` }))
    expect(beside(standing)).toEqual([])
    expect(beside([...standing, same])).toEqual(['mandate.too_many'])
  })
})

describe('refusalsOfAge', () => {
  it.each([
    [null, ['consent.age_unknown']],
    ['2012-11-26', ['consent.not_of_that_age']],
    ['2012-11-25', []],
    ['2008-11-26', []],
    ['2008-11-25', ['consent.not_of_that_age']],
  ])('allows consents from 14 to 18: %s', (birthDate, reasons) => {
    expect(reasonsIn(userErrorsInAge(birthDate, '2026-11-25'))).toEqual(reasons)
  })
})
