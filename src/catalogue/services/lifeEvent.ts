import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { ascending, everyone, fields, many, queries, Stored } from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { Confidence, source } from '../../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { lifeEvents } from './lifeEvent.table.js'

@AllowedTo(anyone)
@Stored(lifeEvents, everyone)
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'An event in the life of a person or business, used to group services.',
})
export class LifeEvent extends Node {
  @Field(() => String, { description: 'Code of the life event, such as `FAMILY`.' })
  code!: string
  @Field(() => Confidence, { description: 'Confidence in the name.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

fields(LifeEvent, {
  name: inTheirLanguage(lifeEvents.name, 'Name of the life event.'),
  names: inAllLanguages(lifeEvents.name, 'Name in all languages.'),
})

export const lifeEventQueries = queries({
  lifeEvents: many(LifeEvent, undefined, {
    allowedTo: anyone,
    order: ascending(lifeEvents.position),
    atMost: 100,
    description: 'Lists all life events.',
  }),
})
