import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { MandateKind, mandates, Power } from '../../src/identity/mandate.table.js'
import { refuseOwnCase } from '../../src/identity/ownCase.js'
import { contextOf, nobody } from '../../src/shared/context.js'
import { cloneDatabase } from '../support/database.js'
import { unmetered } from '../support/meter.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'

const database = await cloneDatabase()
const { db } = database
const { persona, firm, give } = partiesIn(database)
const now = new Date('2026-11-25T08:00:00Z')
const past = new Date('2026-02-01T00:00:00Z')

const officer = await persona('officer')
const context = contextOf({
  ...{ language: 'en', database, keyring, meter: unmetered, now: () => now, timeout: 5000 },
  caller: { ...nobody, kind: 'OFFICER', id: `officer:${officer}`, party: officer },
})
const caseOf = (party: string) => db.transaction((tx) => refuseOwnCase({ tx, context }, party))
const refusedFor = (reason: string) => ({ extensions: { code: 'FORBIDDEN', reason } })

describe('An officer acts', () => {
  it("in a stranger's case, and in one of who never was", async () => {
    await caseOf(await persona('citizen'))
    await caseOf(v7())
  })

  it('not in their own', async () => {
    await expect(caseOf(officer)).rejects.toMatchObject(refusedFor('case.own'))
  })

  it('not in that of a company they act for, nor of its clients', async () => {
    const [company, client] = [await firm('A company', '0000000001'), await firm('Its client', '0000000002')]
    const [employment] = [await give(company, officer, { kind: MandateKind.EMPLOYEE }), await give(client, company)]
    for (const party of [company, client]) await expect(caseOf(party)).rejects.toMatchObject(refusedFor('case.mandate'))
    await db.update(mandates).set({ revokedAt: past, revokedBy: 'x' }).where(eq(mandates.id, employment))
    await caseOf(company)
    await caseOf(client)
  })

  it('not in that of who acts for them, as long as that is so', async () => {
    const delegate = await persona('company-delegate')
    const given = await give(officer, delegate, { powers: [Power.FILE] })
    await expect(caseOf(delegate)).rejects.toMatchObject(refusedFor('case.mandate'))
    await db.update(mandates).set({ validTo: past }).where(eq(mandates.id, given))
    await caseOf(delegate)
  })

  it.each([MandateKind.PARENT, MandateKind.GUARDIAN])(
    'not in that of a relative by %s, from either side, for good',
    async (kind) => {
      const [older, younger] = [
        await firm(`${kind} 1`, kind === 'PARENT' ? '0000000003' : '0000000004'),
        await persona('minor'),
      ]
      await give(officer, older, { kind, validTo: past })
      const ended = await give(younger, officer, { kind, validTo: past })
      for (const party of [older, younger])
        await expect(caseOf(party)).rejects.toMatchObject(refusedFor('case.relative'))
      await db.delete(mandates).where(eq(mandates.id, ended))
      await caseOf(younger)
    },
  )
})
