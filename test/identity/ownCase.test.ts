import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { MandateKind, MandateSource, mandates, Power } from '../../src/identity/mandate.table.js'
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
const withinAYear = new Date('2026-02-01T00:00:00Z')
const longAgo = new Date('2025-10-01T00:00:00Z')

const officer = await persona('officer')
const context = contextOf({
  ...{ language: 'en', database, keyring, meter: unmetered, now: () => now, timeout: 5000 },
  caller: { ...nobody, kind: 'OFFICER', id: `officer:${officer}`, party: officer },
})
const caseOf = (party: string) => db.transaction((tx) => refuseOwnCase({ tx, context }, party))
const refusedFor = (reason: string) => ({ extensions: { code: 'FORBIDDEN', reason } })

/** By a party itself, and not by a register. */
async function grant(
  principalId: string,
  holderId: string,
  more: Partial<typeof mandates.$inferInsert> = {},
): Promise<string> {
  const since = new Date('2025-01-01T00:00:00Z')
  const row = { id: v7(), principalId, holderId, kind: MandateKind.DELEGATE, powers: [Power.VIEW], validFrom: since }
  const granted = { source: MandateSource.GRANT, grantedBy: principalId, since }
  await db.insert(mandates).values({ ...row, ...granted, ...more })
  return row.id
}
const end = (id: string, revokedAt: Date) =>
  db.update(mandates).set({ revokedAt, revokedBy: 'x' }).where(eq(mandates.id, id))

describe('An officer acts', () => {
  it("in a stranger's case, and in one of who never was", async () => {
    await caseOf(await persona('citizen'))
    await caseOf(v7())
  })

  it('not in their own', async () => {
    await expect(caseOf(officer)).rejects.toMatchObject(refusedFor('case.own'))
  })

  it('not in that of a company they act for by a register, nor of its clients, until a year after', async () => {
    const [company, client] = [await firm('A company', '0000000001'), await firm('Its client', '0000000002')]
    const [headship] = [await give(company, officer, { kind: MandateKind.HEAD }), await give(client, company)]
    const refuses = async () => {
      for (const party of [company, client])
        await expect(caseOf(party)).rejects.toMatchObject(refusedFor('case.mandate'))
    }
    await refuses()
    await end(headship, withinAYear)
    await refuses()
    await end(headship, longAgo)
    await caseOf(company)
    await caseOf(client)
  })

  it('not in that of who acts for them, until a year after', async () => {
    const delegate = await persona('company-delegate')
    const given = await grant(officer, delegate)
    await expect(caseOf(delegate)).rejects.toMatchObject(refusedFor('case.mandate'))
    await end(given, withinAYear)
    await expect(caseOf(delegate)).rejects.toMatchObject(refusedFor('case.mandate'))
    await end(given, longAgo)
    await caseOf(delegate)
  })

  it('not in that of whoever they gave a mandate to through a firm', async () => {
    const [firmOfTheirs, employee] = [await firm('An adviser', '0000000005'), await persona('stateless')]
    await grant(officer, firmOfTheirs)
    await grant(firmOfTheirs, employee, { kind: MandateKind.EMPLOYEE })
    await expect(caseOf(employee)).rejects.toMatchObject(refusedFor('case.mandate'))
  })

  it.each([
    [MandateKind.DELEGATE, '0000000011'],
    [MandateKind.EMPLOYEE, '0000000012'],
    [MandateKind.SEAL_HOLDER, '0000000013'],
  ])('in that of who merely granted them something: nobody chooses their officer by a %s', async (kind, voen) => {
    const [applicant, client] = [
      await firm(`${kind} of it`, voen),
      await firm(`Client of ${kind}`, `1${voen.slice(1)}`),
    ]
    const granted = await grant(applicant, officer, { kind })
    await grant(client, applicant)
    await caseOf(applicant)
    await caseOf(client)
    // Until they do something under it.
    await grant(applicant, await persona('minor'), { grantedBy: officer, grantedUnder: granted })
    await expect(caseOf(applicant)).rejects.toMatchObject(refusedFor('case.mandate'))
    if (kind === MandateKind.DELEGATE) await caseOf(client)
    else await expect(caseOf(client)).rejects.toMatchObject(refusedFor('case.mandate'))
  })

  it.each([MandateKind.PARENT, MandateKind.GUARDIAN])(
    'not in that of a relative by %s, from either side, for good',
    async (kind) => {
      const [older, younger] = [
        await firm(`${kind} 1`, kind === 'PARENT' ? '0000000003' : '0000000004'),
        await persona('minor'),
      ]
      await give(officer, older, { kind, validTo: withinAYear })
      const ended = await give(younger, officer, { kind, validTo: withinAYear })
      for (const party of [older, younger])
        await expect(caseOf(party)).rejects.toMatchObject(refusedFor('case.relative'))
      await db.delete(mandates).where(eq(mandates.id, ended))
      await caseOf(younger)
    },
  )
})
