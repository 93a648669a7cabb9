import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { MandateKind, MandateSource, mandates, Power } from '../../src/identity/mandate.table.js'
import { particulars } from '../../src/identity/particulars.table.js'
import { forgetParty, keyToSeal, makeParty } from '../../src/identity/party.js'
import { PartyKind } from '../../src/identity/party.table.js'
import { holdsSealOf } from '../../src/identity/seal.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { type Caller, contextOf, nobody } from '../../src/shared/context.js'
import { seal } from '../../src/shared/personal.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { unmetered } from '../support/meter.js'

const database = await cloneDatabase()
const { db } = database
const keyring = keyringOfTest()
const now = new Date('2026-11-25T08:00:00Z')

const made = async (kind: PartyKind) => (await db.transaction((tx) => makeParty(tx, keyring, kind, now))).party
const person = () => made(PartyKind.NATURAL_PERSON)
const firm = () => made(PartyKind.LEGAL_ENTITY)

async function give(principalId: string, holderId: string, kind: MandateKind, more: object = {}): Promise<string> {
  const id = v7()
  const since = new Date('2026-01-01T00:00:00Z')
  const row = { id, principalId, holderId, kind, powers: Object.values(Power), validFrom: since, since }
  await db.insert(mandates).values({ ...row, source: MandateSource.REGISTER, ...more })
  return id
}
const ask = (party: string, caller: Partial<Caller>) =>
  db.transaction((tx) =>
    holdsSealOf(
      {
        tx,
        context: contextOf({
          ...{ language: 'en', database, keyring, meter: unmetered, now: () => now, timeout: 5000 },
          caller: { ...nobody, kind: 'PERSON', id: `person:${caller.party}`, assurance: Assurance.HIGH, ...caller },
        }),
      },
      party,
    ),
  )
const refused = (code: string, more: object = {}) =>
  expect.objectContaining({ extensions: expect.objectContaining({ code, ...more }) })

it('the seal of an organisation is held by its head, and by who holds it beside them', async () => {
  const company = await firm()
  for (const kind of [MandateKind.HEAD, MandateKind.SEAL_HOLDER]) {
    const holder = await person()
    const mandate = await give(company, holder, kind)
    expect(await ask(company, { party: holder })).toEqual({ mandate })
  }
})

it('and by nobody else: no delegate, no staff, not before or after its time, not by what was revoked, nor by a part', async () => {
  const [company, other] = [await firm(), await firm()]
  const delegate = await person()
  await give(company, delegate, MandateKind.DELEGATE)
  const staff = await person()
  await give(company, staff, MandateKind.EMPLOYEE)
  const early = await person()
  await give(company, early, MandateKind.HEAD, { validFrom: new Date('2026-11-25T08:00:01Z') })
  const late = await person()
  await give(company, late, MandateKind.HEAD, { validTo: now })
  const former = await person()
  await give(company, former, MandateKind.HEAD, { revokedAt: now, revokedBy: 'register' })
  const elsewhere = await person()
  await give(other, elsewhere, MandateKind.HEAD)
  const part = await person()
  await give(company, part, MandateKind.SEAL_HOLDER, { powers: [Power.VIEW, Power.FILE, Power.SIGN] })
  const forSome = await person()
  await give(company, forSome, MandateKind.SEAL_HOLDER, { services: ['DVX-RETURN'] })
  // The head of a firm that holds the seal: two links, and the seal takes one.
  await give(company, other, MandateKind.SEAL_HOLDER)
  for (const party of [delegate, staff, early, late, former, elsewhere, part, forSome])
    await expect(ask(company, { party })).rejects.toEqual(refused('FORBIDDEN'))
  await expect(ask(v7(), { party: delegate })).rejects.toEqual(refused('FORBIDDEN'))
})

it('and by nobody below 18, nor by who has a guardian', async () => {
  const company = await firm()
  const bornOn = async (birthDate: string) => {
    const partyId = await person()
    await db.transaction(async (tx) => {
      const row = { id: v7(), partyId, birthDate, source: 'a test', since: now }
      await tx.insert(particulars).values(seal(await keyToSeal(tx, keyring, partyId), particulars, row))
    })
    return partyId
  }
  const [minor, ward, grown] = [await bornOn('2008-11-26'), await bornOn('1950-01-01'), await bornOn('2008-11-25')]
  await give(ward, grown, MandateKind.GUARDIAN)
  for (const party of [minor, ward]) {
    await give(company, party, MandateKind.HEAD)
    await expect(ask(company, { party })).rejects.toEqual(refused('FORBIDDEN'))
  }
  const mandate = await give(company, grown, MandateKind.HEAD)
  expect(await ask(company, { party: grown })).toEqual({ mandate })
})

it('and by no program, no officer, and nobody who is not known', async () => {
  const [company, holder] = [await firm(), await person()]
  await give(company, holder, MandateKind.HEAD)
  for (const kind of ['PROGRAM', 'OFFICER', 'OPERATOR', 'AUDITOR'] as const)
    await expect(ask(company, { kind, party: holder })).rejects.toEqual(refused('FORBIDDEN'))
  await expect(ask(company, { kind: 'NOBODY' })).rejects.toEqual(refused('UNAUTHENTICATED'))
})

it('and by nobody where the organisation or the holder was forgotten', async () => {
  for (const gone of ['company', 'holder'] as const) {
    const parties = { company: await firm(), holder: await person() }
    await give(parties.company, parties.holder, MandateKind.HEAD)
    await db.transaction((tx) => forgetParty(tx, parties[gone], now))
    await expect(ask(parties.company, { party: parties.holder })).rejects.toEqual(refused('FORBIDDEN'))
  }
})

it('takes a sign-in with a signature, which only who holds it is told', async () => {
  const [company, holder] = [await firm(), await person()]
  await give(company, holder, MandateKind.HEAD)
  const assurance = Assurance.SUBSTANTIAL
  await expect(ask(company, { party: holder, assurance })).rejects.toEqual(
    refused('STEP_UP_REQUIRED', { assurance: 'HIGH' }),
  )
  await expect(ask(company, { party: await person(), assurance })).rejects.toEqual(refused('FORBIDDEN'))
})

it('that is being revoked is waited for, and then nobody holds it', async () => {
  const [company, holder] = [await firm(), await person()]
  const mandate = await give(company, holder, MandateKind.HEAD)
  let asking: Promise<unknown> = Promise.resolve()
  await db.transaction(async (tx) => {
    await tx.update(mandates).set({ revokedAt: now, revokedBy: 'register' }).where(eq(mandates.id, mandate))
    asking = ask(company, { party: holder })
    asking.catch(() => {})
    expect(await Promise.race([asking, new Promise((settle) => setTimeout(settle, 300, 'waits'))])).toBe('waits')
  })
  await expect(asking).rejects.toEqual(refused('FORBIDDEN'))
})
