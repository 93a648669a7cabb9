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
import { allowedNow, caseFor, moveBy, SeenApplicationInput } from '../applicationCommand.js'
import { askRegistriesAgain, type Draft, isChanged, prefillAgain } from '../drafts/filledLater.js'
import { personsAround } from '../drafts/persons.repository.js'
import type { RegistryAnswers } from '../drafts/prefill.js'
import { Action } from '../transition.rules.js'
import { mandatesToSign, payloadOf, sha256Of } from './signature.js'
import { checkSubmission } from './submitApplication.js'
import { ToSign } from './toSign.js'

@InputType({ description: 'Input of `prepareSignature`.' })
export class PrepareSignatureInput extends SeenApplicationInput {}

export const prepareSignature = command({
  name: 'prepareSignature',
  description:
    'Returns what must be signed in a draft that is ready to submit. Asks registries again if the service waits ' +
    'for them, which can give the draft a new `revision`. Requires the applicant, or the powers FILE and SIGN ' +
    'over them in that service. Requires the assurance level of the service. Returns the same errors as ' +
    '`submitApplication`, except those of the signature. Returns FORBIDDEN without the power SIGN.',
  allowedTo: person,
  input: PrepareSignatureInput,
  key: 'optional',
  creates: false,
  made: { application: { type: Application, description: 'Draft, with the revision to sign and submit.' } },
  once: {
    toSign: {
      type: () => ToSign,
      description: 'Payload to sign. Null for a repeat with the same idempotency key: ask again without a key.',
    },
  },
  prepare: askRegistriesAgain,
  async act(input: PrepareSignatureInput, acting: Acting, fetched: RegistryAnswers) {
    const { tx, context } = acting
    const found = await caseFor(acting, input, Action.SUBMIT)
    if ('userErrors' in found) return found
    const { application, process } = found
    const key = await keyToEncrypt(tx, context.keyring, application.partyId)
    const before = decrypt(key, applications, application)
    await mandatesToSign(acting, before)
    const persons = await personsAround(acting, application.partyId)
    const filled = await prefillAgain(tx, before, fetched, persons)
    const { version, userErrors } = await checkSubmission(acting, filled, persons, process.registryDown)
    if (userErrors.length > 0) return refused(userErrors)
    const draft = isChanged(filled, before) ? await saved(acting, found, key, filled) : before
    if ('userErrors' in draft) return draft
    const payload = await payloadOf(acting, key, draft, version)
    const toSign: ToSign = { payload, sha256: sha256Of(payload).toString('hex'), typ: signatureType, algorithms }
    return made({ application: application.id }, { toSign })
  },
})

/** Saves the draft as `saveDraft` does. */
async function saved(acting: Acting, found: Case, key: EncryptionKey, draft: Draft) {
  const saving = allowedNow(Action.SAVE, found, acting.context.now())
  if ('userErrors' in saving) return saving
  const { id, partyId, answers, prefilled } = draft
  const set = encrypt(key, applications, { id, partyId, answers, prefilled })
  await moveBy({ ...acting, ...saving }, { set })
  return { ...draft, revision: found.application.revision + 1 }
}
