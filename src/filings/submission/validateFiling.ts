import { Arg, Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { refused } from '../../engine/command.js'
import { LimitedTo } from '../../engine/rates.js'
import { beforeDeadline } from '../../engine/statement.js'
import { UserErrorType, userErrorTypeOf } from '../../engine/userError.js'
import { withRetries } from '../../platform/retries.js'
import type { Context } from '../../shared/context.js'
import { messages } from '../../shared/messages.js'
import { filers } from './filers.js'
import { checkFilings } from './receiveFilings.js'
import { preparedInput, refuseWithoutPower, SubmitFilingInput } from './submitFiling.js'

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Result of `validateFiling`: the payload to sign, or the errors.' })
export class FilingValidation {
  @Field(() => String, {
    nullable: true,
    description:
      'Payload to sign: canonical JSON (RFC 8785), which a program can also compute by itself. Null if there are errors, ' +
      'and if the same was filed before under this external number.',
  })
  payload!: string | null
  @Field(() => [UserErrorType], { description: 'What `submitFiling` would return, except for a missing signature.' })
  userErrors!: UserErrorType[]
}

@Resolver()
export class ValidateFilingResolver {
  @AllowedTo(filers)
  @LimitedTo({ points: 600, seconds: 60, by: (_args, { caller }: Context) => caller.id })
  @Query(() => FilingValidation, {
    nullable: true,
    description:
      'Checks a filing like `submitFiling`, for the same callers, and keeps nothing. Returns what to sign. A signature may be ' +
      'missing; one that is given is checked. At most 600 calls in a minute.',
  })
  async validateFiling(
    @Ctx() context: Context,
    @Arg('input', () => SubmitFilingInput, { description: 'Filing to check.' }) input: SubmitFilingInput,
  ): Promise<FilingValidation> {
    const item = await preparedInput(input, context)
    const check = () =>
      context.database.db.transaction((tx) => checkFilings({ tx, context }, [item], { isDraft: true }))
    const [one] = await beforeDeadline(context.deadline, () => withRetries(check))
    if (!one || !('userErrors' in one)) return { payload: one && 'payload' in one ? one.payload : null, userErrors: [] }
    refuseWithoutPower(refused(one.userErrors))
    const userErrors = one.userErrors.map((userError) => userErrorTypeOf(userError, messages, context.language))
    return { payload: null, userErrors }
  }
}
