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
  description: 'Where a service was found.',
  valuesConfig: {
    CODE: { description: 'In its code.' },
    NAME: { description: 'In its name.' },
    DESCRIPTION: { description: 'In its description.' },
    AGENCY: { description: 'In the name or the code of the agency that gives it.' },
    LIFE_EVENT: { description: 'In the name of the life event that it belongs to.' },
  },
})
registerEnumType(SearchLanguage, {
  name: 'Language',
  description: 'A language that texts for people are in.',
  valuesConfig: {
    AZ: { description: 'Azerbaijani.' },
    EN: { description: 'English.' },
    RU: { description: 'Russian.' },
  },
})

// The row of a hit is the key of its service and what the search made; so the engine fetches the services of a page.
@AllowedTo(anyone)
@Stored(services, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A service that a search found, and why.' })
export class ServiceHit {}
fields(ServiceHit, {
  service: one(Service, services.id, { nullable: false, description: 'The service.' }),
  field: carried(() => SearchField, 'field', { description: 'Where it was found: where it fits best.' }),
  language: carried(() => SearchLanguage, 'language', {
    nullable: true,
    description: 'The language of the text it was found in; null for a code.',
  }),
  highlight: carried(() => [HighlightPart], 'highlight', {
    description: 'The text it was found in, with the words that were found.',
  }),
})

const count = carried(() => Int, 'count', { description: 'How many of the hits.' })
@AllowedTo(anyone)
@Stored(agencies, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'How many hits are services of one agency.' })
export class AgencyFacet {}
fields(AgencyFacet, { agency: one(Agency, agencies.id, { description: 'The agency.' }), count })

@AllowedTo(anyone)
@Stored(lifeEvents, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'How many hits belong to one life event.' })
export class LifeEventFacet {}
fields(LifeEventFacet, { lifeEvent: one(LifeEvent, lifeEvents.id, { description: 'The life event.' }), count })

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'How many hits are for one audience.' })
export class AudienceFacet {
  @Field(() => Audience, { description: 'The audience.' })
  audience!: Audience
  @Field(() => Int, { description: 'How many of the hits; one that is for several counts in each.' })
  count!: number
}
@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'How many hits run in one direction.' })
export class DirectionFacet {
  @Field(() => Direction, { description: 'The direction.' })
  direction!: Direction
  @Field(() => Int, { description: 'How many of the hits.' })
  count!: number
}
@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'All hits counted by what they have in common, the most frequent first; what no hit has is left out.',
})
export class SearchFacets {
  @Field(() => [AgencyFacet], { description: 'By the agency that gives the service; the 50 with the most.' })
  agencies!: AgencyFacet[]
  @Field(() => [LifeEventFacet], { description: 'By life event; the 50 with the most.' })
  lifeEvents!: LifeEventFacet[]
  @Field(() => [AudienceFacet], { description: 'By audience.' })
  audiences!: AudienceFacet[]
  @Field(() => [DirectionFacet], { description: 'By direction.' })
  directions!: DirectionFacet[]
}

/** The engine's connection, and the counts beside it. */
export const ServiceHitConnection = connectionOf(ServiceHit)
AllowedTo(anyone)(ServiceHitConnection)
Field(() => SearchFacets, { description: 'All hits counted by kinds. Counted only when asked for.' })(
  ServiceHitConnection.prototype,
  'facets',
)
