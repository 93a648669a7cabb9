import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { commandKeys } from '../../src/events/commandKey.table.js'
import type { SignIn } from '../../src/identity/accessToken.js'
import { clients } from '../../src/identity/client.table.js'
import { IdentifierType, identifiers } from '../../src/identity/identifier.table.js'
import { hashesOfIdentifier } from '../../src/identity/identifiers.js'
import { identities, SubjectKind } from '../../src/identity/identity.table.js'
import { MandateKind, MandateSource, mandates, Power } from '../../src/identity/mandate.table.js'
import { particulars } from '../../src/identity/particulars.table.js'
import { forgetParty, makeParty } from '../../src/identity/party.js'
import { PartyKind } from '../../src/identity/party.table.js'
import { callerOf } from '../../src/identity/signIn.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import type { Caller } from '../../src/shared/context.js'
import { cloneDatabase } from '../support/database.js'
import { everythingAsText, formsOf } from '../support/everything.js'
import { keyringOfTest } from '../support/keyring.js'
import { issuersOfTest } from '../support/tokens.js'

const database = await cloneDatabase()
const { client, db } = database
const keyring = keyringOfTest()
const at = new Date('2026-11-25T08:00:00Z')

const person: SignIn = {
  ...{ issuer: issuersOfTest[0]!, subject: 'account-of-somebody', kind: SubjectKind.FOREIGNER },
  identifiers: [
    { type: IdentifierType.FIN, value: 'TEST009' },
    { type: IdentifierType.DOCUMENT, value: 'XX:TESTDOC9' },
  ],
  ...{ name: 'Somebody Gone', birthDate: '2001-02-03', assurance: Assurance.HIGH },
}
const tellingKeys = ['passport-own', 'passport-office', 'passport-program', 'passport-by-another', 'passport-for']
const telling = [person.subject, 'TEST009', 'TESTDOC9', 'Somebody', person.birthDate, ...tellingKeys] as string[]
const signIn = async () => {
  const caller = await callerOf({ database, keyring, now: () => at }, person)
  if (typeof caller === 'string') throw new Error(caller)
  return caller as Caller & { party: string }
}

/** All that identity keeps of somebody, and a command of each kind of theirs. */
async function live(party: string): Promise<void> {
  const { party: firm } = await db.transaction((tx) => makeParty(tx, keyring, PartyKind.LEGAL_ENTITY, at))
  const mandate = { kind: MandateKind.HEAD, powers: [Power.VIEW], source: MandateSource.REGISTER, validFrom: at }
  await db.insert(mandates).values({ ...mandate, id: v7(), principalId: firm, holderId: party, since: at })
  const program = { name: 'a program', scopes: ['catalogue:read'], secretHash: 'x', registeredBy: `person:${party}` }
  const clientId = v7()
  await db.insert(clients).values({ ...program, id: clientId, partyId: party, since: at, expiresAt: at })
  const commands = [
    [`person:${party}`, `person:${party}`],
    [`officer:${party}`, firm],
    [`program:${clientId}`, firm],
    [`person:${firm}`, party],
    [`person:${firm}`, nodeIdOf('Party', party)], // as the input of a command names it
  ].map(([caller, party], place) => ({ caller: caller!, party: party!, key: tellingKeys[place]! }))
  const given = { mutation: 'apply', digest: 'x', digestKey: 'k1', at }
  await db.insert(commandKeys).values(commands.map((command) => ({ ...given, ...command })))
  await db.insert(commandKeys).values({ ...given, caller: `person:${firm}`, party: firm, key: 'of somebody else' })
}

test('a person who is forgotten stands readable nowhere, is found by nothing, and comes back as somebody else', async () => {
  const { party } = await signIn()
  await live(party)
  const before = await everythingAsText(client)
  const hashes = (
    await client`
      select value_index as hash from identifiers where party_id = ${party}
      union all select subject_index from identities where party_id = ${party}`
  ).map(({ hash }) => hash as string)
  expect(hashes).toHaveLength(3)
  for (const shown of [...tellingKeys, ...hashes]) expect(before.includes(shown), shown).toBe(true)

  expect(await db.transaction((tx) => forgetParty(tx, party, at))).toBe(true)

  const after = await everythingAsText(client)
  for (const value of [...telling, ...hashes])
    for (const form of formsOf(value)) expect(after.includes(form), value).toBe(false)
  expect(after.includes('of somebody else')).toBe(true)
  // What is left of them is sealed, and there is no key.
  const left = [particulars, identifiers, identities].map((table) =>
    db.select().from(table).where(eq(table.partyId, party)),
  )
  expect((await Promise.all(left)).map((rows) => rows.length)).toEqual([1, 2, 1])
  const byFin = hashesOfIdentifier(keyring, { type: IdentifierType.FIN, value: 'TEST009' })
  expect(await client`select from identifiers where value_index = any(${byFin})`).toEqual([])

  const again = await signIn()
  expect(again.party).not.toBe(party)
  expect((await signIn()).party).toBe(again.party)
})
