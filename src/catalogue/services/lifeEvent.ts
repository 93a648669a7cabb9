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
  description: 'An occasion in the life of a person or a business that services belong to.',
})
export class LifeEvent extends Node {
  @Field(() => String, { description: 'Its code, such as FAMILY.' })
  code!: string
  @Field(() => Confidence, { description: 'How far its name may be relied upon.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

fields(LifeEvent, {
  name: inTheirLanguage(lifeEvents.name, 'Its name.'),
  names: inAllLanguages(lifeEvents.name, 'Its name in all languages.'),
})

export const lifeEventQueries = queries({
  lifeEvents: many(LifeEvent, undefined, {
    allowedTo: anyone,
    order: ascending(lifeEvents.position),
    atMost: 100,
    description: 'The occasions in life that services belong to.',
  }),
})
