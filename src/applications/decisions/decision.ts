import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { IssuedDocument } from '../../documents/issued/issuedDocument.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { fields, leaf, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { DateTime } from '../../shared/scalars.js'
import { DecisionOutcome, decisions } from './decision.table.js'

registerEnumType(DecisionOutcome, {
  name: 'DecisionOutcome',
  description: 'What was decided.',
  valuesConfig: {
    APPROVED: { description: 'What was asked for is granted.' },
    REFUSED: { description: 'It is refused.' },
    DISCONTINUED: { description: 'The proceedings are ended without a decision on it.' },
  },
})

@AllowedTo(anyone)
@Stored(decisions, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'What an agency decided, or what the law takes to be decided.' })
export class ApplicationDecision {
  @Field(() => DecisionOutcome, { description: 'What was decided.' })
  outcome!: DecisionOutcome
  @Field(() => DateTime, { description: 'With effect at.' })
  at!: Date
  @Field(() => String, { nullable: true, description: 'Where to appeal; null where there is nothing to appeal.' })
  appealTo!: string | null
  @Field(() => DateTime, { nullable: true, description: 'Until when; null where there is nothing to appeal.' })
  appealUntil!: Date | null
}
fields(ApplicationDecision, {
  deemed: leaf(
    () => Boolean,
    [decisions.officerId],
    ({ officerId }: { officerId: string | null }) => officerId === null,
    {
      description: 'Whether nobody decided, and the law takes it to be so since the term was over.',
      nullable: false,
    },
  ),
  document: one(IssuedDocument, decisions.documentId, {
    description: 'What was issued of it; null where the caller may not see it.',
  }),
})
