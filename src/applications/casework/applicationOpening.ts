import { eq, inArray, or, sql } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { connection, descending, fields, one, queries, type Row, Stored } from '../../engine/declare.js'
import { loadFor } from '../../engine/fetch.js'
import { beforeDeadline } from '../../engine/statement.js'
import { ownParty } from '../../identity/mandates/powers.js'
import { ofAgency } from '../../identity/officers/agencyArgument.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { handledByCaller, officer } from '../../identity/officers/offices.js'
import { keysOf } from '../../identity/parties/party.js'
import { knownOf } from '../../identity/parties/party.repository.js'
import { decrypt } from '../../platform/personal.js'
import { type Context, seesPersonal } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { Application } from '../application.js'
import { applicationOpenings } from './applicationOpening.table.js'

@AllowedTo(anyone)
@Stored(applicationOpenings, {
  OFFICER: ({ officerId, agencyId }: Row<typeof applicationOpenings>) =>
    or(eq(officerId, sql`${ownParty}::uuid`), handledByCaller(agencyId, OfficerRole.ADMIN)),
})
@ObjectType({
  simpleResolvers: true,
  description:
    'Access of an officer to an application that is not assigned to them. Visible to that officer and to the ' +
    'ADMIN of the agency.',
})
export class ApplicationOpening {
  @Field(() => DateTime, { description: 'When the officer opened the application.' })
  at!: Date
  @Field(() => DateTime, { description: 'When the access ends.' })
  until!: Date
}
fields(ApplicationOpening, {
  application: one(Application, applicationOpenings.applicationId, { description: 'Opened application.' }),
})

type Shown = typeof applicationOpenings.$inferSelect

@Resolver(() => ApplicationOpening)
export class ApplicationOpeningResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Reason that the officer gave. Null if the applicant was forgotten.',
  })
  async reason(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return await loadFor(context, reasonsOf, id)
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Name of the officer. Null if it is not known.',
  })
  async officerName(@Root() { officerId }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, knownOf, officerId)).name
  }
}

async function reasonsOf(ids: readonly string[], context: Context): Promise<(string | null)[]> {
  const { database, keyring, deadline } = context
  const rows = await beforeDeadline(deadline, () =>
    database.db
      .select()
      .from(applicationOpenings)
      .where(inArray(applicationOpenings.id, [...ids])),
  )
  const keys = await keysOf(database, keyring, [...new Set(rows.map(({ partyId }) => partyId))])
  const reasons = new Map(
    rows.map((row) => {
      const key = keys.get(row.partyId)
      return [row.id, key ? decrypt(key, applicationOpenings, row).reason : null]
    }),
  )
  return ids.map((id) => reasons.get(id) ?? null)
}

export const applicationOpeningQueries = queries({
  agencyOpenings: connection(ApplicationOpening, undefined, {
    allowedTo: officer(OfficerRole.ADMIN),
    owner: ofAgency(applicationOpenings.agencyId, OfficerRole.ADMIN),
    order: descending(applicationOpenings.at),
    description:
      'Applications of an agency that officers opened without being assigned, newest first. Requires the role ADMIN ' +
      'at the agency.',
  }),
})
