import { desc, eq } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { v7 } from 'uuid'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { decrypt, encrypt } from '../../platform/personal.js'
import { person } from '../../shared/context.js'
import { dueAfter } from '../../shared/dueAfter.js'
import { applications } from '../application.table.js'
import { ApplicationInput, applicationCommand } from '../applicationCommand.js'
import { askLater } from '../casework/askRegistriesLater.js'
import { changeOfDue, findTerm, runTerm } from '../casework/term.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { TransferKind } from '../transfers/applicationTransfer.table.js'
import { findSuperior, transferTo } from '../transfers/transfer.repository.js'
import { Action } from '../transition.rules.js'
import { appeals } from './appeal.table.js'
import { decisions } from './decision.table.js'

@InputType({ description: 'Input of `appealDecision`.' })
export class AppealDecisionInput extends ApplicationInput {
  @Field(() => String, { description: `Reasons for the appeal. ${upToProse}` })
  text!: string
}

export const appealDecision = applicationCommand({
  name: 'appealDecision',
  description:
    'Appeals against the last decision. The application is UNDER_APPEAL with the term of an appeal. The superior ' +
    'agency decides or, if there is none, another officer of the same agency. Requires the applicant, a co-applicant who has confirmed, or the power FILE over one of them in that ' +
    'service. Returns NOT_ALLOWED_NOW if the decision cannot be appealed, was appealed, or the time is over.',
  allowedTo: person,
  input: AppealDecisionInput,
  key: 'required',
  creates: true,
  action: Action.APPEAL,
  checks: ({ text }) => userErrorsInProse('text', text),
  async change({ tx, context, input, application, now }) {
    const { id, partyId } = application
    const [decision] = await tx
      .select({ id: decisions.id })
      .from(decisions)
      .where(eq(decisions.applicationId, id))
      .orderBy(desc(decisions.at), desc(decisions.id))
      .limit(1)
    if (!decision) throw new Error(`the application ${id} must have a decision to be appealed; it has none`)
    const superior = await findSuperior(tx, application.agencyId)
    const { transferId, set } = superior
      ? await transferTo({ tx, keyring: context.keyring }, application, {
          kind: TransferKind.APPEAL,
          to: superior,
          at: now,
        })
      : { transferId: undefined, set: anew }
    const moved = { ...application, ...set }
    const appeal = { id: v7(), applicationId: id, decisionId: decision.id, partyId, text: input.text }
    const key = await keyToEncrypt(tx, context.keyring, partyId)
    // The cast: encrypt() returns the columns of that table.
    await tx
      .insert(appeals)
      .values(
        encrypt(key, appeals, { ...appeal, filedBy: context.caller.id, filedAt: now }) as typeof appeals.$inferInsert,
      )
    await askLater(tx, moved, decrypt(key, applications, application).prefilled, now)
    const term = await findTerm(tx, application)
    const due = term && (await dueAfter(tx, now, term))
    await runTerm(tx, moved, due)
    return {
      due: changeOfDue(application, due, 'term.appealed'),
      ...(transferId && { transferId }),
      set: { ...set, dueOn: due?.dueOn ?? null, dueAt: due?.dueAt ?? null, decidedAt: null },
      ids: { decision: decision.id },
    }
  },
})

/** Without a superior agency, another officer decides. */
const anew = { officerId: null, extendedAt: null, escalatedAt: null }
