import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { ascending, everyone, fields, many, queries, Stored } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { purposes } from './purpose.table.js'

@AllowedTo(anyone)
@Stored(purposes, everyone)
@ObjectType({ simpleResolvers: true, description: 'Purpose for which registries may be queried about a party.' })
export class Purpose {
  @Field(() => String, { description: 'Short code of this API. Not an official code.' })
  code!: string
  @Field(() => Confidence, { description: 'Confidence in the purpose.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}
fields(Purpose, {
  name: inTheirLanguage(purposes.name, 'Name of the purpose.'),
  names: inAllLanguages(purposes.name, 'Name of the purpose in all languages.'),
})

export const purposeQueries = queries({
  purposes: many(Purpose, undefined, {
    allowedTo: anyone,
    atMost: 100,
    order: ascending(purposes.code),
    description: 'Lists the purposes for which registries may be queried, by code.',
  }),
})
