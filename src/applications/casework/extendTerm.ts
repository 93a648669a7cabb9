import { Field, InputType, Int } from 'type-graphql'
import { refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { officer } from '../../identity/officers/offices.js'
import { Assurance } from '../../shared/assurance.table.js'
import type { TermUnit } from '../../shared/termUnit.table.js'
import { invalid } from '../../shared/userErrors.js'
import { applicationCommand, SeenApplicationInput } from '../applicationCommand.js'
import { refusalsOfProse, upToProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { dueAfter, runTerm } from './term.js'

@InputType({ description: 'By how much a term is extended, and why.' })
export class ExtendTermInput extends SeenApplicationInput {
  @Field(() => Int, {
    description: 'How many units, in that of `version { process { extension } }`, which says how many at most.',
  })
  units!: number
  @Field(() => String, { description: `Why, which the applicant is told. ${upToProse}` })
  reason!: string
}

export const extendTerm = applicationCommand({
  name: 'extendTerm',
  description:
    'Extends the term of an application before it is over, once, with notice to the applicant. For the officer whom it is ' +
    'assigned to, who approves.',
  allowedTo: officer(OfficerRole.APPROVER, { assurance: Assurance.HIGH }),
  input: ExtendTermInput,
  action: Action.EXTEND,
  async change({ tx, input, application, process, now }) {
    // The casts: without either the table refuses it.
    const [most, unit] = [process.extensionValue as number, process.extensionUnit as TermUnit]
    const isWithin = input.units >= 1 && input.units <= most
    const due = isWithin ? await dueAfter(tx, application.dueAt as Date, { value: input.units, unit }) : undefined
    const userErrors: UserError[] = [
      ...(isWithin ? [] : [tooMuch(most)]),
      ...(isWithin && !due ? [beyondCalendar] : []),
      ...refusalsOfProse('reason', input.reason),
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
