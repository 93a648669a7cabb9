import { afterEach, describe, expect, it } from 'vitest'
import { events } from '../../src/events/event.table.js'
import { forgetParty } from '../../src/identity/party.js'
import { appointmentId, freshFin, officerOf, officersOf } from '../support/officers.js'

// DVX has a reviewer and an ADMIN.
const officers = await officersOf()
const { database, ask, callers, standing, send, told, propose, confirmed, accept, appointedAtDvx, rowOf, eventsOf } =
  officers
const { db } = database
afterEach(() => officers.leaveWithoutOfficers('DIN'))

const forget = async (id: string) => {
  const { partyId } = await rowOf(id)
  await db.transaction((tx) => forgetParty(tx, partyId, new Date()))
}
const firstAdmin = async (fin = freshFin()) => {
  const proposed = await confirmed(fin)
  expect(await accept(fin, proposed)).toBe('done')
  return { fin, id: proposed.id }
}

describe('An agency that has an ADMIN', () => {
  it('gets no other by operators, who do not say that it was lost', async () => {
    const asOperator = callers['an operator']()
    expect(await told(asOperator, 'proposeAdmin', { agency: 'DVX', fin: freshFin() })).toBe('agency.has_admin')
  })

  it('gets none by a proposal from before either', async () => {
    const [late, fin] = [freshFin(), freshFin()]
    const before = await confirmed(late)
    await firstAdmin(fin)
    expect(await accept(late, before)).toBe('agency.has_admin')
    expect((await rowOf(before.id)).state).toBe('CONFIRMED')
    expect(await told(officerOf(fin), 'dismissOfficer', { appointment: before.id, reason: 'MISTAKE' })).toBe('done')
  })

  it('of two proposals that are accepted at once gets one', async () => {
    const [one, two] = [freshFin(), freshFin()]
    const [first, second] = [await confirmed(one), await confirmed(two)]
    const answers = await Promise.all([accept(one, first), accept(two, second)])
    expect(answers.sort()).toEqual(['agency.has_admin', 'done'])
  })

  it('sees that it is to be replaced, and why, as both operators said', async () => {
    const [fin, asSecond] = [freshFin(), await callers['a second operator']()]
    const { id } = await propose(fin, 'DVX', { replacing: 'MISCONDUCT' })
    const asked = await ask('query ($id: ID!) { node(id: $id) { ... on Appointment { state replacing } } }', {
      ...{ variables: { id }, headers: await callers['the ADMIN']() },
    })
    expect(asked.data.node).toEqual({ state: 'PROPOSED', replacing: 'MISCONDUCT' })
    for (const replacing of [undefined, null, 'LEFT'])
      expect(await told(asSecond, 'confirmAdmin', { appointment: id, fin, replacing })).toBe('appointment.unknown')
    expect(await told(asSecond, 'confirmAdmin', { appointment: id, fin, replacing: 'MISCONDUCT' })).toBe('done')
    const ending = { appointment: id, reason: 'MISTAKE' }
    expect(await told(callers['the ADMIN'](), 'dismissOfficer', ending)).toBe('done')
  })

  it('has it end when the next one accepts, which stands in the events', async () => {
    const [old, next] = [await firstAdmin(), freshFin()]
    const proposed = await confirmed(next, 'DIN', { replacing: 'LEFT' })
    expect((await rowOf(old.id)).state).toBe('ACTIVE')
    expect(await accept(next, proposed)).toBe('done')
    expect(await rowOf(old.id)).toMatchObject({ state: 'ENDED', endReason: 'LEFT' })
    const [ended] = (await db.select().from(events)).filter(
      ({ ids, type }) => type === 'appointment.ended' && ids.replacedBy === officers.keyOf(proposed.id),
    )
    expect(ended).toMatchObject({ subject: officers.keyOf(old.id), ids: { reason: 'LEFT' } })
    const { errors } = await ask('{ __typename }', { headers: await officerOf(old.fin) })
    expect(errors?.[0]?.extensions.reason).toBe('token.no_appointment')
  })

  it('who was forgotten has none', async () => {
    const [{ fin, id }, next] = [await firstAdmin(), freshFin()]
    const given = { agency: 'DIN', fin: freshFin(), roles: ['ADMIN'] }
    const { appointment } = await send(await officerOf(fin), 'appointOfficer', given)
    await forget(appointment.id)
    const leaving = { appointment: id, reason: 'LEFT' }
    expect(await told(officerOf(fin), 'dismissOfficer', leaving)).toBe('appointment.last_admin')
    await forget(id)
    expect(await accept(next, await confirmed(next))).toBe('done')
  })
})

describe('An officer who serves the agency', () => {
  it('is proposed as anybody is, and goes on doing what they did', async () => {
    const fin = freshFin()
    const serving = await appointedAtDvx(fin, ['REVIEWER', 'FINANCE'])
    const proposed = await confirmed(fin, 'DVX', { replacing: 'OTHER_DUTIES' })
    expect((await rowOf(serving)).state).toBe('ACTIVE')
    const before = await ask('{ viewer { agencies { roles } } }', { headers: await officerOf(fin) })
    expect(before.data.viewer.agencies).toEqual([{ roles: ['REVIEWER', 'FINANCE'] }])
    expect(await accept(fin, proposed)).toBe('done')
    expect(await rowOf(serving)).toMatchObject({ state: 'ENDED', endReason: 'OTHER_DUTIES' })
    expect((await rowOf(proposed.id)).roles).toEqual(['ADMIN', 'REVIEWER', 'FINANCE'])
    expect(await eventsOf(serving)).toEqual(['appointment.made', 'appointment.ended'])
    expect(await rowOf(appointmentId(standing.admin))).toMatchObject({ state: 'ENDED', endReason: 'OTHER_DUTIES' })
  })

  it('is proposed once at a time', async () => {
    const fin = freshFin()
    await propose(fin)
    expect(await told(callers['an operator'](), 'proposeAdmin', { agency: 'DIN', fin })).toBe('appointment.stands')
  })
})
