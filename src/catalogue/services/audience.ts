import { registerEnumType } from 'type-graphql'
import { Audience } from './service.table.js'

registerEnumType(Audience, {
  name: 'Audience',
  description: 'Whom a service is for.',
  valuesConfig: {
    CITIZEN: { description: 'Citizens of Azerbaijan.' },
    LEGAL_ENTITY: { description: 'Companies and other legal entities.' },
    SOLE_ENTREPRENEUR: { description: 'Natural persons who trade under a VÖEN.' },
    FOREIGNER: { description: 'Citizens of other states.' },
    STATELESS: { description: 'Persons without citizenship.' },
  },
})

export { Audience }
