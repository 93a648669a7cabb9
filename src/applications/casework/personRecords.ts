import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { badInput, refusal } from '../../engine/errors.js'
import { LimitedTo } from '../../engine/rates.js'
import { PersonRecords } from '../../exchange/registries/personRecords.js'
import type { RecordsOf } from '../../exchange/registries/records.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { IdentifierType } from '../../identity/parties/identifier.table.js'
import type { Identifier } from '../../identity/parties/identifiers.js'
import { PartyKind } from '../../identity/parties/party.table.js'
import type { Context } from '../../shared/context.js'
import { readDocument } from '../../shared/identifiers/document.js'
import { Fin } from '../../shared/identifiers/scalars.js'
import { messageIn } from '../../shared/messages.js'
import { askingOf, looksOfOfficer, Reason } from './officerRecords.js'

@Resolver()
export class PersonRecordsQuery {
  @AllowedTo(caseOfficer)
  @LimitedTo(looksOfOfficer)
  @Query(() => PersonRecords, {
    nullable: true,
    description:
      'Records of a person in registries, for an officer who reviews or approves a case. A legal ground must let the ' +
      'agency query the registry for the purpose. For APPLICATION it covers what the form and the required documents of ' +
      'the service name. The answer does not reveal whether anybody has signed in with the ' +
      'identifier. Each access is logged, including a refused one, and the person can read the log. Returns FORBIDDEN ' +
      'in the officer’s own case, and for an application that is not the officer’s. Returns BAD_USER_INPUT unless ' +
      'exactly one of `fin` and `document` is given. Returns RATE_LIMITED above 60 calls a minute by one officer.',
  })
  async personRecords(
    @Args(() => Reason) reason: Reason,
    @Ctx() context: Context,
    @Arg('fin', () => Fin, { nullable: true, description: 'FİN of the person. Provide either `fin` or `document`.' })
    fin?: string,
    @Arg('document', () => String, {
      nullable: true,
      description:
        'Issuing country and number of a travel document, such as "UTO:X0000000", for a person without a FİN.',
    })
    document?: string,
  ): Promise<RecordsOf> {
    return await askingOf({ kind: PartyKind.NATURAL_PERSON, identifier: personIn(fin, document) }, reason, context)
  }
}

function personIn(fin: string | null | undefined, document: string | null | undefined): Identifier {
  if ((fin == null) === (document == null)) throw badInput('Provide either `fin` or `document`.')
  if (fin != null) return { type: IdentifierType.FIN, value: fin }
  const [country = '', number = ''] = (document as string).split(':') // exactly one is given
  const read = readDocument(country, number)
  if (!('value' in read)) throw refusal('BAD_USER_INPUT', messageIn('en', read), { reason: read.reason })
  return { type: IdentifierType.DOCUMENT, value: read.value }
}
