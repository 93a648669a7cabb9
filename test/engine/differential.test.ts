import { describe, expect, it } from 'vitest'
import type { Language } from '../../src/shared/words.js'
import { emptyDatabase } from '../support/database.js'
import { askerOf, plainAskerOf } from './asking.js'
import { differenceIn } from './compare.js'
import { corpus, questionsOn } from './corpus.js'
import { diceOf, operationOf } from './operations.js'
import { seedsOf } from './seeds.js'
import { callers, contextFor, schemaOn, type WorldContext } from './world.js'
import { worldBaseline } from './worldBaseline.js'
import { makeTables } from './worldTables.js'
import { worldValues } from './worldValues.js'

const { client, db } = await emptyDatabase()
await makeTables(client)
const schema = schemaOn(client)
const baseline = plainAskerOf<WorldContext>(worldBaseline(schema, client))
const ways = {
  'with look-ahead': askerOf<WorldContext>(schema),
  'without look-ahead': askerOf<WorldContext>(schemaOn(client, false)),
}
const context = contextFor(db)
const questionOf = questionsOn(db)

describe('the same as an untouched Apollo answers, with look-ahead and without, time after time', () => {
  it.each(Object.entries(corpus))('%s', async (_name, named) => {
    const question = questionOf(named)
    expect(await differenceIn(question, baseline, ways)).toBeUndefined()
    const { variables: [variables = {}] = [], contextOf, ...asking } = question
    const codes = (await baseline({ ...asking, variables }, contextOf())).errors.map(({ code }) => code)
    if (named.refused) expect(codes).toEqual(expect.arrayContaining(named.refused))
    else expect(codes).toEqual([])
  })

  it('whatever is asked', { timeout: 600_000 }, async () => {
    const { failed, ran } = await seedsOf(200, async (seed) => {
      const dice = diceOf(seed)
      const operation = operationOf(schema, worldValues, dice)
      const caller =
        callers[
          dice.pick<keyof typeof callers>([
            'reader',
            'reader',
            'otherReader',
            'librarian',
            'librarian',
            'auditor',
            'nobody',
          ])
        ]
      const language = dice.pick<Language>(['az', 'en', 'ru'])
      return differenceIn({ ...operation, contextOf: () => context(caller, language) }, baseline, ways)
    })
    expect(failed).toEqual([])
    expect(ran).toBeGreaterThan(0)
  })
})
