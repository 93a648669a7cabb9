import { Arg, Ctx, FieldResolver, ObjectType, Query, Resolver, Root } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { Service } from '../../catalogue/services/service.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { carried, fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { type FieldRate, LimitedTo } from '../../engine/rates.js'
import { beforeDeadline } from '../../engine/statement.js'
import { Assurance } from '../../shared/assurance.table.js'
import { type Context, only, ownPartyOf } from '../../shared/context.js'
import { readNumber } from '../../shared/number.js'
import { DateTime } from '../../shared/scalars.js'
import { ApplicationContent, contentOf } from '../application.resolver.js'
import { applications } from '../application.table.js'
import { findInvitation, findOwnPart } from './invitation.repository.js'

/** Limits how often a caller tries codes for one application. A code is too long to be guessed anyway. */
export const hourly = (points: number): FieldRate => ({
  points,
  seconds: 3600,
  by: (args: { number: string } | { input: { applicationNumber: string } }, { caller }: Context) =>
    `${caller.id} ${readNumber('input' in args ? args.input.applicationNumber : args.number)}`,
})

type Shown = typeof applications.$inferSelect & { confirmBy: Date }

@AllowedTo(anyone)
@Stored(applications, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description: 'Application that awaits confirmation, as shown to a co-applicant.',
})
export class ApplicationInvitation {}
fields(ApplicationInvitation, {
  number: carried(() => String, 'number', { description: 'Number of the application.' }),
  submittedAt: carried(() => DateTime, 'submittedAt', { description: 'When the application was submitted.' }),
  confirmBy: carried(() => DateTime, 'confirmBy', { description: 'When the invitation code expires.' }),
  service: one(Service, applications.serviceId, { description: 'Service that the application is for.' }),
  agency: one(Agency, applications.agencyId, { description: 'Agency that will handle the application.' }),
})

/** The assurance that `confirmApplication` requires. */
const surePerson = only('surePerson', 'persons', ['PERSON'], { assurance: Assurance.SUBSTANTIAL })

@Resolver(() => ApplicationInvitation)
export class InvitationResolver {
  @AllowedTo(surePerson)
  @LimitedTo(hourly(60))
  @Query(() => ApplicationInvitation, {
    nullable: true,
    description:
      'Application to confirm with `confirmApplication`. Null if no open invitation matches, or if the application ' +
      'names another person. Requires a person with assurance SUBSTANTIAL. Returns RATE_LIMITED after 60 requests ' +
      'an hour for one number.',
  })
  async invitation(
    @Ctx() context: Context,
    @Arg('number', () => String, { description: 'Number of the application.' }) number: string,
    @Arg('code', () => String, { description: 'Invitation code, in any grouping.' }) code: string,
  ): Promise<Shown | null> {
    const { database, keyring, caller, deadline, now } = context
    return await beforeDeadline(deadline, async () => {
      const { application, invited } = (await findInvitation(database.db, { number, code }, now())) ?? {}
      if (!application || !invited) return null
      const part = await findOwnPart(database.db, keyring, application, ownPartyOf(caller))
      return part ? { ...application, confirmBy: invited.expiresAt } : null
    })
  }

  @FieldResolver(() => ApplicationContent, {
    nullable: true,
    description: 'Answers and applicant. The applicant sees each access in `accessLog`.',
  })
  async content(@Root() application: Shown, @Ctx() context: Context): Promise<ApplicationContent> {
    return await contentOf(application, context)
  }
}
