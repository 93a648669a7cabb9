import { sql } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { NIL } from 'uuid'
import { registries } from '../../agencies/registry.table.js'
import { Asked, connection, descending, type Owner, queries, type Row } from '../../engine/declare.js'
import { badInput } from '../../engine/errors.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { admin } from '../../identity/officers/offices.js'
import { partyNamed } from '../../identity/parties/partyArgument.js'
import type { Context } from '../../shared/context.js'
import { isOfCode } from '../../shared/isOfCode.js'
import { DateTime } from '../../shared/scalars.js'
import { AccessKind, AccessOutcome, accesses } from './access.table.js'
import { AccessLogEntry } from './accessLogEntry.js'
import { purposes } from './purpose.table.js'

@InputType({ description: 'Filters for access-log entries. All conditions must match.' })
export class AgencyAccessLogFilter {
  @Field(() => ID, { nullable: true, description: 'ID of the party whose data was accessed.' })
  partyId?: string
  @Field(() => String, { nullable: true, description: 'Actor who accessed the data, by `by { actorId }`.' })
  actorId?: string
  @Field(() => String, { nullable: true, description: 'Code of the registry.' })
  registry?: string
  @Field(() => String, { nullable: true, description: 'Code of the purpose.' })
  purpose?: string
  @Field(() => AccessKind, { nullable: true, description: 'Way in which the data was accessed.' })
  kind?: AccessKind
  @Field(() => AccessOutcome, { nullable: true, description: 'Result of the access.' })
  outcome?: AccessOutcome
  @Field(() => DateTime, { nullable: true, description: 'Earliest time, inclusive.' })
  from?: Date
  @Field(() => DateTime, { nullable: true, description: 'Latest time, exclusive.' })
  to?: Date
}

export type AccessRow = Row<typeof accesses>
const moment = (value: Asked) => new Asked((run) => (value.read(run) as Date).toISOString()) // as the scalar gives it
export const conditions = {
  partyId: ({ partyId }: AccessRow, id: Asked) =>
    sql`${partyId} = ${new Asked((run) => partyNamed(value(id, run)))}::uuid`,
  actorId: ({ actor }: AccessRow, id: Asked) => sql`${actor} = ${id}`,
  registry: ({ registryId }: AccessRow, code: Asked) => isOfCode(registryId, registries, 'registry', code),
  purpose: ({ purposeId }: AccessRow, code: Asked) => isOfCode(purposeId, purposes, 'purpose', code),
  from: ({ at }: AccessRow, given: Asked) => sql`${at} >= ${moment(given)}::text::timestamptz`,
  to: ({ at }: AccessRow, given: Asked) => sql`${at} < ${moment(given)}::text::timestamptz`,
}
const value = (given: Asked, run: Parameters<Asked['read']>[0]) => given.read(run) as string // an ID is a text

/** The agency of which the caller is ADMIN. */
const ofAgency: Owner = {
  argument: 'agency',
  type: () => String,
  column: accesses.agencyId,
  description:
    'Code of an agency of which the caller is ADMIN. Required if the caller is ADMIN of several; returns ' +
    'BAD_USER_INPUT if it is missing.',
  keyOf: (code, { caller }: Context) => {
    const theirs = caller.offices.filter(({ roles }) => roles.includes(OfficerRole.ADMIN))
    if (code == null && theirs.length > 1)
      throw badInput('You are ADMIN of several agencies: provide the code of one as `agency`.')
    return theirs.find(({ agency }) => code == null || agency === code)?.agencyId ?? NIL
  },
}

export const agencyAccessLogQueries = queries({
  agencyAccessLog: connection(AccessLogEntry, undefined, {
    allowedTo: admin,
    owner: ofAgency,
    order: descending(accesses.at),
    filter: AgencyAccessLogFilter,
    conditions,
    description:
      'Lists accesses by an agency’s officers, newest first. Requires the role ADMIN. Omits secret entries until their ' +
      '`releaseAt`.',
  }),
})
