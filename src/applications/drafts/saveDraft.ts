import { isDeepStrictEqual } from 'node:util'
import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, InputType, Int } from 'type-graphql'
import { answerAt, isUnknown, userErrorsInSize, userErrorsOf } from '../../catalogue/forms/answers.rules.js'
import { getForm } from '../../catalogue/forms/form.repository.js'
import { refused } from '../../engine/command.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { decrypt, encrypt } from '../../platform/personal.js'
import { person } from '../../shared/context.js'
import { applications } from '../application.table.js'
import { applicationCommand, type Doing, SeenApplicationInput } from '../applicationCommand.js'
import { AttachmentInput } from '../attachments/attachment.js'
import { attachInstead, maxAttachments } from '../attachments/attachments.js'
import { Action } from '../transition.rules.js'
import { personsAround } from './persons.repository.js'
import { keepingPrefilled } from './prefill.js'

@InputType({ description: 'Input of `saveDraft`.' })
export class SaveDraftInput extends SeenApplicationInput {
  @Field(() => GraphQLJSONObject, {
    description:
      'All answers. Replaces the earlier ones, and may be incomplete. Those that sign-in or a registry knows may be left out.',
  })
  answers!: Record<string, unknown>
  @Field(() => [AttachmentInput], {
    nullable: true,
    description: `All files, at most ${maxAttachments}. Replaces the earlier ones. Null leaves them unchanged.`,
  })
  attachments?: AttachmentInput[] | null
}

export const saveDraft = applicationCommand({
  name: 'saveDraft',
  description:
    'Saves the answers and files of a draft. `validationErrors` of the application lists what is still missing or ' +
    'wrong. Requires the applicant, or the power FILE over them in that service. Returns INVALID for unknown ' +
    'fields, answers that are too large, answers that differ from what sign-in or a registry knows about the ' +
    'person, and invalid attachments. Returns NOT_FOUND for an unknown upload.',
  allowedTo: person,
  input: SaveDraftInput,
  once: {
    endedSignatures: {
      type: () => Int,
      description: 'Number of signatures that ended because the content changed. Those parties must sign again.',
    },
  },
  action: Action.SAVE,
  async change(doing: Doing<SaveDraftInput>) {
    const { tx, context, input, application, facts } = doing
    const key = await keyToEncrypt(tx, context.keyring, application.partyId)
    const persons = await personsAround(doing, application.partyId)
    const before = decrypt(key, applications, application)
    const userErrors = userErrorsInSize(input.answers)
    if (userErrors.length > 0) return refused(userErrors)
    const form = await getForm(tx, application.versionId)
    const { answers, prefilled, mismatches } = keepingPrefilled(input.answers, form, before, { persons })
    const faults = userErrorsOf(form.schema, [...form.faultsIn(answers).filter(isUnknown), ...mismatches])
    const wrong = input.attachments ? await attachInstead(doing, input.attachments) : []
    if (faults.length + wrong.length > 0) return refused([...faults, ...wrong])

    const { id, partyId } = application
    const isKept = (at: string) => isDeepStrictEqual(answerAt(answers, at), answerAt(before.answers, at))
    const differing = application.differing?.filter(isKept) ?? null
    const encrypted = encrypt(key, applications, { id, partyId, answers, prefilled })
    return {
      set: { answers: encrypted.answers, prefilled: encrypted.prefilled, differing },
      once: { endedSignatures: facts.signedBy.length },
    }
  },
})
