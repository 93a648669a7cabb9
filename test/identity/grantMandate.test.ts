import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { events } from '../../src/events/event.table.js'
import { IdentifierType } from '../../src/identity/identifier.table.js'
import { MandateKind, mandates, Power } from '../../src/identity/mandate.table.js'
import { acrOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { apiOf } from '../support/api.js'
import { appointed, asProgram } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const ask = await apiOf(database)
const send = commanding(ask)
const { persona, firm, give, by } = partiesIn(database)
const every = [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN]

const head = await persona('company-head')
const company = await firm('Sınaq MMC', '0000000001')
const headship = await give(company, head, { kind: MandateKind.HEAD, powers: every })
const otherCompany = await firm('Başqa MMC', '8888888804')
await give(otherCompany, await persona('other-company-head'), { kind: MandateKind.HEAD, powers: every })
await appointed(database, 'officer', 'DVX', ['REVIEWER'])

const inAYear = new Date(Date.now() + 365 * 86_400_000).toISOString()
const delegate = (fin: string, more: object = {}) => ({
  ...{ party: partyId(company), holder: { fin }, kind: 'DELEGATE', powers: ['VIEW', 'FILE'], validTo: inAYear },
  ...more,
})
const shown = `mandate { id kind powers services validFrom validTo since revokedAt principal { name }
  holder { name } holderNamed { type value } }`
const grant = async (who: string, input: object, claims = {}) =>
  await send(await as(who, claims), 'grantMandate', input, shown)

// Their first sign-in is another matter.
beforeAll(async () => {
  for (const who of ['company-head', 'other-company-head', 'citizen', 'other-citizen'])
    await ask('{ __typename }', { headers: await as(who) })
})

describe('a mandate is granted', () => {
  it('by the head of an organisation, to who is named by their FİN', async () => {
    const { payload } = await grant('company-head', delegate('test-002', { services: ['DVX-RETURN', 'DVX-RETURN'] }))
    expect(payload).toMatchObject({
      mandate: {
        ...{ kind: 'DELEGATE', powers: ['VIEW', 'FILE'], services: ['DVX-RETURN'], validTo: inAYear, revokedAt: null },
        ...{ principal: { name: 'Sınaq MMC' }, holder: null, holderNamed: { type: 'FIN', value: '****002' } },
      },
      ...{ userErrors: [], replayed: false },
    })
  })

  it('by who holds the seal beside the head, but for that itself, which the head alone gives', async () => {
    const sealed = delegate('TEST001', { kind: 'SEAL_HOLDER', powers: every })
    expect((await grant('company-head', sealed)).reasons).toEqual([])
    expect((await grant('citizen', delegate('TEST015'))).reasons).toEqual([])
    expect((await grant('citizen', delegate('TEST015', { kind: 'SEAL_HOLDER' }))).code).toBe('FORBIDDEN')
  })

  it('to an organisation by its VÖEN, whose staff then act too', async () => {
    const { payload } = await grant('company-head', delegate('', { holder: { voen: '0300293922' } }))
    expect(payload.userErrors).toMatchObject([{ reason: 'mandate.person_by_fin' }])
    const given = await grant('company-head', delegate('', { holder: { voen: '1401555071' } }))
    expect(given.payload.mandate.holderNamed).toEqual({ type: 'VOEN', value: '*******071' })
  })

  it('once under one key, and told again at a repeat', async () => {
    const input = delegate('TEST014', { idempotencyKey: 'one-key-of-the-head' })
    const [first, second] = [await grant('company-head', input), await grant('company-head', input)]
    expect([first.payload.replayed, second.payload.replayed]).toEqual([false, true])
    expect(second.payload.mandate).toEqual(first.payload.mandate)
  })

  it('and to who has lost the seal since, without what they may not look at any more', async () => {
    const seal = await give(company, await persona('other-company-head'), {
      kind: MandateKind.SEAL_HOLDER,
      powers: every,
    })
    const input = delegate('TEST016', { idempotencyKey: 'one-key-of-a-former' })
    expect((await grant('other-company-head', input)).payload.mandate).not.toBeNull()
    await database.db.update(mandates).set({ revokedAt: new Date(), revokedBy: 'a test' }).where(eq(mandates.id, seal))
    const { payload } = await grant('other-company-head', input)
    expect(payload).toEqual({ mandate: null, userErrors: [], replayed: true })
  })

  it('with an event that says who acted, for whom, and under which mandate', async () => {
    await grant('company-head', delegate('TEST013'))
    const [mandate] = await database.db
      .select()
      .from(mandates)
      .where(eq(mandates.holderId, await persona('finance-officer')))
    expect(mandate).toMatchObject({ grantedBy: head, grantedUnder: headship, source: 'GRANT' })
    const [said] = await database.db
      .select()
      .from(events)
      .where(eq(events.subject, mandate?.id as string))
    expect(said).toMatchObject({
      ...{ domain: 'identity', type: 'mandate.granted', partyId: company, actor: `person:${head}` },
      ids: { holder: mandate?.holderId, under: headship },
    })
  })
})

describe('a mandate is not granted', () => {
  it.each([
    ['somebody else', 'other-citizen'],
    ['the head of another organisation', 'other-company-head'],
    ['an officer', 'officer'],
    ['the operator', 'operator'],
    ['an auditor', 'auditor'],
  ])('by %s', async (_, who) => {
    expect(await grant(who, delegate('TEST012'))).toMatchObject({ code: 'FORBIDDEN', payload: null })
  })

  it('by nobody, nor by a program of the organisation', async () => {
    const input = { ...delegate('TEST012'), idempotencyKey: 'a-key-of-nobody' }
    expect((await send({}, 'grantMandate', input, shown)).code).toBe('UNAUTHENTICATED')
    const program = await asProgram(database, { party: company, scopes: ['mandates:read', 'filings:write'] })
    expect((await send(program, 'grantMandate', input, shown)).code).toBe('FORBIDDEN')
  })

  it('by a delegate with all powers', async () => {
    await give(company, await persona('company-delegate'), { powers: every })
    expect((await grant('company-delegate', delegate('TEST012'))).code).toBe('FORBIDDEN')
  })

  it('by a head who is not known surely: they are told what it takes', async () => {
    const { code, errors } = await grant('company-head', delegate('TEST012'), { acr: acrOf(Assurance.SUBSTANTIAL) })
    expect([code, errors?.[0]?.extensions.assurance]).toEqual(['STEP_UP_REQUIRED', 'HIGH'])
  })

  it('for a party that is another’s, nor for one that never was: by the same statements', async () => {
    const statementsFor = async (party: string) => {
      database.statements.length = 0
      const { errors } = await grant('other-citizen', delegate('TEST012', { party }))
      return { errors, statements: [...database.statements] }
    }
    const foreign = await statementsFor(partyId(company))
    expect(await statementsFor(partyId(v7()))).toEqual(foreign)
    expect(await statementsFor('no id at all')).toEqual(foreign)
    expect(foreign.statements.length).toBeGreaterThan(3)
  })
})

describe('Granting to an identifier that nobody has looks like any other', () => {
  it('in the answer, in what can be asked of the mandate, and in the statements', async () => {
    const granted = async (fin: string) => {
      database.statements.length = 0
      const { payload } = await grant('company-head', delegate(fin, { services: ['DVX-VAT'], validTo: inAYear }))
      const { id, since, validFrom, holderNamed, ...mandate } = payload.mandate
      return { mandate, type: holderNamed.type, statements: [...database.statements] }
    }
    const known = await granted('TEST001') // who has signed in
    expect(await granted('TESTX99')).toEqual(known)
    expect(await granted('TESTX99'.replace('99', '98'))).toEqual(known)
    expect(known.mandate.holder).toBeNull()
    expect(known.statements.length).toBeGreaterThan(10)
  })

  it('and waits for whoever signs in with it', async () => {
    const { payload } = await grant('company-head', delegate('TEST010', { powers: ['VIEW'] }))
    // The persona signs in as an officer; as a citizen they have the same FİN.
    const headers = await as('citizen', { sub: 'somebody-new', fin: 'TEST010' })
    const { data } = await ask(
      '{ mandatesHeld(first: 5) { nodes { id principal { name } holder { name } } } viewer { mandates(first: 5) { nodes { party { name } } } } }',
      { headers },
    )
    expect(data.mandatesHeld.nodes).toEqual([
      { id: payload.mandate.id, principal: { name: 'Sınaq MMC' }, holder: { name: 'Vətəndaş Sınaq' } },
    ])
    expect(data.viewer.mandates.nodes).toEqual([{ party: { name: 'Sınaq MMC' } }])
  })
})

describe('what is to be mended', () => {
  const reasonsOf = async (more: object) => (await grant('company-head', delegate('TEST009', more))).reasons.sort()

  it('is told all at once, in words', async () => {
    const input = delegate('', {
      ...{ holder: { fin: 'TEST0' }, kind: 'EMPLOYEE', powers: ['CONSENT'], services: ['dvx return', ''] },
      ...{ validFrom: '2020-01-01T00:00:00Z', validTo: '2019-01-01T00:00:00Z' },
    })
    const { payload } = await grant('company-head', input)
    expect(payload.mandate).toBeNull()
    expect(payload.userErrors).toMatchObject([
      { code: 'INVALID', reason: 'fin.length', field: ['holder', 'fin'] },
      {
        reason: 'mandate.powers_beyond_kind',
        message: 'EMPLOYEE may have VIEW, FILE, PAY, SIGN; it may not have CONSENT.',
      },
      { reason: 'mandate.strange_service', params: [{ name: 'code', value: 'dvx return' }] },
      { reason: 'mandate.strange_service', params: [{ name: 'code', value: '' }] },
      { reason: 'mandate.begins_in_the_past', field: ['validFrom'] },
      { reason: 'mandate.ends_before_it_begins', field: ['validTo'] },
      { reason: 'mandate.ends_in_the_past' },
    ])
  })

  it.each<[string, object, string[]]>([
    ['no power', { powers: [] }, ['mandate.no_powers']],
    ['a part of the seal', { kind: 'SEAL_HOLDER', powers: ['VIEW', 'SIGN', 'PAY'] }, ['mandate.seal_is_whole']],
    [
      'the seal for some services',
      { kind: 'SEAL_HOLDER', powers: every, services: ['DVX-RETURN'] },
      ['mandate.seal_is_whole'],
    ],
    ['an empty list of services', { services: [] }, ['mandate.no_services']],
    ['a delegate without an end', { validTo: null }, ['mandate.no_end']],
    ['an end too far ahead', { validTo: '2090-01-01T00:00:00Z' }, ['mandate.too_far_ahead']],
    ['a kind of a register', { kind: 'HEAD' }, ['mandate.of_register']],
    ['no holder', { holder: null }, ['mandate.one_holder']],
    ['two names of a holder', { holder: { fin: 'TEST009', voen: '1401555071' } }, ['mandate.one_holder']],
    [
      'the seal for an organisation',
      { kind: 'SEAL_HOLDER', powers: every, holder: { voen: '1401555071' } },
      ['mandate.takes_a_person'],
    ],
    ['the organisation itself', { holder: { voen: '0000000001' } }, ['mandate.to_oneself']],
    ['whoever grants it', { holder: { fin: 'TEST006' } }, ['mandate.to_oneself']],
  ])('%s', async (_, more, reasons) => expect(await reasonsOf(more)).toEqual(reasons))

  it('the same mandate again, unless it lasts longer; of two at once one is granted', async () => {
    const both = await Promise.all([reasonsOf({}), reasonsOf({})])
    expect(both.sort()).toEqual([[], ['mandate.stands_already']])
    expect(await reasonsOf({ powers: ['FILE', 'VIEW', 'VIEW'] })).toEqual(['mandate.stands_already'])
    expect(await reasonsOf({ validTo: new Date(Date.parse(inAYear) + 1000).toISOString() })).toEqual([])
  })

  it('is told before it is looked who there is: what fails leaves no trace, and so tells nothing', async () => {
    const late = { validFrom: '2020-01-01T00:00:00Z' }
    expect(await reasonsOf({ holder: { fin: 'TEST006' }, ...late })).toEqual(['mandate.begins_in_the_past'])
    await reasonsOf({ holder: { fin: 'TEST005' }, kind: 'EMPLOYEE', powers: ['PAY'] })
    const again = { holder: { fin: 'TEST005' }, kind: 'EMPLOYEE', powers: ['PAY'] }
    expect(await reasonsOf(again)).toEqual(['mandate.stands_already'])
    expect(await reasonsOf({ ...again, services: [] })).toEqual(['mandate.no_services'])
    expect(await reasonsOf({ ...again, ...late })).toEqual(['mandate.begins_in_the_past'])
  })

  it('more mandates than can stand; of two at once for one place one is granted', async () => {
    const [full, holder] = [await firm('Dolu MMC', '8888888899'), await persona('foreigner')]
    await give(full, head, { kind: MandateKind.HEAD, powers: every })
    const one = await give(full, holder, { services: ['S'] })
    const [row] = await database.db.select().from(mandates).where(eq(mandates.id, one))
    const more = Array.from({ length: 198 }, (_, at) => ({ ...row!, id: v7(), services: [`S${at}`] }))
    await database.db.insert(mandates).values(more)
    expect(await reasonsOf({ party: partyId(full) })).toEqual(['mandate.too_many'])
    // And nothing of whom was named, since this grants nothing.
    expect(await reasonsOf({ party: partyId(full), holder: { fin: 'TEST006' } })).toEqual(['mandate.too_many'])
    await database.db.delete(mandates).where(eq(mandates.services, ['S1']))
    const two = ['TEST009', 'TEST010'].map((fin) => reasonsOf({ party: partyId(full), holder: { fin } }))
    expect((await Promise.all(two)).sort()).toEqual([[], ['mandate.too_many']])
  })
})

describe('the consent for a minor', () => {
  const consent = async (who: string, more: object = {}) =>
    await grant(who, {
      ...{ party: partyId(await persona('minor')), kind: 'CONSENT', powers: ['PAY'], services: ['DIN-ID-ISSUE'] },
      ...more,
    })
  const parent = { kind: MandateKind.PARENT, powers: [Power.CONSENT] }

  it('waits until it is known when they were born; then the parent gives it, and nobody else', async () => {
    await give(await persona('minor'), await persona('citizen'), parent)
    expect((await consent('citizen')).reasons).toEqual(['consent.age_unknown'])
    await ask('{ __typename }', { headers: await as('minor') })
    for (const who of ['other-citizen', 'minor', 'company-head']) expect((await consent(who)).code).toBe('FORBIDDEN')
    const surely = await consent('citizen', { idempotencyKey: 'a-key-of-a-parent' })
    expect(surely.payload.mandate).toMatchObject({ kind: 'CONSENT', powers: ['PAY'], services: ['DIN-ID-ISSUE'] })
  })

  it('is seen by the minor, under themselves', async () => {
    const { data } = await ask('{ viewer { mandates(first: 5) { nodes { kind powers party { name } } } } }', {
      headers: await as('minor'),
    })
    const name = 'Yetkinlik Yaşına Çatmayan Sınaq'
    expect(data.viewer.mandates.nodes).toEqual([{ kind: 'CONSENT', powers: ['PAY'], party: { name } }])
  })

  it('names no holder, gives no CONSENT and no VIEW, and takes a parent who is known surely', async () => {
    const { reasons } = await consent('citizen', { holder: { fin: 'TEST002' }, powers: ['VIEW', 'CONSENT'] })
    expect(reasons).toEqual(['mandate.holder_is_the_minor', 'mandate.powers_beyond_kind'])
    const { code } = await grant(
      'citizen',
      { party: partyId(await persona('minor')), kind: 'CONSENT', powers: ['FILE'] },
      { acr: acrOf(Assurance.LOW) },
    )
    expect(code).toBe('STEP_UP_REQUIRED')
  })

  it('is none for who is of age, or too young', async () => {
    for (const [fin, birthdate] of [
      ['TESTX01', '1990-01-01'],
      ['TESTX02', '2020-01-01'],
    ] as const) {
      await ask('{ __typename }', { headers: await as('minor', { sub: fin, fin, birthdate }) })
      const child = await by('NATURAL_PERSON', IdentifierType.FIN, fin)
      await give(child, await persona('citizen'), { ...parent, kind: MandateKind.GUARDIAN })
      expect((await consent('citizen', { party: partyId(child) })).reasons).toEqual(['consent.not_of_that_age'])
    }
  })

  it('is for no parent to give once the child is of age', async () => {
    const child = await by('NATURAL_PERSON', IdentifierType.FIN, 'TESTX03')
    await give(child, await persona('citizen'), parent)
    expect((await consent('citizen', { party: partyId(child) })).reasons).toEqual(['consent.age_unknown'])
    await ask('{ __typename }', { headers: await as('minor', { sub: 'x3', fin: 'TESTX03', birthdate: '1990-01-01' }) })
    expect((await consent('citizen', { party: partyId(child) })).code).toBe('FORBIDDEN')
  })
})
