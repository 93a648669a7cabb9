import { Field, InputType, Int } from 'type-graphql'
import { refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { officer } from '../../identity/officers/offices.js'
import { Assurance } from '../../shared/assurance.table.js'
import { dueAfter, type Term } from '../../shared/dueAfter.js'
import { invalid } from '../../shared/userErrors.js'
import { applicationCommand, SeenApplicationInput } from '../applicationCommand.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { findTerm, runTerm } from './term.js'

@InputType({ description: 'Input of `extendTerm`.' })
export class ExtendTermInput extends SeenApplicationInput {
  @Field(() => Int, {
    description:
      'Number of units to add, in the unit of the term. `version { process { extension } }` has the maximum. If that is ' +
      'null, it is the length of the term.',
  })
  units!: number
  @Field(() => String, { description: `Reason, which the applicant sees. ${upToProse}` })
  reason!: string
}

export const extendTerm = applicationCommand({
  name: 'extendTerm',
  description:
    'Extends the term of an application, once and before it ends, and notifies the applicant. Requires the ' +
    'assigned officer with the role APPROVER. Returns INVALID if `units` exceeds the maximum, or the new end is ' +
    'outside the loaded calendar. Returns NOT_ALLOWED_NOW if the term is unknown, over, already extended or ' +
    'cannot be extended.',
  allowedTo: officer(OfficerRole.APPROVER, { assurance: Assurance.HIGH }),
  input: ExtendTermInput,
  action: Action.EXTEND,
  async change({ tx, input, application, process, now }) {
    // The casts: the state machine refuses the action without a term.
    const [from, term] = [application.dueAt as Date, (await findTerm(tx, application)) as Term]
    const most = process.extension ?? term.value
    const isWithin = input.units >= 1 && input.units <= most
    const due = isWithin ? await dueAfter(tx, from, { value: input.units, unit: term.unit }) : undefined
    const userErrors: UserError[] = [
      ...(isWithin ? [] : [tooMuch(most)]),
      ...(isWithin && !due ? [beyondCalendar] : []),
      ...userErrorsInProse('reason', input.reason),
    ]
    if (userErrors.length > 0 || !due) return refused(userErrors)
    await runTerm(tx, application, due)
    return {
      text: input.reason,
      due: { dueOn: due.dueOn, reason: 'term.extended' },
      set: { dueOn: due.dueOn, dueAt: due.dueAt, extendedAt: now },
    }
  },
})

const tooMuch = (most: number) => invalid('term.extension', ['units'], { most })
const beyondCalendar = invalid('term.beyond_calendar', ['units'])
