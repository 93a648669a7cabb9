import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { ascending, everyone, fields, many, queries, Stored } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { purposes } from './purpose.table.js'

@AllowedTo(anyone)
@Stored(purposes, everyone)
@ObjectType({ simpleResolvers: true, description: 'What somebody may be asked about for.' })
export class Purpose {
  @Field(() => String, { description: 'A short code of this API; not an official one.' })
  code!: string
  @Field(() => Confidence, { description: 'How far it may be relied upon.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}
fields(Purpose, {
  name: inTheirLanguage(purposes.name, 'Its name.'),
  names: inAllLanguages(purposes.name, 'Its name in all languages.'),
})

export const purposeQueries = queries({
  purposes: many(Purpose, undefined, {
    allowedTo: anyone,
    atMost: 100,
    order: ascending(purposes.code),
    description: 'All that somebody may be asked about for, by their codes.',
  }),
})
