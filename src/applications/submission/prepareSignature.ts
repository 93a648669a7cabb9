import { InputType } from 'type-graphql'
import { algorithms, signatureType } from '../../documents/signatures/signature.rules.js'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { decrypt, encrypt } from '../../platform/personal.js'
import { person } from '../../shared/context.js'
import { Application } from '../application.js'
import { ApplicationState, applications } from '../application.table.js'
import { caseFor, moveBy, SeenApplicationInput } from '../applicationCommand.js'
import { askRegistriesAgain, isChanged, prefillAgain } from '../drafts/filledLater.js'
import { personsAround } from '../drafts/persons.repository.js'
import type { RegistryAnswers } from '../drafts/prefill.js'
import { Action, saves } from '../transition.rules.js'
import { payloadOf, sha256Of } from './signature.js'
import { checkSubmission } from './submitApplication.js'
import { ToSign } from './toSign.js'

@InputType({ description: 'Input of `prepareSignature`.' })
export class PrepareSignatureInput extends SeenApplicationInput {}

export const prepareSignature = command({
  name: 'prepareSignature',
  description:
    'Returns what to sign with `signApplication`, for a draft that is ready to submit or an application that ' +
    'awaits confirmation. Asks registries again if the service waits for them and nobody has signed yet, which can give ' +
    'the draft a new `revision`. Requires the power SIGN over the applicant in that service, or a co-applicant or founder who ' +
    'has confirmed. Requires the assurance level of the service. Returns the same errors as `submitApplication`, ' +
    'except that of missing signatures.',
  allowedTo: person,
  input: PrepareSignatureInput,
  key: 'optional',
  creates: false,
  made: { application: { type: Application, description: 'Application, with its current revision.' } },
  once: {
    toSign: {
      type: () => ToSign,
      description: 'Payload to sign. Null for a repeat with the same idempotency key: ask again without a key.',
    },
  },
  prepare: askRegistriesAgain,
  async act(input: PrepareSignatureInput, acting: Acting, fetched: RegistryAnswers) {
    const { tx, context } = acting
    const found = await caseFor(acting, input, Action.SIGN)
    if ('userErrors' in found) return found
    const { application, facts, process } = found
    const key = await keyToEncrypt(tx, context.keyring, application.partyId)
    let draft = decrypt(key, applications, application)
    if (application.state === ApplicationState.DRAFT) {
      const persons = await personsAround(acting, application.partyId)
      const filled = facts.signedBy.length > 0 ? draft : await prefillAgain(tx, draft, fetched, persons)
      const { userErrors } = await checkSubmission(acting, filled, persons, process.registryDown)
      if (userErrors.length > 0) return refused(userErrors)
      if (isChanged(filled, draft)) {
        const { id, partyId, answers, prefilled } = filled
        const set = encrypt(key, applications, { id, partyId, answers, prefilled })
        await moveBy({ ...acting, ...found, transition: saves }, { set })
      }
      draft = filled
    }
    const payload = await payloadOf(acting, key, draft)
    const toSign: ToSign = { payload, sha256: sha256Of(payload).toString('hex'), typ: signatureType, algorithms }
    return made({ application: application.id }, { toSign })
  },
})
