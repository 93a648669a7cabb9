import { describe, expect, it } from 'vitest'
import { emptyDatabase } from '../support/database.js'
import { askerOf, plainAskerOf } from './asking.js'
import { differenceIn } from './compare.js'
import { corpus, questionsOn } from './corpus.js'
import { plantedFaults, withFault } from './plantedFaults.js'
import { schemaOn, type WorldContext } from './world.js'
import { worldBaseline } from './worldBaseline.js'
import { makeTables } from './worldTables.js'

const { client, db } = await emptyDatabase()
await makeTables(client)
const baseline = plainAskerOf<WorldContext>(worldBaseline(schemaOn(client), client))

describe('a fault in the statements is found', () => {
  const questions = Object.values(corpus).map(questionsOn(db))
  it.each(Object.entries(plantedFaults))('%s', async (fault, rewrite) => {
    const faulty = withFault(client, rewrite)
    const ask = askerOf<WorldContext>(schemaOn(faulty.client, !fault.startsWith('loaded')))
    let found: string | undefined
    for (const question of questions) {
      found = await differenceIn(question, baseline, { ask }, question.variables?.length ?? 1)
      if (found) break
    }
    expect(faulty.seen).toEqual({ changed: true, refused: [] })
    expect(found).toBeDefined()
  })
})
