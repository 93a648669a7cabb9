import { Arg, Ctx, FieldResolver, ObjectType, Query, Resolver, Root } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { Service } from '../../catalogue/services/service.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { carried, fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import type { FieldRate } from '../../engine/rates.js'
import { beforeDeadline } from '../../engine/statement.js'
import { Assurance } from '../../shared/assurance.table.js'
import { type Context, only, ownPartyOf } from '../../shared/context.js'
import { readNumber } from '../../shared/number.js'
import { DateTime } from '../../shared/scalars.js'
import { ApplicationContent, contentOf } from '../application.resolver.js'
import { applications } from '../application.table.js'
import { findInvitation, isNamedIn } from './invitation.repository.js'

/** So often an hour does one caller ask for one application: a code is too long to be guessed, and the limit is for whoever tries. */
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
  description:
    'An application as who is asked to confirm it may look at it first: whoever was told its number and code.',
})
export class ApplicationInvitation {}
fields(ApplicationInvitation, {
  number: carried(() => String, 'number', { description: 'The number of the application.' }),
  submittedAt: carried(() => DateTime, 'submittedAt', { description: 'When it was sent.' }),
  confirmBy: carried(() => DateTime, 'confirmBy', { description: 'Until when it can be confirmed by this code.' }),
  service: one(Service, applications.serviceId, { description: 'What is asked for.' }),
  agency: one(Agency, applications.agencyId, { description: 'Who will handle it.' }),
})

/** As surely known as who confirms an application. */
const surePerson = only('surePerson', 'persons', ['PERSON'], { assurance: Assurance.SUBSTANTIAL })

@Resolver(() => ApplicationInvitation)
export class InvitationResolver {
  @AllowedTo(surePerson)
  @Query(() => ApplicationInvitation, {
    nullable: true,
    description:
      'What one is asked to confirm with `confirmApplication`: by the number of the application and the code that its applicant ' +
      'was told. Null where none waits to be confirmed by these, or where it names another as who applies with the applicant. ' +
      'For persons, known at least with assurance SUBSTANTIAL; RATE_LIMITED after 60 times an hour for one number.',
  })
  async invitation(
    @Ctx() context: Context,
    @Arg('number', () => String, { description: 'The number of the application.' }) number: string,
    @Arg('code', () => String, { description: 'The invitation code, however it is grouped.' }) code: string,
  ): Promise<Shown | null> {
    const { database, keyring, caller, deadline, now } = context
    return await beforeDeadline(deadline, async () => {
      const { application, invited } = (await findInvitation(database.db, { number, code }, now())) ?? {}
      if (!application || !invited) return null
      const isMeant = await isNamedIn(database.db, keyring, application, ownPartyOf(caller))
      return isMeant ? { ...application, confirmBy: invited.expiresAt } : null
    })
  }

  @FieldResolver(() => ApplicationContent, {
    nullable: true,
    description: 'What it says, and who applies. The applicant reads in `accessLog` that it was looked at.',
  })
  async content(@Root() application: Shown, @Ctx() context: Context): Promise<ApplicationContent> {
    return await contentOf(application, context)
  }
}
