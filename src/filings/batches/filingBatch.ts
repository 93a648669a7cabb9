import { and, sql } from 'drizzle-orm'
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { downloadUrlOf, signedUrl } from '../../documents/files/address.js'
import { AllowedTo } from '../../engine/allowedTo.js'
import {
  ascending,
  asked,
  connection,
  descending,
  fields,
  find,
  leaf,
  one,
  queries,
  type Row,
  Stored,
} from '../../engine/declare.js'
import { Node, nodeIdOf } from '../../engine/node.js'
import { isWhollyForCaller } from '../../identity/mandates/powers.js'
import { Party } from '../../identity/parties/party.resolver.js'
import { ofParty } from '../../identity/parties/partyArgument.js'
import { Program } from '../../identity/programs/program.js'
import { bytesIn } from '../../platform/bytes.js'
import { type Caller, type Context, hasScope, only, seesPersonal } from '../../shared/context.js'
import { messageIn } from '../../shared/messages.js'
import { DateTime } from '../../shared/scalars.js'
import { secondsLeft, speedOf, stopParams, stopReasons } from './filingBatch.rules.js'
import { FilingBatchState, filingBatches } from './filingBatch.table.js'
import { FilingBatchLine, FilingBatchLineFilter, lineConditions } from './filingBatchLine.js'
import { filingBatchLines } from './filingBatchLine.table.js'

registerEnumType(FilingBatchState, {
  name: 'FilingBatchState',
  description: 'State of a batch of filings.',
  valuesConfig: {
    WAITING: { description: 'Announced. Send the file to `uploadUrl`.' },
    RUNNING: { description: 'The file was received. Its lines are being filed in order.' },
    COMPLETED: { description: 'Every line was handled.' },
    CANCELLED: { description: 'Cancelled by the filer. Lines handled before that stay filed.' },
    STOPPED: { description: 'Stopped before its end: see `stoppedFor`. Lines handled before that stay filed.' },
    EXPIRED: { description: 'The file was not sent in time.' },
  },
})

type BatchRow = Row<typeof filingBatches>
const mayRead = (caller: Caller) => hasScope(caller, 'filings:read') || hasScope(caller, 'filings:write')
const readsFilings = asked(({ caller }: Context) => mayRead(caller))

const batchesRead = only(
  'batchesRead',
  'persons, and programs with the scope filings:read or filings:write',
  ['PERSON', 'PROGRAM'],
  {},
  mayRead,
)

@AllowedTo(batchesRead)
@Stored(filingBatches, {
  PERSON: ({ partyId }: BatchRow, variant) => isWhollyForCaller(partyId, variant),
  PROGRAM: ({ partyId }: BatchRow, variant) => and(sql`${readsFilings}::boolean`, isWhollyForCaller(partyId, variant)),
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'File of filings, one a line, that a program sent. Visible to its organisation, and to holders of the power VIEW over ' +
    'that for all services. Programs require the scope `filings:read` or `filings:write`.',
})
export class FilingBatch extends Node {
  @Field(() => FilingBatchState, { description: 'State of the batch.' })
  state!: FilingBatchState
  @Field(() => Int, { description: 'Version number, which each change of the state increases.' })
  revision!: number
  @Field(() => Int, { description: 'Announced size of the file in bytes.' })
  size!: number
  @Field(() => DateTime, { description: 'When the batch was announced.' })
  createdAt!: Date
  @Field(() => DateTime, { description: 'When the batch expires if the file has not been received.' })
  expiresAt!: Date
  @Field(() => DateTime, { nullable: true, description: 'When the whole file was received. Null until then.' })
  receivedAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When the work on its lines began. Null until then.' })
  startedAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When it ended, in whichever way. Null until then.' })
  endedAt!: Date | null
  @Field(() => DateTime, { description: 'When its last change was recorded.' })
  changedAt!: Date
  @Field(() => Int, {
    nullable: true,
    description: 'Number of lines. Null until they are counted, soon after receipt.',
  })
  lines!: number | null
  @Field(() => Int, { description: 'Number of lines handled so far: the sum of `filed`, `repeated` and `refused`.' })
  done!: number
  @Field(() => Int, { description: 'Number of lines that made a filing.' })
  filed!: number
  @Field(() => Int, {
    description: 'Number of lines whose filing existed already, with the same content under the same external number.',
  })
  repeated!: number
  @Field(() => Int, { description: 'Number of lines with errors. They made no filing.' })
  refused!: number
  @Field(() => String, {
    nullable: true,
    description:
      'Stable name of the reason for the stop, such as "filing_batch.mandate_ended". More may be added. Null unless STOPPED.',
  })
  stoppedFor!: string | null
}

type Shown = Omit<typeof filingBatches.$inferSelect, 'sha256'> & {
  /** Bytes as text, as in JSON. */
  sha256: string
}
const ends = [FilingBatchState.COMPLETED, FilingBatchState.CANCELLED, FilingBatchState.STOPPED]
const progress = [filingBatches.lines, filingBatches.done, filingBatches.startedAt, filingBatches.endedAt]
const rounded = (value: number | null) => (value === null ? null : Math.round(value))

fields(FilingBatch, {
  party: one(Party, filingBatches.partyId, {
    description: 'Organisation whose program sent it. Null if the caller may not see the organisation.',
  }),
  program: one(Program, filingBatches.programId, {
    description: 'Program that announced it. Null if the caller may not see the program.',
  }),
  sha256: leaf(
    () => String,
    [filingBatches.sha256],
    ({ sha256 }: Shown) => bytesIn(sha256).toString('hex'),
    { description: 'Announced SHA-256 of the file, as hexadecimal digits.' },
  ),
  linesPerSecond: leaf(
    () => Int,
    progress,
    (batch: Shown, { now }: Context) => rounded(speedOf(batch, now())),
    { nullable: true, description: 'Average speed since `startedAt`. Null before the first lines are handled.' },
  ),
  remainingSeconds: leaf(
    () => Int,
    progress,
    (batch: Shown, { now }: Context) => rounded(secondsLeft(batch, now())),
    { nullable: true, description: 'Estimated seconds to the end. Null if it cannot be estimated, or has ended.' },
  ),
  explanation: leaf(
    () => String,
    [filingBatches.stoppedFor],
    ({ stoppedFor }: Shown, { language }: Context) => {
      // A later release may have other reasons.
      const reason = stopReasons.find((known) => known === stoppedFor)
      return reason ? messageIn(language, { reason, params: stopParams }) : null
    },
    {
      nullable: true,
      description:
        'Reason for the stop, for people, in the language of `Accept-Language` (az, en, ru). Null unless STOPPED.',
    },
  ),
  uploadUrl: leaf(
    () => String,
    [filingBatches.id, filingBatches.state, filingBatches.expiresAt],
    ({ id, state, expiresAt }: Shown, context: Context) => {
      const at = context.now().getTime()
      if (state !== FilingBatchState.WAITING || expiresAt.getTime() <= at) return null
      const until = new Date(Math.min(at + context.timings.uploadUrlLifetime, expiresAt.getTime()))
      return signedUrl(context, 'filing-batches', nodeIdOf('FilingBatch', id), until)
    },
    {
      nullable: true,
      allowedTo: seesPersonal,
      description:
        'Absolute URL for one PUT of all bytes, without a token. Expires after an hour; query the batch again for a new ' +
        'one. Null unless the state is WAITING.',
    },
  ),
  resultsUrl: leaf(
    () => String,
    [filingBatches.id, filingBatches.state],
    ({ id, state }: Shown, context: Context) =>
      ends.includes(state) ? downloadUrlOf(context, nodeIdOf('FilingBatch', id), 'filing-results') : null,
    {
      nullable: true,
      allowedTo: seesPersonal,
      description:
        'Absolute URL for a GET of all results as NDJSON, in the order of the lines, without a token. Expires after five ' +
        'minutes; query the batch again for a new one. Null until the batch has ended.',
    },
  ),
  results: connection(FilingBatchLine, filingBatchLines.batchId, {
    allowedTo: seesPersonal,
    order: ascending(filingBatchLines.line),
    filter: FilingBatchLineFilter,
    conditions: lineConditions,
    description: 'Results of the lines handled so far, in the order of the file. Readable while the batch is RUNNING.',
  }),
})

export const filingBatchQueries = queries({
  filingBatch: find(FilingBatch, filingBatches.id, {
    allowedTo: batchesRead,
    argument: 'ID of the batch.',
    description: 'Batch of filings with its progress and results. Null if the caller sees no such batch.',
  }),
  filingBatches: connection(FilingBatch, undefined, {
    allowedTo: batchesRead,
    owner: ofParty(filingBatches.partyId),
    order: descending(filingBatches.createdAt),
    description:
      'Batches of an organisation, newest first. Programs require the scope `filings:read` or `filings:write`.',
  }),
})
