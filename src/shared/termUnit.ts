import { registerEnumType } from 'type-graphql'
import { TermUnit } from './termUnit.table.js'

registerEnumType(TermUnit, {
  name: 'TermUnit',
  description: 'The unit of a term.',
  valuesConfig: {
    INSTANT: { description: 'At once; the value is 0.' },
    MINUTE: { description: 'Minutes, around the clock.' },
    HOUR: { description: 'Hours, around the clock.' },
    WORKING_DAY: { description: 'Working days; the day of acceptance is not counted.' },
    CALENDAR_DAY: { description: 'Calendar days; the day of acceptance is not counted.' },
    MONTH: { description: 'Calendar months.' },
  },
})

export { TermUnit }
