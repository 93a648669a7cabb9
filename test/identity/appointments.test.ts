import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { afterEach, describe, expect, it } from 'vitest'
import { AppointmentState, appointments } from '../../src/identity/appointment.table.js'
import { appointmentId, freshFin, officerOf, officersOf, unverified } from '../support/officers.js'
import { as } from '../support/tokens.js'

// DVX has a reviewer and an ADMIN, DMX an ADMIN.
const officers = await officersOf()
const { ask, callers, send, told, propose, confirmed, appointedAtDvx, keyOf, rowOf, eventsOf } = officers
const { client, db } = officers.database
afterEach(() => officers.leaveWithoutOfficers('DIN'))
type Who = keyof typeof callers

const stale = () => ({ auth_time: Math.floor(Date.now() / 1000) - 700 })

describe('The first ADMIN of an agency', () => {
  it('is proposed, confirmed by another, and accepts with the code of the letter', async () => {
    const fin = freshFin()
    const { id, code } = await confirmed(fin)
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/)
    const accepted = await send(await officerOf(fin), 'acceptAppointment', { appointment: id, code })
    expect(accepted).toMatchObject({ appointment: { id, state: 'ACTIVE' }, userErrors: [] })
    expect(await eventsOf(id)).toEqual(['appointment.proposed', 'appointment.confirmed', 'appointment.accepted'])
    const { codeHash, proposedBy, confirmedBy, activeFrom } = await rowOf(id)
    expect([codeHash, proposedBy === confirmedBy, activeFrom !== null]).toEqual([null, false, true])
    expect(await told(officerOf(fin), 'appointOfficer', { agency: 'DIN', fin: freshFin(), roles: ['REVIEWER'] })).toBe(
      'done',
    )
  })

  it('needs two operators: whoever proposed does not confirm', async () => {
    const fin = freshFin()
    const { id } = await propose(fin)
    const { error } = await send(await callers['an operator'](), 'confirmAdmin', { appointment: id, fin })
    expect(error?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'appointment.same_operator' })
    expect((await rowOf(id)).state).toBe('PROPOSED')
    const bySame = db
      .update(appointments)
      .set({ confirmedBy: (await rowOf(id)).proposedBy, state: AppointmentState.CONFIRMED })
    await expect(bySame.where(eq(appointments.id, keyOf(id)))).rejects.toThrow()
  })

  it('is whom the second operator names too: for anybody else there is no such proposal', async () => {
    const [meant, friend] = [freshFin(), freshFin()]
    const [{ id }, asSecond] = [await propose(friend), await callers['a second operator']()]
    await told(officerOf(meant), 'acceptAppointment', { appointment: id, code: 'X' })
    const other = await send(asSecond, 'confirmAdmin', { appointment: id, fin: meant })
    const none = await send(asSecond, 'confirmAdmin', { appointment: appointmentId(v7()), fin: meant })
    expect(other).toMatchObject({ appointment: null, userErrors: [{ reason: 'appointment.unknown' }] })
    expect(other).toEqual(none)
    const { state, codeHash, confirmedBy } = await rowOf(id)
    expect([state, codeHash, confirmedBy]).toEqual(['PROPOSED', null, null])
  })

  it('of whoever proposed has no code to give: it is made for the second operator', async () => {
    const asked = send(await callers['an operator'](), 'proposeAdmin', { agency: 'DIN', fin: freshFin() }, 'code')
    expect((await asked).error?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
  })

  it('is guessed at ten times an hour by who confirms', async () => {
    const fin = freshFin()
    const [{ id }, asSecond] = [await propose(fin), await callers['a second operator']()]
    for (let tried = 0; tried < 10; tried++)
      expect(await told(asSecond, 'confirmAdmin', { appointment: id, fin: freshFin() })).toBe('appointment.unknown')
    expect(await told(asSecond, 'confirmAdmin', { appointment: id, fin })).toBe('RATE_LIMITED')
  })

  it('may be confirmed once, and not when it has ended', async () => {
    const fin = freshFin()
    const input = { appointment: (await confirmed(fin)).id, fin }
    expect(await told(callers['an operator'](), 'confirmAdmin', input)).toBe('appointment.confirmed')
    const ending = { appointment: input.appointment, reason: 'MISTAKE' }
    expect(await told(callers['an operator'](), 'dismissOfficer', ending)).toBe('done')
    expect(await told(callers['a second operator'](), 'confirmAdmin', input)).toBe('appointment.ended')
  })

  it('gets the code told once, and stored nowhere', async () => {
    const fin = freshFin()
    const input = { appointment: (await propose(fin)).id, fin, idempotencyKey: 'a-key-that-is-repeated' }
    const selection = 'appointment { id } code'
    const first = await send(await callers['a second operator'](), 'confirmAdmin', input, selection)
    const again = await send(await callers['a second operator'](), 'confirmAdmin', input, selection)
    expect(again).toMatchObject({ appointment: first.appointment, code: null, replayed: true })
    const [{ everything } = { everything: '' }] = await client<{ everything: string }[]>`
      select concat((select json_agg(a)::text from appointments a), (select json_agg(e)::text from events e),
        (select json_agg(k)::text from command_keys k)) as everything`
    expect(everything).toContain(keyOf(first.appointment.id))
    for (const form of [first.code, first.code.replaceAll('-', '')]) expect(everything).not.toContain(form)
  })

  it('before the acceptance may do nothing but accept, and sees nothing but this', async () => {
    const fin = freshFin()
    const proposed = await propose(fin)
    const asThem = await officerOf(fin)
    expect((await ask('{ __typename }', { headers: asThem })).errors?.[0]?.extensions.reason).toBe(
      'token.no_appointment',
    )
    await told(callers['a second operator'](), 'confirmAdmin', { appointment: proposed.id, fin })
    const { data } = await ask('{ appointments(first: 10) { nodes { id state officerName } } }', { headers: asThem })
    expect(data.appointments.nodes).toEqual([{ id: proposed.id, state: 'CONFIRMED', officerName: null }])
    for (const [name, input] of [
      ['appointOfficer', { agency: 'DIN', fin: freshFin(), roles: ['REVIEWER'] }],
      ['changeRoles', { appointment: proposed.id, roles: ['ADMIN'] }],
      ['dismissOfficer', { appointment: proposed.id, reason: 'LEFT' }],
    ] as const)
      expect(await told(asThem, name, input)).toBe('FORBIDDEN')
  })

  it('accepts with the right code alone, in any spelling of it', async () => {
    const fin = freshFin()
    const { id, code } = await confirmed(fin)
    const other = await confirmed(freshFin())
    for (const wrong of ['', '0000', other.code, code.slice(0, -1)])
      expect(await told(officerOf(fin), 'acceptAppointment', { appointment: id, code: wrong })).toBe('appointment.code')
    const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('1', 'l').replaceAll('0', 'o')
    expect(await told(officerOf(fin), 'acceptAppointment', { appointment: id, code: typed })).toBe('done')
    expect(await told(officerOf(fin), 'acceptAppointment', { appointment: id, code })).toBe('appointment.active')
  })

  it('has ten tries an hour', async () => {
    const fin = freshFin()
    const { id, code } = await confirmed(fin)
    const asThem = await officerOf(fin)
    for (let tried = 0; tried < 10; tried++) await told(asThem, 'acceptAppointment', { appointment: id, code: 'X' })
    expect(await told(asThem, 'acceptAppointment', { appointment: id, code })).toBe('RATE_LIMITED')
  })

  it('of two acceptances at once does one, and the other is told', async () => {
    const fin = freshFin()
    const input = await confirmed(fin).then(({ id, code }) => ({ appointment: id, code }))
    const asThem = await officerOf(fin)
    const answers = [told(asThem, 'acceptAppointment', input), told(asThem, 'acceptAppointment', input)]
    expect((await Promise.all(answers)).sort()).toEqual(['appointment.active', 'done'])
    expect((await eventsOf(input.appointment)).filter((type) => type === 'appointment.accepted')).toHaveLength(1)
  })

  it('is accepted by nobody else: another appointment is like none', async () => {
    const fin = freshFin()
    const { id, code } = await confirmed(fin)
    await confirmed('TEST199').then(() => {})
    expect(await told(officerOf('TEST199'), 'acceptAppointment', { appointment: id, code })).toBe('appointment.unknown')
    expect((await rowOf(id)).state).toBe('CONFIRMED')
  })
})

describe('How lately somebody signed in', () => {
  const refused = { code: 'STEP_UP_REQUIRED', assurance: 'HIGH', maxAge: 600, signInAt: 'https://login.example/' }

  it('counts for who confirms', async () => {
    const fin = freshFin()
    const input = { appointment: (await propose(fin)).id, fin }
    const { error } = await send(await as('second-operator', stale()), 'confirmAdmin', input)
    expect(error?.extensions).toEqual(refused)
    expect(error?.message).toBe('Sign in within the last 600 seconds, and send this again.')
  })

  it('counts for who accepts, and so does how surely', async () => {
    const fin = freshFin()
    const { id, code } = await confirmed(fin)
    for (const claims of [stale(), unverified, { auth_time: undefined }]) {
      const { error } = await send(await officerOf(fin, claims), 'acceptAppointment', { appointment: id, code })
      expect(error?.extensions).toEqual(refused)
    }
    expect((await rowOf(id)).state).toBe('CONFIRMED')
  })
})

const forbidden: Who[] = ['a citizen', 'a program', 'an auditor']
/** Each may, or why not. A target of its own each time. */
const matrix: [string, (who: Who) => Promise<object>, Partial<Record<Who, string>>][] = [
  [
    'proposeAdmin',
    async () => ({ agency: 'DSX', fin: freshFin() }),
    { 'an operator': 'done', 'a second operator': 'done' },
  ],
  [
    'confirmAdmin',
    async () => {
      const fin = freshFin()
      return { appointment: (await propose(fin)).id, fin }
    },
    { 'a second operator': 'done' },
  ],
  [
    'acceptAppointment',
    async () => ({ ...(await confirmed(freshFin()).then(({ id, code }) => ({ appointment: id, code }))) }),
    Object.fromEntries(
      ['an officer of the agency', 'the ADMIN of another agency', 'the ADMIN'].map((who) => [
        who,
        'appointment.unknown',
      ]),
    ),
  ],
  ['appointOfficer', async () => ({ agency: 'DVX', fin: freshFin(), roles: ['FINANCE'] }), { 'the ADMIN': 'done' }],
  [
    'changeRoles',
    async () => ({ appointment: await appointedAtDvx(), roles: ['APPROVER'] }),
    { 'the ADMIN': 'done', 'the ADMIN of another agency': 'appointment.unknown' },
  ],
  [
    'dismissOfficer',
    async () => ({ appointment: await appointedAtDvx(), reason: 'LEFT' }),
    {
      ...{ 'the ADMIN': 'done', 'the ADMIN of another agency': 'appointment.unknown' },
      ...{ 'an operator': 'appointment.unknown', 'a second operator': 'appointment.unknown' },
    },
  ],
]
describe.each(matrix)('%s', (name, inputFor, allowed) => {
  it.each(Object.keys(callers) as Who[])('by %s', async (who) => {
    const expected = who === 'nobody' ? 'UNAUTHENTICATED' : (allowed[who] ?? 'FORBIDDEN')
    expect(forbidden.includes(who) && expected !== 'FORBIDDEN').toBe(false)
    expect(await told(callers[who](), name, await inputFor(who))).toBe(expected)
  })
})
