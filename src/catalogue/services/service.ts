import { and, eq, gte, inArray, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import {
  askedForAll,
  descending,
  fields,
  find,
  has,
  inSql,
  many,
  one,
  queries,
  type Row,
  Stored,
} from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { Confidence, source } from '../../shared/confidence.js'
import type { Context } from '../../shared/context.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { DateTime } from '../../shared/scalars.js'
import { forms } from '../forms/form.table.js'
import { publicStatuses } from '../publishing/status.rules.js'
import { Audience } from './audience.js'
import { Direction } from './direction.js'
import { LifeEvent } from './lifeEvent.js'
import { ServiceStatus, services } from './service.table.js'
import { ServiceVersion } from './serviceVersion.js'
import { HandledAs, serviceVersions } from './serviceVersion.table.js'

registerEnumType(ServiceStatus, {
  name: 'ServiceStatus',
  description: 'Status of a service in the catalogue.',
  valuesConfig: {
    DRAFT: { description: 'Draft. Not public.' },
    UNDER_OPINION: { description: 'Waiting for the required opinion. Not public.' },
    REGISTERED: { description: 'Entered in the register of electronic services. Not public.' },
    INTEGRATED: { description: 'Connected to the information exchange. Not public.' },
    ACTIVE: { description: 'Accepts applications.' },
    SUSPENDED: { description: 'Temporarily accepts no applications.' },
    RETIRED: { description: 'No longer provided. Found only by code or ID.' },
  },
})

const published = ({ status }: Row<typeof services>) => inArray(status, [...publicStatuses])

@AllowedTo(anyone)
@Stored(services, published)
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'A service of the state. Its rules (fees, terms, form) are in its versions.',
})
export class Service extends Node {
  @Field(() => String, { description: 'Code in this catalogue, such as `DIN-ID-ISSUE`.' })
  code!: string
  @Field(() => [Audience], { description: 'Groups that the service is for.' })
  audiences!: Audience[]
  @Field(() => Direction, { description: 'Who provides the service, and who receives it.' })
  direction!: Direction
  @Field(() => ServiceStatus, { description: 'Status of the service in the catalogue.' })
  status!: ServiceStatus
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the suspension ends automatically. Null if there is no suspension, or it has no end.',
  })
  suspendedUntil!: Date | null
  @Field(() => Confidence, { nullable: true, description: 'Confidence in the description. Null if there is none.' })
  descriptionConfidence!: Confidence | null
  @Field(() => Confidence, { description: 'Confidence that the service exists.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

const today = askedForAll(({ today }: Context) => today)
/** In force today. Several versions may be: then the highest number counts. */
export const inForce = ({
  validFrom,
  validTo,
  withdrawnAt,
}: Pick<typeof serviceVersions, 'validFrom' | 'validTo' | 'withdrawnAt'>): SQL | undefined =>
  and(lte(validFrom, sql`${today}::date`), or(isNull(validTo), gte(validTo, sql`${today}::date`)), isNull(withdrawnAt))

type ServiceRow = Row<typeof services>
/** A condition on the version in force. */
export const ofVersion = ({ id }: ServiceRow, condition: SQL) => sql`exists (
  select 1 from (
    select * from ${serviceVersions}
    where ${serviceVersions.serviceId} = ${id} and ${inForce(serviceVersions)}
    order by ${serviceVersions.number} desc limit 1
  ) version where ${condition})`
const isStartable = sql.raw(`version.handled_as = '${HandledAs.APPLICATION}'`)
const hasForm = sql`exists (select from ${forms} where ${forms.versionId} = version.id)`
/** Whether `startApplication` accepts the service today. */
export const canApply = (row: ServiceRow) =>
  sql`(${eq(row.status, sql.raw(`'${ServiceStatus.ACTIVE}'`))} and ${ofVersion(row, sql`${isStartable} and ${hasForm}`)})`

fields(Service, {
  name: inTheirLanguage(services.name, 'Name of the service.'),
  names: inAllLanguages(services.name, 'Name in all languages.'),
  description: inTheirLanguage(services.description, 'Description of the service. Null if there is none.'),
  descriptions: inAllLanguages(services.description, 'Description in all languages.'),
  statusNote: inTheirLanguage(services.statusNote, 'Reason for the suspension or retirement. Null if there is none.'),
  agency: one(Agency, services.agencyId, { description: 'Agency that provides the service.' }),
  lifeEvent: one(LifeEvent, services.lifeEventId, { description: 'Life event that the service belongs to.' }),
  currentVersion: has(ServiceVersion, serviceVersions.serviceId, {
    where: inForce,
    order: descending(serviceVersions.number),
    description: 'Version in force today. Null if there is none.',
  }),
  canApply: inSql(() => Boolean, 'canApply', canApply, {
    description:
      'True if `startApplication` accepts the service now: it is ACTIVE, and its version in force has a form and is ' +
      'handled as an application.',
  }),
  versions: many(ServiceVersion, serviceVersions.serviceId, {
    order: descending(serviceVersions.number),
    atMost: 20,
    cut: true,
    description: 'Up to 20 versions, newest first, including past, future and withdrawn ones.',
  }),
})

export const serviceQueries = queries({
  service: find(Service, services.code, {
    allowedTo: anyone,
    argument: 'Code of the service, such as `DIN-ID-ISSUE`.',
    description: 'Finds a public service by its code, even a retired one. Null if there is none.',
  }),
})
