import { eq } from 'drizzle-orm'
import type { JWTPayload } from 'jose'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import { unmetered } from '../../src/engine/rates.js'
import { events } from '../../src/events/event.table.js'
import { MandateKind, mandates, Power } from '../../src/identity/mandates/mandate.table.js'
import { authorityOver } from '../../src/identity/mandates/powers.js'
import { acrOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { anonymous, contextOf } from '../../src/shared/context.js'
import { apiOf } from '../support/api.js'
import { commanding } from '../support/commanding.js'
import { cloneDatabase, untilBlocked } from '../support/database.js'
import { partiesIn, partyId } from '../support/parties.js'
import { keyringOfFile } from '../support/server.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const { db } = database
const ask = await apiOf(database)
const send = commanding(ask)
const { persona, firm, give } = partiesIn(database)
const every = [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN]
const seal = { kind: MandateKind.SEAL_HOLDER, powers: every }

const head = await persona('company-head')
const delegate = await persona('company-delegate')
const company = await firm('Sınaq MMC', '0000000001')
const headship = await give(company, head, { kind: MandateKind.HEAD, powers: every })

const mandateId = (id: string) => nodeIdOf('Mandate', id)
const revoke = async (who: string, id: string, claims?: JWTPayload) => {
  const input = { mandateId: mandateId(id), reason: 'NO_LONGER_NEEDED' }
  return await send(await as(who, claims), 'revokeMandate', input, 'mandate { kind revokedAt revokedFor }')
}
const isRevoked = async (id: string) => {
  const [row] = await db.select().from(mandates).where(eq(mandates.id, id))
  return row?.revokedAt !== null
}

describe('revokeMandate', () => {
  it('lets whoever holds the seal revoke, and records under which mandate', async () => {
    const id = await give(company, delegate)
    const { payload } = await revoke('company-head', id)
    expect(payload.mandate).toEqual({
      kind: 'DELEGATE',
      revokedFor: 'NO_LONGER_NEEDED',
      revokedAt: expect.any(String),
    })
    const recorded = await db.select().from(events).where(eq(events.subject, id))
    expect(recorded.find(({ type }) => type === 'mandate.revoked')).toMatchObject({
      partyId: company,
      actor: `person:${head}`,
      ids: { holder: delegate, under: headship },
    })
  })

  it('lets the holder of a mandate revoke it at any assurance', async () => {
    await ask('{ __typename }', { headers: await as('company-delegate') }) // the account was known surely before
    const id = await give(company, delegate)
    expect((await revoke('company-delegate', id, { acr: acrOf(Assurance.LOW) })).reasons).toEqual([])
    expect(await isRevoked(id)).toBe(true)
  })

  it('requires assurance HIGH of whoever holds the seal', async () => {
    const id = await give(company, delegate)
    expect((await revoke('company-head', id, { acr: acrOf(Assurance.LOW) })).code).toBe('STEP_UP_REQUIRED')
    expect(await isRevoked(id)).toBe(false)
  })

  it('lets whoever holds the seal of the representative revoke', async () => {
    const accountants = await firm('Mühasib MMC', '8888888804')
    await give(accountants, await persona('other-company-head'), { kind: MandateKind.HEAD, powers: every })
    const id = await give(company, accountants)
    expect((await revoke('other-company-head', id)).reasons).toEqual([])
    expect(await isRevoked(id)).toBe(true)
  })

  it('lets the person who gave a power of attorney revoke it', async () => {
    const attorney = { kind: MandateKind.POWER_OF_ATTORNEY }
    const id = await give(await persona('citizen'), await persona('other-citizen'), attorney)
    expect((await revoke('company-head', id)).reasons).toEqual(['mandate.unknown'])
    expect((await revoke('citizen', id)).reasons).toEqual([])
    expect(await isRevoked(id)).toBe(true)
  })

  it('lets whoever has the power CONSENT over a minor revoke a consent', async () => {
    const minor = await persona('minor')
    const id = await give(minor, minor, { kind: MandateKind.CONSENT, powers: [Power.PAY] })
    await give(minor, await persona('citizen'), { kind: MandateKind.PARENT, powers: every })
    expect((await revoke('citizen', id)).reasons).toEqual(['mandate.unknown'])
    await give(minor, await persona('other-citizen'), { kind: MandateKind.PARENT, powers: Object.values(Power) })
    expect((await revoke('other-citizen', id)).reasons).toEqual([])
    expect(await isRevoked(id)).toBe(true)
  })

  it('lets the head alone revoke the seal of another', async () => {
    await give(company, await persona('citizen'), seal)
    const other = await give(company, delegate, seal)
    expect((await revoke('citizen', other)).reasons).toEqual(['mandate.unknown'])
    expect((await revoke('citizen', await give(company, delegate))).reasons).toEqual([])
    expect((await revoke('company-head', other)).reasons).toEqual([])
  })

  it('refuses a mandate that is revoked already or has ended', async () => {
    const id = await give(company, delegate)
    await revoke('company-head', id)
    expect((await revoke('company-head', id)).reasons).toEqual(['mandate.over'])
    const ended = await give(company, delegate, { validTo: new Date('2026-01-02T00:00:00Z') })
    expect((await revoke('company-head', ended)).reasons).toEqual(['mandate.over'])
  })

  it('refuses a mandate that a register keeps', async () => {
    expect((await revoke('company-head', headship)).reasons).toEqual(['mandate.kept_by_register'])
  })

  it('refuses a delegate with all powers, as if there were no such mandate', async () => {
    const id = await give(company, delegate)
    await give(company, await persona('stateless'), { powers: every })
    expect((await revoke('stateless', id)).reasons).toEqual(['mandate.unknown'])
    expect(await isRevoked(id)).toBe(false)
  })

  it('runs the same statements for a mandate of others and for one that does not exist', async () => {
    const headers = await as('foreigner')
    const asked = async (mandate: string) => {
      database.statements.length = 0
      const { payload } = await send(
        headers,
        'revokeMandate',
        { mandateId: mandate, reason: 'MISTAKE' },
        'mandate { id }',
      )
      return { payload, statements: [...database.statements] }
    }
    await asked('') // the first sign-in
    const foreign = await asked(mandateId(await give(company, delegate)))
    expect(foreign.statements.length).toBeGreaterThan(5)
    for (const absent of [mandateId(v7()), partyId(company), 'x']) expect(await asked(absent)).toEqual(foreign)
    expect(await asked(mandateId(await give(company, delegate, seal)))).toEqual(foreign)
  })

  it('takes effect with the next request of a holder who has signed in', async () => {
    const headers = await as('citizen')
    const other = await firm('Başqa MMC', '8888888806')
    await give(other, head, { kind: MandateKind.HEAD, powers: every })
    const id = await give(other, await persona('citizen'), seal)
    const grant = (fin: string) => {
      const validTo = new Date(Date.now() + 86_400_000)
      const input = { partyId: partyId(other), holder: { fin }, kind: 'DELEGATE', powers: ['VIEW'], validTo }
      return send(headers, 'grantMandate', input, 'mandate { id }')
    }
    expect((await grant('TEST014')).payload.mandate).not.toBeNull()
    await revoke('company-head', id)
    expect((await grant('TEST015')).code).toBe('FORBIDDEN')
  })

  it('waits for what is being done under the mandate', async () => {
    const id = await give(company, await persona('other-citizen'))
    const party = await persona('other-citizen')
    const context = contextOf({
      language: 'en',
      database,
      keyring: keyringOfFile,
      meter: unmetered,
      now: () => new Date(),
      timeout: 5000,
      caller: { ...anonymous, kind: 'PERSON', id: `person:${party}`, party },
    })
    const authority = (tx: Parameters<typeof authorityOver>[0]['tx']) =>
      authorityOver({ tx, context }, company, { power: Power.FILE, scope: 'filings:write' })
    let revoking: ReturnType<typeof revoke> | undefined
    await db.transaction(async (tx) => {
      await authority(tx)
      revoking = revoke('company-head', id)
      await untilBlocked(database)
      expect(await isRevoked(id)).toBe(false)
    })
    expect((await revoking)?.reasons).toEqual([])
    await expect(db.transaction(authority)).rejects.toThrow('requires the power FILE')
  })
})
