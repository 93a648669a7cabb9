import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { appointed, finOf } from '../support/appointed.js'
import { appointmentId, freshFin, type Headers, officerOf, officersOf } from '../support/officers.js'
import { as } from '../support/tokens.js'

// DVX has a reviewer and an ADMIN, DMX an ADMIN.
const officers = await officersOf()
const { database, ask, callers, standing, send, told, propose, confirmed, accept, appointedAtDvx, eventsOf } = officers
const { client } = database
type Who = keyof typeof callers

describe('The ADMIN of an agency', () => {
  it('appoints whoever it is, and is told the same whether anybody has that FİN', async () => {
    await ask('{ __typename }', { headers: await as('other-citizen') })
    const input = (fin: string) => ({ agency: 'DVX', fin, roles: ['REVIEWER', 'REVIEWER'] })
    const selection = 'appointment { roles state officerName endedAt agency { code } }'
    const asked = async (fin: string) => {
      const headers = await callers['the ADMIN']()
      database.statements.length = 0
      return { answer: await send(headers, 'appointOfficer', input(fin), selection), ran: [...database.statements] }
    }
    await asked(freshFin())
    const [known, unknown] = [await asked('TEST002'), await asked(freshFin())]
    expect(known).toEqual(unknown)
    expect(known.answer.appointment).toEqual({
      ...{ roles: ['REVIEWER'], state: 'ACTIVE', officerName: null, endedAt: null, agency: { code: 'DVX' } },
    })
  })

  it('is proposed alike, whether anybody has that FİN or not', async () => {
    const asked = async (fin: string) => {
      const headers = await callers['an operator']()
      database.statements.length = 0
      return { answer: await told(headers, 'proposeAdmin', { agency: 'DIN', fin }), ran: [...database.statements] }
    }
    await ask('{ __typename }', { headers: await as('citizen') })
    await asked(freshFin())
    const known = await asked('TEST001')
    expect(known.answer).toBe('done')
    expect(known).toEqual(await asked(freshFin()))
  })

  it('appoints no operator, and whoever was proposed becomes none', async () => {
    await ask('{ __typename }', { headers: await callers['an operator']() })
    const roles = ['REVIEWER']
    expect(await told(callers['the ADMIN'](), 'appointOfficer', { agency: 'DVX', fin: 'TEST014', roles })).toBe(
      'appointment.operator',
    )
    expect(await told(callers['a second operator'](), 'proposeAdmin', { agency: 'DIN', fin: 'TEST014' })).toBe(
      'appointment.operator',
    )
    const fin = freshFin()
    await propose(fin)
    const { errors } = await ask('{ __typename }', { headers: await as('operator', { sub: `operator-${fin}`, fin }) })
    expect(errors?.[0]?.extensions.reason).toBe('token.operator_is_officer')
  })

  it('appoints nobody twice, to nothing, or elsewhere', async () => {
    const byAdmin = (input: object) => told(callers['the ADMIN'](), 'appointOfficer', input)
    const [fin, roles] = [freshFin(), ['REVIEWER']]
    expect(await byAdmin({ agency: 'DVX', fin, roles: [] })).toBe('appointment.roles')
    expect(await byAdmin({ agency: 'DVX', fin, roles })).toBe('done')
    expect(await byAdmin({ agency: 'DVX', fin, roles })).toBe('appointment.stands')
    expect(await byAdmin({ agency: 'DMX', fin, roles })).toBe('FORBIDDEN')
    expect(await byAdmin({ agency: 'NONE', fin, roles })).toBe('agency.unknown')
    expect(await byAdmin({ agency: 'DVX', fin: 'no FİN', roles })).toBe('BAD_USER_INPUT')
  })

  it("changes another's roles from the next request on, and not their own", async () => {
    const fin = freshFin()
    const id = await appointedAtDvx(fin)
    const [asThem, appointing] = [await officerOf(fin), () => ({ agency: 'DVX', fin: freshFin(), roles: ['FINANCE'] })]
    expect(await told(asThem, 'appointOfficer', appointing())).toBe('FORBIDDEN')
    expect(await told(callers['the ADMIN'](), 'changeRoles', { appointment: id, roles: ['ADMIN'] })).toBe('done')
    expect(await told(asThem, 'appointOfficer', appointing())).toBe('done')
    const { error } = await send(asThem, 'changeRoles', { appointment: id, roles: ['ADMIN', 'APPROVER'] })
    expect(error?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'appointment.own_roles' })
    expect(await told(callers['the ADMIN'](), 'changeRoles', { appointment: id, roles: ['FINANCE'] })).toBe('done')
    expect(await told(asThem, 'appointOfficer', appointing())).toBe('FORBIDDEN')
    expect(await eventsOf(id)).toEqual(['appointment.made', 'appointment.roles_changed', 'appointment.roles_changed'])
  })

  it('dismisses an officer, whose next request is refused', async () => {
    const fin = freshFin()
    const id = await appointedAtDvx(fin)
    const asThem = await officerOf(fin)
    const asked = () => ask('{ appointments(first: 5) { nodes { state } } }', { headers: asThem })
    expect((await asked()).data.appointments.nodes).toEqual([{ state: 'ACTIVE' }])
    const input = { appointment: id, reason: 'MISCONDUCT' }
    const selection = 'appointment { state endReason }'
    const dismissed = await send(await callers['the ADMIN'](), 'dismissOfficer', input, selection)
    expect(dismissed.appointment).toEqual({ state: 'ENDED', endReason: 'MISCONDUCT' })
    expect((await asked()).errors?.[0]?.extensions.reason).toBe('token.no_appointment')
    expect(await told(callers['the ADMIN'](), 'dismissOfficer', input)).toBe('appointment.ended')
    // And may be appointed again.
    await appointedAtDvx(fin)
    expect((await asked()).data.appointments.nodes).toHaveLength(2)
  })

  it('does not leave the agency without one: nor do two who go at once', async () => {
    const leave = async (persona: string, appointment: string) =>
      told(await as(persona), 'dismissOfficer', { appointment: appointmentId(appointment), reason: 'LEFT' })
    const first = await appointed(database, 'evisa-officer', 'DIN', ['ADMIN'])
    expect(await leave('evisa-officer', first)).toBe('appointment.last_admin')
    const second = await appointed(database, 'finance-officer', 'DIN', ['ADMIN', 'FINANCE'])
    // Both are under way before either is done.
    let answers: Promise<string[]> = Promise.resolve([])
    await client.begin(async (tx) => {
      await tx`select from appointments where id in (${first}, ${second}) for update`
      answers = Promise.all([leave('evisa-officer', first), leave('finance-officer', second)])
      const waiting = async () =>
        (await client`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
          .length
      await expect.poll(waiting, { timeout: 4000 }).toBe(2)
    })
    expect((await answers).sort()).toEqual(['appointment.last_admin', 'done'])
  })

  it('ends a proposal for their agency too', async () => {
    const { id } = await propose(freshFin(), 'DVX', { replacing: 'LEFT' })
    expect(await told(callers['the ADMIN'](), 'dismissOfficer', { appointment: id, reason: 'MISTAKE' })).toBe('done')
  })
})

it('What an ADMIN did keeps under which appointment', async () => {
  const id = await appointedAtDvx()
  await told(callers['the ADMIN'](), 'changeRoles', { appointment: id, roles: ['APPROVER'] })
  await told(callers['the ADMIN'](), 'dismissOfficer', { appointment: id, reason: 'LEFT' })
  const done =
    await client`select type, ids ->> 'under' as under from events where subject = ${officers.keyOf(id)} order by id`
  expect([...done]).toEqual(
    ['made', 'roles_changed', 'ended'].map((what) => ({ type: `appointment.${what}`, under: standing.admin })),
  )
  // Of an operator there is none.
  const proposed = await propose(freshFin(), 'DSX')
  await told(callers['an operator'](), 'dismissOfficer', { appointment: proposed.id, reason: 'MISTAKE' })
  const [ended] = await client`
    select ids from events where subject = ${officers.keyOf(proposed.id)} and type = 'appointment.ended'`
  expect(ended?.ids).toEqual({ reason: 'MISTAKE' })
})

describe('Appointments are seen', () => {
  const query = 'query ($id: ID!) { node(id: $id) { ... on Appointment { state officerName agency { code } } } }'
  const seen = async (headers: Headers, id: string) => (await ask(query, { variables: { id }, headers })).data.node

  it('by the officer, by the ADMIN with the name, by auditors, and by nobody else', async () => {
    const fin = freshFin()
    const id = await appointedAtDvx(fin)
    const shown = { state: 'ACTIVE', officerName: null, agency: { code: 'DVX' } }
    expect(await seen(await officerOf(fin), id)).toEqual(shown)
    expect(await seen(await callers['the ADMIN'](), id)).toEqual({ ...shown, officerName: `Name of ${fin}` })
    expect(await seen(await callers['an auditor'](), id)).toEqual(shown)
    for (const who of Object.keys(callers) as Who[])
      if (who !== 'the ADMIN' && who !== 'an auditor')
        expect([who, await seen(await callers[who](), id)]).toEqual([who, null])
  })

  it('with the name only of who came as an officer since: not of an officer of elsewhere whose FİN was typed', async () => {
    await ask('{ __typename }', { headers: await callers['the ADMIN of another agency']() })
    const selection = 'appointment { id officerName }'
    const given = { agency: 'DVX', fin: finOf('other-officer'), roles: ['REVIEWER'] }
    const { appointment } = await send(await callers['the ADMIN'](), 'appointOfficer', given, selection)
    expect(appointment.officerName).toBeNull()
    await told(callers['the ADMIN'](), 'dismissOfficer', { appointment: appointment.id, reason: 'MISTAKE' })
    expect(await seen(await callers['the ADMIN'](), appointment.id)).toMatchObject({ officerName: null })
  })

  it('without the name of who cannot be opened, which is an error and no name', async () => {
    const fin = freshFin()
    const id = await appointedAtDvx(fin)
    await ask('{ __typename }', { headers: await officerOf(fin) })
    const broken = await client`update parties set key = '\\x00' where id = ${(await officers.rowOf(id)).partyId}`
    expect(broken.count).toBe(1)
    const { data, errors } = await ask(query, { variables: { id }, headers: await callers['the ADMIN']() })
    expect([data.node.officerName, errors?.[0]?.extensions.code]).toEqual([null, 'INTERNAL_SERVER_ERROR'])
    await told(callers['the ADMIN'](), 'dismissOfficer', { appointment: id, reason: 'MISTAKE' })
  })

  it('with the name of who accepted it, whenever they first came', async () => {
    const fin = freshFin()
    await appointedAtDvx(fin)
    await ask('{ __typename }', { headers: await officerOf(fin) })
    const proposed = await confirmed(fin, 'DMX', { replacing: 'LEFT' })
    expect(await seen(await callers['the ADMIN of another agency'](), proposed.id)).toMatchObject({ officerName: null })
    expect(await accept(fin, proposed)).toBe('done')
    const asThem = await officerOf(fin)
    expect(await seen(asThem, proposed.id)).toMatchObject({ officerName: `Name of ${fin}` })
  })

  it('by operators as long as they were never in force, without names', async () => {
    const { id } = await propose('TEST002', 'DSX')
    for (const who of ['an operator', 'a second operator'] as const)
      expect(await seen(await callers[who](), id)).toEqual({
        state: 'PROPOSED',
        officerName: null,
        agency: { code: 'DSX' },
      })
    const { data } = await ask('{ appointments(first: 100) { nodes { activeFrom } } }', {
      headers: await callers['an operator'](),
    })
    expect(data.appointments.nodes.length).toBeGreaterThan(1)
    expect(new Set(data.appointments.nodes.map(({ activeFrom }: any) => activeFrom))).toEqual(new Set([null]))
  })

  it('in pages, by agency and state, with as many statements for many as for one', async () => {
    const asked = async (first: number) => {
      const headers = await callers['the ADMIN']()
      await ask('{ __typename }', { headers })
      database.statements.length = 0
      const { data } = await ask(
        `{ appointments(first: ${first}, filter: { agency: "DVX", state: ACTIVE }) { nodes { officerName state agency { code } } } }`,
        { headers },
      )
      return { nodes: data.appointments.nodes, statements: database.statements.length }
    }
    const [one, many] = [await asked(1), await asked(50)]
    expect(many.nodes.length).toBeGreaterThan(5)
    expect(many.statements).toBe(one.statements)
    expect(new Set(many.nodes.map(({ agency, state }: any) => `${agency.code} ${state}`))).toEqual(
      new Set(['DVX ACTIVE']),
    )
    expect(many.nodes.some(({ officerName }: any) => officerName?.startsWith('Name of'))).toBe(true)
  })

  it.each(['nobody', 'a citizen', 'a program'] as const)('as a list not by %s', async (who) => {
    const { data, errors } = await ask('{ appointments(first: 1) { nodes { id } } }', { headers: await callers[who]() })
    expect(data.appointments).toBeNull()
    expect(errors?.[0]?.extensions.code).toBe(who === 'nobody' ? 'UNAUTHENTICATED' : 'FORBIDDEN')
  })
})

it.each([
  ['changeRoles', 'the ADMIN', { roles: ['APPROVER'] }],
  ['dismissOfficer', 'the ADMIN', { reason: 'LEFT' }],
  ['dismissOfficer', 'an operator', { reason: 'LEFT' }],
  ['confirmAdmin', 'an operator', { fin: 'TEST002' }],
  ['acceptAppointment', 'the ADMIN', { code: 'X' }],
] as const)('%s by %s runs the same for what is not theirs and what is not there', async (name, who, more) => {
  const headers = await callers[who]()
  const [foreign, absent, malformed] = [appointmentId(standing.other), appointmentId(v7()), nodeIdOf('Service', v7())]
  const statements: string[][] = []
  await told(headers, name, { appointment: absent, ...more })
  for (const appointment of [foreign, absent, malformed]) {
    database.statements.length = 0
    expect(await told(headers, name, { appointment, ...more })).toBe('appointment.unknown')
    statements.push([...database.statements])
  }
  expect(statements[0]?.length).toBeGreaterThan(3)
  expect(statements[0]).toEqual(statements[1])
  expect(statements[0]).toEqual(statements[2])
})
