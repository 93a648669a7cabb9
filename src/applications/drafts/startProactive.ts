import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, InputType } from 'type-graphql'
import { NIL } from 'uuid'
import { isUnknown, userErrorsInSize, userErrorsOf } from '../../catalogue/forms/answers.rules.js'
import { publicStatuses } from '../../catalogue/publishing/status.rules.js'
import { Audience, ServiceStatus } from '../../catalogue/services/service.table.js'
import { command, made, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { refuseOwnCase } from '../../identity/officers/ownCase.js'
import { IdentifierType } from '../../identity/parties/identifier.table.js'
import { partyNamedByOther } from '../../identity/parties/identifiers.js'
import { PartyKind } from '../../identity/parties/party.table.js'
import { Fin } from '../../shared/identifiers/scalars.js'
import { unknownCode } from '../../shared/userErrors.js'
import { notForThem } from '../applicant.repository.js'
import { Application } from '../application.js'
import { holdOffices, rolesIn } from '../application.repository.js'
import { ApplicationOrigin } from '../application.table.js'
import { insertDraft } from './draft.repository.js'
import { findForm, findService, processOf } from './form.repository.js'
import { nothingPrefilled } from './prefill.js'
import { isStartable, notStarted } from './startApplication.js'

@InputType({ description: 'Input of `startProactive`.' })
export class StartProactiveInput {
  @Field(() => String, { description: 'Code of a service of the officer’s agency.' })
  serviceCode!: string
  @Field(() => Fin, { description: 'FİN of the person. The answer is the same whether or not the FİN is known.' })
  fin!: string
  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'Answers that the agency already has. The person may change them.',
  })
  answers?: Record<string, unknown> | null
}

const persons = [Audience.CITIZEN, Audience.FOREIGNER, Audience.STATELESS]

export const startProactive = command({
  name: 'startProactive',
  description:
    'Starts an application for a person. The person sees the draft, and submits or withdraws it. Requires the ' +
    'role REVIEWER or APPROVER at the agency, and a service that allows it. Returns NOT_FOUND for a service of ' +
    'another agency. Returns NOT_ALLOWED_NOW if the service accepts no applications, or none started by the ' +
    'agency. Returns INVALID for a service that takes no applications or is not for persons, and for unknown fields. Returns FORBIDDEN in ' +
    'the caller’s own case.',
  allowedTo: caseOfficer,
  input: StartProactiveInput,
  key: 'required',
  creates: true,
  made: { application: { type: Application, description: 'Always null: only the person sees the draft.' } },
  once: {
    number: {
      type: () => String,
      description:
        'Number of the application. The agency sees it under this number once it is submitted. Returned only once.',
    },
  },
  async act({ serviceCode, fin, answers: given }: StartProactiveInput, acting: Acting) {
    const { tx, context } = acting
    const found = await findService(tx, serviceCode, context.today)
    const [office] = await holdOffices(tx, [found?.service.agencyId ?? NIL], context.caller.party)
    const isTheirs = Object.values(rolesIn(office?.roles)).includes(true)
    if (!found || !office || !isTheirs || !publicStatuses.includes(found.service.status))
      return refused([unknownCode('service.unknown', ['serviceCode'], serviceCode)])
    const { service, version } = found
    const form = version && (await findForm(tx, version.id))
    if (service.status !== ServiceStatus.ACTIVE || !version || !form || !isStartable(version))
      return refused([notStarted(version, form)])
    const process = await processOf(tx, version.id)
    const answers = given ?? {}
    const userErrors: UserError[] = [
      ...(process.proactive ? [] : [notProactive]),
      ...(service.audiences.some((audience) => persons.includes(audience)) ? [] : [{ ...notForThem, field: ['fin'] }]),
      ...userErrorsInSize(answers),
    ]
    if (userErrors.length > 0) return refused(userErrors)
    const unknownFields = userErrorsOf(form.schema, form.faultsIn(answers).filter(isUnknown))
    if (unknownFields.length > 0) return refused(unknownFields)
    const { party } = await partyNamedByOther(tx, context.keyring, {
      kind: PartyKind.NATURAL_PERSON,
      identifier: { type: IdentifierType.FIN, value: fin },
      createdAt: context.now(),
    })
    await refuseOwnCase(acting, party)
    const begun = { party, mandates: [], origin: ApplicationOrigin.PROACTIVE, under: { under: office.id } }
    const { id, number } = await insertDraft(acting, { service, version }, begun, {
      answers,
      prefilled: nothingPrefilled,
    })
    return made({ application: id }, { number })
  },
})

const notProactive: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'service.not_proactive',
  field: ['serviceCode'],
}
