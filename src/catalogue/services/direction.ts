import { registerEnumType } from 'type-graphql'
import { Direction } from './service.table.js'

registerEnumType(Direction, {
  name: 'Direction',
  description: 'Between whom a service runs.',
  valuesConfig: {
    G2C: { description: 'From the state to a person.' },
    G2B: { description: 'From the state to a business.' },
    B2G: { description: 'From a business to the state: a filing that is acknowledged.' },
  },
})

export { Direction }
