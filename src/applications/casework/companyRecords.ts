import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { LimitedTo } from '../../engine/rates.js'
import { CompanyRecords } from '../../exchange/registries/companyRecords.js'
import type { RecordsOf } from '../../exchange/registries/records.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { IdentifierType } from '../../identity/parties/identifier.table.js'
import { PartyKind } from '../../identity/parties/party.table.js'
import type { Context } from '../../shared/context.js'
import { Voen } from '../../shared/identifiers/scalars.js'
import { askingOf, looksOfOfficer, Reason } from './officerRecords.js'

@Resolver()
export class CompanyRecordsQuery {
  @AllowedTo(caseOfficer)
  @LimitedTo(looksOfOfficer)
  @Query(() => CompanyRecords, {
    nullable: true,
    description:
      'Records of an organisation in registries, for an officer who reviews or approves a case. The same rules, errors ' +
      'and logging as `personRecords` apply.',
  })
  async companyRecords(
    @Args(() => Reason) reason: Reason,
    @Ctx() context: Context,
    @Arg('voen', () => Voen, { description: 'VÖEN of the organisation.' }) voen: string,
  ): Promise<RecordsOf> {
    const identifier = { type: IdentifierType.VOEN, value: voen }
    return await askingOf({ kind: PartyKind.LEGAL_ENTITY, identifier }, reason, context)
  }
}
