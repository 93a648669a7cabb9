import { registerEnumType } from 'type-graphql'
import { Audience } from './service.table.js'

registerEnumType(Audience, {
  name: 'Audience',
  description: 'Group of people or organizations that a service is for.',
  valuesConfig: {
    CITIZEN: { description: 'Citizens of Azerbaijan.' },
    LEGAL_ENTITY: { description: 'Companies and other legal entities.' },
    SOLE_ENTREPRENEUR: { description: 'Individuals who do business under a VÖEN.' },
    FOREIGNER: { description: 'Citizens of other countries.' },
    STATELESS: { description: 'Stateless persons.' },
  },
})

export { Audience }
