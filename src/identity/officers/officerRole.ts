import { registerEnumType } from 'type-graphql'
import { OfficerRole } from './appointment.table.js'

registerEnumType(OfficerRole, {
  name: 'OfficerRole',
  description: 'Role of an officer at an agency.',
  valuesConfig: {
    REVIEWER: { description: 'Reviews applications and prepares decisions.' },
    APPROVER: { description: 'Decides applications.' },
    FINANCE: { description: 'Handles fees, payments and refunds.' },
    ADMIN: { description: 'Appoints officers and manages the services of the agency.' },
  },
})

export { OfficerRole }
