import { eq } from 'drizzle-orm'
import { Arg, Args, ArgsType, Ctx, Field, Query, Resolver } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { badInput, refusal } from '../../engine/errors.js'
import type { Acting } from '../../events/commandKeys.js'
import { caseOfficer, caseOfficesOf } from '../../identity/officers/offices.js'
import { refuseOwnCase } from '../../identity/officers/ownCase.js'
import { IdentifierType } from '../../identity/parties/identifier.table.js'
import { type Identifier, partyNamedByOther } from '../../identity/parties/identifiers.js'
import { PartyKind } from '../../identity/parties/party.table.js'
import type { Caller, Context } from '../../shared/context.js'
import { readDocument } from '../../shared/identifiers/document.js'
import { Fin, Voen } from '../../shared/identifiers/scalars.js'
import { messageIn } from '../../shared/messages.js'
import { logAccesses } from '../accessLog/logAccesses.js'
import { refusedLook } from '../accessLog/noteDown.js'
import { purposes } from '../accessLog/purpose.table.js'
import { type Asking, CompanyRecords, PersonRecords } from './records.js'

/** Calls of one officer a minute: who asks more is no person at a counter. */
const looks = { points: 60, seconds: 60 }
export const looksOfOfficer = { ...looks, by: (_args: object, { caller }: Context) => caller.id }

@ArgsType()
class Reason {
  @Field(() => String, {
    description: 'For what, by the code of a purpose: see `purposes`. BAD_USER_INPUT for another.',
  })
  purpose!: string
  @Field(() => String, {
    description:
      'The number of the application or case it is for: 1 to 64 letters, digits and -./ signs. For the purpose APPLICATION ' +
      'an application at the agency that the officer has, or has opened, and in which that person or organisation applies. ' +
      'It stands in the log, and goes to the registry.',
  })
  application!: string
  @Field(() => String, {
    nullable: true,
    description: 'For which agency, by its code; null where the officer reviews or approves at one alone.',
  })
  agency?: string | null
}

/** Who applies in an application of that number, at that agency, which the officer has or has opened; nobody in their own case. */
export type ApplyingIn = (acting: Acting, named: { number: string; agencyId: string }) => Promise<readonly string[]>

/** Applications come later: who applies in one is handed over by them. */
export function officerRecords(applyingIn: ApplyingIn) {
  @Resolver()
  class OfficerRecordsResolver {
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

    @AllowedTo(caseOfficer)
    @Query(() => CompanyRecords, {
      nullable: true,
      description:
        'What the registries hold of an organisation, for an officer who reviews or approves a case, as `personRecords`.',
    })
    async companyRecords(
      @Args(() => Reason) reason: Reason,
      @Ctx() context: Context,
      @Arg('voen', () => Voen, { description: 'The VÖEN.' }) voen: string,
    ): Promise<Asking> {
      const identifier = { type: IdentifierType.VOEN, value: voen }
      return await askingOf({ kind: PartyKind.LEGAL_ENTITY, identifier }, reason, context, applyingIn)
    }
  }
  return OfficerRecordsResolver
}

function personIn(fin: string | null | undefined, document: string | null | undefined): Identifier {
  if ((fin == null) === (document == null)) throw badInput('A person is named by either `fin` or `document`.')
  if (fin != null) return { type: IdentifierType.FIN, value: fin }
  const [country = '', number = ''] = (document as string).split(':') // one of both was given
  const read = readDocument(country, number)
  if (!('value' in read)) throw refusal('BAD_USER_INPUT', messageIn('en', read), { reason: read.reason })
  return { type: IdentifierType.DOCUMENT, value: read.value }
}

/** The purpose of an application; the others are of cases that stand elsewhere. */
const ofApplication = 'APPLICATION'

/** Nobody is asked about before it is known for which agency, and that the case is another's; nor by an invented one. */
async function askingOf(
  named: { kind: PartyKind; identifier: Identifier },
  reason: Reason,
  context: Context,
  applyingIn: ApplyingIn,
): Promise<Asking> {
  const { purpose, application } = reason
  if (!/^[\p{L}\p{N}./-]{1,64}$/u.test(application))
    throw badInput('`application` is the number of a case: 1 to 64 letters, digits and -./ signs.')
  const agency = officeOf(context.caller, reason.agency ?? undefined)
  const at = context.now()
  const { party, isPermitted } = await context.database.db.transaction(async (tx) => {
    const [known] = await tx.select({ id: purposes.id }).from(purposes).where(eq(purposes.code, purpose))
    if (!known) throw badInput(`There is no purpose ${purpose}: see \`purposes\`.`)
    const { party } = await partyNamedByOther(tx, context.keyring, { ...named, since: at })
    await refuseOwnCase({ tx, context }, party)
    if (purpose !== ofApplication) return { party, isPermitted: true }
    const applying = await applyingIn({ tx, context }, { number: application, agencyId: agency })
    const isPermitted = applying.includes(party)
    if (!isPermitted) {
      const tried = { party, agencyId: agency, application, purposeId: known.id }
      await logAccesses(tx, [refusedLook(tried, at, context)])
    }
    return { party, isPermitted }
  })
  if (!isPermitted)
    throw refusal(
      'FORBIDDEN',
      'For the purpose APPLICATION name an application at your agency that you have, or have opened, and in which they apply.',
      { reason: 'case.not_yours' },
    )
  return { party, purpose, agency, application }
}

function officeOf(caller: Caller, wanted: string | undefined): string {
  const theirs = caseOfficesOf(caller)
  const [office, ...others] = wanted === undefined ? theirs : theirs.filter(({ agency }) => agency === wanted)
  if (wanted === undefined && others.length > 0)
    throw badInput('An officer of several agencies says for which it is: `agency` is its code.')
  if (!office)
    throw refusal('FORBIDDEN', 'This is for officers who review or approve at that agency.', {
      reason: 'agency.not_yours',
    })
  return office.agencyId
}
