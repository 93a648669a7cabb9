import 'reflect-metadata'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
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
  description: 'What kind of thing is to be mended.',
  valuesConfig: {
    MISSING: { description: 'Something that is required was not given.' },
    INVALID: { description: 'What was given is not as it must be.' },
    NOT_ALLOWED_NOW: { description: 'Not in the state that the thing is in now, or not at this time.' },
    NOT_FOUND: { description: 'What it names is not there for this caller.' },
    CONFLICT: { description: 'Somebody was quicker: look at what is now, and decide anew.' },
    KEY_REUSED: { description: 'The same key came before with another input. Nothing was done now.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A value that the message of a `UserError` speaks of.' })
export class UserErrorParam {
  @Field(() => String, { description: 'Its name: the same for all errors of one `reason`.' })
  name!: string
  @Field(() => String, { description: 'The value, as text.' })
  value!: string
}

@AllowedTo(anyone)
@ObjectType('UserError', {
  simpleResolvers: true,
  description: 'One thing that whoever sent a command can mend. Nothing was done.',
})
export class UserErrorType {
  @Field(() => UserErrorCode, { description: 'What kind of thing it is.' })
  code!: UserErrorCode
  @Field(() => String, {
    description: 'What it is, as a dotted name that stays: "service.retired". New ones may be added at any time.',
  })
  reason!: string
  @Field(() => [String], {
    nullable: true,
    description: 'The way to the field of the input that it is about; null where it is about the whole.',
  })
  field!: readonly string[] | null
  @Field(() => String, { description: 'For people, in the language of `Accept-Language` (az, en, ru).' })
  message!: string
  @Field(() => [UserErrorParam], { description: 'What the message speaks of, for those who make their own.' })
  params!: UserErrorParam[]
}

/** Something that whoever sent a command can mend. Its text is found by its `reason`. */
export interface UserError extends Reasoned {
  code: `${UserErrorCode}`
  /** The path to a field of the input; none where it is about the whole. */
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
