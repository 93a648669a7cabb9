import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ApplicationState } from '../../src/applications/application.table.js'
import { caseFor } from '../../src/applications/applicationCommand.js'
import { Action } from '../../src/applications/transition.rules.js'
import { unmetered } from '../../src/engine/rates.js'
import { anonymous, contextOf } from '../../src/shared/context.js'
import { applyingOf, type Case, registrars, start } from '../support/applying.js'
import { asProgram, programIn } from '../support/programs.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const { database, clock, ask, send, read, timelineOf, outcomeOf, inserted, draft, registered, inReview, rowOf } =
  await applyingOf()
const { client } = database
const head = 'registration-head'
const scopes = ['cases:read' as const, 'cases:decide' as const]
const program = await asProgram(database, { agency: 'BPQMI', scopes })
const reader = await asProgram(database, { agency: 'BPQMI', scopes: ['cases:read'] })
const stranger = await asProgram(database, { agency: 'DVX', scopes })
beforeAll(() => registrars(database))
beforeEach(() => clock.set(start))

const refusal = { outcome: 'REFUSED', reasoning: 'Sənəd çatmır', groundCodes: ['FALSE_DATA'] }
const decide = ({ id, revision }: Case, by = program, decision: object = refusal) =>
  outcomeOf(by, 'decideApplication', { applicationId: id, revision, ...decision })
const readBy = async (headers: { authorization: string }, { number }: Case, fields: string) =>
  await ask(`{ application(number: "${number}") { ${fields} } }`, { headers, language: 'en' })
const numbersOf = async (headers: { authorization: string }) => {
  const { data } = await ask('{ agencyApplications(first: 100) { nodes { number } } }', { headers })
  return data.agencyApplications.nodes.map(({ number }: { number: string }) => number)
}

describe('A program of an agency', () => {
  it('reads submitted applications of its agency with their content, and no others', async () => {
    const [own, begun] = [await registered(), await draft()]
    const { data } = await readBy(reader, own, 'state content { answers } officer { name } applicant { name }')
    expect(data.application).toMatchObject({
      state: 'REGISTERED',
      content: { answers: { basis: 'OWNER' } },
      applicant: null,
    })
    expect(await numbersOf(reader)).toContain(own.number)
    expect(await numbersOf(reader)).not.toContain(begun.number)
    expect((await readBy(reader, begun, 'state')).data.application).toBeNull()
    expect((await readBy(stranger, own, 'state')).data.application).toBeNull()
    expect(await numbersOf(stranger)).toEqual([])
  })

  it('reads no content that a co-applicant has yet to confirm', async () => {
    const unconfirmed = await inserted({ state: ApplicationState.AWAITING_CONFIRMATION })
    const { data } = await readBy(reader, unconfirmed, 'state content { answers }')
    expect(data.application).toEqual({ state: 'AWAITING_CONFIRMATION', content: null })
  })

  it('sees that an officer has a case, and not who', async () => {
    const { data } = await readBy(reader, await inReview(head), 'officer { isCaller name } content { answers }')
    expect(data.application).toMatchObject({ officer: { isCaller: false, name: null }, content: { answers: {} } })
  })

  it('is in the access log of the person by its name, for each content that it reads', async () => {
    const found = await registered()
    await readBy(reader, found, 'content { answers }')
    const query =
      '{ accessLog(first: 1) { nodes { application kind purpose { code } agency { code } by { kind party { id } program { name } } } } }'
    const { data } = await ask(query, { headers: await as('citizen') })
    expect(data.accessLog.nodes).toEqual([
      {
        application: found.number,
        kind: 'CASE',
        purpose: { code: 'APPLICATION' },
        agency: { code: 'BPQMI' },
        by: { kind: 'AGENCY_PROGRAM', party: null, program: { name: 'A program' } },
      },
    ])
  })

  it('decides an application that no officer has', async () => {
    const found = await registered()
    const { data } = await readBy(program, found, 'viewerCan { action allowed }')
    const allowed = data.application.viewerCan.filter((one: { allowed: boolean }) => one.allowed)
    expect(allowed.map(({ action }: { action: string }) => action)).toEqual(['APPROVE', 'REFUSE', 'DISCONTINUE'])
    expect(await decide(found)).toBe('done')
    expect(
      await read(found.number, 'state decisions { outcome reasoning deemed byProgram document { kind } }'),
    ).toEqual({
      state: 'REFUSED',
      decisions: [
        {
          outcome: 'REFUSED',
          reasoning: 'Sənəd çatmır',
          deemed: false,
          byProgram: true,
          document: { kind: 'DECISION' },
        },
      ],
    })
    expect((await timelineOf(found.number)).at(-1)).toMatchObject({ type: 'application.refused', by: 'AGENCY_PROGRAM' })
    const [row] = await client`select officer_id, program_id from decisions where application_id = ${found.key}`
    expect([row?.officer_id, typeof row?.program_id]).toEqual([null, 'string'])
  })

  it('cannot decide what an officer has, an appeal, or a case of another agency', async () => {
    expect(await decide(await inReview(head))).toBe('application.wrong_state')
    expect(await decide(await registered({ more: { unsettled: ['/movedOn'] } }))).toBe('application.unsettled')
    const appealed = await registered()
    expect(await decide(appealed)).toBe('done')
    expect(await outcomeOf('citizen', 'appealDecision', { applicationId: appealed.id, text: 'Səbəb' })).toBe('done')
    // The superior agency has it now.
    expect(await decide({ ...appealed, revision: appealed.revision + 2 })).toBe('application.unknown')
    expect(await decide(await registered(), stranger)).toBe('application.unknown')
    expect(await decide(await inserted({ state: ApplicationState.DRAFT }))).toBe('application.unknown')
  })

  it('cannot decide without the scope, or do anything else that an officer does', async () => {
    const found = await registered()
    expect(await decide(found, reader)).toBe('FORBIDDEN')
    const input = { applicationId: found.id, revision: found.revision }
    for (const command of ['assignApplication', 'completeApplication', 'extendTerm', 'requestInformation'])
      expect([command, (await send(program, command, input)).error !== undefined]).toEqual([command, true])
  })

  it('is refused once it was revoked, even after its request began', async () => {
    const found = await registered()
    const { agencyId } = await rowOf(found.key)
    const { id } = await programIn(database, { agencyId, scopes })
    // The caller as it was when the request began.
    const context = contextOf({
      language: 'en',
      database,
      keyring,
      meter: unmetered,
      now: clock.now,
      timeout: 5000,
      caller: {
        ...anonymous,
        kind: 'AGENCY_PROGRAM',
        id: `agency_program:${id}`,
        party: undefined,
        offices: [{ agencyId, agency: 'BPQMI', roles: [] }],
        program: { id, name: 'A program', scopes: new Set(scopes) },
      },
    })
    const asked = () =>
      database.db.transaction((tx) => caseFor({ tx, context }, { applicationId: found.id }, Action.APPROVE))
    expect(await asked()).toMatchObject({ relation: { isProgram: true } })
    await client`update programs set revoked_at = now(), revoked_by = 'a test' where id = ${id}`
    expect(await asked()).toMatchObject({ userErrors: [{ reason: 'application.unknown' }] })
  })
})
