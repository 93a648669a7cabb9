import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import { everyone, fields, Stored } from '../engine/declare.js'
import { Confidence, source } from '../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../shared/language.js'
import { registries } from './registry.table.js'

@AllowedTo(anyone)
@Stored(registries, everyone)
@ObjectType({ simpleResolvers: true, description: 'A register or information system of an agency.' })
export class Registry {
  @Field(() => String, { description: 'Short code in this catalogue, such as `POPULATION`. Not an official code.' })
  code!: string
  @Field(() => Confidence, { description: 'Confidence in the name and the agency.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

fields(Registry, {
  name: inTheirLanguage(registries.name, 'Name of the registry.'),
  names: inAllLanguages(registries.name, 'Name in all languages.'),
  purpose: inTheirLanguage(registries.purpose, 'Purpose of the registry. Null if unknown.'),
})
