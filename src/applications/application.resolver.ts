import { sql } from 'drizzle-orm'
import { GraphQLJSON, GraphQLJSONObject } from 'graphql-scalars'
import { Ctx, Field, FieldResolver, ID, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import { NIL } from 'uuid'
import { pathOf, userErrorsOf } from '../catalogue/forms/answers.rules.js'
import { fieldsOf } from '../catalogue/forms/form.fields.js'
import { partsOf } from '../catalogue/forms/form.persons.js'
import { faultsInAgencies } from '../catalogue/forms/form.repository.js'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import { asked, Brings } from '../engine/declare.js'
import { refusal } from '../engine/errors.js'
import { loadFor } from '../engine/fetch.js'
import { UserErrorType } from '../engine/userError.js'
import { agenciesOf } from '../identity/officers/offices.js'
import { knownOf } from '../identity/parties/party.repository.js'
import { PartyIdentifier } from '../identity/parties/party.resolver.js'
import { type Context, seesPersonal } from '../shared/context.js'
import { messageIn, userErrorTypeFor } from '../shared/messages.js'
import { DateTime } from '../shared/scalars.js'
import type { ViewerCan } from '../shared/viewerCan.js'
import { Application, ApplicationViewerCan } from './application.js'
import { type Application as ApplicationRow, type Facts, factsSql } from './application.repository.js'
import type { applications } from './application.table.js'
import { type Content, contentsOf, findFormOf } from './content.repository.js'
import { formVersionOf, labelsIn } from './drafts/form.repository.js'
import type { Source } from './drafts/identity.rules.js'
import type { Prefilled } from './drafts/prefill.js'
import { userErrorsByProcedure } from './procedure.js'
import { findRelated, relatedTo } from './reading.repository.js'
import { notNow } from './refusal.rules.js'
import { disputedIn } from './submission/difference.rules.js'
import { namedToConfirm, userErrorsOfNamed } from './submission/invitation.rules.js'
import { Action, Doer, missingFor, transitionOf, transitions } from './transition.rules.js'

enum AnswerOrigin {
  SIGN_IN = 'SIGN_IN',
  REGISTRY = 'REGISTRY',
  DECLARED = 'DECLARED',
  ACCEPTED = 'ACCEPTED',
}
registerEnumType(AnswerOrigin, {
  name: 'AnswerOrigin',
  description: 'Where an answer came from. Answers of the applicant that need no source are not listed.',
  valuesConfig: {
    SIGN_IN: { description: 'The sign-in of the applicant. Nobody can change it.' },
    REGISTRY: { description: 'A registry. Nobody can change it.' },
    DECLARED: {
      description:
        'The applicant, because the registry was down. Must be confirmed by the registry or accepted by an officer ' +
        'before a decision.',
    },
    ACCEPTED: { description: 'The applicant, because the registry was down. An officer accepted it with a reason.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Source of an answer.' })
export class AnswerSource {
  @Field(() => [String], { description: 'Path to the answer in `answers`.' })
  at!: string[]
  @Field(() => AnswerOrigin, { description: 'Where the answer came from.' })
  origin!: AnswerOrigin
  @Field(() => String, { nullable: true, description: 'Code of the registry. Null if the answer came from sign-in.' })
  registry!: string | null
  @Field(() => ID, {
    nullable: true,
    description:
      'ID of the message with which the registry answered. The access log has the same ID. Null if no registry ' +
      'answered.',
  })
  messageId!: string | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the registry answered. Null if it has not yet, or the answer came from sign-in.',
  })
  fetchedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the applicant gave the answer while the registry was down. Null otherwise.',
  })
  declaredAt!: Date | null
  @Field(() => GraphQLJSON, {
    nullable: true,
    description:
      'Value of the registry, if it differs from the answer. Null if it does not, and if the registry answered ' +
      'without a value: `fetchedAt` is set then. Visible to officers and to the party whom the answer is about.',
  })
  registryValue!: unknown
  @Field(() => DateTime, { nullable: true, description: 'When an officer accepted the answer. Null if none has.' })
  acceptedAt!: Date | null
  @Field(() => String, { nullable: true, description: 'Why an officer accepted the answer. Null if none has.' })
  acceptedFor!: string | null
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Party that applies.' })
export class Applicant {
  @Field(() => String, { nullable: true, description: 'Name. Null if it is not known.' })
  name!: string | null
  @Field(() => [PartyIdentifier], { description: 'Identifiers of the party.' })
  identifiers!: PartyIdentifier[]
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Answers that later ones replaced.' })
export class EarlierAnswers {
  @Field(() => GraphQLJSONObject, { description: 'Replaced answers.' })
  answers!: object
  @Field(() => DateTime, { description: 'When they were replaced.' })
  until!: Date
}

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'Content of an application. Access is logged unless the caller is the applicant.',
})
export class ApplicationContent {
  @Field(() => GraphQLJSONObject, { description: 'Answers to the form of the service.' })
  answers!: object
  @Field(() => [AnswerSource], {
    description: 'Sources of answers that came from sign-in and registries, or were given because a registry was down.',
  })
  sources!: AnswerSource[]
  @Field(() => Applicant, { description: 'Party that applies.' })
  applicant!: Applicant
  @Field(() => [EarlierAnswers], {
    description: 'Answers that a response to the agency replaced, oldest first.',
  })
  earlier!: EarlierAnswers[]
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Officer to whom an application is assigned.' })
export class AssignedOfficer {
  @Field(() => Boolean, { description: 'True if the officer is the caller.' })
  isCaller!: boolean
  @AllowedTo(seesPersonal)
  @Field(() => String, {
    nullable: true,
    description:
      'Name of the officer. Visible to officers of the agency only. Null for others, who find the name in the ' +
      'decision.',
  })
  name!: string | null
}

type Shown = Pick<typeof applications.$inferSelect, 'id' | 'partyId' | 'serviceCode' | 'officerId' | 'agencyId'>

type Differing = Pick<typeof applications.$inferSelect, 'id' | 'differing'>
type ShownCase = ApplicationRow & { facts?: Facts }
const hasFacts = (application: ShownCase): application is ApplicationRow & { facts: Facts } =>
  application.facts !== undefined
const officerNow = asked(({ caller }: Context) => caller.party ?? NIL)
const momentNow = asked(({ now }: Context) => now().toISOString())

@Resolver(() => Application)
export class ApplicationResolver {
  @FieldResolver(() => ApplicationContent, {
    nullable: true,
    description:
      'Answers and applicant. Visible to everybody who acts for the applicant, to co-applicants, and to programs of the ' +
      'agency with the scope `cases:read`. Among ' +
      'officers, only to the assigned one and those who used `openApplication`. Returns FORBIDDEN to other ' +
      'officers, in an officer’s own case, and to auditors. Requires the assurance level of the service, and ' +
      'SUBSTANTIAL if the account ever had it. Officers require HIGH. Returns STEP_UP_REQUIRED below that level.',
  })
  async content(@Root() application: Shown, @Ctx() context: Context): Promise<ApplicationContent> {
    return await contentOf(application, context)
  }

  @FieldResolver(() => [UserErrorType], {
    nullable: true,
    description:
      'Errors in the answers, as `submitApplication` would return them. Empty if there are none. Requires the same ' +
      'access as `content`.',
  })
  async validationErrors(
    @Root() { id, partyId, serviceCode }: Shown,
    @Ctx() context: Context,
  ): Promise<UserErrorType[]> {
    const { answers, versionId } = await readable(id, context)
    const form = await findFormOf(versionId, context)
    const faults = form
      ? [...form.faultsIn(answers, context.today), ...(await faultsInAgencies(context.database.db, form, answers))]
      : []
    const named = form ? namedToConfirm(form.schema, answers) : null
    const applicant = named ? (await loadFor(context, knownOf, partyId)).identifiers : []
    return [
      ...(form ? userErrorsOf(form.schema, faults) : []),
      ...userErrorsOfNamed(named, applicant),
      ...(await userErrorsByProcedure(serviceCode, { party: partyId, answers }, context, context.database.db)),
    ].map((userError) => userErrorTypeFor(userError, context))
  }

  @FieldResolver(() => [UserErrorType], {
    nullable: true,
    description:
      'Answers that differ from what the sign-in of a co-applicant or a registry knows. The application returned as a ' +
      'draft because of them. An answer leaves the list when it is changed. Requires the same access as `content`.',
  })
  async differences(@Root() { id, differing }: Differing, @Ctx() context: Context): Promise<UserErrorType[]> {
    if (!differing) return []
    const { answers, versionId } = await readable(id, context)
    const form = await findFormOf(versionId, context)
    const disputed = form ? disputedIn(form.schema, answers, differing) : []
    return disputed.map((userError) => userErrorTypeFor(userError, context))
  }

  @FieldResolver(() => AssignedOfficer, {
    nullable: true,
    description: 'Officer to whom the application is assigned. Null if it is not assigned.',
  })
  async officer(@Root() application: Shown, @Ctx() context: Context): Promise<AssignedOfficer | null> {
    const { officerId, agencyId } = application
    if (!officerId) return null
    const isColleague = context.caller.kind === 'OFFICER' && agenciesOf(context.caller).includes(agencyId)
    const name = isColleague ? (await loadFor(context, knownOf, officerId)).name : null
    return { isCaller: officerId === context.caller.party, name }
  }

  @Brings({ facts: (row) => factsSql(row, sql`${officerNow}`, sql`${momentNow}`) })
  @FieldResolver(() => [ApplicationViewerCan], {
    nullable: true,
    description: 'What the caller may do now, and why not. A command can still return other errors.',
  })
  async viewerCan(@Root() application: ShownCase, @Ctx() context: Context): Promise<ViewerCan<Action>[]> {
    const { id } = application
    const found = hasFacts(application)
      ? await loadFor(context, relatedTo, application)
      : await loadFor(context, findRelated, id)
    if (!found) throw new Error(`the application ${id} was just there, and is not`)
    const { unsettled } = found.application
    const form = unsettled.length > 0 ? await findFormOf(formVersionOf(found.application), context) : undefined
    const labels = form ? labelsIn(form, unsettled) : []
    return shownActions.map((action) => {
      const answer = transitionOf(action, found.facts, found.relation, context.now())
      if (!('refused' in answer)) {
        const missing = missingFor(action, found.facts)
        return { action, allowed: true, reason: null, message: null, missing }
      }
      const isUnsettled = answer.refused === 'unsettled'
      const missing = isUnsettled ? unsettled : missingFor(action, found.facts)
      const userError = notNow(answer.refused, isUnsettled ? labels : [])
      const message = () => messageIn(context.language, userError)
      return { action, allowed: false, reason: userError.reason, message, missing }
    })
  }
}

/** Without those that only the worker takes. */
const shownActions = Object.values(Action).filter((action) =>
  transitions.some((transition) => transition.action === action && transition.by.some((doer) => doer !== Doer.SYSTEM)),
)

function sourcesIn({ places, declared = {} }: Prefilled, mayKnow: (at: string) => boolean): AnswerSource[] {
  const paths = [...new Set([...Object.keys(places), ...Object.keys(declared)])]
  return paths.map((at) => {
    const source = places[at] ?? declared[at]?.found?.source
    const { registry = source?.registry ?? null, declaredAt, found, accepted } = declared[at] ?? {}
    return {
      at: pathOf(at),
      origin: originOf(places[at], accepted),
      registry,
      messageId: source?.messageId ?? null,
      fetchedAt: momentIn(source?.fetchedAt),
      declaredAt: momentIn(declaredAt),
      registryValue: found && mayKnow(at) ? found.value : null,
      acceptedAt: momentIn(accepted?.at),
      acceptedFor: accepted?.reason ?? null,
    }
  })
}
const originOf = (source: Source | undefined, accepted: object | undefined): AnswerOrigin => {
  if (source) return source.registry === null ? AnswerOrigin.SIGN_IN : AnswerOrigin.REGISTRY
  return accepted ? AnswerOrigin.ACCEPTED : AnswerOrigin.DECLARED
}
const momentIn = (text: string | null | undefined): Date | null => (text == null ? null : new Date(text))

export async function contentOf(
  { id, partyId }: Pick<Shown, 'id' | 'partyId'>,
  context: Context,
): Promise<ApplicationContent> {
  const { answers, prefilled, earlier, versionId } = await readable(id, context)
  const { name, identifiers } = await loadFor(context, knownOf, partyId)
  const { relation } = (await loadFor(context, findRelated, id)) ?? {}
  const isDisputed = Object.values(prefilled.declared ?? {}).some(({ found }) => found)
  const form = isDisputed ? await findFormOf(versionId, context) : undefined
  /** What a registry knows about a party is for officers and that party. */
  const mayKnow = (at: string) => {
    if (context.caller.kind === 'OFFICER') return true
    const { confirms } = partsOf(form ? fieldsOf(form.schema) : [])({ at })
    return Boolean(confirms ? relation?.powersOverOthers.size : relation?.powers.size)
  }
  return {
    answers,
    earlier,
    sources: sourcesIn(prefilled, mayKnow),
    applicant: { name, identifiers },
  }
}

async function readable(id: string, context: Context): Promise<Content> {
  const found = await loadFor(context, contentsOf, id)
  if ('content' in found) return found.content
  throw refusal(
    'FORBIDDEN',
    'Officers may read the content only of applications assigned to them, and never in their own case.',
    {
      reason: 'application.not_assigned',
    },
  )
}
