import { eq, inArray, or, sql } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql'
import { everyone, fields, one, type Row, Stored } from '../engine/declare.js'
import { loadFor } from '../engine/fetch.js'
import { beforeDeadline } from '../engine/statement.js'
import { OfficerRole } from '../identity/appointment.table.js'
import { agenciesOf, handledByCaller } from '../identity/offices.js'
import { keysOf } from '../identity/party.js'
import { knownOf } from '../identity/party.repository.js'
import { ownParty } from '../identity/powers.js'
import type { Context } from '../shared/context.js'
import { open } from '../shared/personal.js'
import { DateTime } from '../shared/scalars.js'
import { Application } from './application.js'
import { applicationOpenings } from './application.table.js'

@Stored(applicationOpenings, {
  OFFICER: ({ officerId, agencyId }: Row<typeof applicationOpenings>) =>
    or(eq(officerId, sql`${ownParty}::uuid`), handledByCaller(agencyId, OfficerRole.ADMIN)),
  AUDITOR: everyone,
})
@ObjectType({
  simpleResolvers: true,
  description:
    'That an officer to whom it is not assigned opened an application. Seen by that officer, the ADMIN of the agency, and ' +
    'auditors.',
})
export class ApplicationOpening {
  @Field(() => DateTime, { description: 'When.' })
  at!: Date
  @Field(() => DateTime, { description: 'Until when it is open to them.' })
  until!: Date
}
fields(ApplicationOpening, {
  application: one(Application, applicationOpenings.applicationId, { description: 'Which one.' }),
})

type Shown = typeof applicationOpenings.$inferSelect

/** What is written is for who wrote it and the ADMIN. */
const isTold = ({ officerId, agencyId }: Shown, { caller }: Context) =>
  officerId === caller.party || agenciesOf(caller, OfficerRole.ADMIN).includes(agencyId)

@Resolver(() => ApplicationOpening)
export class ApplicationOpeningResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why, as they wrote it; null to auditors, and where the applicant was forgotten.',
  })
  async reason(@Root() opening: Shown, @Ctx() context: Context): Promise<string | null> {
    return isTold(opening, context) ? await loadFor(context, reasonsOf, opening.id) : null
  }

  @FieldResolver(() => String, { nullable: true, description: 'The name of the officer; null to auditors.' })
  async officerName(@Root() opening: Shown, @Ctx() context: Context): Promise<string | null> {
    return isTold(opening, context) ? (await loadFor(context, knownOf, opening.officerId)).name : null
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
      return [row.id, key ? open(key, applicationOpenings, row).reason : null]
    }),
  )
  return ids.map((id) => reasons.get(id) ?? null)
}
