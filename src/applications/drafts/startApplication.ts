import { Field, ID, InputType } from 'type-graphql'
import { type Form, findForm } from '../../catalogue/forms/form.repository.js'
import { publicStatuses } from '../../catalogue/publishing/status.rules.js'
import { ServiceStatus } from '../../catalogue/services/service.table.js'
import { HandledAs } from '../../catalogue/services/serviceVersion.table.js'
import { command, made, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { authorityOver } from '../../identity/mandates/powers.js'
import { partyOrSelf } from '../../identity/parties/partyArgument.js'
import { type Context, person, requireAssurance } from '../../shared/context.js'
import { invalid, unknownCode } from '../../shared/userErrors.js'
import { userErrorsInApplicant } from '../applicant.repository.js'
import { Application } from '../application.js'
import { ApplicationOrigin } from '../application.table.js'
import { userErrorsByProcedure } from '../procedure.js'
import { insertDraft, nextNumber } from './draft.repository.js'
import { documentsOf, findService, registriesOf, type Version } from './form.repository.js'
import { personsAround } from './persons.repository.js'
import { askRegistries, prefill, type RegistryAnswers } from './prefill.js'

@InputType({ description: 'Input of `startApplication`.' })
export class StartApplicationInput {
  @Field(() => String, { description: 'Code of the service, such as DIN-ADDRESS-REG.' })
  serviceCode!: string
  @Field(() => ID, {
    nullable: true,
    description:
      'ID of the party that applies. Requires the power FILE over it in that service. Defaults to the caller.',
  })
  partyId?: string | null
}

interface Prepared {
  number?: string
  fetched: RegistryAnswers
}

export const startApplication = command({
  name: 'startApplication',
  description:
    'Starts a draft with the answers that sign-in and registries already have. The draft cannot change those ' +
    'answers. Answers of a registry that is down stay empty. Requires the applicant, or the power FILE over them in ' +
    'that service. Requires the assurance level of the service. Returns NOT_FOUND for an unknown service. Returns ' +
    'NOT_ALLOWED_NOW if the service accepts no applications, or allows only one open application and there is one. ' +
    'Returns INVALID if the service takes filings (`submitFiling`), payments or visa requests instead, is not for this ' +
    'party, or cannot be delegated. Returns FORBIDDEN without the power FILE.',
  allowedTo: person,
  input: StartApplicationInput,
  key: 'required',
  creates: true,
  made: { application: { type: Application, description: 'Created draft.' } },
  async prepare(input: StartApplicationInput, context: Context): Promise<Prepared> {
    const { db } = context.database
    const { service, version } = (await findService(db, input.serviceCode, context.today)) ?? {}
    const partyId = partyOrSelf(input.partyId) ?? context.caller.party
    const form = version && (await findForm(db, version.id))
    if (!service || !form || !partyId) return { fetched: new Map() }
    const documents = await registriesOf(db, await documentsOf(db, version.id))
    // Registries and the access log need the number before the application exists.
    const number = await nextNumber(db, context.now())
    const applying = { serviceCode: service.code, agencyId: service.agencyId, partyId, number }
    return { number, fetched: await askRegistries(form, documents, applying, context) }
  },
  async act(input: StartApplicationInput, acting: Acting, { number, fetched }: Prepared) {
    const { tx, context } = acting
    const found = await findService(tx, input.serviceCode, context.today)
    if (!found || !publicStatuses.includes(found.service.status))
      return refused([unknownCode('service.unknown', ['serviceCode'], input.serviceCode)])
    const { service, version } = found
    const { party, mandates } = await authorityOver(acting, partyOrSelf(input.partyId), {
      power: Power.FILE,
      service: service.code,
      scope: 'filings:write',
    })
    // Reads the form again: registries may take long, and another version may be in force by now.
    const form = version && (await findForm(tx, version.id))
    if (service.status !== ServiceStatus.ACTIVE || !version || !form || !isStartable(version))
      return refused([notStarted(version, form)])
    requireAssurance(context.caller, version.assurance)
    const userErrors = await userErrorsInApplicant(
      acting,
      { party, isOther: party !== context.caller.party },
      { service, version },
    )
    if (userErrors.length > 0) return refused(userErrors)

    const applicant = { number, party, mandates, origin: ApplicationOrigin.APPLICANT }
    const persons = await personsAround(acting, party)
    const content = prefill({}, form, fetched, { persons })
    const known = { party, answers: content.answers }
    const ineligible = await userErrorsByProcedure(service.code, known, context, tx)
    if (ineligible.length > 0) return refused(ineligible.map((userError) => ({ ...userError, field: ['partyId'] })))
    const { id } = await insertDraft(acting, { service, version }, applicant, content)
    return made({ application: id })
  },
})

export const isStartable = ({ handledAs }: Version): boolean => handledAs === HandledAs.APPLICATION

/** Why a service cannot be started: it accepts nothing now, or never an application. */
export function notStarted(version: Version | null, form: Form | null | undefined): UserError {
  const instead = version && !(form && isStartable(version)) ? insteadOf[version.handledAs] : undefined
  return instead
    ? invalid(instead, ['serviceCode'])
    : { code: 'NOT_ALLOWED_NOW', reason: 'service.not_online', field: ['serviceCode'] }
}
const insteadOf: Partial<Record<HandledAs, string>> = {
  [HandledAs.FILING]: 'service.filing',
  [HandledAs.PAYMENT]: 'service.payment',
  [HandledAs.VISA]: 'service.visa',
}
