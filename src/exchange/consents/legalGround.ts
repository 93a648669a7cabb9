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
  description:
    'Legal ground for querying a registry about a party for a purpose. A query without a ground is never sent.',
})
export class LegalGround extends Node {
  @Field(() => String, { description: 'Short code of this API. Not an official code.' })
  code!: string
  @Field(() => [String], {
    nullable: true,
    description: 'Fields of the record that may be queried, by their names in this API. Null if all.',
  })
  fields!: string[] | null
  @Field(() => Boolean, { description: 'Whether the party’s consent is required: see `giveConsent`.' })
  consentRequired!: boolean
  @Field(() => LegalDate, { description: 'First day of validity.' })
  validFrom!: string
  @Field(() => LegalDate, { nullable: true, description: 'Last day of validity. Null if it has no end date.' })
  validTo!: string | null
  @Field(() => Confidence, { description: 'Confidence in the ground.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}
fields(LegalGround, {
  agency: one(Agency, legalGrounds.agencyId, {
    description:
      'Agency whose officers may query. Null if the ground is for the subject, those who act for the subject, and ' +
      'their programs; and if `registry` is null.',
  }),
  registry: one(Registry, legalGrounds.registryId, {
    description:
      'Registry that may be queried. Null if each agency that handles a service may query, for an application, the ' +
      'registries and fields that the form and the required documents of the service name.',
  }),
  purpose: one(Purpose, legalGrounds.purposeId, { description: 'Purpose of the query.' }),
  basis: inTheirLanguage(legalGrounds.basis, 'Legal norm.'),
  bases: inAllLanguages(legalGrounds.basis, 'Legal norm in all languages.'),
})

@InputType({ description: 'Filters for legal grounds. All conditions must match.' })
class LegalGroundFilter {
  @Field(() => String, { nullable: true, description: 'Code of the agency whose officers may query.' })
  agency?: string
  @Field(() => String, { nullable: true, description: 'Code of the registry.' })
  registry?: string
  @Field(() => String, { nullable: true, description: 'Code of the purpose.' })
  purpose?: string
  @Field(() => Boolean, { nullable: true, description: 'Whether the party’s consent is required.' })
  consentRequired?: boolean
  @Field(() => LegalDate, { nullable: true, description: 'Day on which the ground is valid.' })
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
    description: 'Lists the legal grounds for querying registries, by code, including expired and future ones.',
  }),
})
