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
  SERVICE_VERSION_STARTED = 'SERVICE_VERSION_STARTED',
  SERVICE_SUSPENDED = 'SERVICE_SUSPENDED',
  SERVICE_RESUMED = 'SERVICE_RESUMED',
  SERVICE_RETIRED = 'SERVICE_RETIRED',
}
registerEnumType(CatalogueChangeKind, {
  name: 'CatalogueChangeKind',
  description: 'Kind of a change to the catalogue.',
  valuesConfig: {
    AGENCY_REGISTERED: { description: 'An agency was added.' },
    AGENCY_CHANGED: { description: 'The description of an agency or of one of its registries changed.' },
    SERVICE_PUBLISHED: {
      description: 'A service was added, got a new version (possibly a future one), or its description changed.',
    },
    SERVICE_CHANGED: {
      description: 'The description or version of a suspended or retired service changed. Its status did not.',
    },
    SERVICE_VERSION_STARTED: { description: 'A version published earlier came into force.' },
    SERVICE_SUSPENDED: { description: 'A service was suspended, or its suspension changed.' },
    SERVICE_RESUMED: { description: 'A suspension ended automatically.' },
    SERVICE_RETIRED: { description: 'A service was retired and left all lists.' },
  },
})
const typeOf = (kind: string) => kind.toLowerCase().replace('_', '.')
const kindOf = (type: string) => type.toUpperCase().replace('.', '_') as CatalogueChangeKind

// Must imply the condition of a partial index of the events.
const isCatalogueEvent = ({ domain, type, position }: Row<typeof events>) =>
  and(
    inArray(domain, ['agencies', 'catalogue']),
    inArray(type, Object.keys(CatalogueChangeKind).map(typeOf)),
    isNotNull(position),
  )

@AllowedTo(anyone)
@Stored(events, isCatalogueEvent)
@ObjectType({
  simpleResolvers: true,
  description:
    'A change to the catalogue. `service` and `agency` return the current state, not the state at the ' + 'time.',
})
export class CatalogueChange {
  @Field(() => DateTime, { description: 'When the change took effect.' })
  at!: Date
}

fields(CatalogueChange, {
  kind: leaf(
    () => CatalogueChangeKind,
    [events.type],
    ({ type }: { type: string }) => kindOf(type),
    { description: 'Kind of the change.' },
  ),
  service: one(Service, events.subject, {
    description: 'Changed service. Null if an agency changed.',
  }),
  agency: one(Agency, events.agencyId, { description: 'Changed agency, or the agency that provides the service.' }),
})

export const catalogueChangeQueries = queries({
  catalogueChanges: connection(CatalogueChange, undefined, {
    allowedTo: anyone,
    order: ascendingWithin(events.position),
    description:
      'Lists all changes to the catalogue, oldest first. A new change never appears before one that you ' +
      'have read. To keep a copy up to date, store the last cursor and pass it as `after`; see ' +
      'docs/events.md.',
  }),
})
