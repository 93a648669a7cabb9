import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { contextOfJob } from '../../src/events/job.js'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { purposes } from '../../src/exchange/accessLog/purpose.table.js'
import { legalGrounds } from '../../src/exchange/consents/legalGround.table.js'
import { ask } from '../../src/exchange/registries/ask.js'
import { population } from '../../src/exchange/registries/population.js'
import { tax } from '../../src/exchange/registries/tax.js'
import { workOf } from '../events/happened.js'
import { cloneDatabase } from '../support/database.js'
import { exchangeOfTest } from '../support/exchange.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'

const database = await cloneDatabase()
const { db } = database
const { exchange, asked } = exchangeOfTest()
const work = { ...workOf(database).work, keyring, exchange }

describe('contextOfJob', () => {
  it('lets a job query what the service needs for its agency, and logs it with the case and no person', async () => {
    const party = await partiesIn(database).persona('citizen')
    const [agency] = await db.select().from(agencies).where(eq(agencies.code, 'EDLIYYE'))
    const question = {
      party,
      purpose: 'APPLICATION',
      agency: agency!.id,
      application: 'M-2026-0000001',
      needs: { service: 'ED-BIRTH', registries: { POPULATION: ['surname', 'address'] } },
    }
    const context = contextOfJob('confirmDeclared', work)
    const [known, refused] = await Promise.all([ask(population, question, context), ask(tax, question, context)])

    expect(known.record).toEqual({ surname: 'Sınaq TEST001', address: null })
    expect(refused.unavailable?.reason).toBe('NOT_PERMITTED')
    expect(asked.map(({ message }) => [message.userId, message.issue])).toEqual([['confirmDeclared', 'M-2026-0000001']])
    const logged = await db
      .select({ access: accesses, purpose: purposes.code, ground: legalGrounds.code })
      .from(accesses)
      .innerJoin(purposes, eq(purposes.id, accesses.purposeId))
      .leftJoin(legalGrounds, eq(legalGrounds.id, accesses.groundId))
      .orderBy(accesses.outcome)
    const common = { actor: 'confirmDeclared', actorPartyId: null, agencyId: agency!.id, application: 'M-2026-0000001' }
    expect(logged).toMatchObject([
      {
        purpose: 'APPLICATION',
        ground: 'CASE-APPLICATION',
        access: { ...common, outcome: 'SHOWN', fields: ['surname', 'address'] },
      },
      { purpose: 'APPLICATION', ground: null, access: { ...common, outcome: 'REFUSED' } },
    ])
  })
})
