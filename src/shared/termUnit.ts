import { registerEnumType } from 'type-graphql'
import { TermUnit } from './termUnit.table.js'

registerEnumType(TermUnit, {
  name: 'TermUnit',
  description: 'Unit of a term.',
  valuesConfig: {
    INSTANT: { description: 'Immediate, if the service is automated. The value is 0.' },
    MINUTE: { description: 'Minutes, counted around the clock.' },
    HOUR: { description: 'Hours, counted around the clock.' },
    WORKING_DAY: { description: 'Working days after the day of acceptance.' },
    CALENDAR_DAY: { description: 'Calendar days after the day of acceptance.' },
    MONTH: { description: 'Calendar months.' },
  },
})

export { TermUnit }
