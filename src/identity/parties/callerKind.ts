import { registerEnumType } from 'type-graphql'
import { type CallerKind, callerKinds } from '../../shared/context.js'

/** As GraphQL has it. */
export const CallerKinds = Object.fromEntries(callerKinds.map((kind) => [kind, kind])) as {
  [Kind in CallerKind]: Kind
}
registerEnumType(CallerKinds, {
  name: 'CallerKind',
  description: 'As what somebody asks.',
  valuesConfig: {
    ANONYMOUS: { description: 'It is not known who asks.' },
    PERSON: { description: 'A person, for themselves or for whom they may act.' },
    PROGRAM: { description: 'A program of an organisation.' },
    OFFICER: { description: 'An officer of an agency.' },
    OPERATOR: { description: 'The operator of this installation.' },
    AUDITOR: { description: 'An auditor, who reads what was done and changes nothing.' },
  },
})
