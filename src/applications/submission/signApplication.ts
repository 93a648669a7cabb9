import { and, eq } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { v7 } from 'uuid'
import { services } from '../../catalogue/services/service.table.js'
import { signatureType } from '../../documents/signatures/signature.rules.js'
import { refused } from '../../engine/command.js'
import { clearDeadline } from '../../events/deadlines.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { decrypt, encrypt, indexed } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { person } from '../../shared/context.js'
import { loadCase } from '../application.repository.js'
import { applications } from '../application.table.js'
import { ApplicationInput, applicationCommand, type Doing } from '../applicationCommand.js'
import { applicationParties } from '../applicationParty.table.js'
import { confirmationOver } from '../casework/term.js'
import type { Draft } from '../drafts/filledLater.js'
import { Action, signerIn } from '../transition.rules.js'
import { applicationSignatures } from './applicationSignature.table.js'
import { issueReceipt } from './receipt.js'
import { refusalOf } from './signature.errors.js'
import { payloadOf, sha256Of, strangerIn } from './signature.js'

@InputType({ description: 'Input of `signApplication`.' })
export class SignApplicationInput extends ApplicationInput {
  @Field(() => String, {
    description:
      'Signature over the payload that `prepareSignature` returned. A detached, compact JWS: "header..signature".',
  })
  signature!: string
}

export const signApplication = applicationCommand({
  name: 'signApplication',
  description:
    'Adds the signature of the caller to a draft, or to an application that awaits confirmation. A person with the ' +
    'power SIGN over the applicant in that service signs for the applicant. A co-applicant or founder who has ' +
    'confirmed signs for themselves, or a person with the power SIGN over them does. Each party signs once. A later ' +
    'change of the answers or files ends all signatures. Requires the assurance level of the service. Returns ' +
    'INVALID for a signature that does not match the content or the caller. Returns NOT_ALLOWED_NOW if the party has ' +
    'signed this content, and if the certificate cannot be checked now.',
  allowedTo: person,
  input: SignApplicationInput,
  prepare: async ({ signature }: SignApplicationInput, { trust }) => await trust.check(signature, signatureType),
  action: Action.SIGN,
  async change(doing: Doing<SignApplicationInput>, signed) {
    const { tx, context, input, application, facts, relation, now } = doing
    const party = signerIn(facts, relation)
    if (!party) throw new Error('the state machine must allow only somebody who can sign; it allowed another')
    if ('refused' in signed) return refused([refusalOf(signed)])
    const key = await keyToEncrypt(tx, context.keyring, application.partyId)
    const draft = decrypt(key, applications, application)
    const payload = await payloadOf(doing, key, draft)
    if (!(await signed.isOver(payload))) return refused([refusalOf({ refused: 'not_of_this', why: 'payload' })])
    const stranger = await strangerIn(doing, party, signed)
    if (stranger) return refused([refusalOf({ refused: 'wrong_person', why: stranger })])

    const kept = {
      id: v7(),
      applicationId: application.id,
      partyId: party,
      signature: signed.withPayload(payload),
      sha256: sha256Of(input.signature),
      certificateIndex: indexed(context.keyring, applicationSignatures.certificateIndex, signed.certificate),
      actor: context.caller.id,
      at: now,
    }
    const own = party === application.partyId ? key : await keyToEncrypt(tx, context.keyring, party)
    await tx.insert(applicationSignatures).values(encrypt(own, applicationSignatures, kept))
    await tx
      .update(applicationParties)
      .set({ signedAt: now })
      .where(and(eq(applicationParties.applicationId, application.id), eq(applicationParties.partyId, party)))
    const {
      facts: anew,
      parties: [, ...others],
    } = await loadCase(tx, application)
    const to = doing.transition.to(anew) ?? application.state
    const isLast = to !== application.state
    if (isLast) await clearDeadline(tx, confirmationOver, application.id)
    const mandates = relation.signsFor.get(party) ?? []
    return {
      mandates,
      // Others who sign the same content need not reload it.
      revises: isLast,
      facts: anew,
      ids: { signer: party },
      after: async () => {
        if (!isLast) return
        const service = await serviceOf(tx, draft)
        await issueReceipt(doing, { draft, service, mandates, isSigned: true, others })
      },
    }
  },
})

async function serviceOf(tx: Transaction, { serviceId }: Draft) {
  const [service] = await tx.select().from(services).where(eq(services.id, serviceId))
  if (!service) throw new Error(`an application must be for a service that is there; ${serviceId} is not`)
  return service
}
