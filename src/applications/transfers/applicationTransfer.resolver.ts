import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { loadFor } from '../../engine/fetch.js'
import type { Context } from '../../shared/context.js'
import { contentAccess, textsIn } from '../written.repository.js'
import { ApplicationTransfer } from './applicationTransfer.js'
import { applicationTransfers } from './applicationTransfer.table.js'

const reasonsOf = textsIn(applicationTransfers)

@Resolver(() => ApplicationTransfer)
export class ApplicationTransferResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: `Reason of the officer. Null if the application moved by rule. ${contentAccess}`,
  })
  async reason(@Root() { id }: { id: string }, @Ctx() context: Context): Promise<string | null> {
    return await loadFor(context, reasonsOf, id)
  }
}
