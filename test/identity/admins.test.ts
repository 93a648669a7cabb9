import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { afterEach, describe, expect, it } from 'vitest'
import {
  AppointmentState,
  appointments,
  EndReason,
  OfficerRole,
} from '../../src/identity/officers/appointment.table.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import { everythingAsText } from '../support/everything.js'
import { keyOf } from '../support/keyOf.js'
import { appointmentId, freshFin, officerOf, officersOf } from '../support/officers.js'
import { as } from '../support/tokens.js'

// DIN has no officers, unless a test appoints some.
const officers = await officersOf()
const { ask, send, operator, secondOperator, admin, outcomeOf } = officers
const { proposed, confirmed, serving, accept, rowOf, eventsOf } = officers
const { client, db } = officers.database
afterEach(() => officers.leaveWithoutOfficers('DIN'))

const typesOf = async (id: string) => (await eventsOf(id)).map(({ type }) => type)
const refusalOf = async (headers: Record<string, string>) =>
  (await ask('{ __typename }', { headers })).errors?.[0]?.extensions.reason
const longAgo = { auth_time: Math.floor(Date.now() / 1000) - 700 }
const stepUp = { code: 'STEP_UP_REQUIRED', assurance: 'HIGH', maxAge: 600, signInAt: 'https://login.example/' }

describe('Journey: an agency gets its first ADMIN', () => {
  it('by the proposal of one operator, the confirmation of another, and a code from a letter', async () => {
    const fin = freshFin()
    const { payload } = await send(operator, 'proposeAdmin', { agencyCode: 'DIN', fin }, 'appointment { id state }')
    const { id } = payload.appointment
    expect([payload.appointment.state, (await rowOf(id)).codeHash]).toEqual(['PROPOSED', null])
    expect(await refusalOf(await officerOf(fin))).toBe('token.no_appointment')

    const confirmation = await send(secondOperator, 'confirmAdmin', { appointmentId: id, fin }, 'code')
    const { code } = confirmation.payload
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/)

    const headers = await officerOf(fin)
    const accepted = await send(headers, 'acceptAppointment', { appointmentId: id, code }, 'appointment { id state }')
    expect(accepted.payload).toMatchObject({ appointment: { id, state: 'ACTIVE' }, userErrors: [] })
    expect(await typesOf(id)).toEqual(['appointment.proposed', 'appointment.confirmed', 'appointment.accepted'])
    const { codeHash, activeFrom } = await rowOf(id)
    expect([codeHash, activeFrom]).toEqual([null, expect.any(Date)])
    const appointing = { agencyCode: 'DIN', fin: freshFin(), roles: ['REVIEWER'] }
    expect(await outcomeOf(headers, 'appointOfficer', appointing)).toBe('done')
  })
})

describe('proposeAdmin', () => {
  const propose = (fin: string, more: object = {}) =>
    outcomeOf(operator, 'proposeAdmin', { agencyCode: 'DIN', fin, ...more })

  it('runs the same statements whether or not anybody has the FİN', async () => {
    const asked = async (fin: string) => {
      officers.database.statements.length = 0
      return { outcome: await propose(fin), statements: [...officers.database.statements] }
    }
    await ask('{ __typename }', { headers: await as('citizen') })
    await asked(freshFin())
    const known = await asked('TEST001')
    expect(known.outcome).toBe('done')
    expect(await asked(freshFin())).toEqual(known)
  })

  it('refuses an agency that has an ADMIN, unless it says why they are replaced', async () => {
    expect(await propose(freshFin(), { agencyCode: 'DVX' })).toBe('agency.has_admin')
    expect(await propose(freshFin(), { agencyCode: 'DVX', replacing: 'MISCONDUCT' })).toBe('done')
  })

  it('ignores an ADMIN who was forgotten', async () => {
    const fin = freshFin()
    const { partyId } = await rowOf(await serving(fin, 'DIN', [OfficerRole.ADMIN]))
    expect(await propose(freshFin())).toBe('agency.has_admin')
    await db.transaction((tx) => forgetParty(tx, partyId, new Date()))
    expect(await propose(freshFin())).toBe('done')
  })

  it('refuses a person whose proposal is open', async () => {
    const fin = freshFin()
    await proposed(fin)
    expect(await propose(fin)).toBe('appointment.already_exists')
  })

  it('refuses an operator, and lets nobody who is proposed sign in as one', async () => {
    await ask('{ __typename }', { headers: operator })
    expect(await propose('TEST014')).toBe('appointment.operator')
    const fin = freshFin()
    await proposed(fin)
    expect(await refusalOf(await as('operator', { sub: `operator-${fin}`, fin }))).toBe('token.operator_is_officer')
  })
})

describe('confirmAdmin', () => {
  const confirm = (appointment: string, fin: string, more: object = {}) =>
    outcomeOf(secondOperator, 'confirmAdmin', { appointmentId: appointment, fin, ...more })

  it('refuses the operator who proposed, as does the database', async () => {
    const fin = freshFin()
    const { payload } = await send(operator, 'proposeAdmin', { agencyCode: 'DIN', fin }, 'appointment { id }')
    const { id } = payload.appointment
    const { errors } = await send(operator, 'confirmAdmin', { appointmentId: id, fin }, 'code')
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', reason: 'appointment.same_operator' } }])
    const row = await rowOf(id)
    expect(row.state).toBe('PROPOSED')
    const bySame = { confirmedBy: row.proposedBy, state: AppointmentState.CONFIRMED }
    await expect(db.update(appointments).set(bySame).where(eq(appointments.id, row.id))).rejects.toThrow()
  })

  it('requires the FİN that was proposed, and answers another as if there were no proposal', async () => {
    const [meant, friend] = [freshFin(), freshFin()]
    const id = await proposed(friend)
    await serving(meant) // a person who exists
    const selection = 'appointment { id }'
    const other = await send(secondOperator, 'confirmAdmin', { appointmentId: id, fin: meant }, selection)
    const absent = { appointmentId: appointmentId(v7()), fin: meant }
    expect(await send(secondOperator, 'confirmAdmin', absent, selection)).toEqual(other)
    expect(other).toMatchObject({ payload: { appointment: null }, reasons: ['appointment.unknown'] })
    const { state, codeHash, confirmedBy } = await rowOf(id)
    expect([state, codeHash, confirmedBy]).toEqual(['PROPOSED', null, null])
  })

  it('requires the reason for a replacement that was proposed', async () => {
    const fin = freshFin()
    const id = await proposed(fin, { agency: 'DVX', replacing: EndReason.MISCONDUCT })
    for (const replacing of [undefined, null, 'LEFT'])
      expect(await confirm(id, fin, { replacing })).toBe('appointment.unknown')
    expect(await confirm(id, fin, { replacing: 'MISCONDUCT' })).toBe('done')
  })

  it('allows ten attempts an hour', async () => {
    const fin = freshFin()
    const id = await proposed(fin)
    const attempts = Array.from({ length: 10 }, () =>
      outcomeOf(operator, 'confirmAdmin', { appointmentId: id, fin: 'TEST099' }),
    )
    expect(new Set(await Promise.all(attempts))).toEqual(new Set(['appointment.unknown']))
    expect(await outcomeOf(operator, 'confirmAdmin', { appointmentId: id, fin })).toBe('RATE_LIMITED')
  })

  it('refuses a proposal that is confirmed already, or has ended', async () => {
    const fin = freshFin()
    const { appointmentId: appointment } = await confirmed(fin)
    expect(await confirm(appointment, fin)).toBe('appointment.confirmed')
    expect(await outcomeOf(operator, 'dismissOfficer', { appointmentId: appointment, reason: 'MISTAKE' })).toBe('done')
    expect(await confirm(appointment, fin)).toBe('appointment.ended')
  })

  it('returns the code once, and stores its hash alone', async () => {
    const fin = freshFin()
    const input = { appointmentId: await proposed(fin), fin, idempotencyKey: 'a-key-that-is-repeated' }
    const first = await send(secondOperator, 'confirmAdmin', input, 'code')
    const again = await send(secondOperator, 'confirmAdmin', input, 'code')
    expect(again.payload).toMatchObject({ code: null, replayed: true })
    const everything = await everythingAsText(client)
    const { code } = first.payload
    for (const form of [code, code.replaceAll('-', '')]) expect(everything).not.toContain(form)
  })

  it('requires a recent sign-in', async () => {
    const fin = freshFin()
    const headers = await as('second-operator', longAgo)
    const { errors } = await send(headers, 'confirmAdmin', { appointmentId: await proposed(fin), fin }, 'code')
    const message = 'Sign in within the last 600 seconds, then repeat the request.'
    expect(errors).toMatchObject([{ extensions: stepUp, message }])
  })
})

describe('acceptAppointment', () => {
  it('is the only command an officer may call before, and the appointment all they see', async () => {
    const fin = freshFin()
    const { appointmentId: appointment } = await confirmed(fin)
    const headers = await officerOf(fin)
    const { data } = await ask('{ appointments(first: 10) { nodes { id state officerName } } }', { headers })
    expect(data.appointments.nodes).toEqual([{ id: appointment, state: 'CONFIRMED', officerName: null }])
    for (const [name, input] of [
      ['appointOfficer', { agencyCode: 'DIN', fin: freshFin(), roles: ['REVIEWER'] }],
      ['changeRoles', { appointmentId: appointment, roles: ['ADMIN'] }],
      ['dismissOfficer', { appointmentId: appointment, reason: 'LEFT' }],
    ] as const)
      expect(await outcomeOf(headers, name, input)).toBe('FORBIDDEN')
  })

  it('accepts the code of the appointment in any spelling, once', async () => {
    const fin = freshFin()
    const { appointmentId: appointment, code } = await confirmed(fin)
    const other = await confirmed(freshFin())
    for (const wrong of ['', '0000', other.code, code.slice(0, -1)])
      expect(await accept(fin, { appointmentId: appointment, code: wrong })).toBe('appointment.code')
    const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('1', 'l').replaceAll('0', 'o')
    expect(await accept(fin, { appointmentId: appointment, code: typed })).toBe('done')
    expect(await accept(fin, { appointmentId: appointment, code })).toBe('appointment.active')
  })

  it('allows ten attempts an hour', async () => {
    const fin = freshFin()
    const { appointmentId: appointment, code } = await confirmed(fin)
    await refusalOf(await officerOf(fin)) // the first sign-in
    await Promise.all(Array.from({ length: 10 }, () => accept(fin, { appointmentId: appointment, code: 'X' })))
    expect(await accept(fin, { appointmentId: appointment, code })).toBe('RATE_LIMITED')
  })

  it('accepts once of two requests at once', async () => {
    const fin = freshFin()
    const input = await confirmed(fin)
    expect((await Promise.all([accept(fin, input), accept(fin, input)])).sort()).toEqual(['appointment.active', 'done'])
    expect(await typesOf(input.appointmentId)).toEqual(['appointment.accepted'])
  })

  it('refuses other officers, as if there were no such appointment', async () => {
    const [own, other] = [await confirmed(freshFin()), freshFin()]
    await confirmed(other)
    expect(await accept(other, own)).toBe('appointment.unknown')
    expect((await rowOf(own.appointmentId)).state).toBe('CONFIRMED')
  })

  it('requires a recent sign-in with assurance HIGH', async () => {
    const fin = freshFin()
    const input = await confirmed(fin)
    for (const claims of [longAgo, { acr: 'urn:pencere:sandbox:substantial' }, { auth_time: undefined }]) {
      const { errors } = await send(await officerOf(fin, claims), 'acceptAppointment', input, 'appointment { id }')
      expect(errors).toMatchObject([{ extensions: stepUp }])
    }
    expect((await rowOf(input.appointmentId)).state).toBe('CONFIRMED')
  })

  it('refuses an agency that has an ADMIN by now, who may end the proposal', async () => {
    const [late, fin] = [freshFin(), freshFin()]
    const input = await confirmed(late)
    await serving(fin, 'DIN', [OfficerRole.ADMIN])
    expect(await accept(late, input)).toBe('agency.has_admin')
    expect((await rowOf(input.appointmentId)).state).toBe('CONFIRMED')
    const ending = { appointmentId: input.appointmentId, reason: 'MISTAKE' }
    expect(await outcomeOf(await officerOf(fin), 'dismissOfficer', ending)).toBe('done')
  })

  it('gives an agency one ADMIN of two who accept at once', async () => {
    const [one, two] = [freshFin(), freshFin()]
    const [first, second] = [await confirmed(one), await confirmed(two)]
    const outcomes = await Promise.all([accept(one, first), accept(two, second)])
    expect(outcomes.sort()).toEqual(['agency.has_admin', 'done'])
  })
})

describe('Journey: operators replace a lost ADMIN', () => {
  it('shows the ADMIN that they are to be replaced and why, and lets them end it', async () => {
    const appointment = await proposed(freshFin(), { agency: 'DVX', replacing: EndReason.MISCONDUCT })
    const query = 'query ($id: ID!) { node(id: $id) { ... on Appointment { state replacing } } }'
    const { data } = await ask(query, { variables: { id: appointment }, headers: admin })
    expect(data.node).toEqual({ state: 'PROPOSED', replacing: 'MISCONDUCT' })
    expect(await outcomeOf(admin, 'dismissOfficer', { appointmentId: appointment, reason: 'MISTAKE' })).toBe('done')
  })

  it('ends the appointment of the lost ADMIN when the next one accepts', async () => {
    const [old, next] = [freshFin(), freshFin()]
    const lost = await serving(old, 'DIN', [OfficerRole.ADMIN])
    const input = await confirmed(next, { replacing: EndReason.LEFT })
    expect(await accept(next, input)).toBe('done')
    expect(await rowOf(lost)).toMatchObject({ state: 'ENDED', endReason: 'LEFT' })
    const replacedBy = keyOf(input.appointmentId)
    expect(await eventsOf(lost)).toEqual([{ type: 'appointment.ended', ids: { reason: 'LEFT', replacedBy } }])
    expect(await refusalOf(await officerOf(old))).toBe('token.no_appointment')
  })

  it('lets an officer of the agency take over, who keeps their roles', async () => {
    const fin = freshFin()
    const lost = await serving(freshFin(), 'DIN', [OfficerRole.ADMIN])
    const own = await serving(fin, 'DIN', [OfficerRole.REVIEWER, OfficerRole.FINANCE])
    const input = await confirmed(fin, { replacing: EndReason.LEFT })
    const before = await ask('{ viewer { agencies { roles } } }', { headers: await officerOf(fin) })
    expect(before.data.viewer.agencies).toEqual([{ roles: ['REVIEWER', 'FINANCE'] }])
    expect(await accept(fin, input)).toBe('done')
    expect((await rowOf(input.appointmentId)).roles).toEqual(['ADMIN', 'REVIEWER', 'FINANCE'])
    expect(await rowOf(own)).toMatchObject({ state: 'ENDED', endReason: 'OTHER_DUTIES' })
    expect(await rowOf(lost)).toMatchObject({ state: 'ENDED', endReason: 'LEFT' })
  })
})
