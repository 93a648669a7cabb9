import { Field, InputType, Int } from 'type-graphql'
import { Assurance } from '../../shared/assurance.js'
import { LocalizedInput } from '../../shared/localized.js'

import { Currency, Decimal } from '../../shared/money.js'
import { LegalDate } from '../../shared/scalars.js'
import { TermUnit } from '../../shared/termUnit.js'
import { upTo } from '../../shared/texts.rules.js'
import { FeeDue } from '../services/fee.table.js'
import { RegistryDown, TermEnd } from '../services/process.table.js'
import { Audience, Direction } from '../services/service.table.js'
import { Automation, Interaction, ResultKind } from '../services/serviceVersion.table.js'

@InputType({ description: 'What a service costs in one of its variants. One that is free says "0".' })
export class FeeInput {
  @Field(() => LocalizedInput, { description: `For whom, what or how fast. ${upTo.name}` })
  variant!: LocalizedInput
  @Field(() => Decimal, { description: 'In units of the currency: "12.50".' })
  amount!: string
  @Field(() => Currency, { description: 'The currency it is paid in.' })
  currency!: string
  @Field(() => FeeDue, { description: 'When it is to be paid; NONE where it is free, and only there.' })
  due!: FeeDue
  @Field(() => LocalizedInput, { nullable: true, description: `What else should be known of it. ${upTo.prose}` })
  note?: LocalizedInput | null
  @Field(() => String, { description: `The norm that sets the amount. ${upTo.reference}` })
  source!: string
}

@InputType({ description: 'How long a service takes at most in one of its variants.' })
export class ProcessingTermInput {
  @Field(() => LocalizedInput, { description: `Which of the ways: "urgent". ${upTo.name}` })
  variant!: LocalizedInput
  @Field(() => Int, { description: 'How many units: 0 with INSTANT, 1 to 1000 with any other.' })
  value!: number
  @Field(() => TermUnit, { description: 'The unit of the value.' })
  unit!: TermUnit
  @Field(() => String, { description: `The norm that sets the term. ${upTo.reference}` })
  source!: string
}

@InputType({ description: 'A document that the regulation wants with an application.' })
export class RequiredDocumentInput {
  @Field(() => String, {
    description:
      'Code by which attachments name the document, unique in this version. 2 to 60 Latin capitals, digits, - and _; begins ' +
      'with a letter.',
  })
  code!: string
  @Field(() => LocalizedInput, { description: `What the document is called. ${upTo.name}` })
  name!: LocalizedInput
  @Field(() => Boolean, { description: 'Whether nothing is done without it.' })
  mandatory!: boolean
  @Field(() => String, {
    nullable: true,
    description: 'The code of the registry that holds what it says, so that the person is not asked for it.',
  })
  obtainableFromRegistry?: string | null
}

@InputType({ description: 'An administrative operation of the regulation.' })
export class ServiceStepInput {
  @Field(() => LocalizedInput, { description: `What the operation is called. ${upTo.name}` })
  name!: LocalizedInput
  @Field(() => LocalizedInput, { nullable: true, description: `What is done. ${upTo.prose}` })
  content?: LocalizedInput | null
  @Field(() => Int, { nullable: true, description: 'How long it takes at most, 1 to 1000; goes with `maximumUnit`.' })
  maximumValue?: number | null
  @Field(() => TermUnit, { nullable: true, description: 'The unit of `maximumValue`: any but INSTANT.' })
  maximumUnit?: TermUnit | null
  @Field(() => String, { nullable: true, description: 'The code of the agency that does it, where that is another.' })
  agency?: string | null
}

@InputType({ description: 'A norm that a service rests upon.' })
export class LegalBasisInput {
  @Field(() => LocalizedInput, { description: `The law, decree or rule. ${upTo.prose}` })
  title!: LocalizedInput
  @Field(() => String, { nullable: true, description: `The article meant, such as "38.6". ${upTo.reference}` })
  article?: string | null
  @Field(() => String, {
    nullable: true,
    description: `Where its text can be read: an address with https. ${upTo.reference}`,
  })
  url?: string | null
}

@InputType({
  description: 'What an application is asked to say. As JSON text, since the order of fields is the order shown.',
})
export class FormInput {
  @Field(() => String, {
    description:
      'A JSON Schema in the dialect of docs/forms.md, with `x-title` and `x-help` in all languages, complete in itself.',
  })
  schema!: string
  @Field(() => String, {
    description: 'The sections in their order: `[{"name", "title", "help", "fields": ["/place"]}]`.',
  })
  sections!: string
  @Field(() => String, { description: `The norm that says what is asked. ${upTo.reference}` })
  source!: string
}

@InputType({ description: 'A length of time.' })
export class DurationInput {
  @Field(() => Int, { description: 'How many units, 1 to 1000.' })
  value!: number
  @Field(() => TermUnit, { description: 'The unit of the value: any but INSTANT.' })
  unit!: TermUnit
}

@InputType({
  description: 'How an application goes its way: what is left out goes as usual. When it is paid for, the fees say.',
})
export class ProcessInput {
  @Field(() => Int, { nullable: true, description: 'How many apply together beside the applicant, 0 to 5.' })
  coApplicants?: number | null
  @Field(() => DurationInput, {
    nullable: true,
    description: 'So long nothing is decided after it came; a null that is written: no time at all.',
  })
  waiting?: DurationInput | null
  @Field(() => DurationInput, {
    nullable: true,
    description: 'By so much its term may be extended, once and with notice; a null that is written: by nothing.',
  })
  extension?: DurationInput | null
  @Field(() => TermEnd, {
    nullable: true,
    description: 'What happens when its term is over and nothing was decided.',
  })
  termEnd?: TermEnd | null
  @Field(() => Int, {
    nullable: true,
    description: 'For how many calendar days a decision can be appealed, 0 to 365; 0: it cannot.',
  })
  appealDays?: number | null
  @Field(() => RegistryDown, {
    nullable: true,
    description: 'What becomes of answers of a registry that cannot be asked.',
  })
  registryDown?: RegistryDown | null
  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the agency may begin one for a person, who then sends it.',
  })
  proactive?: boolean | null
  @Field(() => Boolean, { nullable: true, description: 'Whether its decisions are numbered without gaps.' })
  numbered?: boolean | null
  @Field(() => String, { description: `The norm that says so. ${upTo.reference}` })
  source!: string
}

@InputType({
  description:
    'The rules of a service, checked as a whole. Once published they are not changed: the next ones follow them.',
})
export class ServiceVersionInput {
  @Field(() => LegalDate, {
    description:
      'The first day on which they hold: today or later, at most two years ahead. Rules that were published before and have not begun ' +
      'by today are withdrawn.',
  })
  validFrom!: string
  @Field(() => Interaction, { description: 'Whether it tells or takes a request. What takes one has a form.' })
  interaction!: Interaction
  @Field(() => Automation, { description: 'How far it is done by machine.' })
  automation!: Automation
  @Field(() => Assurance, { description: 'How surely it must be known who asks.' })
  assurance!: Assurance
  @Field(() => Boolean, { description: 'Whether the request wants an electronic signature.' })
  signatureRequired!: boolean
  @Field(() => Boolean, { description: 'Whether one may ask for another who gave the power to do so.' })
  delegable!: boolean
  @Field(() => ResultKind, { description: 'What it ends in.' })
  result!: ResultKind
  @Field(() => LocalizedInput, { nullable: true, description: `What else a person should know. ${upTo.prose}` })
  note?: LocalizedInput | null
  @Field(() => String, {
    description: `Where the opinion on the service can be found: its number and date. ${upTo.reference}`,
  })
  opinionReference!: string
  @Field(() => String, {
    description: `Its entry in the register of electronic services: its number and date. ${upTo.reference}`,
  })
  registerReference!: string
  @Field(() => [FeeInput], { description: 'All it costs, 1 to 30.' })
  fees!: FeeInput[]
  @Field(() => [ProcessingTermInput], { description: 'How long it takes, 1 to 30.' })
  terms!: ProcessingTermInput[]
  @Field(() => [RequiredDocumentInput], { nullable: true, description: 'The documents it wants, at most 30.' })
  documents?: RequiredDocumentInput[] | null
  @Field(() => [ServiceStepInput], { nullable: true, description: 'The operations it is made of, at most 30.' })
  steps?: ServiceStepInput[] | null
  @Field(() => [LegalBasisInput], { nullable: true, description: 'The norms it rests upon, at most 30.' })
  legalBases?: LegalBasisInput[] | null
  @Field(() => ProcessInput, {
    nullable: true,
    description:
      'How an application goes its way. Left out, it goes as under the rules before; a null that is written: as usual.',
  })
  process?: ProcessInput | null
  @Field(() => FormInput, { nullable: true, description: 'What an application is asked to say.' })
  form?: FormInput | null
}

@InputType({
  description:
    'A service as it is to stand in the catalogue. What is left out stays as it is; a new service is given all but a description.',
})
export class PublishServiceInput {
  @Field(() => String, {
    description:
      'Its code, such as DIN-ID-ISSUE. One that stands gets these rules as its next; a new one begins with them.',
  })
  code!: string
  @Field(() => String, { nullable: true, description: 'The code of the agency that gives it, which stays.' })
  agency?: string | null
  @Field(() => String, { nullable: true, description: 'The code of the occasion in life that it belongs to.' })
  lifeEvent?: string | null
  @Field(() => LocalizedInput, { nullable: true, description: `Its name. ${upTo.name}` })
  name?: LocalizedInput | null
  @Field(() => LocalizedInput, {
    nullable: true,
    description: `What it is; a null that is written takes away what was said. ${upTo.prose}`,
  })
  description?: LocalizedInput | null
  @Field(() => [Audience], { nullable: true, description: 'Whom it is for: at least one.' })
  audiences?: Audience[] | null
  @Field(() => Direction, { nullable: true, description: 'Between whom it runs.' })
  direction?: Direction | null
  @Field(() => String, {
    nullable: true,
    description: `Where it is seen that there is this service: a law, a register. ${upTo.reference}`,
  })
  source?: string | null
  @Field(() => ServiceVersionInput, {
    nullable: true,
    description:
      'Its rules. Left out, those in force stay: so what can be asked for is described otherwise, and a suspension is lifted.',
  })
  version?: ServiceVersionInput | null
}
