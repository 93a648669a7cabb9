import { and, gte, inArray, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { asked, descending, fields, find, has, many, one, queries, type Row, Stored } from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { Confidence, source } from '../../shared/confidence.js'
import type { Context } from '../../shared/context.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { DateTime } from '../../shared/scalars.js'
import { publicStatuses } from '../publishing/status.rules.js'
import { Audience } from './audience.js'
import { Direction } from './direction.js'
import { LifeEvent } from './lifeEvent.js'
import { ServiceStatus, services } from './service.table.js'
import { ServiceVersion } from './serviceVersion.js'
import { serviceVersions } from './serviceVersion.table.js'

registerEnumType(ServiceStatus, {
  name: 'ServiceStatus',
  description: 'Where a service stands on its way into the catalogue and out of it.',
  valuesConfig: {
    DRAFT: { description: 'Being written; not public.' },
    UNDER_OPINION: { description: 'The opinion on it is awaited; not public.' },
    REGISTERED: { description: 'In the register of electronic services; not public.' },
    INTEGRATED: { description: 'Connected to the exchange of information; not public.' },
    ACTIVE: { description: 'Can be asked for.' },
    SUSPENDED: { description: 'Cannot be asked for at present.' },
    RETIRED: { description: 'Is no longer given; found by its code or id only.' },
  },
})

const published = ({ status }: Row<typeof services>) => inArray(status, [...publicStatuses])

@AllowedTo(anyone)
@Stored(services, published)
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'What can be asked of the state: the lasting part. Its rules are in its versions.',
})
export class Service extends Node {
  @Field(() => String, { description: 'Its code in this catalogue, such as DIN-ID-ISSUE.' })
  code!: string
  @Field(() => [Audience], { description: 'Whom it is for.' })
  audiences!: Audience[]
  @Field(() => Direction, { description: 'Between whom it runs.' })
  direction!: Direction
  @Field(() => ServiceStatus, { description: 'Whether it can be asked for.' })
  status!: ServiceStatus
  @Field(() => DateTime, {
    nullable: true,
    description: 'When a suspension ends by itself; null where there is none, or none with an end.',
  })
  suspendedUntil!: Date | null
  @Field(() => Confidence, { description: 'How far it may be relied upon that there is this service.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

const today = asked(({ today }: Context) => today)
/** On a day the last version that had begun and not ended. */
export const inForce = ({
  validFrom,
  validTo,
  withdrawnAt,
}: Pick<typeof serviceVersions, 'validFrom' | 'validTo' | 'withdrawnAt'>): SQL | undefined =>
  and(lte(validFrom, sql`${today}::date`), or(isNull(validTo), gte(validTo, sql`${today}::date`)), isNull(withdrawnAt))

fields(Service, {
  name: inTheirLanguage(services.name, 'Its name.'),
  names: inAllLanguages(services.name, 'Its name in all languages.'),
  description: inTheirLanguage(services.description, 'What it is; null where nobody has described it.'),
  descriptions: inAllLanguages(services.description, 'The description in all languages.'),
  statusNote: inTheirLanguage(services.statusNote, 'Why it is suspended or retired; null where nobody has said so.'),
  agency: one(Agency, services.agencyId, { description: 'The agency that gives it.' }),
  lifeEvent: one(LifeEvent, services.lifeEventId, { description: 'The occasion in life that it belongs to.' }),
  currentVersion: has(ServiceVersion, serviceVersions.serviceId, {
    where: inForce,
    order: descending(serviceVersions.number),
    description: 'The rules in force today; null where none are.',
  }),
  versions: many(ServiceVersion, serviceVersions.serviceId, {
    order: descending(serviceVersions.number),
    atMost: 20,
    cut: true,
    description: 'Its rules, past, coming and withdrawn ones too, the newest first; at most 20.',
  }),
})

export const serviceQueries = queries({
  service: find(Service, services.code, {
    allowedTo: anyone,
    argument: 'Its code, such as DIN-ID-ISSUE.',
    description: 'One service by its code; null when there is none that is public.',
  }),
})
