import { registerEnumType } from 'type-graphql'
import { ApplicationRole } from './applicationRole.table.js'

registerEnumType(ApplicationRole, {
  name: 'ApplicationRole',
  description: 'Role of a party in an application.',
  valuesConfig: {
    APPLICANT: { description: 'Started the application, or the agency or a representative started it for them.' },
    CO_APPLICANT: { description: 'Applies together with the applicant, such as the other spouse of a marriage.' },
    FOUNDER: { description: 'Founds a company together with the applicant.' },
  },
})

export { ApplicationRole }
