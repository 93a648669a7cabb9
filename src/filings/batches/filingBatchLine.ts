import { sql } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, InputType, Int, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { type Asked, fields, one, type Row, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { loadFor } from '../../engine/fetch.js'
import { type UserError, UserErrorType } from '../../engine/userError.js'
import { partyKeys } from '../../identity/parties/party.repository.js'
import { bytesIn } from '../../platform/bytes.js'
import { decrypt, type Encrypted } from '../../platform/personal.js'
import { type Context, seesPersonal } from '../../shared/context.js'
import { userErrorTypeFor } from '../../shared/messages.js'
import { Filing } from '../filing.js'
import { FilingBatchOutcome, filingBatchLines } from './filingBatchLine.table.js'

registerEnumType(FilingBatchOutcome, {
  name: 'FilingBatchOutcome',
  description: 'Outcome of a line of a batch.',
  valuesConfig: {
    FILED: { description: 'The line made a filing.' },
    REPEATED: { description: 'The same content was filed before under this external number. Nothing new was made.' },
    REFUSED: { description: 'The line has errors: see `userErrors`. It made no filing and used up nothing.' },
  },
})

@AllowedTo(anyone)
@Stored(filingBatchLines, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Result of one line of a batch of filings.' })
export class FilingBatchLine {
  @Field(() => Int, { description: 'Number of the line in the file, from 1.' })
  line!: number
  @Field(() => String, {
    nullable: true,
    description: 'External number in the line. Null if the line has none that can be read.',
  })
  externalNumber!: string | null
  @Field(() => FilingBatchOutcome, { description: 'Outcome of the line.' })
  outcome!: FilingBatchOutcome
}

fields(FilingBatchLine, {
  filing: one(Filing, filingBatchLines.filingId, {
    nullable: true,
    description: 'Filing that the line made or repeats. Null if REFUSED, or if the caller may not see it any more.',
  }),
})

@InputType({ description: 'Filters for the results of a batch. All conditions must match.' })
export class FilingBatchLineFilter {
  @Field(() => FilingBatchOutcome, { nullable: true, description: 'Only lines with this outcome.' })
  outcome?: FilingBatchOutcome | null
}
export const lineConditions = {
  outcome: ({ outcome }: Row<typeof filingBatchLines>, asked: Asked) =>
    // As text, because the driver does not know the type.
    sql`${outcome} = ${asked}::text::filing_batch_outcome`,
}

interface Shown {
  id: string
  partyId: string
  /** Bytes as text, as in JSON. */
  userErrors: string | null
}

@Resolver(() => FilingBatchLine)
export class FilingBatchLineResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => [UserErrorType], {
    nullable: true,
    description:
      'Everything to correct in the line. Empty unless REFUSED. Null if the data of the organisation was erased.',
  })
  async userErrors(@Root() line: Shown, @Ctx() context: Context): Promise<UserErrorType[] | null> {
    const { id, partyId, userErrors } = line
    if (!userErrors) return []
    const key = await loadFor(context, partyKeys, partyId)
    // The cast: as stored in that column.
    const stored = { id, userErrors: bytesIn(userErrors) as Encrypted<UserError[]> }
    return key && decrypt(key, filingBatchLines, stored).userErrors.map((error) => userErrorTypeFor(error, context))
  }
}
