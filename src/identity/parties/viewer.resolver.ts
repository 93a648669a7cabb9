import { type GraphQLObjectType, type GraphQLResolveInfo, getNamedType } from 'graphql'
import { Args, Ctx, FieldResolver, Info, Query, Resolver } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { PageArgs, type PageRow } from '../../engine/connection.js'
import { collect } from '../../engine/selection.js'
import { actsForParties, type Context, refuseWithoutScope, seesPersonal } from '../../shared/context.js'
import { nameOfScope } from '../programs/programScope.js'
import { ActingForConnection, PartyConnection, Viewer, ViewerProgram } from './viewer.js'
import { findCompanies, findWays, nameOfProgram } from './viewer.repository.js'

@Resolver(() => Viewer)
export class ViewerResolver {
  @AllowedTo(anyone)
  @Query(() => Viewer, {
    nullable: true,
    description:
      'The current caller. Also answers without a token, so that a frontend can check whether somebody is ' +
      'signed in.',
  })
  viewer(@Ctx() { caller }: Context): object {
    const { kind, party = null, assurance, signedInAt = null, offices } = caller
    const agencies = offices.map(({ agencyId, roles }) => ({ id: agencyId, roles }))
    return { id: party, kind, assurance, signedInAt, agencies }
  }

  @FieldResolver(() => ActingForConnection, {
    nullable: true,
    description:
      'Parties the caller may act for, directly or through an organisation they work for. Null for officers, ' +
      'operators, auditors and anonymous callers. Returns FORBIDDEN for a program without the scope ' +
      '`mandates:read`.',
  })
  async mandates(
    @Args(() => PageArgs) paging: PageArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<PageRow | null> {
    if (!actsForParties(context.caller)) return null
    refuseWithoutScope(context.caller, 'mandates:read')
    return await findWays(paging, isCounted(info), context)
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => PartyConnection, {
    nullable: true,
    description:
      'Organisations the caller may view for all services, including a program’s own. Null for officers, ' +
      'operators, auditors and anonymous callers. Returns FORBIDDEN for a program without the scope ' +
      '`mandates:read`.',
  })
  async companies(
    @Args(() => PageArgs) paging: PageArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<PageRow | null> {
    if (!actsForParties(context.caller)) return null
    refuseWithoutScope(context.caller, 'mandates:read')
    return await findCompanies(paging, isCounted(info), context)
  }

  @FieldResolver(() => ViewerProgram, {
    nullable: true,
    description: 'Program that makes the request. Null if the caller is not a program.',
  })
  async program(@Ctx() context: Context): Promise<ViewerProgram | null> {
    const { program } = context.caller
    if (!program) return null
    return {
      clientId: program.id,
      name: await nameOfProgram(program.id, context),
      scopes: [...program.scopes].sort().map(nameOfScope),
    }
  }
}

function isCounted(info: GraphQLResolveInfo): boolean {
  const { schema, fragments, variableValues: variables, fieldNodes } = info
  const type = getNamedType(info.returnType) as GraphQLObjectType // a page is one
  const nodes = [...collect({ schema, fragments, variables }, type, fieldNodes).values()].flat()
  return nodes.some(({ name }) => name.value === 'totalCount')
}
