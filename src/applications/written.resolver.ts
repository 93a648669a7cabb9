import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { loadFor } from '../engine/fetch.js'
import type { Context } from '../shared/context.js'
import type { appeals, decisions, timelineEntries } from './application.table.js'
import { Appeal, Decision } from './decision.js'
import { TimelineEntry } from './timelineEntry.js'
import { writtenOf } from './written.repository.js'

const forWhom = 'For who sees the content of the application: null to others, and where its applicant was forgotten.'

@Resolver(() => TimelineEntry)
export class TimelineEntryResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: `What was written: a message, what is asked for, why the term was extended. ${forWhom}`,
  })
  async text(
    @Root() { id, applicationId }: typeof timelineEntries.$inferSelect,
    @Ctx() context: Context,
  ): Promise<string | null> {
    return (await loadFor(context, writtenOf, applicationId))?.texts.get(id) ?? null
  }
}

@Resolver(() => Decision)
export class DecisionResolver {
  @FieldResolver(() => String, { nullable: true, description: `Why; of an approval what is granted. ${forWhom}` })
  async ground(
    @Root() { id, applicationId }: typeof decisions.$inferSelect,
    @Ctx() context: Context,
  ): Promise<string | null> {
    return (await loadFor(context, writtenOf, applicationId))?.grounds.get(id)?.ground ?? null
  }

  @FieldResolver(() => String, { nullable: true, description: `The norm that it rests upon. ${forWhom}` })
  async norm(
    @Root() { id, applicationId }: typeof decisions.$inferSelect,
    @Ctx() context: Context,
  ): Promise<string | null> {
    return (await loadFor(context, writtenOf, applicationId))?.grounds.get(id)?.norm ?? null
  }
}

@Resolver(() => Appeal)
export class AppealResolver {
  @FieldResolver(() => String, { nullable: true, description: `What was said. ${forWhom}` })
  async text(
    @Root() { id, applicationId }: typeof appeals.$inferSelect,
    @Ctx() context: Context,
  ): Promise<string | null> {
    return (await loadFor(context, writtenOf, applicationId))?.appeals.get(id) ?? null
  }
}
