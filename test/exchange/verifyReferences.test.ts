import { eq, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { record } from '../../src/events/record.js'
import { accessReferences } from '../../src/exchange/accessLog/accessReference.table.js'
import { addCheckpoint } from '../../src/exchange/accessLog/addCheckpoint.js'
import { verifyAccessLog } from '../../src/exchange/accessLog/verifyAccessLog.js'
import { legalGrounds } from '../../src/exchange/consents/legalGround.table.js'
import { IdentifierType } from '../../src/identity/parties/identifier.table.js'
import { identities, SubjectKind } from '../../src/identity/parties/identity.table.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import { PartyKind } from '../../src/identity/parties/party.table.js'
import { indexed } from '../../src/platform/personal.js'
import type { Transaction } from '../../src/platform/seeding.js'
import { workOf } from '../events/happened.js'
import { cloneDatabase, unkept } from '../support/database.js'
import { partiesIn } from '../support/parties.js'
import { programIn } from '../support/programs.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { lookingIn } from './looking.js'

const database = await cloneDatabase()
const { db } = database
const work = { ...workOf(database).work, keyring }
const { subject, look, log, open, registry } = await lookingIn(database)
const { by, person, give } = partiesIn(database)
const officer = await by(PartyKind.NATURAL_PERSON, IdentifierType.FIN, 'TEST002')
const program = await programIn(database)
const mandate = await give(subject, officer)
const [agency] = await db.select().from(agencies).limit(1)
const [ground] = await db.select().from(legalGrounds).limit(1)
const [other] = await db.select().from(agencies).where(sql`id <> ${agency!.id}`).limit(1)

async function accountOf(partyId: string): Promise<string> {
  const id = v7()
  const account = { id, partyId, issuer: 'https://login.example', kind: SubjectKind.CITIZEN, createdAt: new Date() }
  await db.insert(identities).values({ ...account, subjectIndex: indexed(keyring, identities.subjectIndex, id) })
  return id
}
const own = await accountOf(subject)
await accountOf(officer)

const faults = async () => (await verifyAccessLog(work, [])).faults
const covered = async (...looks: ReturnType<typeof look>[]) => {
  await log(...looks)
  expect(await addCheckpoint(work)).toBe(looks.length)
}
class Undone extends Error {}
/** As a superuser can, past every trigger; what was done is undone. */
async function afterTampering(statement: string): Promise<string[]> {
  let found: string[] = []
  const tampering = unkept(database, async (tx) => {
    await tx.execute(sql.raw(statement))
    // The cast: a transaction reads like the database that it is of.
    const within = { ...database, db: tx as unknown as typeof db }
    found = (await verifyAccessLog({ ...work, database: within }, [])).faults
    throw new Undone()
  })
  await expect(tampering).rejects.toThrow(Undone)
  return found
}
const moved = (tx: Transaction, account: string, from: string, to: string) =>
  record(tx, [
    {
      domain: 'identity',
      type: 'identity.moved',
      subject: account,
      partyId: to,
      at: new Date(),
      actor: 'https://login.example',
      ids: { from },
    },
  ])
const move = (account: string, from: string, to: string) =>
  db.transaction(async (tx) => {
    await tx.update(identities).set({ partyId: to }).where(eq(identities.id, account))
    await moved(tx, account, from, to)
  })

beforeAll(() =>
  covered(
    look({
      actorPartyId: officer,
      programId: program.id,
      agencyId: agency!.id,
      groundId: ground!.id,
      mandateIds: [mandate],
    }),
  ),
)

/** Of the rows that two parties have: their values of a unique column change places. */
async function swapped(table: string, column: string): Promise<string> {
  const [one, two] = await db.execute<{ id: string; value: string }>(
    sql.raw(`select id, ${column} as value from ${table} where party_id in ('${subject}', '${officer}') order by id`),
  )
  const set = (id: string | undefined, value: string) => `update ${table} set ${column} = ${value} where id = '${id}'`
  return [set(one?.id, 'null'), set(two?.id, `'${one?.value}'`), set(one?.id, `'${two?.value}'`)].join(';')
}
const swapParties = (table: string) =>
  `update ${table} set party_id = case party_id when '${subject}'::uuid then '${officer}'::uuid else '${subject}'::uuid end
    where party_id in ('${subject}', '${officer}')`

describe('verifyAccessLog', () => {
  it.each([
    [
      'a purpose renamed',
      `update purposes set code = 'OTHER' where id = '${open}'`,
      `The purpose ${open}`,
      'is OTHER now',
    ],
    [
      'a legal ground renamed',
      `update legal_grounds set code = 'OTHER' where id = '${ground?.id}'`,
      `The ground ${ground?.id}`,
      'is OTHER now',
    ],
    [
      'a registry renamed',
      `update registries set code = 'OTHER' where id = '${registry.id}'`,
      `The registry ${registry.id}`,
      'is OTHER now',
    ],
    [
      'an agency renamed',
      `update agencies set code = 'OTHER' where id = '${agency?.id}'`,
      `The agency ${agency?.id}`,
      'is OTHER now',
    ],
    ['a purpose removed', `delete from purposes where id = '${open}'`, `The purpose ${open}`, 'is missing'],
    [
      'a program given to another party',
      `update programs set party_id = '${officer}' where id = '${program.id}'`,
      `The program ${program.id}`,
      `is ${officer} now`,
    ],
    [
      'a mandate given to another holder',
      `update mandates set holder_id = principal_id where id = '${mandate}'`,
      `The mandate ${mandate}`,
      `is ${subject} ${subject} now`,
    ],
    [
      'an account given to another party',
      `update identities set party_id = '${officer}' where id = '${own}'`,
      `The account ${own}`,
      `is ${officer} now`,
    ],
  ])('finds %s', async (_, statement, what, how) => {
    const found = await afterTampering(statement)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(`${what}, recorded with checkpoint 1, `)
    expect(found[0]).toContain(how)
  })

  it.each([
    ['accounts', 'identities', 'ACCOUNT', 'subject_index'],
    ['identifiers', 'identifiers', 'IDENTIFIER', 'value_index'],
  ])('finds two %s that were swapped, by their parties or by what they are found by', async (_, table, kind, index) => {
    const byParty = await afterTampering(swapParties(table))
    expect(byParty).toHaveLength(2)
    for (const line of byParty) expect(line).toMatch(new RegExp(`^The ${kind.toLowerCase()} .* is .* now\\.$`))
    const byIndex = await afterTampering(await swapped(table, index))
    expect(byIndex).toHaveLength(2)
    for (const line of byIndex) expect(line).toMatch(/ was replaced\.$/)
  })

  it('finds a change also after more rows that refer to it got a checkpoint', async () => {
    await db.execute(sql`update purposes set code = 'OTHER' where id = ${open}::uuid`)
    await covered(look())
    expect(await faults()).toEqual([expect.stringMatching(/^The purpose .* is OTHER now\.$/)])
    const [{ value } = { value: '' }] = await db.select().from(accessReferences).where(eq(accessReferences.refId, open))
    await db.execute(sql`update purposes set code = ${value} where id = ${open}::uuid`)
    expect(await faults()).toEqual([])
  })

  it.each([
    ['changed', `update access_references set value = 'OTHER' where ref_id = '${open}'`],
    ['removed', `delete from access_references where ref_id = '${open}'`],
    [
      'added',
      `insert into access_references (ref_id, checkpoint_number, kind, value) values ('${other?.id}', 1, 'AGENCY', '${other?.code}')`,
    ],
  ])('finds that the recorded meaning of an id was %s', async (_, statement) => {
    expect(await afterTampering(statement)).toContain(
      'The rows from position 1 to 1 do not match checkpoint 1. Rows, their order or recorded references changed.',
    )
  })

  it('finds the recorded meaning of an id under a checkpoint that does not exist', async () => {
    const statement = `insert into access_references (ref_id, checkpoint_number, kind, value) values ('${other?.id}', 99, 'AGENCY', '${other?.code}')`
    expect(await afterTampering(statement)).toEqual(['Checkpoint 99 has recorded references but is missing.'])
  })

  it('accepts an account that a sign-in moved, covers where it is now, and finds that it is moved again', async () => {
    const [unnamed, named] = [await person(), await by(PartyKind.NATURAL_PERSON, IdentifierType.FIN, 'TEST003')]
    const account = await accountOf(unnamed)
    await covered(look({ partyId: unnamed, actorPartyId: unnamed }))
    await move(account, unnamed, named)
    expect(await faults()).toEqual([])
    await covered(look({ partyId: named, actorPartyId: named }))
    expect(await faults()).toEqual([])
    expect(await db.select().from(accessReferences).where(eq(accessReferences.refId, account))).toMatchObject([
      { value: unnamed },
      { value: named },
    ])
    expect(await afterTampering(`update identities set party_id = '${unnamed}' where id = '${account}'`)).toHaveLength(
      1,
    )
  })

  it('finds an account that was moved away from a party with an identifier, though an event says so', async () => {
    const [from, to] = [await by(PartyKind.NATURAL_PERSON, IdentifierType.FIN, 'TEST004'), await person()]
    const account = await accountOf(from)
    await covered(look({ partyId: from }))
    await move(account, from, to)
    expect(await faults()).toEqual([
      expect.stringMatching(new RegExp(`^The account ${account}, .* was ${from} then and is ${to} now`)),
    ])
    await db.update(identities).set({ partyId: from }).where(eq(identities.id, account))
    expect(await faults()).toEqual([])
  })

  it('accepts that a party was forgotten, and finds an index that was emptied otherwise', async () => {
    const party = await by(PartyKind.NATURAL_PERSON, IdentifierType.FIN, 'TEST005')
    const account = await accountOf(party)
    await covered(look({ partyId: party }))
    expect(await afterTampering(`update identities set subject_index = null where id = '${account}'`)).toHaveLength(1)
    await db.transaction((tx) => forgetParty(tx, party, new Date()))
    expect(await faults()).toEqual([])
    await covered(look({ partyId: party }))
    expect(await faults()).toEqual([])
  })
})
