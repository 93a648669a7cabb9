import { Field, ID, InputType } from 'type-graphql'
import { refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import { setDeadline } from '../../events/deadlines.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { dueAfter } from '../../shared/dueAfter.js'
import { LegalDate } from '../../shared/scalars.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { daysBetween } from '../../shared/time.js'
import { invalid } from '../../shared/userErrors.js'
import { applicationCommand, SeenApplicationInput } from '../applicationCommand.js'
import { filesOfCaller, readFiles } from '../attachments/officerFiles.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { requestOver, runTerm, subjectOf } from './term.js'

@InputType({ description: 'Input of `requestInformation`.' })
export class RequestInformationInput extends SeenApplicationInput {
  @Field(() => String, { description: `Everything that is missing, in one notice. ${upToProse}` })
  text!: string
  @Field(() => LegalDate, {
    description:
      'Last day to respond, from tomorrow to a year from now. Moves to the next working day if it is a day off.',
  })
  until!: string
  @Field(() => [ID], { nullable: true, description: filesOfCaller })
  fileIds?: string[] | null
}

/** Days. A later date is a typing error. */
const longestWait = 365

export const requestInformation = applicationCommand({
  name: 'requestInformation',
  description:
    'Asks the applicant for missing information, all at once. The term is paused until the applicant responds or ' +
    'the time is over. Requires the assigned officer. Returns INVALID if the day is out of range or outside the ' +
    'loaded calendar. Returns NOT_ALLOWED_NOW after the end of a term whose outcome the law decides.',
  allowedTo: caseOfficer,
  input: RequestInformationInput,
  action: Action.REQUEST_INFORMATION,
  async change(doing) {
    const { tx, context, input, application, now } = doing
    const days = daysBetween(context.today, input.until)
    const isDay = days >= 1 && days <= longestWait
    const end = isDay ? await dueAfter(tx, now, { value: days, unit: TermUnit.CALENDAR_DAY }) : undefined
    const { files, userErrors: ofFiles } = await readFiles(doing, input.fileIds)
    const userErrors: UserError[] = [...userErrorsInProse('text', input.text), ...(end ? [] : [noSuchDay]), ...ofFiles]
    if (userErrors.length > 0 || !end) return refused(userErrors)
    await runTerm(tx, application, undefined)
    await setDeadline(tx, { ...subjectOf(application), type: requestOver, dueAt: end.dueAt })
    return { text: input.text, files, set: { pausedAt: now, respondBy: end.dueAt } }
  },
})

const noSuchDay = invalid('request.until', ['until'], { days: longestWait })
