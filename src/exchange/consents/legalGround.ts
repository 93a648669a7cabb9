import { sql } from 'drizzle-orm'
import { Field, InputType, ObjectType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { agencies } from '../../agencies/agency.table.js'
import { Registry } from '../../agencies/registry.js'
import { registries } from '../../agencies/registry.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import {
  type Asked,
  ascending,
  connection,
  everyone,
  fields,
  one,
  queries,
  type Row,
  Stored,
} from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { Confidence, source } from '../../shared/confidence.js'
import { isOfCode } from '../../shared/isOfCode.js'
import { inAllLanguages, inTheirLanguage } from '../../shared/language.js'
import { LegalDate } from '../../shared/scalars.js'
import { Purpose } from '../accessLog/purpose.js'
import { purposes } from '../accessLog/purpose.table.js'
import { legalGrounds } from './legalGround.table.js'

type GroundRow = Row<typeof legalGrounds>

@AllowedTo(anyone)
@Stored(legalGrounds, everyone)
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'By what law who may ask a registry about somebody, and for what. What no ground allows is not asked.',
})
export class LegalGround extends Node {
  @Field(() => String, { description: 'A short code of this API; not an official one.' })
  code!: string
  @Field(() => [String], {
    nullable: true,
    description: 'The fields of a record that may be asked for, by their names in this API; null: all.',
  })
  fields!: string[] | null
  @Field(() => Boolean, { description: 'Whether the subject must have consented beforehand: see `giveConsent`.' })
  consentRequired!: boolean
  @Field(() => LegalDate, { description: 'The first day on which it holds.' })
  validFrom!: string
  @Field(() => LegalDate, { nullable: true, description: 'The last day; null: until it is changed.' })
  validTo!: string | null
  @Field(() => Confidence, { description: 'How far it may be relied upon that the law says so.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}
fields(LegalGround, {
  agency: one(Agency, legalGrounds.agencyId, {
    description: 'Whose officers may ask; null: the subject, whoever acts for them, and their programs.',
  }),
  registry: one(Registry, legalGrounds.registryId, { description: 'What may be asked.' }),
  purpose: one(Purpose, legalGrounds.purposeId, { description: 'For what.' }),
  basis: inTheirLanguage(legalGrounds.basis, 'The norm, in words.'),
  bases: inAllLanguages(legalGrounds.basis, 'The norm in all languages.'),
})

@InputType({ description: 'Which grounds. All that is given must fit.' })
class LegalGroundFilter {
  @Field(() => String, { nullable: true, description: 'The code of an agency: what its officers may ask.' })
  agency?: string
  @Field(() => String, { nullable: true, description: 'The code of a registry.' })
  registry?: string
  @Field(() => String, { nullable: true, description: 'The code of a purpose.' })
  purpose?: string
  @Field(() => Boolean, { nullable: true, description: 'Whether the subject must have consented.' })
  consentRequired?: boolean
  @Field(() => LegalDate, { nullable: true, description: 'A day on which it holds.' })
  on?: string
}

export const legalGroundQueries = queries({
  legalGrounds: connection(LegalGround, undefined, {
    allowedTo: anyone,
    order: ascending(legalGrounds.code),
    filter: LegalGroundFilter,
    conditions: {
      agency: ({ agencyId }: GroundRow, code: Asked) => isOfCode(agencyId, agencies, 'agency', code),
      registry: ({ registryId }: GroundRow, code: Asked) => isOfCode(registryId, registries, 'registry', code),
      purpose: ({ purposeId }: GroundRow, code: Asked) => isOfCode(purposeId, purposes, 'purpose', code),
      on: ({ validFrom, validTo }: GroundRow, day: Asked) =>
        sql`${day}::date between ${validFrom} and coalesce(${validTo}, 'infinity')`,
    },
    description:
      'By what law who may ask which registry about somebody: those that have ended or are to come too, by their codes.',
  }),
})
