import { Field, InputType, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import type { UserError } from '../../engine/userError.js'
import { LocalizedInput, LocalizedText } from '../../shared/localized.js'
import { longest, upTo, userErrorsInText, userErrorsInWords } from '../../shared/texts.rules.js'
import { invalid, missing } from '../../shared/userErrors.js'
import type { Words } from '../../shared/words.js'

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Fault for which an agency rejected a filing.' })
export class FilingFault {
  @Field(() => String, {
    description: 'JSON pointer into `content`, such as "/lines/0/amount". Empty for the filing as a whole.',
  })
  path!: string
  @Field(() => String, { description: 'What is wrong there. In the language of `Accept-Language` (az, en, ru).' })
  message!: string
  @Field(() => LocalizedText, { description: 'The same in all languages.' })
  messages!: Words
}

@InputType({ description: 'Fault for which an agency rejects a filing.' })
export class FilingFaultInput {
  @Field(() => String, {
    description:
      'JSON pointer into `content`, such as "/lines/0/amount". Empty for the filing as a whole. ' +
      `At most ${longest.reference} characters.`,
  })
  path!: string
  @Field(() => LocalizedInput, { description: `What is wrong there. ${upTo.name}` })
  message!: LocalizedInput
}

/** The most faults of a rejection. */
export const mostFaults = 50
const pointer = /^(\/([^~/]|~[01])*)*$/

/** What is wrong with the faults of a rejection. */
export function userErrorsInFaults(faults: readonly FilingFaultInput[]): UserError[] {
  if (faults.length === 0) return [missing('filing.no_faults', ['faults'])]
  if (faults.length > mostFaults) return [invalid('filing.many_faults', ['faults'], { most: mostFaults })]
  return faults.flatMap(({ path, message }, at) => {
    const field = ['faults', String(at)]
    const wrong = path === '' ? [] : userErrorsInText([...field, 'path'], path, longest.reference)
    const isPointer = wrong.length > 0 || pointer.test(path)
    return [
      ...wrong,
      ...(isPointer ? [] : [invalid('filing.fault_path', [...field, 'path'])]),
      ...userErrorsInWords([...field, 'message'], message, longest.name),
    ]
  })
}
