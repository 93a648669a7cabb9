import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Owner } from '../../engine/declare.js'
import { keyIn } from '../../engine/node.js'
import type { Context } from '../../shared/context.js'

/** The key in a party's node ID. For any other ID, a key that nobody has, so that the same statements run. */
export const partyNamed = (id: string): string => keyIn(id, 'Party')

/** For an input whose `partyId` defaults to the caller. */
export const partyOrSelf = (id: string | null | undefined): string | undefined =>
  id == null ? undefined : partyNamed(id)

/** The argument `party` of a list. `of` is the key of the row, if the column is in a table of rows and parties. */
export const ofParty = (column: PgColumn, of?: PgColumn): Owner => ({
  argument: 'party',
  column,
  of,
  description: 'ID of a party that the caller may view. Defaults to the caller (for a program: its organisation).',
  keyOf: (id, { caller }: Context) => partyOrSelf(id) ?? caller.party ?? null,
})
