import { createHash } from 'node:crypto'
import type { GraphQLObjectType, GraphQLResolveInfo } from 'graphql'
import { Args, ArgsType, Ctx, Extensions, Field, Info, Query, Resolver } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { PageArgs, type PageRow, pageOf, positionOf } from '../../engine/connection.js'
import { badInput } from '../../engine/errors.js'
import { collect } from '../../engine/selection.js'
import type { Context } from '../../shared/context.js'
import { ServiceFilter } from '../services/service.listing.js'
import { ServiceHitConnection } from './search.js'
import { type Facets, findCandidates, findServices, type HitRow, type Place } from './search.repository.js'
import { highlighted, longestText, maxTerms, termsOf, wantedOf } from './search.rules.js'

export const bounds = `At most ${longestText} characters. Only the first ${maxTerms} words count.`

@ArgsType()
class SearchArgs extends PageArgs {
  @Field(() => String, { description: `Search text in everyday words. ${bounds}` })
  text!: string
  @Field(() => ServiceFilter, { nullable: true, description: 'Filters the hits. All conditions must match.' })
  filter?: ServiceFilter
}

@Resolver()
export class SearchServicesResolver {
  @AllowedTo(anyone)
  @Extensions({ points: 5 }) // by the time it takes PostgreSQL
  @Query(() => ServiceHitConnection, {
    nullable: true,
    description:
      'Searches services in all languages at once, best match first. Tolerates typing errors and word ' +
      'endings. Empty if no word matches. Returns BAD_USER_INPUT if the text is too long.',
  })
  async searchServices(
    @Args(() => SearchArgs) { text, ...paging }: SearchArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<PageRow & { facets?: Facets }> {
    const page = pageOf(paging, 100)
    const terms = termsIn(text)
    // The order depends on the caller's language.
    const list = `search.${context.language}.${createHash('sha256').update(terms.join(' ')).digest('base64url')}`
    const [after, before] = [placeOf(page.after, list), placeOf(page.before, list)]
    const wanted = terms.length > 0 ? wantedOf(terms, await findCandidates(terms, context)) : []
    const also = partsOf(info)
    const { rows, ...rest } = await findServices({ wanted, page, after, before, also }, context, info)
    const edges = rows.map((row) => ({
      cursor: cursorOf(row, list),
      node: { id: row.id, field: row.field, language: row.language, highlight: highlighted(row.text, wanted) },
    }))
    return { edges, ...rest }
  }
}

export function termsIn(text: string, typing?: { goesOn: boolean }): string[] {
  if (text.length > longestText)
    throw badInput(`\`text\` may have at most ${longestText} characters; it has ${text.length}.`)
  return termsOf(text, typing)
}

/** The selected fields of the page. */
function partsOf({ schema, fragments, variableValues: variables, fieldNodes }: GraphQLResolveInfo): Set<string> {
  const type = schema.getType('ServiceHitConnection') as GraphQLObjectType // the field's type is an object type
  const nodes = [...collect({ schema, fragments, variables }, type, fieldNodes).values()].flat()
  return new Set(nodes.map(({ name }) => name.value))
}

const cursorOf = ({ place, code }: HitRow, list: string) =>
  Buffer.from(JSON.stringify([list, place, code])).toString('base64')
function placeOf(cursor: string | null, list: string): Place | undefined {
  if (cursor === null) return undefined
  const [place, code] = positionOf(cursor, list)
  if (!/^-?\d{1,15}$/.test(place))
    throw badInput(`"${cursor.slice(0, 60)}" is not a cursor of this list. Use one from the same list.`)
  return { place, code }
}
