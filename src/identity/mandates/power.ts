import { registerEnumType } from 'type-graphql'
import { Power } from './mandate.table.js'

registerEnumType(Power, {
  name: 'Power',
  description: 'Permission to act for another party. Powers are independent: FILE does not include VIEW.',
  valuesConfig: {
    VIEW: { description: 'View the party’s data.' },
    FILE: { description: 'Submit applications and filings.' },
    PAY: { description: 'Pay.' },
    SIGN: { description: 'Sign.' },
    CONSENT: {
      description:
        'Decide what a minor may do alone, and consent to registry access for a minor or a ward. Held by parents ' +
        'and guardians.',
    },
  },
})

export { Power }
