import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import { EndReason, OfficerRole } from '../../src/identity/officers/appointment.table.js'
import { untilBlocked } from '../support/database.js'
import { keyOf } from '../support/keyOf.js'
import { appointmentId, freshFin, type Headers, officerOf, officersOf } from '../support/officers.js'
import { finOf } from '../support/personas.js'
import { as } from '../support/tokens.js'

const officers = await officersOf()
const { database, ask, send, standing, operator, admin, outcomeOf } = officers
const { proposed, confirmed, serving, accept, rowOf, eventsOf } = officers
const { client } = database
const otherAdmin = await as('other-officer')

describe('appointOfficer', () => {
  it('appoints whoever has the FİN, by the same statements whether or not anybody has it', async () => {
    await ask('{ __typename }', { headers: await as('other-citizen') })
    const selection = 'appointment { roles state officerName endedAt agency { code } }'
    const asked = async (fin: string) => {
      const input = { agencyCode: 'DVX', fin, roles: ['REVIEWER', 'REVIEWER'] }
      database.statements.length = 0
      const { payload } = await send(admin, 'appointOfficer', input, selection)
      return { payload, statements: [...database.statements] }
    }
    await asked(freshFin())
    const [known, unknown] = [await asked('TEST002'), await asked(freshFin())]
    expect(known).toEqual(unknown)
    expect(known.payload.appointment).toEqual({
      roles: ['REVIEWER'],
      state: 'ACTIVE',
      officerName: null,
      endedAt: null,
      agency: { code: 'DVX' },
    })
  })

  it.each<[what: string, input: object, outcome: string]>([
    ['an empty list of roles', { roles: [] }, 'appointment.roles'],
    ['whoever is an officer of the agency already', { fin: finOf('officer') }, 'appointment.already_exists'],
    ['an operator', { fin: finOf('operator') }, 'appointment.operator'],
    ['the ADMIN of another agency', { agencyCode: 'DMX' }, 'FORBIDDEN'],
    ['an unknown agency', { agencyCode: 'NONE' }, 'agency.unknown'],
    ['an invalid FİN', { fin: 'no FİN' }, 'BAD_USER_INPUT'],
  ])('refuses %s', async (_what, more, outcome) => {
    await ask('{ __typename }', { headers: operator })
    const input = { agencyCode: 'DVX', fin: freshFin(), roles: ['REVIEWER'], ...more }
    expect(await outcomeOf(admin, 'appointOfficer', input)).toBe(outcome)
  })
})

it('appointOfficer > refuses an ADMIN whose appointment ends while the request runs', async () => {
  const fin = freshFin()
  const id = keyOf(await serving(fin, 'DVX', [OfficerRole.ADMIN]))
  const headers = await officerOf(fin)
  const appointing = { agencyCode: 'DVX', fin: freshFin(), roles: ['REVIEWER'] }
  const outcome = await client.begin(async (tx) => {
    await tx`update appointments set state = 'ENDED', ended_at = now(), ended_by = 'another' where id = ${id}`
    const asked = outcomeOf(headers, 'appointOfficer', appointing)
    await untilBlocked(database)
    return { asked }
  })
  expect(await outcome.asked).toBe('FORBIDDEN')
})

describe('changeRoles', () => {
  it('takes effect with the next request of the officer', async () => {
    const fin = freshFin()
    const appointment = await serving(fin)
    const headers = await officerOf(fin)
    const appoint = () =>
      outcomeOf(headers, 'appointOfficer', { agencyCode: 'DVX', fin: freshFin(), roles: ['FINANCE'] })
    expect(await appoint()).toBe('FORBIDDEN')
    expect(await outcomeOf(admin, 'changeRoles', { appointmentId: appointment, roles: ['ADMIN'] })).toBe('done')
    expect(await appoint()).toBe('done')
    expect(await outcomeOf(admin, 'changeRoles', { appointmentId: appointment, roles: ['FINANCE'] })).toBe('done')
    expect(await appoint()).toBe('FORBIDDEN')
  })

  it('refuses the roles of the ADMIN who asks', async () => {
    const input = { appointmentId: appointmentId(standing.admin), roles: ['ADMIN', 'APPROVER'] }
    const { errors } = await send(admin, 'changeRoles', input, 'appointment { id }')
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', reason: 'appointment.own_roles' } }])
  })

  it('refuses an empty list of roles, and an appointment that has ended', async () => {
    const appointment = await serving(freshFin())
    expect(await outcomeOf(admin, 'changeRoles', { appointmentId: appointment, roles: [] })).toBe('appointment.roles')
    await outcomeOf(admin, 'dismissOfficer', { appointmentId: appointment, reason: 'LEFT' })
    expect(await outcomeOf(admin, 'changeRoles', { appointmentId: appointment, roles: ['ADMIN'] })).toBe(
      'appointment.ended',
    )
  })
})

describe('dismissOfficer', () => {
  it('refuses the next request of the officer, who may be appointed again', async () => {
    const fin = freshFin()
    const appointment = await serving(fin, 'DVX', [OfficerRole.FINANCE])
    const headers = await officerOf(fin)
    const list = () => ask('{ appointments(first: 5) { nodes { state } } }', { headers })
    expect((await list()).data.appointments.nodes).toEqual([{ state: 'ACTIVE' }])
    const input = { appointmentId: appointment, reason: 'MISCONDUCT' }
    const { payload } = await send(admin, 'dismissOfficer', input, 'appointment { state endReason }')
    expect(payload.appointment).toEqual({ state: 'ENDED', endReason: 'MISCONDUCT' })
    expect((await list()).errors).toMatchObject([{ extensions: { reason: 'token.no_appointment' } }])
    expect(await outcomeOf(admin, 'dismissOfficer', input)).toBe('appointment.ended')
    const again = { agencyCode: 'DVX', fin, roles: ['FINANCE'] }
    expect(await outcomeOf(admin, 'appointOfficer', again)).toBe('done')
    expect((await list()).data.appointments.nodes).toHaveLength(2)
  })

  it('keeps the last ADMIN of an agency, also of two who leave at once', async () => {
    const [one, two] = [freshFin(), freshFin()]
    const leave = async (fin: string, appointment: string) =>
      outcomeOf(await officerOf(fin), 'dismissOfficer', { appointmentId: appointment, reason: 'LEFT' })
    const first = await serving(one, 'DIN', [OfficerRole.ADMIN])
    expect(await leave(one, first)).toBe('appointment.last_admin')
    const second = await serving(two, 'DIN', [OfficerRole.ADMIN, OfficerRole.FINANCE])
    const keys = [(await rowOf(first)).id, (await rowOf(second)).id]
    let outcomes: Promise<string[]> = Promise.resolve([])
    await client.begin(async (tx) => {
      // Both are under way before either is done.
      await tx`select from appointments where id = any(${keys}) for update`
      outcomes = Promise.all([leave(one, first), leave(two, second)])
      await untilBlocked(database, 2)
    })
    expect((await outcomes).sort()).toEqual(['appointment.last_admin', 'done'])
  })

  it('refuses to let an ADMIN leave whose only colleague was forgotten', async () => {
    const fin = freshFin()
    const own = await serving(fin, 'DSX', [OfficerRole.ADMIN])
    const colleague = await rowOf(await serving(freshFin(), 'DSX', [OfficerRole.ADMIN]))
    await client`update parties set key = null, wrapped_by = null, forgotten_at = now() where id = ${colleague.partyId}`
    const leaving = outcomeOf(await officerOf(fin), 'dismissOfficer', { appointmentId: own, reason: 'LEFT' })
    expect(await leaving).toBe('appointment.last_admin')
  })
})

describe.each<[name: string, who: string, headers: Headers, more: object]>([
  ['changeRoles', 'an ADMIN', admin, { roles: ['APPROVER'] }],
  ['dismissOfficer', 'an ADMIN', admin, { reason: 'LEFT' }],
  ['dismissOfficer', 'an operator', operator, { reason: 'LEFT' }],
  ['confirmAdmin', 'an operator', operator, { fin: 'TEST002' }],
  ['acceptAppointment', 'an officer', admin, { code: 'X' }],
])('%s', (name, who, headers, more) => {
  it(`runs the same statements for ${who} with an appointment of others and with none`, async () => {
    const asked = async (appointment: string) => {
      database.statements.length = 0
      return {
        outcome: await outcomeOf(headers, name, { appointmentId: appointment, ...more }),
        statements: [...database.statements],
      }
    }
    await asked(appointmentId(v7())) // prepares them
    const foreign = await asked(appointmentId(standing.other))
    expect([foreign.outcome, foreign.statements.length > 3]).toEqual(['appointment.unknown', true])
    for (const absent of [appointmentId(v7()), nodeIdOf('Service', v7())]) expect(await asked(absent)).toEqual(foreign)
  })
})

describe('The events of an appointment', () => {
  it('tell what an ADMIN did, and under which appointment of theirs', async () => {
    const input = { agencyCode: 'DVX', fin: freshFin(), roles: ['REVIEWER'] }
    const { payload } = await send(admin, 'appointOfficer', input, 'appointment { id }')
    const appointment = payload.appointment.id
    await outcomeOf(admin, 'changeRoles', { appointmentId: appointment, roles: ['APPROVER'] })
    await outcomeOf(admin, 'dismissOfficer', { appointmentId: appointment, reason: 'LEFT' })
    const under = standing.admin
    expect(await eventsOf(appointment)).toEqual([
      { type: 'appointment.made', ids: expect.objectContaining({ under }) },
      { type: 'appointment.roles_changed', ids: expect.objectContaining({ under }) },
      { type: 'appointment.ended', ids: { reason: 'LEFT', under } },
    ])
  })

  it('tell no appointment of an operator', async () => {
    const appointment = await proposed(freshFin(), { agency: 'DSX' })
    await outcomeOf(operator, 'dismissOfficer', { appointmentId: appointment, reason: 'MISTAKE' })
    expect(await eventsOf(appointment)).toEqual([{ type: 'appointment.ended', ids: { reason: 'MISTAKE' } }])
  })
})

describe('Appointment', () => {
  const query = 'query ($id: ID!) { node(id: $id) { ... on Appointment { state officerName agency { code } } } }'
  const look = (headers: Headers, id: string) => ask(query, { variables: { id }, headers })
  const seen = async (headers: Headers, id: string) => (await look(headers, id)).data.node

  it('shows the name of a FINANCE officer to the ADMIN alone', async () => {
    const fin = freshFin()
    const id = await serving(fin, 'DVX', [OfficerRole.FINANCE])
    const shown = { state: 'ACTIVE', officerName: null, agency: { code: 'DVX' } }
    expect(await seen(await officerOf(fin), id)).toEqual(shown)
    expect(await seen(admin, id)).toEqual({ ...shown, officerName: `Name of ${fin}` })
    expect(await seen(await as('auditor'), id)).toEqual(shown)
  })

  it('shows no name of an officer of another agency who did not sign in for this one', async () => {
    await ask('{ __typename }', { headers: otherAdmin })
    expect(await seen(admin, await serving(finOf('other-officer')))).toMatchObject({ officerName: null })
  })

  it('shows the name of whoever accepted the appointment', async () => {
    const fin = freshFin()
    await serving(fin)
    await ask('{ __typename }', { headers: await officerOf(fin) })
    const input = await confirmed(fin, { agency: 'DMX', replacing: EndReason.LEFT })
    expect(await seen(otherAdmin, input.appointmentId)).toMatchObject({ officerName: null })
    expect(await accept(fin, input)).toBe('done')
    expect(await seen(await officerOf(fin), input.appointmentId)).toMatchObject({ officerName: `Name of ${fin}` })
  })

  it('shows an error in place of a name that cannot be opened', async () => {
    const fin = freshFin()
    const id = await serving(fin)
    await ask('{ __typename }', { headers: await officerOf(fin) })
    await client`update parties set key = '\\x00' where id = ${(await rowOf(id)).partyId}`
    const { data, errors } = await look(admin, id)
    expect([data.node.officerName, errors?.[0]?.extensions.code]).toEqual([null, 'INTERNAL_SERVER_ERROR'])
    await outcomeOf(admin, 'dismissOfficer', { appointmentId: id, reason: 'MISTAKE' })
  })
})

describe('appointments', () => {
  it('lists for operators those that were never in force, without names', async () => {
    await proposed('TEST002', { agency: 'DSX' })
    const { data } = await ask('{ appointments(first: 100) { nodes { activeFrom officerName } } }', {
      headers: operator,
    })
    expect(data.appointments.nodes.length).toBeGreaterThan(1)
    for (const node of data.appointments.nodes) expect(node).toEqual({ activeFrom: null, officerName: null })
  })

  it('shows reviewers and approvers each other at one agency, without what only the ADMIN may see', async () => {
    const { REVIEWER, APPROVER, FINANCE, ADMIN } = OfficerRole
    const serves = async (roles: OfficerRole[], agency = 'DSK') => {
      const fin = freshFin()
      const id = await serving(fin, agency, roles)
      const headers = await officerOf(fin)
      await ask('{ __typename }', { headers })
      return { id, headers, name: `Name of ${fin}` }
    }
    const reviewer = await serves([REVIEWER])
    const approver = await serves([APPROVER, ADMIN])
    const finance = await serves([FINANCE])
    const left = await serves([APPROVER])
    const elsewhere = await serves([REVIEWER], 'DGK')
    await client`update appointments set replacing = 'MISCONDUCT' where id = ${(await rowOf(approver.id)).id}`
    await outcomeOf(approver.headers, 'dismissOfficer', { appointmentId: left.id, reason: 'MISCONDUCT' })
    const seenBy = async (headers: Headers, filter = '{ agency: "DSK" }') => {
      const query = `{ appointments(first: 10, filter: ${filter}) { nodes { id officerName replacing } } }`
      return (await ask(query, { headers })).data.appointments.nodes
    }
    const shown = { id: approver.id, officerName: approver.name, replacing: null }
    const own = { id: reviewer.id, officerName: reviewer.name, replacing: null }
    expect(await seenBy(reviewer.headers)).toEqual([shown, own])
    expect(await seenBy(reviewer.headers, '{ role: APPROVER }')).toEqual([shown])
    expect(await seenBy(finance.headers)).toEqual([{ id: finance.id, officerName: null, replacing: null }])
    expect(await seenBy(elsewhere.headers)).toEqual([])
    const all = await seenBy(approver.headers)
    expect(all).toContainEqual({ ...shown, replacing: 'MISCONDUCT' })
    expect(all.map(({ id }: { id: string }) => id)).toEqual([left, finance, approver, reviewer].map(({ id }) => id))
  })

  it('filters by agency and state, in as many statements for many as for one', async () => {
    const fin = freshFin()
    await serving(fin)
    await ask('{ __typename }', { headers: await officerOf(fin) })
    const asked = async (first: number) => {
      database.statements.length = 0
      const filter = '{ agency: "DVX", state: ACTIVE }'
      const { data } = await ask(
        `{ appointments(first: ${first}, filter: ${filter}) { nodes { officerName state agency { code } } } }`,
        { headers: admin },
      )
      return { nodes: data.appointments.nodes, statements: database.statements.length }
    }
    const [one, many] = [await asked(1), await asked(50)]
    expect(many.nodes.length).toBeGreaterThan(5)
    expect(many.statements).toBe(one.statements)
    for (const node of many.nodes) expect(node).toMatchObject({ agency: { code: 'DVX' }, state: 'ACTIVE' })
    expect(many.nodes.some(({ officerName }: any) => officerName?.startsWith('Name of'))).toBe(true)
  })
})
