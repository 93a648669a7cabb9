import { registerEnumType } from 'type-graphql'
import { ApplicationRole } from './applicationRole.table.js'

registerEnumType(ApplicationRole, {
  name: 'ApplicationRole',
  description: 'Role of a party in an application.',
  valuesConfig: {
    APPLICANT: { description: 'Party for which the application was started.' },
    CO_APPLICANT: {
      description: 'Party that applies together with the applicant, such as the other spouse of a marriage.',
    },
    FOUNDER: { description: 'Party that founds a company together with the applicant.' },
  },
})

export { ApplicationRole }
