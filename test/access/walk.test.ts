import { beforeAll, describe, expect, it } from 'vitest'
import { schemaFromCode } from '../../src/contract.js'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { appointments } from '../../src/identity/appointment.table.js'
import { clients } from '../../src/identity/client.table.js'
import { mandates } from '../../src/identity/mandate.table.js'
import { parties } from '../../src/identity/party.table.js'
import { owned, ownedIn, walksOf } from './walk.js'
import { openWorld, personas, type World } from './world.js'

const schema = schemaFromCode()
let world: World
let rows: Awaited<ReturnType<typeof readRows>>

async function readRows({ db }: World) {
  return {
    Party: await db.select().from(parties),
    Mandate: await db.select().from(mandates),
    Client: await db.select().from(clients),
    Appointment: await db.select().from(appointments),
  }
}
beforeAll(async () => {
  world = await openWorld()
  rows = await readRows(world)
})

/** By the tables alone, and without a word of the code that answers. */
function seenBy(persona: string): string[] {
  const { kind, party, program, scopes, adminOf } = world.whoIs(persona)
  if (kind === 'NOBODY') return []
  const now = new Date()
  const inForce = rows.Mandate.filter(
    ({ revokedAt, validFrom, validTo }) => !revokedAt && validFrom <= now && (!validTo || validTo > now),
  )
  const actsForOthers = kind === 'PERSON' || kind === 'PROGRAM'
  const held = actsForOthers ? inForce.filter(({ holderId }) => holderId === party) : []
  const firms = rows.Party.filter(({ kind }) => kind === 'LEGAL_ENTITY').map(({ id }) => id)
  const ofStaff = kind === 'PERSON' ? held.filter(({ kind }) => ['HEAD', 'SEAL_HOLDER', 'EMPLOYEE'].includes(kind)) : []
  const through = ofStaff.flatMap((own) =>
    inForce
      .filter(({ holderId }) => holderId === own.principalId && firms.includes(holderId))
      .filter(({ powers }) => powers.includes('VIEW' as never) && own.powers.includes('VIEW' as never)),
  )
  const viewed = [...held.filter(({ powers }) => powers.includes('VIEW' as never)), ...through]
  const viewable = new Set([party, ...viewed.map(({ principalId }) => principalId)])
  const mayRead = actsForOthers && (!program || scopes.includes('mandates:read'))
  const isSeen: Record<string, (row: never) => boolean> = {
    Party: ({ id }: (typeof rows)['Party'][0]) => viewable.has(id),
    Mandate: ({ holderId, principalId }: (typeof rows)['Mandate'][0]) =>
      mayRead && (viewable.has(holderId) || viewable.has(principalId)),
    Client: ({ id, partyId }: (typeof rows)['Client'][0]) =>
      kind === 'PERSON' ? viewable.has(partyId) : kind === 'PROGRAM' && id === program,
    Appointment: ({ partyId, agencyId, state }: (typeof rows)['Appointment'][0]) =>
      kind === 'AUDITOR' ||
      (kind === 'OPERATOR' && ['PROPOSED', 'CONFIRMED'].includes(state)) ||
      (kind === 'OFFICER' && (partyId === party || adminOf.includes(agencyId))),
  }
  return owned.flatMap((type) =>
    (rows[type as keyof typeof rows] as { id: string }[])
      .filter((row) => isSeen[type]?.(row as never))
      .map(({ id }) => nodeIdOf(type, id)),
  )
}

describe('By node and by every relation, each sees their own and nothing of another: ', () => {
  it.each(personas())('%s', async (persona) => {
    const all = owned.flatMap((type) => rows[type as keyof typeof rows].map(({ id }) => nodeIdOf(type, id)))
    expect(all.length).toBeGreaterThan(30)
    const found = new Set<string>()
    for (const walk of walksOf(schema, all)) {
      const { data, errors = [] } = await world.askAs(persona, walk)
      expect(
        errors
          .map(({ extensions: { code } }) => code)
          .filter((code) => !['FORBIDDEN', 'UNAUTHENTICATED'].includes(code)),
      ).toEqual([])
      for (const id of ownedIn(data)) found.add(id)
    }
    expect([...found].sort()).toEqual(seenBy(persona).sort())
  })
})
