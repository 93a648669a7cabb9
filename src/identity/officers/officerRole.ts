import { registerEnumType } from 'type-graphql'
import { OfficerRole } from './appointment.table.js'

registerEnumType(OfficerRole, {
  name: 'OfficerRole',
  description: 'What an officer does at an agency.',
  valuesConfig: {
    REVIEWER: { description: 'Looks at what was applied for.' },
    APPROVER: { description: 'Decides it.' },
    FINANCE: { description: 'Looks after payments.' },
    ADMIN: { description: 'Says who the officers of the agency are, and what its services are.' },
  },
})

export { OfficerRole }
