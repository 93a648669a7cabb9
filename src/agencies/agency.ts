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
  description: 'Legal form of an agency.',
  valuesConfig: {
    MINISTRY: { description: 'Ministry (Nazirlik).' },
    STATE_COMMITTEE: { description: 'State committee (Dövlət komitəsi).' },
    STATE_SERVICE: { description: 'State service (Dövlət xidməti).' },
    STATE_AGENCY: { description: 'State agency (Dövlət agentliyi).' },
    STATE_FUND: { description: 'State fund (Dövlət fondu).' },
    STATE_COMPANY: { description: 'State-owned company.' },
    PUBLIC_LEGAL_ENTITY: { description: 'Public legal entity (Publik hüquqi şəxs).' },
    DEPARTMENT: { description: 'Department of a ministry that provides its own services.' },
    CENTRAL_BANK: { description: 'The Central Bank (Mərkəzi Bank).' },
    COMMISSION: { description: 'Commission (Komissiya).' },
    COURTS: { description: 'All courts, as one entry.' },
  },
})

@AllowedTo(anyone)
@Stored(agencies, everyone)
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'A state body, or a body that acts for the state, and the services it provides.',
})
export class Agency extends Node {
  @Field(() => String, { description: 'Short code in this catalogue, such as `DVX`. Not an official code.' })
  code!: string
  @Field(() => AgencyType, { description: 'Legal form of the agency.' })
  type!: AgencyType
  @Field(() => String, { nullable: true, description: 'Host name of the website. Null if unknown.' })
  website!: string | null
  @Field(() => Confidence, { description: 'Confidence in the name and the parent agency.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

fields(Agency, {
  name: inTheirLanguage(agencies.name, 'Name of the agency.'),
  names: inAllLanguages(agencies.name, 'Name in all languages.'),
  parent: one(Agency, agencies.parentId, {
    description: 'Agency that this one belongs to. Null for an independent agency.',
  }),
  children: many(Agency, agencies.parentId, {
    order: ascending(agencies.nameAz),
    description: 'Agencies that belong to this one.',
  }),
  registries: many(Registry, registries.agencyId, {
    order: ascending(registries.position),
    description: 'Registers and information systems that the agency maintains.',
  }),
})

export const agencyQueries = queries({
  agencies: connection(Agency, undefined, {
    allowedTo: anyone,
    ...inOrderOfNames(agencies, 'AgencyOrder', 'agencies'),
    description: 'Lists agencies. Ordered by Azerbaijani name by default.',
  }),
  agency: find(Agency, agencies.code, {
    allowedTo: anyone,
    argument: 'Code of the agency, such as `DVX`.',
    description: 'Finds an agency by its code. Null if no agency has it.',
  }),
})
