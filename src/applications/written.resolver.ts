import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { loadFor } from '../engine/fetch.js'
import type { Context } from '../shared/context.js'
import { ApplicationAppeal } from './decisions/appeal.js'
import type { appeals } from './decisions/appeal.table.js'
import { ApplicationTimelineEntry } from './timelineEntry.js'
import type { timelineEntries } from './timelineEntry.table.js'
import { actorNamesOf, contentAccess, textsOf, writtenOf } from './written.repository.js'

@Resolver(() => ApplicationTimelineEntry)
export class TimelineEntryResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: `Text of the event: a message, a request, or the reason of an extension. ${contentAccess}`,
  })
  async text(@Root() { id }: typeof timelineEntries.$inferSelect, @Ctx() context: Context): Promise<string | null> {
    return await loadFor(context, textsOf, id)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Name of the person who acted as or for a party of the application, such as the person who signed or ' +
      `submitted it. Null for events of officers and programs, and for automatic ones. ${contentAccess}`,
  })
  async person(@Root() { id }: typeof timelineEntries.$inferSelect, @Ctx() context: Context): Promise<string | null> {
    return await loadFor(context, actorNamesOf, id)
  }
}

@Resolver(() => ApplicationAppeal)
export class AppealResolver {
  @FieldResolver(() => String, { nullable: true, description: `Text of the appeal. ${contentAccess}` })
  async text(
    @Root() { id, applicationId }: typeof appeals.$inferSelect,
    @Ctx() context: Context,
  ): Promise<string | null> {
    return (await loadFor(context, writtenOf, applicationId))?.appeals.get(id) ?? null
  }
}
