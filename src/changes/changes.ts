import { Arg, Ctx, ID, Int, Query, Resolver } from 'type-graphql'
import { AllowedTo } from '../engine/allowedTo.js'
import { badInput } from '../engine/errors.js'
import { partyOrSelf } from '../identity/parties/partyArgument.js'
import { type Caller, type Context, ownPartyOf, type ProgramScope, refuseWithoutScope } from '../shared/context.js'
import { ChangePage, hasOneOf, knownTypes, mayRead, readers, type ShownType } from './change.js'
import { readChanges } from './change.repository.js'

const longestPage = 100

@Resolver()
export class ChangesResolver {
  @AllowedTo(readers)
  @Query(() => ChangePage, {
    nullable: true,
    description:
      'Everything that happened to what a party has, in the order of commits: applications, filings, charges, payments, refunds, ' +
      'documents, files, mandates and consents. A new change never appears before one that you have read. Requires the power VIEW ' +
      'over the party; a mandate for some services shows the changes of these services only. A program sees the types for which ' +
      'it has the scope. Empty for a party that the caller may not view. See docs/changes.md.',
  })
  async changes(
    @Arg('party', () => ID, {
      nullable: true,
      description: 'ID of a party that the caller may view. Defaults to the caller (for a program: its organisation).',
    })
    party: string | null | undefined,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Returns the changes after this cursor. Null: from the beginning.',
    })
    after: string | null | undefined,
    @Arg('first', () => Int, { description: `Number of changes, 1 to ${longestPage}.` }) first: number,
    @Arg('types', () => [String], {
      nullable: true,
      description:
        'Only changes of these types. Returns BAD_USER_INPUT for an unknown type, and FORBIDDEN for one whose scope a program lacks.',
    })
    types: string[] | null | undefined,
    @Ctx() context: Context,
  ): Promise<ChangePage> {
    if (first < 1 || first > longestPage) throw badInput(`\`first\` must be 1 to ${longestPage}; it is ${first}.`)
    const own = ownPartyOf(context.caller)
    const wanted = { party: partyOrSelf(party) ?? own, after: after ?? null, first }
    const known = knownTypes()
    const asked = types ? types.map((type) => typeNamed(type, known)) : [...known.values()]
    if (types) for (const { shown } of asked) refuseWithoutOneOf(context.caller, shown.scopes)
    const readable = asked.filter((type) => mayRead(context.caller, type, wanted.party === own))
    return await readChanges({ ...wanted, types: readable }, context)
  }
}

function refuseWithoutOneOf(caller: Caller, scopes: readonly ProgramScope[]): void {
  if (!hasOneOf(caller, scopes)) for (const scope of scopes) refuseWithoutScope(caller, scope)
}

function typeNamed(type: string, known: ReadonlyMap<string, ShownType>): ShownType {
  const found = known.get(type)
  if (!found) throw badInput(`"${type.slice(0, 60)}" is not a type of changes. docs/changes.md lists them.`)
  return found
}
