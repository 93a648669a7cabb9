import { Field, InputType } from 'type-graphql'
import { command, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import type { Context } from '../../shared/context.js'
import { invalid } from '../../shared/userErrors.js'
import { filers } from './filers.js'
import { receiveFilings } from './receiveFilings.js'
import { filed, madeOf, preparedInput, SubmitFilingInput } from './submitFiling.js'
import { maxItems, mostErrors, type Prepared } from './toFile.js'

@InputType({ description: 'Input of `submitFilings`.' })
export class SubmitFilingsInput {
  @Field(() => [SubmitFilingInput], {
    description: `Filings, 1 to ${maxItems}, also for several parties and services.`,
  })
  items!: SubmitFilingInput[]
}

export const submitFilings = command({
  name: 'submitFilings',
  description:
    'Files up to 100 reports, each by itself as with `submitFiling`: what one lacks does not affect the others. Each has its own ' +
    'result, in the same order, with paths that begin with `items`. An item counts as one call of `submitFiling`. Returns ' +
    'NOT_FOUND for an item whose party is unknown or over which the caller lacks the power FILE. Returns INVALID unless ' +
    'there are 1 to 100 items.',
  allowedTo: filers,
  counted: { as: 'submitFiling', calls: ({ items }: SubmitFilingsInput) => Math.max(1, items.length) },
  input: SubmitFilingsInput,
  key: 'own',
  creates: true,
  hasResults: true,
  made: filed,
  prepare: async ({ items }: SubmitFilingsInput, context: Context) =>
    items.length > maxItems ? [] : await Promise.all(items.map((item) => preparedInput(item, context))),
  async act(_input: SubmitFilingsInput, acting: Acting, items: Prepared[]) {
    if (items.length === 0) return refused([wrongNumber])
    const outcomes = await receiveFilings(acting, items, { mostErrors })
    return {
      results: outcomes.map((outcome, at) => {
        const one = madeOf(outcome)
        if (!('userErrors' in one)) return one
        return refused(one.userErrors.map((userError) => ({ ...userError, field: inItem(at, userError.field) })))
      }),
    }
  },
})
const inItem = (at: number, field: readonly string[] = []) => ['items', String(at), ...field]
const wrongNumber = invalid('filing.items', ['items'], { most: maxItems })
