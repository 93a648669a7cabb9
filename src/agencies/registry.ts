import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import { everyone, fields, Stored } from '../engine/declare.js'
import { Confidence, source } from '../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../shared/language.js'
import { registries } from './registry.table.js'

@AllowedTo(anyone)
@Stored(registries, everyone)
@ObjectType({ simpleResolvers: true, description: 'A register or an information system of an agency.' })
export class Registry {
  @Field(() => String, { description: 'A short code of this catalogue; not an official one.' })
  code!: string
  @Field(() => Confidence, { description: 'How far its name and keeper may be relied upon.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

fields(Registry, {
  name: inTheirLanguage(registries.name, 'Its name.'),
  names: inAllLanguages(registries.name, 'Its name in all languages.'),
  purpose: inTheirLanguage(registries.purpose, 'What it is for; null where that is not known.'),
})
