import { GraphQLJSONObject } from 'graphql-scalars'
import { Ctx, Field, FieldResolver, ID, ObjectType, Resolver, Root } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
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
import type { applications } from './application.table.js'
import { type Content, contentsOf, findFormOf } from './content.repository.js'
import { userErrorsOf } from './drafts/answers.rules.js'
import { findRelated } from './reading.repository.js'
import { notNow } from './refusal.rules.js'
import { namedToConfirm, userErrorsOfNamed } from './submission/invitation.rules.js'
import { Action, Doer, transitionOf, transitions } from './transition.rules.js'

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'An answer that a registry gave: nobody else can give it.' })
export class PrefilledAnswer {
  @Field(() => [String], { description: 'Where it stands in the answers.' })
  at!: string[]
  @Field(() => String, { description: 'The code of the registry.' })
  registry!: string
  @Field(() => ID, { description: 'The id of the message by which it came: the access log has it too.' })
  messageId!: string
  @Field(() => DateTime, { description: 'When the registry said it.' })
  fetchedAt!: Date
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Who applies, as the officer sees them whom it is assigned to.' })
export class Applicant {
  @Field(() => String, { nullable: true, description: 'Their name as it was told; null where nobody has told it.' })
  name!: string | null
  @Field(() => [PartyIdentifier], { description: 'What they are known by.' })
  identifiers!: PartyIdentifier[]
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Answers that others took the place of.' })
export class EarlierAnswers {
  @Field(() => GraphQLJSONObject, { description: 'The answers as they stood.' })
  answers!: object
  @Field(() => DateTime, { description: 'Until when they did.' })
  until!: Date
}

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'What an application says. Whoever is not the applicant is logged as having opened it: see `accessLog`.',
})
export class ApplicationContent {
  @Field(() => GraphQLJSONObject, { description: 'The answers to the form of the service.' })
  answers!: object
  @Field(() => [PrefilledAnswer], { description: 'Those that registries gave.' })
  prefilled!: PrefilledAnswer[]
  @Field(() => Applicant, { description: 'Who applies.' })
  applicant!: Applicant
  @Field(() => [EarlierAnswers], {
    description: 'The answers as they were sent, and as they stood createdAt, where others were given on request.',
  })
  earlier!: EarlierAnswers[]
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Who looks at an application.' })
export class AssignedOfficer {
  @Field(() => Boolean, { description: 'Whether it is the caller.' })
  isCaller!: boolean
  @AllowedTo(seesPersonal)
  @Field(() => String, {
    nullable: true,
    description: 'The name, for the officers of the agency; null to all others, whom the decision tells who decided.',
  })
  name!: string | null
}

type Shown = Pick<typeof applications.$inferSelect, 'id' | 'partyId' | 'officerId' | 'agencyId'>

@Resolver(() => Application)
export class ApplicationResolver {
  @FieldResolver(() => ApplicationContent, {
    nullable: true,
    description:
      'What it says. For the applicant, whoever may look at it for them, and the officer who has it or has opened it ' +
      '(`openApplication`), unless the case has become their own; FORBIDDEN to other officers and to auditors. Requires the assurance of the service, ' +
      'SUBSTANTIAL of who was known so before, and HIGH of officers: else null with STEP_UP_REQUIRED.',
  })
  async content(@Root() application: Shown, @Ctx() context: Context): Promise<ApplicationContent> {
    return await contentOf(application, context)
  }

  @FieldResolver(() => [UserErrorType], {
    nullable: true,
    description:
      'What is to be mended before it can be sent, as `submitApplication` would say it of the answers; none where nothing ' +
      'is. For who sees the content.',
  })
  async validationErrors(@Root() { id, partyId }: Shown, @Ctx() context: Context): Promise<UserErrorType[]> {
    const { answers, versionId } = await readable(id, context)
    const form = await findFormOf(versionId, context)
    const named = form ? namedToConfirm(form.schema, answers) : null
    const applicant = named ? (await loadFor(context, knownOf, partyId)).identifiers : []
    return [
      ...(form ? userErrorsOf(form.schema, form.faultsIn(answers)) : []),
      ...userErrorsOfNamed(named, applicant),
    ].map((userError) => userErrorTypeFor(userError, context))
  }

  @FieldResolver(() => AssignedOfficer, {
    nullable: true,
    description: 'The officer whom it is assigned to; null: nobody has it yet.',
  })
  async officer(@Root() application: Shown, @Ctx() context: Context): Promise<AssignedOfficer | null> {
    const { officerId, agencyId } = application
    if (!officerId) return null
    const isColleague = agenciesOf(context.caller).includes(agencyId)
    const name = isColleague ? (await loadFor(context, knownOf, officerId)).name : null
    return { isCaller: officerId === context.caller.party, name }
  }

  @FieldResolver(() => [ApplicationViewerCan], {
    nullable: true,
    description: 'What the caller may do with it now, and why not. What a command refuses, this does not promise.',
  })
  async viewerCan(@Root() { id }: Shown, @Ctx() context: Context): Promise<ViewerCan<Action>[]> {
    const found = await loadFor(context, findRelated, id)
    if (!found) throw new Error(`the application ${id} was just there, and is not`)
    return shownActions.map((action) => {
      const answer = transitionOf(action, found.standing, found.relation, context.now())
      if (!('refused' in answer)) return { action, allowed: true, reason: null, message: null }
      const userError = notNow(answer.refused)
      return { action, allowed: false, reason: userError.reason, message: messageIn(context.language, userError) }
    })
  }
}

/** What only the worker does is nobody's to do. */
const shownActions = Object.values(Action).filter((action) =>
  transitions.some((transition) => transition.action === action && transition.by.some((doer) => doer !== Doer.SYSTEM)),
)

export async function contentOf(
  { id, partyId }: Pick<Shown, 'id' | 'partyId'>,
  context: Context,
): Promise<ApplicationContent> {
  const { answers, prefilled, earlier } = await readable(id, context)
  const { name, identifiers } = await loadFor(context, knownOf, partyId)
  return {
    answers,
    earlier,
    prefilled: Object.entries(prefilled.places).map(([at, { fetchedAt, ...source }]) => ({
      at: at.split('/').slice(1),
      ...source,
      fetchedAt: new Date(fetchedAt),
    })),
    applicant: { name, identifiers },
  }
}

async function readable(id: string, context: Context): Promise<Content> {
  const found = await loadFor(context, contentsOf, id)
  if ('content' in found) return found.content
  throw refusal(
    'FORBIDDEN',
    'The content of an application is for the officer whom it is assigned to, whose own case it is not.',
    {
      reason: 'application.not_assigned',
    },
  )
}
