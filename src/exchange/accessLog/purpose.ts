import { Field, ObjectType } from 'type-graphql'
import { everyone, fields, Stored } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { purposes } from './purpose.table.js'

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
