import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { ascending, fields, has, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { DateTime } from '../../shared/scalars.js'
import { appeals } from './appeal.table.js'
import { ApplicationDecision } from './decision.js'
import { decisions } from './decision.table.js'

@AllowedTo(anyone)
@Stored(appeals, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Appeal of the applicant against a decision.' })
export class ApplicationAppeal {
  @Field(() => DateTime, { description: 'When the appeal was filed.' })
  filedAt!: Date
}
fields(ApplicationAppeal, {
  decision: one(ApplicationDecision, appeals.decisionId, { description: 'Decision that is appealed.' }),
  answer: has(ApplicationDecision, decisions.appealId, {
    order: ascending(decisions.at),
    description: 'Decision on the appeal. Null until it is made.',
  }),
})
