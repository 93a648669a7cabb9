import { registerEnumType } from 'type-graphql'
import { Direction } from './service.table.js'

registerEnumType(Direction, {
  name: 'Direction',
  description: 'Who provides the service, and who receives it.',
  valuesConfig: {
    G2C: { description: 'Government to citizen.' },
    G2B: { description: 'Government to business.' },
    B2G: { description: 'Business to government: a filing that an agency acknowledges.' },
  },
})

export { Direction }
