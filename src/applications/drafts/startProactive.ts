import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, InputType } from 'type-graphql'
import { NIL, v7 } from 'uuid'
import { userErrorsInSize, userErrorsOf } from '../../catalogue/forms/answers.rules.js'
import { findForm } from '../../catalogue/forms/form.repository.js'
import { publicStatuses } from '../../catalogue/publishing/status.rules.js'
import { Audience, ServiceStatus } from '../../catalogue/services/service.table.js'
import { command, made, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { caseOfficesOf } from '../../identity/officers/offices.js'
import { refuseOwnCase } from '../../identity/officers/ownCase.js'
import { IdentifierType } from '../../identity/parties/identifier.table.js'
import { partyNamedByOther } from '../../identity/parties/identifiers.js'
import { PartyKind } from '../../identity/parties/party.table.js'
import { Assurance } from '../../shared/assurance.table.js'
import { type Context, hasScope, only } from '../../shared/context.js'
import { Fin } from '../../shared/identifiers/scalars.js'
import { unknownCode } from '../../shared/userErrors.js'
import { audiencesOf, notForThem } from '../applicant.repository.js'
import { Application } from '../application.js'
import { holdCaseOffice } from '../application.repository.js'
import { ApplicationOrigin, ApplicationState } from '../application.table.js'
import { runTerm } from '../casework/term.js'
import { userErrorsInRepetition } from '../repetition.repository.js'
import { termFrom } from '../submission/registerApplication.js'
import { settleTariff, writeFees } from '../submission/settleTariff.js'
import { userErrorsInContent } from '../submission/submitApplication.js'
import { insertApplication, nextNumber } from './draft.repository.js'
import { documentsOf, findService, processOf, registriesOf } from './form.repository.js'
import { personsAround } from './persons.repository.js'
import { askRegistries, mismatchesOf, prefill, type RegistryAnswers } from './prefill.js'
import { isStartable, notStarted } from './startApplication.js'

@InputType({ description: 'Input of `startProactive`.' })
export class StartProactiveInput {
  @Field(() => String, { description: 'Code of a service of the agency.' })
  serviceCode!: string
  @Field(() => Fin, { description: 'FİN of the person.' })
  fin!: string
  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'Answers that no registry has. Those of registries are filled in, and must not differ.',
  })
  answers?: Record<string, unknown> | null
}

interface Prepared {
  number?: string
  fetched: RegistryAnswers
}

const caseOfficerOrProgram = only(
  'caseOfficerOrProgram',
  'officers who review or approve, and programs of agencies with the scope cases:start',
  ['OFFICER', 'AGENCY_PROGRAM'],
  { assurance: Assurance.HIGH },
  (caller) => (caller.kind === 'AGENCY_PROGRAM' ? hasScope(caller, 'cases:start') : caseOfficesOf(caller).length > 0),
)

export const startProactive = command({
  name: 'startProactive',
  description:
    'Opens a case for a person who has not applied, and assigns it to the officer. The registries of the service are ' +
    'queried for the agency, and fill in the answers. The person sees the case at once. The decision is made with ' +
    '`decideApplication`, and the person may object to an approval with `withdrawApplication`. Requires the role ' +
    'REVIEWER or APPROVER at the agency, and a service that allows it. A program of the agency with the scope ' +
    '`cases:start` opens a case that is assigned to nobody. Returns NOT_FOUND for a service of another ' +
    'agency. Returns NOT_ALLOWED_NOW if the service accepts no applications, is not proactive, needs a registry that is down, or ' +
    'allows only one open application and there is one. Returns MISSING and INVALID for answers that neither a registry ' +
    'nor the officer has given, or that differ. Returns FORBIDDEN in the caller’s own case.',
  allowedTo: caseOfficerOrProgram,
  input: StartProactiveInput,
  key: 'required',
  creates: true,
  made: { application: { type: Application, description: 'Case of the person, assigned to the officer.' } },
  async prepare({ serviceCode, fin }: StartProactiveInput, context: Context): Promise<Prepared> {
    const { db } = context.database
    const { service, version } = (await findService(db, serviceCode, context.today)) ?? {}
    const offices = context.caller.kind === 'AGENCY_PROGRAM' ? context.caller.offices : caseOfficesOf(context.caller)
    const isTheirs = offices.some(({ agencyId }) => agencyId === service?.agencyId)
    const form = version && (await findForm(db, version.id))
    if (
      !service ||
      !form ||
      !isTheirs ||
      !isGiven(service) ||
      !isStartable(version) ||
      !(await processOf(db, version.id)).proactive
    )
      return { fetched: new Map() }
    // Registries are asked about a party. The access log needs the number before the application exists.
    const partyId = await db.transaction(async (tx) => await partyOf({ tx, context }, fin))
    const number = await nextNumber(db, context.now())
    const documents = await registriesOf(db, await documentsOf(db, version.id))
    const applying = { serviceCode: service.code, agencyId: service.agencyId, partyId, number }
    return { number, fetched: await askRegistries(form, documents, applying, context) }
  },
  async act({ serviceCode, fin, answers }: StartProactiveInput, acting: Acting, { number, fetched }: Prepared) {
    const { tx, context } = acting
    const found = await findService(tx, serviceCode, context.today)
    const office = await holdCaseOffice(acting, found?.service.agencyId ?? NIL)
    if (!found || !office || !publicStatuses.includes(found.service.status))
      return refused([unknownCode('service.unknown', ['serviceCode'], serviceCode)])
    const { service, version } = found
    const form = version && (await findForm(tx, version.id))
    if (!isGiven(service) || !version || !form || !isStartable(version)) return refused([notStarted(version, form)])
    const process = await processOf(tx, version.id)
    const given = answers ?? {}
    const isForPersons = service.audiences.some((audience) => persons.includes(audience))
    const wrong = [
      ...(process.proactive ? [] : [notProactive]),
      ...(isForPersons ? [] : [notForFin]),
      ...userErrorsInSize(given),
    ]
    if (wrong.length > 0) return refused(wrong)
    // The agency decides from what registries say, so it waits for all of them.
    if ([...fetched.values()].some(({ down }) => down)) return refused([registryIsDown])
    const party = await partyOf(acting, fin)
    // The status of somebody who has never signed in is unknown.
    const known = await audiencesOf(acting, party)
    if (known.length > 0 && !known.some((audience) => service.audiences.includes(audience))) return refused([notForFin])
    const repeated = await userErrorsInRepetition(acting, { party, service, versionId: version.id })
    if (repeated.length > 0) return refused(repeated.map((one) => ({ ...one, field: ['fin'] })))
    const around = await personsAround(acting, party)
    const filled = prefill(given, form, fetched, { persons: around })
    const id = v7()
    const content = { id, partyId: party, versionId: version.id, ...filled }
    const differing = userErrorsOf(form.schema, mismatchesOf(given, form, filled, { persons: around }))
    const { registryDown } = process
    const userErrors = [
      ...differing,
      ...(await userErrorsInContent(acting, content, around, { registryDown, service })),
    ]
    if (userErrors.length > 0) return refused(userErrors)

    const now = context.now()
    // A program has no desk: it decides what lies on none.
    const officerId = context.caller.party ?? null
    const applicant = known.find((audience) => service.audiences.includes(audience))
    const settling = { version, form: form.schema, answers: filled.answers, applicant, today: context.today }
    const settled = await settleTariff(tx, settling)
    const { tariffId } = settled
    const unregistered = { id, versionId: version.id, formVersionId: null, tariffId, unsettled: [] }
    const { due, notBefore } = await termFrom(tx, unregistered, process, now)
    const begun = { number, party, mandates: [], origin: ApplicationOrigin.PROACTIVE, under: { under: office } }
    const application = await insertApplication(acting, { service, version }, begun, filled, {
      state: officerId ? ApplicationState.IN_REVIEW : ApplicationState.REGISTERED,
      event: 'application.started_by_agency',
      due: due && { dueOn: due.dueOn, reason: 'term.registered' },
      set: {
        id,
        tariffId,
        submittedAt: now,
        registeredAt: now,
        dueOn: due?.dueOn ?? null,
        dueAt: due?.dueAt ?? null,
        notBefore,
        officerId,
      },
    })
    await writeFees(tx, id, settled)
    await runTerm(tx, application, due)
    return made({ application: id })
  },
})

const persons = [Audience.CITIZEN, Audience.FOREIGNER, Audience.STATELESS]
const isGiven = ({ status }: { status: ServiceStatus }) => status === ServiceStatus.ACTIVE

/** The person with this FİN. Throws FORBIDDEN in the officer's own case. */
async function partyOf(acting: Acting, fin: string): Promise<string> {
  const { party } = await partyNamedByOther(acting.tx, acting.context.keyring, {
    kind: PartyKind.NATURAL_PERSON,
    identifier: { type: IdentifierType.FIN, value: fin },
    createdAt: acting.context.now(),
  })
  await refuseOwnCase(acting, party)
  return party
}

const notForFin: UserError = { ...notForThem, field: ['fin'] }
const registryIsDown: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'application.registry_down',
  field: ['serviceCode'],
}
const notProactive: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'service.not_proactive',
  field: ['serviceCode'],
}
