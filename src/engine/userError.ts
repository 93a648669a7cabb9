import 'reflect-metadata'
import { Extensions, Field, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from './allowedTo.js'
import { type Messages, paramText, type Reasoned, say } from './say.js'

export enum UserErrorCode {
  MISSING = 'MISSING',
  INVALID = 'INVALID',
  NOT_ALLOWED_NOW = 'NOT_ALLOWED_NOW',
  NOT_FOUND = 'NOT_FOUND',
  CONFLICT = 'CONFLICT',
  KEY_REUSED = 'KEY_REUSED',
}
registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'Kind of error that the caller can correct.',
  valuesConfig: {
    MISSING: { description: 'A required value is missing.' },
    INVALID: { description: 'A value is not valid.' },
    NOT_ALLOWED_NOW: { description: 'The action is not allowed in the current state, or at this time.' },
    NOT_FOUND: { description: 'The referenced object does not exist, or the caller may not see it.' },
    CONFLICT: { description: 'Somebody changed the object in the meantime. Reload it and try again.' },
    KEY_REUSED: { description: 'The idempotency key was used before with a different input. Nothing was changed.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A value that appears in the message of a `UserError`.' })
export class UserErrorParam {
  @Field(() => String, { description: 'Name of the value. The same for all errors with one `reason`.' })
  name!: string
  @Field(() => String, { description: 'Value, as text.' })
  value!: string
}

@AllowedTo(anyone)
@ObjectType('UserError', {
  simpleResolvers: true,
  description: 'An error that the caller can correct. Nothing was changed.',
})
export class UserErrorType {
  @Field(() => UserErrorCode, { description: 'Kind of error.' })
  code!: UserErrorCode
  @Field(() => String, {
    description: 'Stable identifier of the error, for example "service.retired". New reasons may be added at any time.',
  })
  reason!: string
  @Field(() => [String], {
    nullable: true,
    description: 'Path to the input field. Null if the error concerns the whole input.',
  })
  field!: readonly string[] | null
  @Field(() => String, { description: 'Text for people, in the language of `Accept-Language` (az, en, ru).' })
  message!: string
  @Extensions({ atMost: 5 })
  @Field(() => [UserErrorParam], { description: 'Values in the message, for clients that write their own texts.' })
  params!: UserErrorParam[]
}

/** An error that the caller can correct. Its `reason` selects its text. */
export interface UserError extends Reasoned {
  code: `${UserErrorCode}`
  /** The path to a field of the input. Absent if the error concerns the whole input. */
  field?: readonly string[]
}

export const userErrorTypeOf = (
  { code, reason, field, params = {} }: UserError,
  messages: Messages,
  language: string,
): UserErrorType => ({
  code: UserErrorCode[code],
  reason,
  field: field ?? null,
  message: say({ reason, params }, messages, language),
  params: Object.entries(params).map(([name, value]) => ({ name, value: paramText(value, messages, language) })),
})
