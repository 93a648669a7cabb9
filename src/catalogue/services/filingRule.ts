import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Confidence, source } from '../../shared/confidence.js'
import { TermUnit } from '../../shared/termUnit.js'
import { Acknowledger, FilingPeriod, filingRules } from './filingRule.table.js'

registerEnumType(FilingPeriod, {
  name: 'FilingPeriod',
  description: 'Period that a filing is about.',
  valuesConfig: {
    NONE: { description: 'The filing names no period.' },
    MONTH: { description: 'A month, such as 2026-10.' },
    QUARTER: { description: 'A quarter of a year, such as 2026-Q3.' },
    YEAR: { description: 'A year, such as 2026.' },
  },
})
registerEnumType(Acknowledger, {
  name: 'Acknowledger',
  description: 'Who acknowledges a filing.',
  valuesConfig: {
    RULE: { description: 'The platform, by rule: a filing without errors is accepted at once.' },
    AGENCY: { description: 'The agency, by its program or an officer, who accepts or rejects the filing.' },
  },
})

/** What a rule has, and the input that publishes it takes. */
@ObjectType()
@InputType()
export abstract class FilingRuleFields {
  @Field(() => FilingPeriod, { description: 'Period that a filing names.' })
  period!: FilingPeriod
  @Field(() => Boolean, {
    description: 'True if a party can have only one live filing for a period. A correction replaces it.',
  })
  onePerPeriod!: boolean
  @Field(() => Acknowledger, { description: 'Who acknowledges a filing.' })
  acknowledgedBy!: Acknowledger
  @Field(() => Int, {
    nullable: true,
    description:
      'Time in which an accepted filing can be corrected or withdrawn, 1 to 1000 units. It ends with the day, counted from ' +
      'the day of receipt. Null if there is no limit.',
  })
  correctionValue?: number | null
  @Field(() => TermUnit, {
    nullable: true,
    description: 'Unit of `correctionValue`: CALENDAR_DAY or MONTH. Null if there is no limit.',
  })
  correctionUnit?: TermUnit | null
}

@AllowedTo(anyone)
@Stored(filingRules, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'How filings under a version of a service are handled.' })
export class FilingRule extends FilingRuleFields {
  @Field(() => String, {
    nullable: true,
    description:
      'Field of `FilingContentInput` with the typed content of this form, such as `vatReturn2026`. Null if the content ' +
      'is sent as `json`.',
  })
  typedAs!: string | null
  @Field(() => Confidence, { description: 'Confidence in the rule.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}
