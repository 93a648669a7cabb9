import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, ID, InputType, Int } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { keyToSeal } from '../../identity/parties/party.js'
import { open, seal } from '../../platform/personal.js'
import { Application } from '../application.js'
import { caseFor, move } from '../application.repository.js'
import { applications } from '../application.table.js'
import { AttachmentInput, attachInstead, mostAttachments } from '../attachments/attachments.js'
import { Action } from '../transition.rules.js'
import { isUnknown, mistakesOf, refusalsOfSize } from './answers.rules.js'
import { askForProactive, filledAnew } from './filledLater.js'
import { getForm } from './form.repository.js'
import { keepingPrefilled, type Said } from './prefill.js'

@InputType({ description: 'What a draft is to say.' })
export class SaveDraftInput {
  @Field(() => ID, { description: 'The id of the application.' })
  application!: string
  @Field(() => Int, {
    description: 'The `revision` that was seen: a draft that was changed meanwhile is not overwritten.',
  })
  revision!: number
  @Field(() => GraphQLJSONObject, {
    description:
      'All answers, which take the place of those before; they may be incomplete. What a registry gave stays as it gave it.',
  })
  answers!: Record<string, unknown>
  @Field(() => [AttachmentInput], {
    nullable: true,
    description: `All files, at most ${mostAttachments}, which take the place of those before; null leaves them as they are.`,
  })
  attachments?: AttachmentInput[] | null
}

export const saveDraft = command({
  name: 'saveDraft',
  description:
    'Changes a draft. What is still to be mended, its field `faults` tells. For who may apply for the applicant.',
  input: SaveDraftInput,
  key: 'optional',
  creates: false,
  made: { application: { type: Application, description: 'The draft as it is now.' } },
  prepare: askForProactive,
  async act(input: SaveDraftInput, acting: Acting, said: Said) {
    const { tx, context } = acting
    const found = await caseFor(acting, input, Action.SAVE)
    if ('refused' in found) return found
    const { application, transition, mandates } = found
    const key = await keyToSeal(tx, context.keyring, application.partyId)
    const before = await filledAnew(tx, open(key, applications, application), said)
    const unfit = refusalsOfSize(input.answers)
    if (unfit.length > 0) return refused(unfit)
    const form = await getForm(tx, application.versionId)
    const { answers, prefilled } = keepingPrefilled(input.answers, form, before)
    const strange = mistakesOf(form.faultsIn(answers).filter(isUnknown))
    const wrong = input.attachments ? await attachInstead(acting, application, input.attachments) : []
    if (strange.length + wrong.length > 0) return refused([...strange, ...wrong])

    const { id, partyId } = application
    const sealed = seal(key, applications, { id, partyId, answers, prefilled })
    await move(tx, context.keyring, {
      application,
      to: transition.to(found.standing),
      event: transition.event,
      at: context.now(),
      actor: context.caller.id,
      mandates,
      set: { answers: sealed.answers, prefilled: sealed.prefilled },
    })
    return made({ application: application.id })
  },
})
