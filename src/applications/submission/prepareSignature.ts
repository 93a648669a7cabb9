import { InputType } from 'type-graphql'
import { algorithms, signatureType } from '../../documents/signatures/signature.rules.js'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { decrypt, type EncryptionKey, encrypt } from '../../platform/personal.js'
import { person } from '../../shared/context.js'
import { Application } from '../application.js'
import type { Case } from '../application.repository.js'
import { applications } from '../application.table.js'
import { caseFor, moveBy, SeenApplicationInput } from '../applicationCommand.js'
import { askWhatWasDown, type Draft, filledAnew, saysMore } from '../drafts/filledLater.js'
import type { Said } from '../drafts/prefill.js'
import { notNow } from '../refusal.rules.js'
import { Action, transitionOf } from '../transition.rules.js'
import { mandatesToSign, payloadOf, sha256Of } from './signature.js'
import { refusalsToSubmit } from './submitApplication.js'
import { ToSign } from './toSign.js'

@InputType({ description: 'Which draft is to be signed.' })
export class PrepareSignatureInput extends SeenApplicationInput {}

export const prepareSignature = command({
  name: 'prepareSignature',
  description:
    'Says what is to be signed of a draft that can be sent; what is still to be mended is told as `submitApplication` would. ' +
    'Where the service wants registries to fill what they could not before, they are asked now, and the draft gets another ' +
    '`revision`: send that one. For who may apply for the applicant and has the power SIGN over them in that service, as surely ' +
    'known as the service wants; FORBIDDEN without that power.',
  allowedTo: person,
  input: PrepareSignatureInput,
  key: 'optional',
  creates: false,
  made: { application: { type: Application, description: 'The draft, with the revision that is signed.' } },
  once: {
    toSign: {
      type: () => ToSign,
      description: 'What is to be signed. A repeat under the same key is not told it again: ask without a key.',
    },
  },
  prepare: askWhatWasDown,
  async act(input: PrepareSignatureInput, acting: Acting, said: Said) {
    const { tx, context } = acting
    const found = await caseFor(acting, input, Action.SUBMIT)
    if ('refused' in found) return found
    const { application, process } = found
    const key = await keyToEncrypt(tx, context.keyring, application.partyId)
    const before = decrypt(key, applications, application)
    await mandatesToSign(acting, before)
    const filled = await filledAnew(tx, before, said)
    const { version, refusals } = await refusalsToSubmit(acting, filled, process.registryDown)
    if (refusals.length > 0) return refused(refusals)
    const draft = saysMore(filled, before) ? await saved(acting, found, key, filled) : before
    if ('refused' in draft) return draft
    const payload = await payloadOf(acting, key, draft, version)
    const toSign: ToSign = { payload, sha256: sha256Of(payload).toString('hex'), typ: signatureType, algorithms }
    return made({ application: application.id }, { toSign })
  },
})

/** As `saveDraft` would. */
async function saved(acting: Acting, found: Case, key: EncryptionKey, draft: Draft) {
  const { application, standing, relation } = found
  const now = acting.context.now()
  const transition = transitionOf(Action.SAVE, standing, relation, now)
  if ('refused' in transition) return refused([notNow(transition.refused)])
  const { id, partyId, answers, prefilled } = draft
  const set = encrypt(key, applications, { id, partyId, answers, prefilled })
  await moveBy({ ...acting, ...found, transition, now }, { set })
  return { ...draft, revision: application.revision + 1 }
}
