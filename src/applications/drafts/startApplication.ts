import { Field, ID, InputType } from 'type-graphql'
import { publicStatuses } from '../../catalogue/publishing/status.rules.js'
import { ServiceStatus } from '../../catalogue/services/service.table.js'
import { command, made, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { authorityOver } from '../../identity/mandates/powers.js'
import { partyOrSelf } from '../../identity/parties/partyArgument.js'
import { type Context, person, refuseUnsure } from '../../shared/context.js'
import { unknownCode } from '../../shared/userErrors.js'
import { refusalsOfApplicant } from '../applicant.repository.js'
import { Application } from '../application.js'
import { ApplicationOrigin } from '../application.table.js'
import { insertDraft } from './draft.repository.js'
import { documentsOf, findForm, findService, registriesOf } from './form.repository.js'
import { askRegistries, prefill, type Said } from './prefill.js'

@InputType({ description: 'For which service, and for whom.' })
export class StartApplicationInput {
  @Field(() => String, { description: 'The code of a service that can be asked for, such as DIN-ADDRESS-REG.' })
  service!: string
  @Field(() => ID, {
    nullable: true,
    description:
      'Who applies: the id of a party that the caller has the power FILE over in that service. Null: oneself.',
  })
  partyId?: string | null
}

export const startApplication = command({
  name: 'startApplication',
  description:
    'Begins an application: a draft, with the answers that the registries hold already. For the applicant, and whoever has ' +
    'the power FILE over them in that service. What a registry has answered is not asked for, and nobody changes it. Where ' +
    'one is down, its answers are left open.',
  allowedTo: person,
  input: StartApplicationInput,
  key: 'required',
  creates: true,
  made: { application: { type: Application, description: 'The draft.' } },
  async prepare({ service: code, partyId }: StartApplicationInput, context: Context): Promise<Said> {
    const { db } = context.database
    const found = await findService(db, code, context.today)
    const applicant = partyOrSelf(partyId) ?? context.caller.party
    if (!found?.version || !applicant) return new Map()
    const form = await findForm(db, found.version.id)
    const documents = await registriesOf(db, await documentsOf(db, found.version.id))
    return await askRegistries(form, documents, applicant, context)
  },
  async act(input: StartApplicationInput, acting: Acting, said: Said) {
    const { tx, context } = acting
    const found = await findService(tx, input.service, context.today)
    if (!found || !publicStatuses.includes(found.service.status))
      return refused([unknownCode('service.unknown', ['service'], input.service)])
    const { service, version } = found
    const { party, mandates } = await authorityOver(acting, partyOrSelf(input.partyId), {
      power: Power.FILE,
      service: service.code,
      scope: 'filings:write',
    })
    // Not the form that the registries were asked for: they may have taken long, and another version holds.
    const form = version && (await findForm(tx, version.id))
    if (service.status !== ServiceStatus.ACTIVE || !version || !form) return refused([notOnline])
    // The service says how surely it must be known who asks.
    refuseUnsure(context.caller, version.assurance)
    const unfit = await refusalsOfApplicant(
      acting,
      { party, isOther: party !== context.caller.party },
      { service, version },
    )
    if (unfit.length > 0) return refused(unfit)

    const applicant = { party, mandates, origin: ApplicationOrigin.APPLICANT }
    const { id } = await insertDraft(acting, { service, version }, applicant, prefill({}, form, said))
    return made({ application: id })
  },
})

export const notOnline: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'service.not_online',
  field: ['service'],
}
