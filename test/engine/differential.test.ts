import { describe, expect, it } from 'vitest'
import type { Language } from '../../src/shared/words.js'
import { emptyDatabase } from '../support/database.js'
import { sampled } from '../support/long.js'
import { answererOf, askerOf, plainAskerOf } from './asking.js'
import { differenceIn } from './compare.js'
import { corpus, type Named, questionsOn } from './corpus.js'
import { diceOf, operationOf } from './operations.js'
import { plantedFaults, withFault } from './plantedFaults.js'
import { patience, seedsOf } from './seeds.js'
import { callers, contextFor, schemaOn, type WorldContext } from './world.js'
import { worldBaseline } from './worldBaseline.js'
import { makeTables } from './worldTables.js'
import { worldValues } from './worldValues.js'

const { client, db } = await emptyDatabase()
await makeTables(client)
const schema = schemaOn(client)
const baseline = plainAskerOf<WorldContext>(worldBaseline(schema, client))
const oneStatement = answererOf<WorldContext>(schema)
const ways = {
  'with look-ahead': askerOf<WorldContext>(schema),
  'without look-ahead': askerOf<WorldContext>(schemaOn(client, false)),
  'in one statement': oneStatement.way,
}
const context = contextFor(db)
const questionOf = questionsOn(db)

describe('schemaOf', () => {
  it.each(Object.entries(corpus))('answers %s as an untouched Apollo does', async (_name, named) => {
    const question = questionOf(named)
    oneStatement.counted.answered = 0
    expect(await differenceIn(question, baseline, ways)).toBeUndefined()
    expect(oneStatement.counted.answered > 0).toBe(!named.leftToApollo)
    const { variables: [variables = {}] = [], contextOf, ...asking } = question
    const codes = (await baseline({ ...asking, variables }, contextOf())).errors.map(({ code }) => code)
    if (named.refused) expect(codes).toEqual(expect.arrayContaining(named.refused))
    else expect(codes).toEqual([])
  })

  it('answers random operations as an untouched Apollo does', { timeout: patience }, async () => {
    oneStatement.counted.answered = 0
    const { failed, ran } = await seedsOf(async (seed) => {
      const dice = diceOf(seed)
      const operation = operationOf(schema, worldValues, dice)
      const caller =
        callers[
          dice.pick<keyof typeof callers>([
            'reader',
            'reader',
            'otherReader',
            'parent',
            'librarian',
            'librarian',
            'auditor',
            'anonymous',
          ])
        ]
      const language = dice.pick<Language>(['az', 'en', 'ru'])
      return differenceIn({ ...operation, contextOf: () => context(caller, language) }, baseline, ways)
    })
    expect(failed).toEqual([])
    expect(oneStatement.counted.answered).toBeGreaterThan(0)
    expect(ran).toBeGreaterThan(0)
  })
})

describe('The corpus', () => {
  it.each(sampled(Object.entries(plantedFaults), 3))('finds %s in the statements', async (name, fault) => {
    const faulty = withFault(client, fault)
    const ask = askerOf<WorldContext>(schemaOn(faulty.client, !name.startsWith('loaded')))
    const question = questionOf(corpus[fault.foundBy] as Named) // named beside the fault
    const found = await differenceIn(question, baseline, { ask }, question.variables?.length ?? 1)
    expect(faulty.seen).toEqual({ changed: true, refused: [] })
    expect(found).toBeDefined()
  })

  it.each(
    sampled(
      Object.entries(plantedFaults).filter(([name]) => !name.startsWith('loaded')),
      3,
    ),
  )('finds %s in the one statement', async (_name, fault) => {
    const faulty = withFault(client, fault)
    const { way, counted } = answererOf<WorldContext>(schemaOn(faulty.client))
    const question = questionOf(corpus[fault.foundBy] as Named) // named beside the fault
    // Apollo comes first, and teaches the document.
    for (const variables of question.variables ?? [{}]) await way({ ...question, variables }, question.contextOf())
    faulty.seen.changed = false
    const found = await differenceIn(question, baseline, { way }, question.variables?.length ?? 1)
    expect(counted.answered).toBeGreaterThan(0)
    expect(faulty.seen).toEqual({ changed: true, refused: [] })
    expect(found).toBeDefined()
  })
})
