import { and, eq, gt, isNull } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../engine/command.js'
import type { Mistake } from '../engine/userError.js'
import type { Acting } from '../events/commandKeys.js'
import { clearDeadline } from '../events/deadlines.js'
import { Power } from '../identity/mandate.table.js'
import { authorityOver } from '../identity/powers.js'
import { digestOf } from '../identity/secret.js'
import { Assurance } from '../shared/assurance.table.js'
import { readCode } from '../shared/code.js'
import { readNumber } from '../shared/number.js'
import { Application } from './application.js'
import { move } from './application.repository.js'
import { ApplicationState, applications, coApplicants } from './application.table.js'
import { type Stands, standsOf } from './standing.repository.js'
import { refuseUnsure } from './startApplication.js'
import { confirmationOver } from './term.js'
import { Action, type Transition, transitions } from './transition.rules.js'

@InputType({ description: 'Which application is confirmed, by what the applicant has told.' })
export class ConfirmApplicationInput {
  @Field(() => String, { description: 'The number of the application.' })
  number!: string
  @Field(() => String, { description: 'The invitation code.' })
  code!: string
}

/** Tries of one caller for one application: the code is long, and nobody types it so often wrong. */
export const confirmations = {
  ...{ points: 10, seconds: 3600 },
  by: ({ input }: { input: ConfirmApplicationInput }, { caller }: { caller: { id: string } }) =>
    `${caller.id} ${readNumber(input.number)}`,
}

export const confirmApplication = command({
  name: 'confirmApplication',
  description:
    'Confirms an application as one of those who apply together, as a second applicant of a marriage does: with its number ' +
    'and the code that the first was told. For persons, themselves alone, known at least with assurance SUBSTANTIAL; FORBIDDEN ' +
    'to who may not apply for themselves, as minors and wards may not.',
  input: ConfirmApplicationInput,
  key: 'optional',
  creates: false,
  made: { application: { type: Application, description: 'The application as it is now.' } },
  async act({ number, code }: ConfirmApplicationInput, acting: Acting) {
    const { tx, context } = acting
    refuseUnsure({ assurance: Assurance.SUBSTANTIAL }, context)
    const { party } = await authorityOver(acting, undefined, { power: Power.FILE, scope: 'filings:write' })
    const [application] = await tx
      .select()
      .from(applications)
      .where(eq(applications.number, readNumber(number) ?? ''))
      .for('update')
    const at = context.now()
    const isInvited = and(
      ...[
        eq(coApplicants.applicationId, application?.id ?? nobodys),
        eq(coApplicants.codeHash, digestOf(readCode(code))),
      ],
      ...[isNull(coApplicants.confirmedAt), gt(coApplicants.expiresAt, at)],
    )
    const [invited] = await tx.select().from(coApplicants).where(isInvited)
    // One and the same answer, whichever of both is wrong.
    if (!application || !invited || application.state !== ApplicationState.AWAITING_CONFIRMATION)
      return refused([noInvitation])
    const others = await tx.select().from(coApplicants).where(eq(coApplicants.applicationId, application.id))
    if (application.partyId === party || others.some(({ partyId }) => partyId === party)) return refused([oneself])

    await tx.update(coApplicants).set({ partyId: party, confirmedAt: at }).where(eq(coApplicants.id, invited.id))
    const unconfirmed = others.filter(({ id, confirmedAt }) => id !== invited.id && !confirmedAt).length
    const transition = transitions.find(({ action }) => action === Action.CONFIRM) as Transition // declared
    const { standing } = (await standsOf(tx, [application], party)).get(application.id) as Stands // it is locked
    const to = transition.to({ ...standing, unconfirmed })
    if (unconfirmed === 0) await clearDeadline(tx, confirmationOver, application.id)
    await move(tx, context.keyring, {
      ...{ application, to, event: transition.event, at, actor: context.caller.id, ids: { confirmed: party } },
    })
    return made({ application: application.id })
  },
})

const nobodys = '00000000-0000-0000-0000-000000000000'
const noInvitation: Mistake = {
  ...{ code: 'NOT_FOUND', reason: 'application.no_invitation', field: ['code'] },
  message: {
    az: 'Bu nömrə və kodla təsdiq gözləyən müraciət yoxdur.',
    en: 'No application waits to be confirmed by this number and code.',
    ru: 'Нет заявления, ожидающего подтверждения с таким номером и кодом.',
  },
}
const oneself: Mistake = {
  ...{ code: 'INVALID', reason: 'application.confirmed_by_applicant', field: ['code'] },
  message: {
    az: 'Müraciəti başqa şəxs təsdiq etməlidir.',
    en: 'Another person must confirm it.',
    ru: 'Подтвердить должен другой человек.',
  },
}
