import { eq } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { agencies } from '../../agencies/agency.table.js'
import { ServiceStatus } from '../../catalogue/services/service.table.js'
import { Interaction } from '../../catalogue/services/serviceVersion.table.js'
import { command, made, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { officer } from '../../identity/officers/offices.js'
import { cancelCharges } from '../../payments/charges/charge.repository.js'
import { Assurance } from '../../shared/assurance.table.js'
import { invalid, missing, unknownCode } from '../../shared/userErrors.js'
import type { Case } from '../application.repository.js'
import { caseFor, commonErrors, moveBy, SeenApplicationInput } from '../applicationCommand.js'
import { runTerm } from '../casework/term.js'
import { findService, formVersionOf } from '../drafts/form.repository.js'
import { isStartable } from '../drafts/startApplication.js'
import { settleTransferred, writeFees } from '../submission/settleTariff.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action, mostTransfers } from '../transition.rules.js'
import { ApplicationTransfer } from './applicationTransfer.js'
import { TransferKind } from './applicationTransfer.table.js'
import { hasPassedOn, transferTo } from './transfer.repository.js'

@InputType({ description: 'Input of `transferApplication`.' })
export class TransferApplicationInput extends SeenApplicationInput {
  @Field(() => String, { description: 'Code of the competent agency.' })
  agencyCode!: string
  @Field(() => String, {
    nullable: true,
    description:
      'Code of the service of that agency under which the application continues. Omit if `version { process { ' +
      'addressee } }` is not null: any agency handles such an application under its own service.',
  })
  serviceCode?: string | null
  @Field(() => String, { description: `Reason, which the applicant and the new officer see. ${upToProse}` })
  reason!: string
}

export const transferApplication = command({
  name: 'transferApplication',
  description:
    'Sends an application to the competent agency, which registers it under its own term. Number and parties stay. ' +
    'The answers keep the form in which they were given. Afterwards the former agency sees the state only. Requires ' +
    'the assigned officer with the role APPROVER. Returns NOT_FOUND if there is no such agency, or it has no such ' +
    'service. Returns INVALID if the agency has the application, or transferred it before. Returns NOT_ALLOWED_NOW ' +
    `after ${mostTransfers} transfers, after a term whose outcome the law decides, and while a request for ` +
    `information is open. ${commonErrors}`,
  allowedTo: officer(OfficerRole.APPROVER, { assurance: Assurance.HIGH }),
  input: TransferApplicationInput,
  key: 'required',
  creates: true,
  made: { transfer: { type: ApplicationTransfer, description: 'Transfer that was made.' } },
  async act(input: TransferApplicationInput, acting: Acting) {
    const { tx, context } = acting
    const found = await caseFor(acting, input, Action.TRANSFER)
    if ('userErrors' in found) return found
    const { application, now: at } = found
    const wrong = userErrorsInProse('reason', input.reason)
    const target = await findTarget(acting, found, input)
    if (wrong.length > 0 || 'userErrors' in target)
      return refused([...wrong, ...('userErrors' in target ? target.userErrors : [])])
    const wanted = { kind: TransferKind.COMPETENCE, to: target.agencyId, at, text: input.reason }
    const { transferId, set } = await transferTo({ tx, keyring: context.keyring }, application, wanted)
    if (target.lines) {
      await cancelCharges(tx, application.id, { at, actor: context.caller.id })
      await writeFees(tx, application.id, { lines: target.lines })
    }
    await runTerm(tx, application, undefined)
    await moveBy(
      { ...acting, ...found },
      {
        transferId,
        due: application.dueOn ? { dueOn: null, reason: 'term.transferred' } : undefined,
        set: { ...set, ...target.set, registeredAt: null, dueOn: null, dueAt: null },
        ids: { transfer: transferId },
      },
    )
    return made({ transfer: transferId })
  },
})

type Target =
  | { agencyId: string; set: object; lines?: Parameters<typeof writeFees>[2]['lines'] }
  | { userErrors: UserError[] }
/** The agency and its service, or why the application cannot go there. */
async function findTarget(
  { tx, context }: Acting,
  { application, process }: Case,
  { agencyCode, serviceCode }: TransferApplicationInput,
): Promise<Target> {
  const [agency] = await tx.select({ id: agencies.id }).from(agencies).where(eq(agencies.code, agencyCode))
  if (!agency) return { userErrors: [unknownCode('agency.unknown', ['agencyCode'], agencyCode)] }
  if (agency.id === application.agencyId) return { userErrors: [sameAgency] }
  if (await hasPassedOn(tx, application.id, agency.id)) return { userErrors: [passedOn] }
  if (process.addressee !== null)
    return serviceCode == null || serviceCode === application.serviceCode
      ? { agencyId: agency.id, set: {} }
      : { userErrors: [keepsService] }
  if (serviceCode == null) return { userErrors: [noService] }
  const { service, version } = (await findService(tx, serviceCode, context.today)) ?? {}
  const isOpen = service?.status === ServiceStatus.ACTIVE && version && isStartable(version)
  if (service?.agencyId !== agency.id || !isOpen || version.interaction !== Interaction.INTERACTIVE)
    return { userErrors: [unknownCode('transfer.service_unknown', ['serviceCode'], serviceCode)] }
  const { tariffId, lines } = await settleTransferred(tx, version.id)
  const formVersionId = formVersionOf(application)
  const anew = { serviceId: service.id, serviceCode, versionId: version.id, formVersionId, tariffId }
  return { agencyId: agency.id, set: anew, lines }
}

const sameAgency = invalid('transfer.same_agency', ['agencyCode'])
const passedOn = invalid('transfer.passed_on', ['agencyCode'])
const keepsService = invalid('transfer.keeps_service', ['serviceCode'])
const noService = missing('transfer.service', ['serviceCode'])
