import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import { ascending, connection, everyone, fields, find, many, one, queries, Stored } from '../engine/declare.js'
import { Node } from '../engine/node.js'
import { Confidence, source } from '../shared/confidence.js'
import { inAllLanguages, inTheirLanguage } from '../shared/language.js'
import { inOrderOfNames } from '../shared/named.js'
import { AgencyType, agencies } from './agency.table.js'
import { Registry } from './registry.js'
import { registries } from './registry.table.js'

registerEnumType(AgencyType, {
  name: 'AgencyType',
  description: 'What kind of body an agency is.',
  valuesConfig: {
    MINISTRY: { description: 'Nazirlik.' },
    STATE_COMMITTEE: { description: 'Dövlət komitəsi.' },
    STATE_SERVICE: { description: 'Dövlət xidməti.' },
    STATE_AGENCY: { description: 'Dövlət agentliyi.' },
    STATE_FUND: { description: 'Dövlət fondu.' },
    STATE_COMPANY: { description: 'A company that the state owns.' },
    PUBLIC_LEGAL_ENTITY: { description: 'Publik hüquqi şəxs.' },
    DEPARTMENT: { description: 'A department of a ministry with services of its own.' },
    CENTRAL_BANK: { description: 'Mərkəzi Bank.' },
    COMMISSION: { description: 'Komissiya.' },
    COURTS: { description: 'The courts, taken together.' },
  },
})

@AllowedTo(anyone)
@Stored(agencies, everyone)
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'A body of the state, or one that acts for it, with the services it gives.',
})
export class Agency extends Node {
  @Field(() => String, { description: 'A short code of this catalogue, such as DVX; not an official one.' })
  code!: string
  @Field(() => AgencyType, { description: 'What kind of body it is.' })
  type!: AgencyType
  @Field(() => String, { nullable: true, description: 'The host name of its site; null where it is not known.' })
  website!: string | null
  @Field(() => Confidence, { description: 'How far its name and place among the others may be relied upon.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

fields(Agency, {
  name: inTheirLanguage(agencies.name, 'Its name.'),
  names: inAllLanguages(agencies.name, 'Its name in all languages.'),
  parent: one(Agency, agencies.parentId, {
    description: 'The body it belongs to; null for one that stands by itself.',
  }),
  children: many(Agency, agencies.parentId, {
    order: ascending(agencies.nameAz),
    description: 'The bodies that belong to it.',
  }),
  registries: many(Registry, registries.agencyId, {
    order: ascending(registries.position),
    description: 'The registers and information systems that it keeps.',
  }),
})

export const agencyQueries = queries({
  agencies: connection(Agency, undefined, {
    allowedTo: anyone,
    ...inOrderOfNames(agencies, 'AgencyOrder', 'agencies'),
    description: 'The agencies, in pages; by their name in Azerbaijani where no order is asked for.',
  }),
  agency: find(Agency, agencies.code, {
    allowedTo: anyone,
    argument: 'Its code, such as DVX.',
    description: 'One agency by its code; null when there is none.',
  }),
})
