import { and, eq, inArray } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { clearDeadline } from '../../events/deadlines.js'
import { holdOffices } from '../../identity/officers/holdOffices.js'
import { caseOfficer, caseOfficesOf } from '../../identity/officers/offices.js'
import { ownCase, tiesOf } from '../../identity/officers/ownCase.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { encrypt } from '../../platform/personal.js'
import { ownPartyOf } from '../../shared/context.js'
import { loadCase, rolesIn } from '../application.repository.js'
import { applications } from '../application.table.js'
import { moveBy } from '../applicationCommand.js'
import { officerOf } from '../casework/term.js'
import { notNow } from '../refusal.rules.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action, transitionOfSystem } from '../transition.rules.js'
import { ApplicationOpinion } from './opinion.js'
import { opinionOver } from './opinion.repository.js'
import { OpinionState, opinions } from './opinion.table.js'
import { unknownOpinion } from './withdrawOpinionRequest.js'

@InputType({ description: 'Input of `giveOpinion`.' })
export class GiveOpinionInput {
  @Field(() => ID, { description: 'ID of the opinion, from `agencyOpinions`.' })
  opinionId!: string
  @Field(() => String, { description: `Opinion of the agency. ${upToProse}` })
  text!: string
}

export const giveOpinion = command({
  name: 'giveOpinion',
  description:
    'Gives the opinion that another agency requested, once. The officers of the case see it, and the applicant sees ' +
    'that it was given. Also possible after its due date. Requires the role REVIEWER or APPROVER at the asked agency. ' +
    'Returns NOT_FOUND if the agency was not asked. Returns NOT_ALLOWED_NOW if the opinion was given or withdrawn, and ' +
    'to the officer who requested it. Returns FORBIDDEN in the caller’s own case.',
  allowedTo: caseOfficer,
  input: GiveOpinionInput,
  key: 'optional',
  creates: false,
  made: { opinion: { type: ApplicationOpinion, description: 'Opinion after the change.' } },
  async act({ opinionId, text }: GiveOpinionInput, acting: Acting) {
    const { tx, context } = acting
    const { caller, keyring } = context
    const [own, now] = [ownPartyOf(caller), context.now()]
    const found = await lockAsked(acting, keyIn(opinionId, 'ApplicationOpinion'))
    if (!found) return refused([unknownOpinion])
    const { opinion, application, under } = found
    const { facts, parties } = await loadCase(tx, application)
    const [tie] = (await tiesOf(tx, own, parties, now)).values()
    if (tie) throw ownCase(tie)
    if (own === opinion.askedBy || own === application.officerId) return refused([ownRequest])
    if (opinion.state === OpinionState.GIVEN) return refused([givenAlready])
    if (opinion.state === OpinionState.WITHDRAWN) return refused([withdrawn])
    const userErrors = userErrorsInProse('text', text)
    if (userErrors.length > 0) return refused(userErrors)
    const transition = transitionOfSystem(Action.GIVE_OPINION, facts, now)
    if (!transition) return refused([notNow('wrong_state')])
    const { id, partyId } = opinion
    const key = await keyToEncrypt(tx, keyring, partyId)
    const written = encrypt(key, opinions, { id, partyId, text })
    await tx
      .update(opinions)
      .set({ text: written.text, state: OpinionState.GIVEN, givenBy: own, endedAt: now })
      .where(eq(opinions.id, id))
    await clearDeadline(tx, opinionOver, id)
    const ids = { opinion: id, ...officerOf(application) }
    await moveBy({ ...acting, application, facts, transition, under, now }, { ids })
    return made({ opinion: id })
  },
})

/** An opinion that an agency of the caller was asked for. Locks its application, and the caller’s appointment. */
async function lockAsked({ tx, context: { caller } }: Acting, id: string) {
  const agencyIds = caseOfficesOf(caller).map(({ agencyId }) => agencyId)
  const isAsked = and(eq(opinions.id, id), inArray(opinions.agencyId, agencyIds))
  const [application] = await tx
    .select()
    .from(applications)
    .where(inArray(applications.id, tx.select({ id: opinions.applicationId }).from(opinions).where(isAsked)))
    .for('update')
  // All changes of an opinion lock its application first.
  const [opinion] = await tx.select().from(opinions).where(isAsked)
  const offices = await holdOffices(tx, agencyIds, ownPartyOf(caller))
  const office = offices.find(({ agencyId, roles }) => {
    const { isReviewer, isApprover } = rolesIn(roles)
    return agencyId === opinion?.agencyId && (isReviewer || isApprover)
  })
  return application && opinion && office && { application, opinion, under: { under: office.id } }
}

const givenAlready: UserError = { code: 'NOT_ALLOWED_NOW', reason: 'opinion.given', field: ['opinionId'] }
const withdrawn: UserError = { code: 'NOT_ALLOWED_NOW', reason: 'opinion.withdrawn', field: ['opinionId'] }
const ownRequest: UserError = { code: 'NOT_ALLOWED_NOW', reason: 'opinion.own_request', field: ['opinionId'] }
