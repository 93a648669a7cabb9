import { and, eq, inArray } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { Acting } from '../../events/commandKeys.js'
import { clearDeadline } from '../../events/deadlines.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { authorityOver } from '../../identity/mandates/powers.js'
import { hasScope, only } from '../../shared/context.js'
import { termEnded } from './expireFilingBatch.js'
import { FilingBatch } from './filingBatch.js'
import { endBatch } from './filingBatch.repository.js'
import { FilingBatchState, filingBatches } from './filingBatch.table.js'

@InputType({ description: 'Input of `cancelFilingBatch`.' })
export class CancelFilingBatchInput {
  @Field(() => ID, { description: 'ID of the batch.' })
  batchId!: string
}

const filers = only(
  'batchFilers',
  'persons, and programs with the scope filings:write',
  ['PERSON', 'PROGRAM'],
  {},
  (caller) => hasScope(caller, 'filings:write'),
)

export const cancelFilingBatch = command({
  name: 'cancelFilingBatch',
  description:
    'Cancels a batch that is WAITING or RUNNING. Lines handled so far stay filed: withdraw such a filing with ' +
    '`withdrawFiling`. Requires the power FILE over the organisation of the batch for all services; a program also requires ' +
    'the scope `filings:write`. Returns FORBIDDEN without the power or the scope, also for an unknown batch, and ' +
    'NOT_ALLOWED_NOW if the batch has ended.',
  allowedTo: filers,
  input: CancelFilingBatchInput,
  key: 'optional',
  creates: false,
  made: { batch: { type: FilingBatch, description: 'Cancelled batch.' } },
  async act({ batchId }: CancelFilingBatchInput, acting: Acting) {
    const { tx, context } = acting
    const id = keyIn(batchId, 'FilingBatch')
    const [batch] = await tx.select().from(filingBatches).where(eq(filingBatches.id, id)).for('update')
    // For an unknown batch, its id: a party that nobody has.
    const party = batch?.partyId ?? id
    await authorityOver(acting, party, { power: Power.FILE, scope: 'filings:write' })
    const isOn = inArray(filingBatches.state, [FilingBatchState.WAITING, FilingBatchState.RUNNING])
    await clearDeadline(tx, termEnded, id)
    const isCancelled = await endBatch(tx, and(eq(filingBatches.id, id), isOn), {
      state: FilingBatchState.CANCELLED,
      at: context.now(),
      actor: context.caller.id,
    })
    return isCancelled ? made({ batch: id }) : refused([ended])
  },
})
const ended = { code: 'NOT_ALLOWED_NOW', reason: 'filing_batch.ended', field: ['batchId'] } as const
