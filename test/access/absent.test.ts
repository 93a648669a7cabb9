import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { openWorld } from './world.js'

const world = await openWorld()

/** What is answered to a caller who may see neither, and what was asked of the database for it. */
async function asked(persona: string, query: string, id: string) {
  world.statements.length = 0
  const { data, errors } = await world.askAs(persona, { query, variables: { id } })
  return { data, codes: errors?.map(({ extensions: { code } }) => code), statements: [...world.statements] }
}

describe('What is another’s and what never was are told apart in nothing, by the same statements: ', () => {
  const byNode = 'query ($id: ID!) { node(id: $id) { __typename id } }'
  const kinds = {
    party: 'Party',
    mandate: 'Mandate',
    client: 'Client',
    appointment: 'Appointment',
    consent: 'Consent',
    access: 'AccessLogEntry',
    secretAccess: 'AccessLogEntry',
    document: 'IssuedDocument',
    upload: 'Upload',
    application: 'Application',
  } as const
  it.each(Object.entries(kinds))('node of a %s', async (which, type) => {
    const foreign = world.spare[which as keyof typeof kinds]
    for (const persona of ['nobody', 'citizen', 'other-company-head', 'other-officer', 'reader-client']) {
      const absent = await asked(persona, byNode, nodeIdOf(type, v7()))
      expect([persona, await asked(persona, byNode, foreign)]).toEqual([persona, absent])
      expect([persona, absent.data, absent.statements.length > 0]).toEqual([persona, { node: null }, true])
    }
  })

  it.each([
    'clients',
    'mandatesGiven',
    'mandatesHeld',
    'consents',
    'accessLog',
    'documents',
    'uploads',
    'applications',
  ])('%s of a party', async (field) => {
    const query = `query ($id: ID!) { ${field}(party: $id, first: 5) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`
    for (const persona of ['citizen', 'other-company-head']) {
      const absent = await asked(persona, query, nodeIdOf('Party', v7()))
      expect(await asked(persona, query, world.spare.party)).toEqual(absent)
      expect([absent.data[field].totalCount, absent.statements.length > 0]).toEqual([0, true])
    }
  })
})
