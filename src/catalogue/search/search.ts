import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { agencies } from '../../agencies/agency.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { connectionOf } from '../../engine/connection.js'
import { carried, fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { LifeEvent } from '../services/lifeEvent.js'
import { lifeEvents } from '../services/lifeEvent.table.js'
import { Service } from '../services/service.js'
import { Audience, Direction, services } from '../services/service.table.js'
import { HighlightPart } from './highlightPart.js'
import { SearchField, SearchLanguage } from './searchText.table.js'

registerEnumType(SearchField, {
  name: 'SearchField',
  description: 'Field in which a search text was found.',
  valuesConfig: {
    CODE: { description: 'Code of the service.' },
    NAME: { description: 'Name of the service.' },
    DESCRIPTION: { description: 'Description of the service.' },
    SEARCH_WORDS: { description: 'Everyday words for the service, listed with commas.' },
    AGENCY: { description: 'Name or code of the agency that provides the service.' },
    LIFE_EVENT: { description: 'Name of the life event that the service belongs to.' },
  },
})
registerEnumType(SearchLanguage, {
  name: 'Language',
  description: 'Language of a text.',
  valuesConfig: {
    AZ: { description: 'Azerbaijani.' },
    EN: { description: 'English.' },
    RU: { description: 'Russian.' },
  },
})

// A hit's row has the key of its service, so that the engine fetches the services of a page.
@AllowedTo(anyone)
@Stored(services, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A service found by a search, with the matching text.' })
export class ServiceHit {}
fields(ServiceHit, {
  service: one(Service, services.id, { nullable: false, description: 'Service that was found.' }),
  field: carried(() => SearchField, 'field', { description: 'Field with the best match.' }),
  language: carried(() => SearchLanguage, 'language', {
    nullable: true,
    description: 'Language of the matching text. Null for a code.',
  }),
  highlight: carried(() => [HighlightPart], 'highlight', {
    description: 'Matching text, with the matched words marked.',
  }),
})

const count = carried(() => Int, 'count', { description: 'Number of hits.' })
@AllowedTo(anyone)
@Stored(agencies, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Number of hits for one agency.' })
export class AgencyFacet {}
fields(AgencyFacet, { agency: one(Agency, agencies.id, { description: 'Agency that provides the services.' }), count })

@AllowedTo(anyone)
@Stored(lifeEvents, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Number of hits for one life event.' })
export class LifeEventFacet {}
fields(LifeEventFacet, {
  lifeEvent: one(LifeEvent, lifeEvents.id, { description: 'Life event of the services.' }),
  count,
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Number of hits for one audience.' })
export class AudienceFacet {
  @Field(() => Audience, { description: 'Audience of the services.' })
  audience!: Audience
  @Field(() => Int, { description: 'Number of hits. A service with several audiences counts in each.' })
  count!: number
}
@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Number of hits for one direction.' })
export class DirectionFacet {
  @Field(() => Direction, { description: 'Direction of the services.' })
  direction!: Direction
  @Field(() => Int, { description: 'Number of hits.' })
  count!: number
}
@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description:
    'Number of hits by agency, life event, audience and direction, most frequent first. Values without ' +
    'hits are omitted.',
})
export class SearchFacets {
  @Field(() => [AgencyFacet], { description: 'The 50 agencies with the most hits.' })
  agencies!: AgencyFacet[]
  @Field(() => [LifeEventFacet], { description: 'The 50 life events with the most hits.' })
  lifeEvents!: LifeEventFacet[]
  @Field(() => [AudienceFacet], { description: 'Hits by audience.' })
  audiences!: AudienceFacet[]
  @Field(() => [DirectionFacet], { description: 'Hits by direction.' })
  directions!: DirectionFacet[]
}

/** The engine's connection, extended by facets. */
export const ServiceHitConnection = connectionOf(ServiceHit)
AllowedTo(anyone)(ServiceHitConnection)
Field(() => SearchFacets, { description: 'All hits counted by kinds. Counted only when asked for.' })(
  ServiceHitConnection.prototype,
  'facets',
)
