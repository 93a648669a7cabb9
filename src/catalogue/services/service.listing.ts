import { ne, type SQL, sql } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { agencies } from '../../agencies/agency.table.js'
import type { Asked, Row } from '../../engine/declare.js'
import { idByCode, isOfCode } from '../../shared/isOfCode.js'
import { inOrderOfNames } from '../../shared/named.js'
import { fees } from '../tariffs/fee.table.js'
import { tariffs } from '../tariffs/tariff.table.js'
import { lifeEvents } from './lifeEvent.table.js'
import { canApply, ofVersion } from './service.js'
import { Audience, Direction, ServiceStatus, services } from './service.table.js'
import { Automation } from './serviceVersion.table.js'

@InputType({ description: 'Filters for services. All conditions must match.' })
export class ServiceFilter {
  @Field(() => String, {
    nullable: true,
    description: 'Code of an agency. Includes the services of the agencies below it.',
  })
  agency?: string
  @Field(() => String, { nullable: true, description: 'Code of a life event.' })
  lifeEvent?: string
  @Field(() => Audience, { nullable: true, description: 'A group that the service is for.' })
  audience?: Audience
  @Field(() => Direction, { nullable: true, description: 'Who provides the service, and who receives it.' })
  direction?: Direction
  @Field(() => Boolean, {
    nullable: true,
    description:
      'True: all fees are known and 0. False: at least one known fee is above 0. Other services match neither.',
  })
  free?: boolean
  @Field(() => Automation, { nullable: true, description: 'Degree of automation of the version in force.' })
  automation?: Automation
  @Field(() => Boolean, {
    nullable: true,
    description: 'True: services that `startApplication` accepts now. False: all others. See `Service.canApply`.',
  })
  canApply?: boolean
}

type ServiceRow = Row<typeof services>
const withChildren = (code: Asked) => sql`(
  with recursive below as (
    select ${idByCode(agencies, 'agency', code)} as id
    union
    select child.id from ${agencies} child join below on child.parent_id = below.id
  ) select id from below)`

/** Without the tariffs for nobody who applies here. */
const feesOfVersion = (condition: SQL) => sql`(
  select ${condition} from ${fees} join ${tariffs} on ${tariffs.id} = ${fees.tariffId}
  where ${tariffs.versionId} = version.id and ${tariffs.condition} -> 'applicants' <> '[]')`

/** Common to all lists of services. */
export const listing = {
  ...inOrderOfNames(services, 'ServiceOrder', 'services'),
  where: ({ status }: ServiceRow) => ne(status, ServiceStatus.RETIRED),
  filter: ServiceFilter,
  conditions: {
    agency: ({ agencyId }: ServiceRow, code: Asked) =>
      sql`(${agencyId} in ${withChildren(code)} and ${idByCode(agencies, 'agency', code)} is not null)`,
    lifeEvent: ({ lifeEventId }: ServiceRow, code: Asked) => isOfCode(lifeEventId, lifeEvents, 'life event', code),
    audience: ({ audiences }: ServiceRow, audience: Asked) => sql`${audience} = any(${audiences})`,
    free: (row: ServiceRow, free: Asked) =>
      ofVersion(
        row,
        sql`case when ${free} then ${feesOfVersion(sql`coalesce(bool_and(${fees.amount} is not distinct from 0), false)`)}
          else ${feesOfVersion(sql`coalesce(bool_or(${fees.amount} > 0), false)`)} end`,
      ),
    canApply: (row: ServiceRow, wanted: Asked) => sql`${canApply(row)} = ${wanted}`,
    automation: (row: ServiceRow, automation: Asked) => ofVersion(row, sql`version.automation = ${automation}`),
  },
}
