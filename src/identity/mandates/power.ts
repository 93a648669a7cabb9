import { registerEnumType } from 'type-graphql'
import { Power } from './mandate.table.js'

registerEnumType(Power, {
  name: 'Power',
  description: 'What one may do for another. Each stands alone: FILE does not have VIEW in it.',
  valuesConfig: {
    VIEW: { description: 'To look at what is theirs.' },
    FILE: { description: 'To apply and to file.' },
    PAY: { description: 'To pay.' },
    SIGN: { description: 'To sign.' },
    CONSENT: {
      description:
        'To say what a minor may do alone, and to consent for a minor or a ward to what agencies may ask. Of parents and guardians.',
    },
  },
})

export { Power }
