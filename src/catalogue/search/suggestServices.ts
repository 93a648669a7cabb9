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
@ObjectType({ simpleResolvers: true, description: 'A service whose name matches a partly typed text.' })
export class Suggestion {}
fields(Suggestion, {
  service: one(Service, services.id, { nullable: false, description: 'Suggested service.' }),
  text: carried(() => String, 'text', { description: 'Name of the service, in the language that was typed.' }),
  highlight: carried(() => [HighlightPart], 'highlight', {
    description: 'Name of the service, with the matched words marked.',
  }),
})

const maxSuggestions = 10

@Resolver()
export class SuggestServicesResolver {
  @AllowedTo(anyone)
  @Extensions({ points: 5 })
  @Query(() => [Suggestion], {
    nullable: true,
    description:
      'Suggests services by name while the user types, most likely first. Empty if no word matches. Returns ' +
      'BAD_USER_INPUT if the text is too long, or `first` is out of range.',
  })
  async suggestServices(
    @Arg('text', () => String, { description: `Text typed so far. Its last word may be incomplete. ${bounds}` })
    text: string,
    @Arg('first', () => Int, { description: `Number of suggestions, 1 to ${maxSuggestions}.` }) first: number,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<object[]> {
    if (first < 1 || first > maxSuggestions) throw badInput(`\`first\` must be 1 to ${maxSuggestions}; it is ${first}.`)
    const typing = { goesOn: true }
    const terms = termsIn(text, typing)
    const wanted = terms.length > 0 ? wantedOf(terms, await findCandidates(terms, context), typing) : []
    const page = pageOf({ first }, maxSuggestions)
    const { rows } = await findServices({ wanted, page, namesOnly: true }, context, info)
    return rows.map(({ id, text }) => ({ id, text, highlight: highlighted(text, wanted) }))
  }
}
