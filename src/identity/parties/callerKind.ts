import { registerEnumType } from 'type-graphql'
import { type CallerKind, callerKinds } from '../../shared/context.js'

/** As GraphQL has it. */
export const CallerKinds = Object.fromEntries(callerKinds.map((kind) => [kind, kind])) as {
  [Kind in CallerKind]: Kind
}
registerEnumType(CallerKinds, {
  name: 'CallerKind',
  description: 'Type of caller.',
  valuesConfig: {
    ANONYMOUS: { description: 'Anonymous caller without a token.' },
    PERSON: { description: 'Person, acting for themselves or for a party they represent.' },
    PROGRAM: { description: 'Program of an organisation.' },
    AGENCY_PROGRAM: { description: 'Program of an agency.' },
    OFFICER: { description: 'Officer of an agency.' },
    OPERATOR: { description: 'Operator of this installation.' },
    AUDITOR: { description: 'Auditor, with read-only access to records of what was done.' },
  },
})
