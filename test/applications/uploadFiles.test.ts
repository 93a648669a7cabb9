import { asc } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { Power } from '../../src/identity/mandates/mandate.table.js'
import { programs } from '../../src/identity/programs/program.table.js'
import { asProgram } from '../support/appointed.js'
import { unkept } from '../support/database.js'
import { pdfOf } from '../support/files.js'
import { partiesIn, partyId } from '../support/parties.js'
import { as } from '../support/tokens.js'
import { keyOf, uploading } from '../support/uploading.js'

const { app, database, ask, seen, uploaded } = await uploading()
const { db, statements } = database
const parties = partiesIn(database)
const logged = () => db.select().from(accesses).orderBy(asc(accesses.id))
beforeEach(() => unkept(database, (tx) => tx.execute('truncate accesses')))

describe('Upload.downloadUrl', () => {
  it('logs no access by the owner', async () => {
    const id = await uploaded()
    expect((await seen(id)).downloadUrl).toMatch(/^http:\/\/localhost:80\/files\//)
    expect(await logged()).toEqual([])
  })

  it('logs the access of a representative with the mandate and the file', async () => {
    const [citizen, stateless] = [await parties.persona('citizen'), await parties.persona('stateless')]
    const id = await uploaded()
    const mandate = await parties.give(citizen, stateless, { powers: [Power.VIEW] })
    const { downloadUrl } = await seen(id, await as('stateless'))
    expect((await app.inject(downloadUrl)).statusCode).toBe(200)
    expect(await logged()).toMatchObject([
      {
        kind: 'FILE',
        partyId: citizen,
        mandateIds: [mandate],
        fields: [id],
        outcome: 'SHOWN',
        registryId: null,
        actor: `person:${stateless}`,
        actorPartyId: stateless,
        programId: null,
      },
    ])
  })

  it('logs the access of a program, also of the owning organisation', async () => {
    const company = await parties.firm('A company', '9900000141')
    const headers = await asProgram(database, { party: company, scopes: ['documents:read', 'documents:write'] })
    const id = await uploaded(pdfOf(), {}, headers)
    expect((await seen(id, headers)).downloadUrl).toMatch(/^http:\/\/localhost:80\/files\//)
    const [program] = await db.select().from(programs)
    expect(await logged()).toMatchObject([
      {
        partyId: company,
        actorPartyId: company,
        programId: program?.id,
        actor: `program:${program?.id}`,
        mandateIds: [],
      },
    ])
  })

  it('requires the scope documents:read of a program', async () => {
    const company = await parties.firm('Another company', '9900000271')
    const program = await asProgram(database, { party: company, scopes: ['documents:write'] })
    const id = await uploaded(pdfOf(), {}, program)
    expect(await seen(id, program)).toMatchObject({ state: 'CLEAN', downloadUrl: null, code: 'FORBIDDEN' })
    expect(await logged()).toEqual([])
  })

  it('serves a delegate who may only file the files that they sent, and logs the mandate', async () => {
    const company = await parties.firm('A third company', '9900000421')
    const mandate = await parties.give(company, await parties.persona('company-head'), {
      powers: [Power.FILE],
      services: ['DVX-RETURN'],
    })
    const headers = await as('company-head')
    const id = await uploaded(pdfOf(), { partyId: partyId(company), serviceCode: 'DVX-RETURN' }, headers)
    expect((await seen(id, headers)).downloadUrl).toMatch(/^http:\/\/localhost:80\/files\//)
    expect(await logged()).toMatchObject([{ partyId: company, mandateIds: [mandate] }])
  })

  it('is null if the access cannot be logged', async () => {
    const id = await uploaded()
    await database.client`alter table accesses add constraint refuses check (kind <> 'FILE') not valid`
    const found = await seen(id, await as('stateless'))
    await database.client`alter table accesses drop constraint refuses`
    expect(found).toMatchObject({ state: 'CLEAN', downloadUrl: null, code: 'INTERNAL_SERVER_ERROR' })
  })

  it('takes as many statements for many files as for one', async () => {
    const party = partyId(await parties.persona('citizen'))
    const headers = await as('stateless')
    const query =
      'query ($party: ID, $first: Int!) { uploads(party: $party, first: $first) { nodes { id name downloadUrl } } }'
    await uploaded()
    const statementsFor = async (first: number) => {
      statements.length = 0
      const { data } = await ask(query, { headers, variables: { party, first } })
      expect(
        data.uploads.nodes.every(({ downloadUrl }: any) => downloadUrl.startsWith('http://localhost:80/files/')),
      ).toBe(true)
      return statements.length
    }
    await statementsFor(1) // the first answer to a document takes other statements
    expect(await statementsFor(1)).toBe(await statementsFor(4))
    const rows = await logged()
    expect([rows.length, new Set(rows.map(({ fields }) => keyOf(fields[0]!))).size]).toEqual([6, 4])
  })
})
