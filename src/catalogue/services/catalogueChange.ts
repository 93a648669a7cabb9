import { and, inArray, isNotNull } from 'drizzle-orm'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { ascendingWithin, connection, fields, leaf, one, queries, type Row, Stored } from '../../engine/declare.js'
import { events } from '../../events/event.table.js'
import { DateTime } from '../../shared/scalars.js'
import { Service } from './service.js'

enum CatalogueChangeKind {
  AGENCY_REGISTERED = 'AGENCY_REGISTERED',
  AGENCY_CHANGED = 'AGENCY_CHANGED',
  SERVICE_PUBLISHED = 'SERVICE_PUBLISHED',
  SERVICE_CHANGED = 'SERVICE_CHANGED',
  SERVICE_RULES_BEGAN = 'SERVICE_RULES_BEGAN',
  SERVICE_SUSPENDED = 'SERVICE_SUSPENDED',
  SERVICE_RESUMED = 'SERVICE_RESUMED',
  SERVICE_RETIRED = 'SERVICE_RETIRED',
}
registerEnumType(CatalogueChangeKind, {
  name: 'CatalogueChangeKind',
  description: 'What happened to the catalogue.',
  valuesConfig: {
    AGENCY_REGISTERED: { description: 'An agency is new.' },
    AGENCY_CHANGED: { description: 'An agency, or what it keeps, is described otherwise.' },
    SERVICE_PUBLISHED: {
      description: 'A service is new, has new rules, some to come perhaps, or is described otherwise.',
    },
    SERVICE_CHANGED: {
      description: 'A service that is suspended or retired is described otherwise, or has other rules; it stays so.',
    },
    SERVICE_RULES_BEGAN: { description: 'Rules that were published before hold from now on.' },
    SERVICE_SUSPENDED: { description: 'A service cannot be asked for at present, or its suspension is another.' },
    SERVICE_RESUMED: { description: 'A suspension has ended by itself.' },
    SERVICE_RETIRED: { description: 'A service is given no more; it leaves every list.' },
  },
})
const typeOf = (kind: string) => kind.toLowerCase().replace('_', '.')
const kindOf = (type: string) => type.toUpperCase().replace('.', '_') as CatalogueChangeKind

// The partial index of the events knows this condition.
const told = ({ domain, type, position }: Row<typeof events>) =>
  and(
    inArray(domain, ['agencies', 'catalogue']),
    inArray(type, Object.keys(CatalogueChangeKind).map(typeOf)),
    isNotNull(position),
  )

@AllowedTo(anyone)
@Stored(events, told)
@ObjectType({
  simpleResolvers: true,
  description:
    'Something that happened to the catalogue. What it is about is shown as it stands now, not as it stood then.',
})
export class CatalogueChange {
  @Field(() => DateTime, { description: 'When it took effect.' })
  at!: Date
}

fields(CatalogueChange, {
  kind: leaf(
    () => CatalogueChangeKind,
    [events.type],
    ({ type }: { type: string }) => kindOf(type),
    { description: 'What happened.' },
  ),
  service: one(Service, events.subject, {
    description: 'The service that it happened to; null where it happened to an agency.',
  }),
  agency: one(Agency, events.agencyId, { description: 'The agency, or the one that gives the service.' }),
})

export const catalogueChangeQueries = queries({
  catalogueChanges: connection(CatalogueChange, undefined, {
    allowedTo: anyone,
    order: ascendingWithin(events.position),
    description:
      'What happened to the catalogue, from its beginning, the oldest first: nothing ever appears before what was read. ' +
      'Keep the cursor of the last, and ask for what comes `after` it to hold a copy in step; see docs/events.md.',
  }),
})
