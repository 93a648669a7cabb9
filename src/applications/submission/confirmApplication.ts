import { eq } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { clearDeadline } from '../../events/deadlines.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { authorityOver } from '../../identity/mandates/powers.js'
import { Assurance } from '../../shared/assurance.table.js'
import { person, refuseUnsure } from '../../shared/context.js'
import { readNumber } from '../../shared/number.js'
import { Application } from '../application.js'
import { move, standOf } from '../application.repository.js'
import { applications } from '../application.table.js'
import { confirmationOver } from '../casework/term.js'
import { Action, type Transition, transitions } from '../transition.rules.js'
import { coApplicants } from './coApplicant.table.js'
import { findInvitation, isNamedIn } from './invitation.repository.js'

@InputType({ description: 'Which application is confirmed, by what the applicant has told.' })
export class ConfirmApplicationInput {
  @Field(() => String, { description: 'The number of the application.' })
  applicationNumber!: string
  @Field(() => String, { description: 'The invitation code.' })
  code!: string
}

export const confirmApplication = command({
  name: 'confirmApplication',
  description:
    'Confirms an application as one of those who apply together, as a second applicant of a marriage does: with its number ' +
    'and the code that the first was told; `invitation` shows before what is confirmed. For persons, themselves alone, known at ' +
    'least with assurance SUBSTANTIAL; FORBIDDEN to who may not apply for themselves, as minors and wards may not; RATE_LIMITED ' +
    'after 10 times an hour for one number.',
  allowedTo: person,
  input: ConfirmApplicationInput,
  key: 'optional',
  creates: false,
  made: { application: { type: Application, description: 'The application as it is now.' } },
  async act({ applicationNumber, code }: ConfirmApplicationInput, acting: Acting) {
    const { tx, context } = acting
    refuseUnsure(context.caller, Assurance.SUBSTANTIAL)
    const { party } = await authorityOver(acting, undefined, { power: Power.FILE, scope: 'filings:write' })
    // Locked first, so that of two who confirm at once the other is looked for anew.
    await tx
      .select({ id: applications.id })
      .from(applications)
      .where(eq(applications.number, readNumber(applicationNumber) ?? ''))
      .for('update')
    const at = context.now()
    const found = await findInvitation(tx, { number: applicationNumber, code }, at)
    if (!found) return refused([noInvitation])
    const { application, invited } = found
    const others = await tx.select().from(coApplicants).where(eq(coApplicants.applicationId, application.id))
    if (application.partyId === party || others.some(({ partyId }) => partyId === party)) return refused([oneself])
    if (!(await isNamedIn(tx, context.keyring, application, party))) return refused([notNamed])

    const { standing, assurance } = await standOf(tx, application)
    refuseUnsure(context.caller, assurance)
    await tx.update(coApplicants).set({ partyId: party, confirmedAt: at }).where(eq(coApplicants.id, invited.id))
    const unconfirmed = others.filter(({ id, confirmedAt }) => id !== invited.id && !confirmedAt).length
    const transition = transitions.find(({ action }) => action === Action.CONFIRM) as Transition // declared
    const to = transition.to({ ...standing, unconfirmed })
    if (unconfirmed === 0) await clearDeadline(tx, confirmationOver, application.id)
    await move(tx, context.keyring, {
      application,
      to,
      event: transition.event,
      at,
      actor: context.caller.id,
      ids: { confirmed: party },
    })
    return made({ application: application.id })
  },
})

const noInvitation: UserError = {
  code: 'NOT_FOUND',
  reason: 'application.no_invitation',
  field: ['code'],
}
const oneself: UserError = {
  code: 'INVALID',
  reason: 'application.confirmed_by_applicant',
  field: ['code'],
}
const notNamed: UserError = {
  code: 'INVALID',
  reason: 'application.names_another',
  field: ['code'],
}
