import { and, eq, gt, isNull } from 'drizzle-orm'
import { Arg, Ctx, FieldResolver, ObjectType, Query, Resolver, Root } from 'type-graphql'
import { Agency } from '../agencies/agency.js'
import { Service } from '../catalogue/service.js'
import { carried, fields, one, Stored, whoSeesItsParent } from '../engine/declare.js'
import type { FieldRate } from '../engine/rates.js'
import { beforeDeadline } from '../engine/statement.js'
import { digestOf } from '../identity/secret.js'
import { readCode } from '../shared/code.js'
import type { Context } from '../shared/context.js'
import type { Database } from '../shared/database.js'
import { readNumber } from '../shared/number.js'
import { DateTime } from '../shared/scalars.js'
import { ApplicationContent, contentOf } from './application.resolver.js'
import { ApplicationState, applications, coApplicants } from './application.table.js'

/** What the applicant has told whom they invite. */
export interface Told {
  number: string
  code: string
}

/** So often an hour does one caller ask for one application: a code is too long to be guessed, and the limit is for whoever tries. */
export const hourly = (points: number): FieldRate => ({
  ...{ points, seconds: 3600 },
  by: (args: Told | { input: Told }, { caller }: Context) =>
    `${caller.id} ${readNumber(('input' in args ? args.input : args).number)}`,
})

/** An application that waits to be confirmed, and the invitation to it. Nothing tells which of number and code was wrong. */
export async function findInvitation(db: Pick<Database['db'], 'select'>, { number, code }: Told, now: Date) {
  const isOpen = and(
    eq(applications.number, readNumber(number) ?? ''),
    eq(applications.state, ApplicationState.AWAITING_CONFIRMATION),
    eq(coApplicants.codeHash, digestOf(readCode(code))),
    isNull(coApplicants.confirmedAt),
    gt(coApplicants.expiresAt, now),
  )
  const [found] = await db
    .select({ application: applications, invited: coApplicants })
    .from(applications)
    .innerJoin(coApplicants, eq(coApplicants.applicationId, applications.id))
    .where(isOpen)
  return found
}

type Shown = typeof applications.$inferSelect & { confirmBy: Date }

@Stored(applications, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description:
    'An application as who is asked to confirm it may look at it first: whoever was told its number and code.',
})
export class Invitation {}
fields(Invitation, {
  number: carried(() => String, 'number', { description: 'The number of the application.' }),
  submittedAt: carried(() => DateTime, 'submittedAt', { description: 'When it was sent.' }),
  confirmBy: carried(() => DateTime, 'confirmBy', { description: 'Until when it can be confirmed by this code.' }),
  service: one(Service, applications.serviceId, { description: 'What is asked for.' }),
  agency: one(Agency, applications.agencyId, { description: 'Who will handle it.' }),
})

@Resolver(() => Invitation)
export class InvitationResolver {
  @Query(() => Invitation, {
    nullable: true,
    description:
      'What one is asked to confirm with `confirmApplication`: by the number of the application and the code that its applicant ' +
      'was told. Null where no such application waits to be confirmed by it. For persons, known at least with assurance ' +
      'SUBSTANTIAL; RATE_LIMITED after 60 times an hour for one number.',
  })
  async invitation(
    @Ctx() { database, deadline, now }: Context,
    @Arg('number', () => String, { description: 'The number of the application.' }) number: string,
    @Arg('code', () => String, { description: 'The invitation code, however it is grouped.' }) code: string,
  ): Promise<Shown | null> {
    const found = await beforeDeadline(deadline, () => findInvitation(database.db, { number, code }, now()))
    return found ? { ...found.application, confirmBy: found.invited.expiresAt } : null
  }

  @FieldResolver(() => ApplicationContent, {
    nullable: true,
    description: 'What it says, and who applies. The applicant reads in `accessLog` that it was looked at.',
  })
  async content(@Root() application: Shown, @Ctx() context: Context): Promise<ApplicationContent> {
    return await contentOf(application, context)
  }
}
