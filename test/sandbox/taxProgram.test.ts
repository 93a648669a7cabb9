import { afterAll, describe, expect, it } from 'vitest'
import { startTaxProgram } from '../../src/sandbox/taxProgram.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { insertFiling } from '../support/filingRow.js'
import { partiesIn } from '../support/parties.js'
import { asProgram } from '../support/programs.js'
import { keyringOfFile as keyring } from '../support/server.js'

const database = await cloneDatabase()
const api = await apiOf(database)
const headers = await asProgram(database, { agency: 'DVX', scopes: ['filings:handle'] })
let trouble: 'up' | 'down' = 'down'
let isThere = true
const asked: string[] = []
const program = startTaxProgram({
  async ask(query, variables) {
    asked.push(query)
    if (!isThere) throw new Error('the server starts again')
    const { data, errors } = await api(query, { headers, variables: variables ?? {} })
    expect(errors).toBeUndefined()
    return data
  },
  troubleOf: () => trouble,
  log: { debug() {} },
  pause: 5,
})
afterAll(() => program.stop())

describe('The program of the tax agency in the sandbox', () => {
  it('accepts what waits, rejects what says so, and goes on after the server was away', async () => {
    const party = await partiesIn(database).organisation()
    const file = (externalNumber: string) =>
      insertFiling(database, keyring, {
        partyId: party,
        service: 'DVX-RETURN',
        state: 'RECEIVED',
        more: { externalNumber },
      })
    const rows = [await file('A-1'), await file('A-REJECT-2')]
    const states = async () => {
      const shown = rows.map(({ number }, at) => `of${at}: filing(number: "${number}") { state agencyNumber }`)
      return Object.values((await api(`{ ${shown.join(' ')} }`, { headers })).data)
    }
    isThere = false
    trouble = 'up'
    await expect.poll(() => asked.length).toBeGreaterThan(1)
    expect(await states()).toMatchObject([{ state: 'RECEIVED' }, { state: 'RECEIVED' }])
    isThere = true
    await expect.poll(states).toEqual([
      { state: 'ACCEPTED', agencyNumber: `DVX-${rows[0]?.number}` },
      { state: 'REJECTED', agencyNumber: null },
    ])
  })

  it('collects nothing while it is down', async () => {
    trouble = 'down'
    await new Promise((settle) => setTimeout(settle, 20))
    const before = asked.length
    await new Promise((settle) => setTimeout(settle, 20))
    expect(asked).toHaveLength(before)
  })
})
