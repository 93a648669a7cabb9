import { Arg, Args, Ctx, ObjectType, Query, Resolver } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { badInput, refusal } from '../../engine/errors.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { IdentifierType } from '../../identity/parties/identifier.table.js'
import type { Identifier } from '../../identity/parties/identifiers.js'
import { PartyKind } from '../../identity/parties/party.table.js'
import type { Context } from '../../shared/context.js'
import { readDocument } from '../../shared/identifiers/document.js'
import { Fin } from '../../shared/identifiers/scalars.js'
import { messageIn } from '../../shared/messages.js'
import { type ApplyingIn, askingOf, Reason } from './officerRecords.js'
import { type Asking, registriesRead } from './records.js'

@AllowedTo(registriesRead)
@ObjectType({
  description:
    'What the registries of the agencies hold of a person. Each is asked where its field is, all side by side, and each ' +
    'question is logged, and each stored answer that is shown to another than the person: see `accessLog`.',
})
export class PersonRecords {}

/** Applications come later: who applies in one is handed over by them. */
export function personRecordsOf(applyingIn: ApplyingIn) {
  @Resolver()
  class PersonRecordsQuery {
    @AllowedTo(caseOfficer)
    @Query(() => PersonRecords, {
      nullable: true,
      description:
        'What the registries hold of a person, for an officer who reviews or approves a case, as far as the law lets their ' +
        'agency ask for that purpose. Whether anybody has signed in by that identifier does not show. FORBIDDEN in one’s own ' +
        'case, and for an application that is not the officer’s. RATE_LIMITED beyond 60 in a minute by one officer. Each look ' +
        'is logged, a refused one too, and the person can read of it.',
    })
    async personRecords(
      @Args(() => Reason) reason: Reason,
      @Ctx() context: Context,
      @Arg('fin', () => Fin, { nullable: true, description: 'The FİN. This or `document`.' }) fin?: string,
      @Arg('document', () => String, {
        nullable: true,
        description: 'Of who has no FİN: the issuing country and the number of a document, "UTO:X0000000".',
      })
      document?: string,
    ): Promise<Asking> {
      return await askingOf(
        { kind: PartyKind.NATURAL_PERSON, identifier: personIn(fin, document) },
        reason,
        context,
        applyingIn,
      )
    }
  }
  return PersonRecordsQuery
}

function personIn(fin: string | null | undefined, document: string | null | undefined): Identifier {
  if ((fin == null) === (document == null)) throw badInput('A person is named by either `fin` or `document`.')
  if (fin != null) return { type: IdentifierType.FIN, value: fin }
  const [country = '', number = ''] = (document as string).split(':') // one of both was given
  const read = readDocument(country, number)
  if (!('value' in read)) throw refusal('BAD_USER_INPUT', messageIn('en', read), { reason: read.reason })
  return { type: IdentifierType.DOCUMENT, value: read.value }
}
