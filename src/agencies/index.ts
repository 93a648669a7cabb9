import { registerEnumType } from 'type-graphql'
import { ascending, connection, fields, find, Root } from '../engine/declare.js'
import type { Domain } from '../engine/engine.js'
import { anyone, operator } from '../shared/context.js'
import { Agency } from './agency.js'
import { agencies } from './agency.table.js'
import { registerAgency } from './registerAgency.js'

enum AgencyOrder {
  NAME_AZ = 'NAME_AZ',
  NAME_EN = 'NAME_EN',
  NAME_RU = 'NAME_RU',
  CODE = 'CODE',
}
registerEnumType(AgencyOrder, {
  name: 'AgencyOrder',
  description: 'The order of a list of agencies.',
  valuesConfig: {
    NAME_AZ: { description: 'By the name in Azerbaijani, in its alphabet.' },
    NAME_EN: { description: 'By the name in English.' },
    NAME_RU: { description: 'By the name in Russian.' },
    CODE: { description: 'By the code.' },
  },
})

fields(Root, {
  agencies: connection(Agency, undefined, {
    order: ascending(agencies.nameAz),
    orderBy: {
      type: AgencyOrder,
      orders: {
        NAME_AZ: ascending(agencies.nameAz),
        NAME_EN: ascending(agencies.nameEn),
        NAME_RU: ascending(agencies.nameRu),
        CODE: ascending(agencies.code),
      },
    },
    description: 'The agencies, in pages; by their name in Azerbaijani where no order is asked for.',
  }),
  agency: find(Agency, agencies.code, {
    argument: 'Its code, such as DVX.',
    description: 'One agency by its code; null when there is none.',
  }),
})

export const agenciesDomain: Domain = {
  name: 'agencies',
  commands: [registerAgency],
  access: {
    Query: { agencies: anyone, agency: anyone },
    Mutation: { registerAgency: operator },
    ...{ Agency: anyone, Registry: anyone },
  },
}
