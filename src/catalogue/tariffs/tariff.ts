import { Field, Int, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { ascending, fields, leaf, many, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { Audience } from '../services/audience.js'
import { Fee } from './fee.js'
import { fees } from './fee.table.js'
import { ProcessingTerm } from './processingTerm.js'
import { processingTerms } from './processingTerm.table.js'
import { mostParts } from './tariff.rules.js'
import { tariffs } from './tariff.table.js'

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'An answer that a tariff requires.' })
export class TariffAnswer {
  @Field(() => String, { description: 'Path of the answer in the form, such as `/speed`.' })
  at!: string
  @Field(() => [String], { description: 'Answers that fit. `true` or `false` for a question of yes or no.' })
  in!: string[]
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'When a tariff applies. All parts must be met.' })
export class TariffRequirement {
  @Field(() => [TariffAnswer], { description: 'Answers that it requires. Empty if it depends on none.' })
  answers!: TariffAnswer[]
  @Field(() => [Audience], {
    nullable: true,
    description:
      'Kinds of applicants that it is for. Null for all. Empty if it is for nobody who applies here, such as a price on paper.',
  })
  applicants!: Audience[] | null
  @Field(() => Int, {
    nullable: true,
    description:
      'Least age of the person concerned, in completed years on the day of submission. Null if there is none.',
  })
  minimumAge!: number | null
  @Field(() => Int, {
    nullable: true,
    description: 'Age that the person must not have reached. Null if there is none.',
  })
  belowAge!: number | null
}

@AllowedTo(anyone)
@Stored(tariffs, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description:
    'What a service costs and how long it takes for some of its applications. Exactly one tariff of a version fits each application.',
})
export class Tariff {
  @Field(() => String, { description: 'Code of the tariff, unique in its version.' })
  code!: string
}

type TariffRow = Pick<typeof tariffs.$inferSelect, 'condition'>
const ofTariff = (of: { position: Parameters<typeof ascending>[0] }) => ({
  order: ascending(of.position),
  atMost: mostParts,
})
fields(Tariff, {
  name: inTheirLanguage(tariffs.name, 'Name of the tariff, such as "Under 15, in 3 working days".'),
  names: inAllLanguages(tariffs.name, 'Name in all languages.'),
  requires: leaf(
    () => TariffRequirement,
    [tariffs.condition],
    ({ condition: { answers, applicants, age } }: TariffRow): TariffRequirement => ({
      answers,
      applicants,
      minimumAge: age?.from ?? null,
      belowAge: age?.below ?? null,
    }),
    { description: 'When the tariff applies.' },
  ),
  fees: many(Fee, fees.tariffId, {
    ...ofTariff(fees),
    description: 'What is paid, line by line. A free tariff has one line of 0. Empty if nothing is known about fees.',
  }),
  terms: many(ProcessingTerm, processingTerms.tariffId, {
    ...ofTariff(processingTerms),
    description: 'Its terms. That of the decision comes first.',
  }),
})
