import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { events } from '../../src/events/event.table.js'
import { MandateKind, mandates, Power } from '../../src/identity/mandate.table.js'
import { authorityOver } from '../../src/identity/powers.js'
import { acrOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { contextOf, nobody } from '../../src/shared/context.js'
import { apiOf } from '../support/api.js'
import { appointed, asProgram } from '../support/appointed.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase } from '../support/database.js'
import { unmetered } from '../support/meter.js'
import { partiesIn, partyId } from '../support/parties.js'
import { keyringOfFile } from '../support/server.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const ask = await apiOf(database)
const send = commanding(ask)
const { persona, firm, give } = partiesIn(database)
const every = [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN]

const head = await persona('company-head')
const delegate = await persona('company-delegate')
const company = await firm('Sınaq MMC', '0000000001')
const headship = await give(company, head, { kind: MandateKind.HEAD, powers: every })
await appointed(database, 'officer', 'DVX', ['REVIEWER'])

const mandateId = (id: string) => nodeIdOf('Mandate', id)
const revoke = async (who: string, id: string, claims = {}) =>
  await send(
    await as(who, claims),
    'revokeMandate',
    { mandate: mandateId(id), reason: 'NO_LONGER_NEEDED' },
    'mandate { kind revokedAt revokedFor }',
  )
const stands = async (id: string) => {
  const [row] = await database.db.select().from(mandates).where(eq(mandates.id, id))
  return row?.revokedAt === null
}

// Their first sign-in is another matter.
beforeAll(async () => {
  for (const who of ['company-head', 'company-delegate', 'citizen', 'other-citizen', 'other-company-head'])
    await ask('{ __typename }', { headers: await as(who) })
})

describe('a mandate is revoked', () => {
  it('by who holds the seal of the organisation, with an event that says under which mandate', async () => {
    const id = await give(company, delegate)
    const { payload } = await revoke('company-head', id)
    expect(payload.mandate).toEqual({
      ...{ kind: 'DELEGATE', revokedFor: 'NO_LONGER_NEEDED', revokedAt: expect.any(String) },
    })
    const said = await database.db.select().from(events).where(eq(events.subject, id))
    expect(said.find(({ type }) => type === 'mandate.revoked')).toMatchObject({
      ...{ partyId: company, actor: `person:${head}`, ids: { holder: delegate, under: headship } },
    })
  })

  it('by its holder, who lays it down, however surely they are known', async () => {
    const id = await give(company, delegate)
    expect((await revoke('company-delegate', id, { acr: acrOf(Assurance.LOW) })).reasons).toEqual([])
    expect(await stands(id)).toBe(false)
  })

  it('by who holds the seal of the organisation that holds it', async () => {
    const accountants = await firm('Mühasib MMC', '8888888804')
    await give(accountants, await persona('other-company-head'), { kind: MandateKind.HEAD, powers: every })
    const id = await give(company, accountants)
    expect((await revoke('other-company-head', id)).reasons).toEqual([])
    expect(await stands(id)).toBe(false)
  })

  it('by the person who gave a power of attorney', async () => {
    const attorney = { kind: MandateKind.POWER_OF_ATTORNEY }
    const id = await give(await persona('citizen'), await persona('other-citizen'), attorney)
    expect((await revoke('company-head', id)).reasons).toEqual(['mandate.unknown'])
    expect((await revoke('citizen', id)).reasons).toEqual([])
    expect(await stands(id)).toBe(false)
  })

  it('by who has the power CONSENT over a minor, where it is a consent', async () => {
    const [minor, parent] = [await persona('minor'), { kind: MandateKind.PARENT, powers: Object.values(Power) }]
    const id = await give(minor, minor, { kind: MandateKind.CONSENT, powers: [Power.PAY] })
    await give(minor, await persona('citizen'), { ...parent, powers: every })
    expect((await revoke('citizen', id)).reasons).toEqual(['mandate.unknown'])
    await give(minor, await persona('other-citizen'), parent)
    expect((await revoke('other-citizen', id)).reasons).toEqual([])
    expect(await stands(id)).toBe(false)
  })

  it('once: what is over is told so', async () => {
    const id = await give(company, delegate)
    await revoke('company-head', id)
    expect((await revoke('company-head', id)).reasons).toEqual(['mandate.over'])
    const ended = await give(company, delegate, { validTo: new Date('2026-01-02T00:00:00Z') })
    expect((await revoke('company-head', ended)).reasons).toEqual(['mandate.over'])
  })
})

describe('a mandate is not revoked', async () => {
  const id = await give(company, delegate, { powers: every })
  await give(company, await persona('other-citizen'), { powers: every })

  it.each(['other-citizen', 'citizen', 'other-company-head'])('by %s, to whom there is none', async (who) => {
    expect((await revoke(who, id)).reasons).toEqual(['mandate.unknown'])
    expect(await stands(id)).toBe(true)
  })

  it.each(['officer', 'operator', 'auditor'])('by the %s', async (who) => {
    expect((await revoke(who, id)).code).toBe('FORBIDDEN')
  })

  it('by nobody, nor by a program of the organisation', async () => {
    const input = { mandate: mandateId(id), reason: 'MISUSE' }
    expect((await send({}, 'revokeMandate', input, 'mandate { id }')).code).toBe('UNAUTHENTICATED')
    const program = await asProgram(database, { party: company, scopes: ['mandates:read', 'filings:write'] })
    expect((await send(program, 'revokeMandate', input, 'mandate { id }')).code).toBe('FORBIDDEN')
  })

  it('by a head who is not known surely', async () => {
    expect((await revoke('company-head', id, { acr: acrOf(Assurance.LOW) })).code).toBe('STEP_UP_REQUIRED')
    expect(await stands(id)).toBe(true)
  })

  it('where a register keeps it', async () => {
    expect((await revoke('company-head', headship)).reasons).toEqual(['mandate.kept_by_register'])
  })

  it('where it is the seal, by who holds it beside the head; by the head it is', async () => {
    const seal = { kind: MandateKind.SEAL_HOLDER, powers: every }
    await give(company, await persona('citizen'), seal)
    const other = await give(company, delegate, seal)
    expect((await revoke('citizen', other)).reasons).toEqual(['mandate.unknown'])
    expect((await revoke('citizen', await give(company, delegate))).reasons).toEqual([])
    expect((await revoke('company-head', other)).reasons).toEqual([])
  })

  it('alike, whether it is another’s or never was: by the same statements', async () => {
    const statementsFor = async (mandate: string) => {
      database.statements.length = 0
      const headers = await as('foreigner')
      const { payload } = await send(headers, 'revokeMandate', { mandate, reason: 'MISTAKE' }, 'mandate { id }')
      return { payload, statements: [...database.statements] }
    }
    await statementsFor('') // the first sign-in
    const foreign = await statementsFor(mandateId(id))
    for (const absent of [mandateId(v7()), partyId(company), 'x']) expect(await statementsFor(absent)).toEqual(foreign)
    const seal = await give(company, delegate, { kind: MandateKind.SEAL_HOLDER, powers: every })
    expect(await statementsFor(mandateId(seal))).toEqual(foreign)
    expect(foreign.statements.length).toBeGreaterThan(5)
  })
})

describe('A revocation is effective at once', () => {
  it('also for who signed in before it', async () => {
    const headers = await as('citizen')
    const seal = { kind: MandateKind.SEAL_HOLDER, powers: every }
    const other = await firm('Başqa MMC', '8888888806')
    await give(other, head, { kind: MandateKind.HEAD, powers: every })
    const id = await give(other, await persona('citizen'), seal)
    const grant = (fin: string) => {
      const validTo = new Date(Date.now() + 86_400_000)
      const input = { party: partyId(other), holder: { fin }, kind: 'DELEGATE', powers: ['VIEW'], validTo }
      return send(headers, 'grantMandate', input, 'mandate { id }')
    }
    expect((await grant('TEST014')).payload.mandate).not.toBeNull()
    await revoke('company-head', id)
    expect((await grant('TEST015')).code).toBe('FORBIDDEN')
  })

  it('and waits for what is being done under the mandate', async () => {
    const other = await firm('Üçüncü MMC', '8888888807')
    await give(other, head, { kind: MandateKind.HEAD, powers: every })
    const id = await give(other, delegate)
    const context = contextOf({
      ...{ language: 'en', database, keyring: keyringOfFile, meter: unmetered, now: () => new Date(), timeout: 5000 },
      caller: { ...nobody, kind: 'PERSON', id: `person:${delegate}`, party: delegate },
    })
    const authority = (tx: Parameters<typeof authorityOver>[0]['tx']) =>
      authorityOver({ tx, context }, other, { power: Power.FILE, scope: 'filings:write' })
    let revoking: ReturnType<typeof revoke> | undefined
    await database.db.transaction(async (tx) => {
      await authority(tx)
      revoking = revoke('company-head', id)
      expect(await Promise.race([revoking, new Promise((settle) => setTimeout(settle, 400, 'waits'))])).toBe('waits')
      expect(await stands(id)).toBe(true)
    })
    expect((await revoking)?.reasons).toEqual([])
    await expect(database.db.transaction(authority)).rejects.toThrow('takes the power FILE')
  })
})
