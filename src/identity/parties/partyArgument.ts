import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Owner } from '../../engine/declare.js'
import { keyIn } from '../../engine/node.js'
import type { Context } from '../../shared/context.js'

/** Of a party's node id its key; of anything else one that nobody has, so that the same is asked of the database. */
export const partyNamed = (id: string): string => keyIn(id, 'Party')

/** In the input of a command whose `partyId` is oneself where none is named. */
export const partyOrSelf = (id: string | null | undefined): string | undefined =>
  id == null ? undefined : partyNamed(id)

/** For a list of what belongs to parties: its argument `party`. */
export const ofParty = (column: PgColumn): Owner => ({
  argument: 'party',
  column,
  description: 'ID of a party that the caller may view. Defaults to the caller (for a program: its organisation).',
  keyOf: (id, { caller }: Context) => partyOrSelf(id) ?? caller.party ?? null,
})
