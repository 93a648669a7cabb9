import { eq } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { v7 } from 'uuid'
import { agencies } from '../../agencies/agency.table.js'
import { usualTerm } from '../../catalogue/services/usualProcess.js'
import { refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import { setDeadline } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { encrypt } from '../../platform/personal.js'
import { ownPartyOf } from '../../shared/context.js'
import { dueAfter } from '../../shared/dueAfter.js'
import { LegalDate } from '../../shared/scalars.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { daysBetween } from '../../shared/time.js'
import { invalid, unknownCode } from '../../shared/userErrors.js'
import { applicationCommand, type Doing, SeenApplicationInput } from '../applicationCommand.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { opinionOver, subjectOfOpinion } from './opinion.repository.js'
import { OpinionState, opinions } from './opinion.table.js'

@InputType({ description: 'Input of `requestOpinion`.' })
export class RequestOpinionInput extends SeenApplicationInput {
  @Field(() => String, {
    description: 'Code of the agency to ask: any other than the one that handles the application.',
  })
  agencyCode!: string
  @Field(() => String, {
    description: `Question, with everything that the other agency needs to know: it does not see the application. ${upToProse}`,
  })
  question!: string
  @Field(() => LegalDate, {
    description:
      'Last day to answer, from tomorrow to the last day of the term; to a month from now if the term is over or not ' +
      'known. Moves to the next working day if it is a day off.',
  })
  dueOn!: string
}

/** All requests of one application. */
const maxOpinions = 20

export const requestOpinion = applicationCommand({
  name: 'requestOpinion',
  description:
    'Asks another agency for its opinion on an application. The term of the application runs on. The other agency sees ' +
    'the question, the number and the service, and neither the application nor the applicant. The applicant sees that ' +
    'the agency was asked, and not the question. Requires the assigned officer. Returns NOT_FOUND for an unknown ' +
    'agency. Returns INVALID for the caller’s own agency, and for a day that is out of range or outside the loaded ' +
    'calendar. Returns NOT_ALLOWED_NOW if the agency has an open request on the application, and after 20 requests.',
  allowedTo: caseOfficer,
  input: RequestOpinionInput,
  key: 'required',
  creates: true,
  action: Action.REQUEST_OPINION,
  checks: ({ question }) => userErrorsInProse('question', question),
  async change(doing) {
    const { tx, context, input, application, now } = doing
    const { id: applicationId, partyId, agencyId: askingAgencyId, number, serviceId, serviceCode } = application
    const [agency] = await tx.select({ id: agencies.id }).from(agencies).where(eq(agencies.code, input.agencyCode))
    const end = await endOf(doing)
    const userErrors = [
      ...(agency
        ? await userErrorsAbout(doing, agency.id)
        : [unknownCode('agency.unknown', ['agencyCode'], input.agencyCode)]),
      ...('dueAt' in end ? [] : [invalid('opinion.due', ['dueOn'], { last: end.last })]),
    ]
    if (userErrors.length > 0 || !agency || !('dueAt' in end)) return refused(userErrors)
    const row = {
      id: v7(),
      applicationId,
      applicationNumber: number,
      serviceId,
      serviceCode,
      partyId,
      askingAgencyId,
      agencyId: agency.id,
      state: OpinionState.REQUESTED,
      askedBy: ownPartyOf(context.caller),
      askedAt: now,
      dueOn: end.dueOn,
      dueAt: end.dueAt,
      question: input.question,
    }
    const key = await keyToEncrypt(tx, context.keyring, partyId)
    // The cast: encrypt() returns the columns of that table.
    await tx.insert(opinions).values(encrypt(key, opinions, row) as typeof opinions.$inferInsert)
    const ids = { application: applicationId }
    await setDeadline(tx, { ...subjectOfOpinion(row), type: opinionOver, dueAt: end.dueAt, ids })
    return {
      ids: { opinion: row.id },
      after: () =>
        record(tx, [{ ...subjectOfOpinion(row), type: 'opinion.requested', at: now, actor: context.caller.id, ids }]),
    }
  },
})

/** The end of the time for the opinion, or the last day that it may have. */
async function endOf({ tx, context, input, application, now }: Doing<RequestOpinionInput>) {
  const { dueOn, dueAt } = application
  const last = dueOn && dueAt && dueAt > now ? dueOn : (await dueAfter(tx, now, usualTerm))?.dueOn
  const days = daysBetween(context.today, input.dueOn)
  const isWithin = days >= 1 && last !== undefined && input.dueOn <= last
  const end = isWithin ? await dueAfter(tx, now, { value: days, unit: TermUnit.CALENDAR_DAY }) : undefined
  return end ?? { last: last ?? context.today }
}

async function userErrorsAbout({ tx, application }: Doing, agencyId: string): Promise<UserError[]> {
  if (agencyId === application.agencyId) return [invalid('opinion.own_agency', ['agencyCode'])]
  const before = await tx
    .select({ agencyId: opinions.agencyId, state: opinions.state })
    .from(opinions)
    .where(eq(opinions.applicationId, application.id))
  if (before.length >= maxOpinions) return [notAllowed('opinion.too_many', { most: maxOpinions })]
  const isOpen = before.some((one) => one.agencyId === agencyId && one.state === OpinionState.REQUESTED)
  return isOpen ? [notAllowed('opinion.requested_already')] : []
}

const notAllowed = (reason: string, params: UserError['params'] = {}): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason,
  field: ['agencyCode'],
  params,
})
