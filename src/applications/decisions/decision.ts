import { sql } from 'drizzle-orm'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { IssuedDocument } from '../../documents/issued/issuedDocument.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, leaf, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { inTheirLanguage } from '../../shared/language.js'
import { DateTime } from '../../shared/scalars.js'
import { DecisionOutcome, decisions } from './decision.table.js'

registerEnumType(DecisionOutcome, {
  name: 'DecisionOutcome',
  description: 'Outcome of a decision.',
  valuesConfig: {
    APPROVED: { description: 'The request is granted.' },
    REFUSED: { description: 'The request is refused.' },
    DISCONTINUED: { description: 'The proceedings end without a decision on the request.' },
  },
})

@AllowedTo(anyone)
@Stored(decisions, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description: 'Decision on an application, made by an officer or a program of the agency, or deemed by law.',
})
export class ApplicationDecision {
  @Field(() => DecisionOutcome, { description: 'Outcome of the decision.' })
  outcome!: DecisionOutcome
  @Field(() => DateTime, { description: 'When the decision takes effect.' })
  at!: Date
  @Field(() => DateTime, {
    nullable: true,
    description: 'End of the term when the decision was made. Null if no term was known.',
  })
  dueAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'Last moment for an appeal. Null if the decision cannot be appealed.',
  })
  appealUntil!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description:
      'Last moment for the person to object with `withdrawApplication`, if the agency granted what nobody applied for. ' +
      'Null for other decisions.',
  })
  objectionUntil!: Date | null
}
type Maker = Pick<typeof decisions.$inferSelect, 'officerId' | 'programId'>

fields(ApplicationDecision, {
  appealTo: inTheirLanguage(
    decisions.appealTo,
    'Name of the agency that decides on an appeal: the superior one, or the same agency if there is none. Null if the ' +
      'decision cannot be appealed.',
  ),
  onTime: leaf(
    () => Boolean,
    [decisions.officerId, decisions.programId, decisions.at, decisions.dueAt],
    ({ officerId, programId, at, dueAt }: Maker & Pick<typeof decisions.$inferSelect, 'at' | 'dueAt'>) =>
      dueAt && (officerId ?? programId) !== null && at <= dueAt,
    {
      description: 'True if the agency decided within the term. Null if no term was known.',
      nullable: true,
      sql: ({ officerId, programId, at, dueAt }) =>
        sql`case when ${dueAt} is not null then coalesce(${officerId}, ${programId}) is not null and ${at} <= ${dueAt} end`,
    },
  ),
  deemed: leaf(
    () => Boolean,
    [decisions.officerId, decisions.programId],
    ({ officerId, programId }: Maker) => officerId === null && programId === null,
    {
      description: 'True if nobody decided in time and the law deems the application decided.',
      nullable: false,
      sql: ({ officerId, programId }) => sql`(${officerId} is null and ${programId} is null)`,
    },
  ),
  byProgram: leaf(
    () => Boolean,
    [decisions.programId],
    ({ programId }: Pick<Maker, 'programId'>) => programId !== null,
    {
      description: 'True if a program of the agency decided, and no officer.',
      nullable: false,
      sql: ({ programId }) => sql`${programId} is not null`,
    },
  ),
  document: one(IssuedDocument, decisions.documentId, {
    description: 'Document of the decision. Null if the caller may not see it, or none was issued.',
  }),
})
