import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Ctx, Extensions, Info, Int, ObjectType, Query, Resolver } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { pageOf } from '../../engine/connection.js'
import { carried, fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { badInput } from '../../engine/errors.js'
import type { Context } from '../../shared/context.js'
import { Service } from '../services/service.js'
import { services } from '../services/service.table.js'
import { HighlightPart } from './highlightPart.js'
import { findCandidates, findServices } from './search.repository.js'
import { highlighted, wantedOf } from './search.rules.js'
import { bounds, termsIn } from './searchServices.js'

@AllowedTo(anyone)
@Stored(services, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'What may be meant by what was typed so far.' })
export class Suggestion {}
fields(Suggestion, {
  service: one(Service, services.id, { nullable: false, description: 'The service.' }),
  text: carried(() => String, 'text', { description: 'Its name, in the language that was typed.' }),
  highlight: carried(() => [HighlightPart], 'highlight', { description: 'The name, with the words that were typed.' }),
})

const mostSuggestions = 10

@Resolver()
export class SuggestServicesResolver {
  @AllowedTo(anyone)
  @Extensions({ points: 5 })
  @Query(() => [Suggestion], {
    nullable: true,
    description:
      'What may be meant by a text that is still being typed: names of services, the likeliest first. Nothing where the ' +
      'text holds no word that any name has. BAD_USER_INPUT for one that is too long.',
  })
  async suggestServices(
    @Arg('text', () => String, { description: `What was typed so far; its last word may go on. ${bounds}` })
    text: string,
    @Arg('first', () => Int, { description: `How many, 1 to ${mostSuggestions}.` }) first: number,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<object[]> {
    if (first < 1 || first > mostSuggestions)
      throw badInput(`\`suggestServices\` gives 1 to ${mostSuggestions}; ${first} were asked for.`)
    const typing = { goesOn: true }
    const terms = termsIn(text, typing)
    const wanted = terms.length > 0 ? wantedOf(terms, await findCandidates(terms, context), typing) : []
    const page = pageOf({ first }, mostSuggestions)
    const { rows } = await findServices({ wanted, page, namesOnly: true }, context, info)
    return rows.map(({ id, text }) => ({ id, text, highlight: highlighted(text, wanted) }))
  }
}
