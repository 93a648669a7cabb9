import { Field, InputType, Int } from 'type-graphql'
import { LocalizedInput } from '../../shared/localized.js'
import { Currency, Decimal } from '../../shared/money.js'
import { LegalDate } from '../../shared/scalars.js'
import { TermUnit } from '../../shared/termUnit.js'
import { upTo } from '../../shared/texts.rules.js'
import { FilingRuleFields } from '../services/filingRule.js'
import { RegistryDown, TermEnd } from '../services/process.table.js'
import { Audience, Direction } from '../services/service.table.js'
import { VersionRules } from '../services/serviceVersion.js'
import { Interaction } from '../services/serviceVersion.table.js'
import { FeeBudgetInput } from '../tariffs/fee.js'
import { FeeDue, FeeKind } from '../tariffs/fee.table.js'
import { TermPurpose } from '../tariffs/processingTerm.table.js'
import { mostCombinations, mostParts } from '../tariffs/tariff.rules.js'

@InputType({ description: 'One line of a tariff. A free tariff has one line with the amount "0".' })
export class FeeInput {
  @Field(() => String, {
    description:
      'Code of the line, unique in its tariff, such as `STATE_DUTY`. 2 to 60 Latin capitals, digits, - and _; begins with a letter.',
  })
  code!: string
  @Field(() => LocalizedInput, { description: `Name of the line, such as "State duty". ${upTo.name}` })
  name!: LocalizedInput
  @Field(() => FeeKind, { nullable: true, description: 'Kind of the fee. Required unless the amount is 0.' })
  kind?: FeeKind | null
  @Field(() => Decimal, {
    nullable: true,
    description:
      'Amount in units of the currency: "12.50". Null if the agency assesses it in each case, with `assessFee`.',
  })
  amount?: string | null
  @Field(() => Currency, { description: 'Currency of the fee.' })
  currency!: string
  @Field(() => LocalizedInput, {
    nullable: true,
    description: `What the amount is for, such as "page", if it is not the whole amount. ${upTo.name}`,
  })
  per?: LocalizedInput | null
  @Field(() => FeeDue, {
    nullable: true,
    description: 'When the fee is due. Required unless the amount is 0; not allowed if it is.',
  })
  due?: FeeDue | null
  @Field(() => FeeBudgetInput, { nullable: true, description: 'Account of the budget that receives the fee.' })
  budget?: FeeBudgetInput | null
  @Field(() => LocalizedInput, { nullable: true, description: `Remark about the fee. ${upTo.prose}` })
  note?: LocalizedInput | null
  @Field(() => String, { description: `Legal provision that sets the amount. ${upTo.reference}` })
  source!: string
}

@InputType({ description: 'A term of a tariff.' })
export class ProcessingTermInput {
  @Field(() => TermPurpose, { description: 'What the term limits. Each purpose occurs once in a tariff.' })
  purpose!: TermPurpose
  @Field(() => Int, { description: 'Number of units: 0 for INSTANT, otherwise 1 to 1000.' })
  value!: number
  @Field(() => TermUnit, { description: 'Unit of the value.' })
  unit!: TermUnit
  @Field(() => String, { description: `Legal provision that sets the term. ${upTo.reference}` })
  source!: string
}

@InputType({ description: 'An answer that a tariff requires.' })
export class TariffAnswerInput {
  @Field(() => String, {
    description: 'Path of a question of the form, such as `/speed`: one with options, or of yes or no, outside lists.',
  })
  at!: string
  @Field(() => [String], { description: 'Answers that fit. `true` or `false` for a question of yes or no.' })
  in!: string[]
}

@InputType({ description: 'When a tariff applies. All parts must be met; an omitted part is always met.' })
export class TariffRequirementInput {
  @Field(() => [TariffAnswerInput], { nullable: true, description: 'Answers that it requires, at most 30.' })
  answers?: TariffAnswerInput[] | null
  @Field(() => [Audience], {
    nullable: true,
    description: 'Kinds of applicants. An empty list is for nobody who applies here: the tariff only informs.',
  })
  applicants?: Audience[] | null
  @Field(() => Int, {
    nullable: true,
    description: 'Least age of the person concerned, in completed years on the day of submission, 0 to 150.',
  })
  minimumAge?: number | null
  @Field(() => Int, { nullable: true, description: 'Age that the person must not have reached, 1 to 150.' })
  belowAge?: number | null
}

@InputType({ description: 'What a service costs and how long it takes for some of its applications.' })
export class TariffInput {
  @Field(() => String, {
    description:
      'Code of the tariff, unique in the version. 2 to 60 Latin capitals, digits, - and _; begins with a letter.',
  })
  code!: string
  @Field(() => LocalizedInput, {
    description: `Name of the tariff, such as "Under 15, in 3 working days". ${upTo.name}`,
  })
  name!: LocalizedInput
  @Field(() => TariffRequirementInput, {
    nullable: true,
    description: 'When the tariff applies. Omit it if the version has one tariff for all.',
  })
  requires?: TariffRequirementInput | null
  @Field(() => [FeeInput], { description: `Its fees, 1 to ${mostParts}.` })
  fees!: FeeInput[]
  @Field(() => [ProcessingTermInput], {
    description: `Its terms, at most ${mostParts}. DECISION is required, unless the tariff is for nobody who applies here.`,
  })
  terms!: ProcessingTermInput[]
}

@InputType({ description: 'A document that an application requires under the regulation.' })
export class RequiredDocumentInput {
  @Field(() => String, {
    description:
      'Code by which attachments name the document, unique in this version. 2 to 60 Latin capitals, digits, - and _; begins ' +
      'with a letter.',
  })
  code!: string
  @Field(() => LocalizedInput, { description: `Name of the document. ${upTo.name}` })
  name!: LocalizedInput
  @Field(() => Boolean, {
    description: 'True if an application cannot be submitted without the document. A registry may answer instead.',
  })
  mandatory!: boolean
  @Field(() => String, {
    nullable: true,
    description:
      'Code of the registry with the same information. If it answers, the applicant need not attach the document.',
  })
  obtainableFromRegistryCode?: string | null
}

@InputType({ description: 'An operation in the administrative regulation of a service.' })
export class ServiceStepInput {
  @Field(() => LocalizedInput, { description: `Name of the operation. ${upTo.name}` })
  name!: LocalizedInput
  @Field(() => LocalizedInput, { nullable: true, description: `Description of the operation. ${upTo.prose}` })
  content?: LocalizedInput | null
  @Field(() => Int, { nullable: true, description: 'Maximum duration, 1 to 1000. Requires `maximumUnit`.' })
  maximumValue?: number | null
  @Field(() => TermUnit, { nullable: true, description: 'Unit of `maximumValue`. INSTANT is not allowed.' })
  maximumUnit?: TermUnit | null
  @Field(() => String, {
    nullable: true,
    description: 'Code of the agency that performs the operation. Omit for the agency of the service.',
  })
  agencyCode?: string | null
}

@InputType({ description: 'A legal provision that a service is based on.' })
export class LegalBasisInput {
  @Field(() => LocalizedInput, { description: `Title of the law, decree or rule. ${upTo.prose}` })
  title!: LocalizedInput
  @Field(() => String, { nullable: true, description: `Article, such as "38.6". ${upTo.reference}` })
  article?: string | null
  @Field(() => String, {
    nullable: true,
    description: `Address of the text, with https. ${upTo.reference}`,
  })
  url?: string | null
}

@InputType({ description: 'Ground on which an application may be refused, beside those of general law.' })
export class RefusalGroundInput {
  @Field(() => String, {
    description:
      'Code by which decisions name the ground, unique in this version. 2 to 60 Latin capitals, digits, - and _; ' +
      'begins with a letter. The code of a ground of general law replaces that ground.',
  })
  code!: string
  @Field(() => LocalizedInput, { description: `The ground, as a decision states it. ${upTo.prose}` })
  text!: LocalizedInput
  @Field(() => LocalizedInput, { description: `Legal norm of the ground. ${upTo.prose}` })
  norm!: LocalizedInput
  @Field(() => String, { description: `Legal provision that sets the ground. ${upTo.reference}` })
  source!: string
}

@InputType({
  description: 'Form of an application, as JSON text: the order of fields is the order of display.',
})
export class FormInput {
  @Field(() => String, {
    description:
      'JSON Schema in the dialect of docs/forms.md. Requires `x-title` and `x-help` in all languages; ' +
      'remote references are not allowed.',
  })
  schema!: string
  @Field(() => String, {
    description: 'Sections in order: `[{"name", "title", "help", "fields": ["/place"]}]`.',
  })
  sections!: string
  @Field(() => String, { description: `Legal provision that sets the questions. ${upTo.reference}` })
  source!: string
}

@InputType({ description: 'Length of time.' })
export class DurationInput {
  @Field(() => Int, { description: 'Number of units, 1 to 1000.' })
  value!: number
  @Field(() => TermUnit, { description: 'Unit of the value. INSTANT is not allowed.' })
  unit!: TermUnit
}

@InputType({
  description:
    'How applications are processed. An omitted field has its usual value. The tariffs say when payment is due.',
})
export class ProcessInput {
  @Field(() => Int, { nullable: true, description: 'Number of co-applicants, 0 to 5. Ignored if the form names them.' })
  coApplicants?: number | null
  @Field(() => DurationInput, {
    nullable: true,
    description: 'Minimum time between submission and approval. An explicit null means no waiting period.',
  })
  waiting?: DurationInput | null
  @Field(() => Int, {
    nullable: true,
    description:
      'Longest extension, in units of the term, 0 to 1000, allowed once and with notice. 0 means no extension. An ' +
      'omitted extension may be as long as the term.',
  })
  extension?: number | null
  @Field(() => TermEnd, {
    nullable: true,
    description:
      'What happens when the term ends without a decision. DEEMED_APPROVED and DEEMED_REFUSED require `termEndNorm`.',
  })
  termEnd?: TermEnd | null
  @Field(() => LocalizedInput, {
    nullable: true,
    description: `Legal norm that a deemed decision cites. ${upTo.prose}`,
  })
  termEndNorm?: LocalizedInput | null
  @Field(() => Int, {
    nullable: true,
    description: 'Number of calendar days to appeal a decision, 0 to 365. 0 if there is no appeal.',
  })
  appealDays?: number | null
  @Field(() => DurationInput, {
    nullable: true,
    description: 'Term of a decision on an appeal. An explicit null means that the term of the service begins anew.',
  })
  appealTerm?: DurationInput | null
  @Field(() => DurationInput, {
    nullable: true,
    description:
      'Term after a transfer to another agency. An explicit null means that the term of the service begins anew.',
  })
  transferTerm?: DurationInput | null
  @Field(() => String, {
    nullable: true,
    description:
      'Path of the required answer that names the agency that handles the application, such as "/addressee". The form ' +
      'gives it the format `agency`. Omit if the agency of the service handles all applications.',
  })
  addressee?: string | null
  @Field(() => RegistryDown, {
    nullable: true,
    description: 'How answers are filled in when a registry is unavailable.',
  })
  registryDown?: RegistryDown | null
  @Field(() => Boolean, {
    nullable: true,
    description: 'True if the agency may start an application for a person, who then submits it.',
  })
  proactive?: boolean | null
  @Field(() => Int, {
    nullable: true,
    description: 'Number of calendar days in which a person may object to a proactive decision, 0 to 365.',
  })
  objectionDays?: number | null
  @Field(() => Boolean, { nullable: true, description: 'True if decisions are numbered in a series without gaps.' })
  numbered?: boolean | null
  @Field(() => Boolean, {
    nullable: true,
    description: 'True if a party can have only one open application, as the applicant or a co-applicant.',
  })
  oneOpen?: boolean | null
  @Field(() => String, { description: `Legal provision that sets the process. ${upTo.reference}` })
  source!: string
}

@InputType({
  description: 'How filings are handled. The typed content of the previous version stays if the form is the same.',
})
export class FilingRuleInput extends FilingRuleFields {
  @Field(() => String, { description: `Legal provision that sets the rule. ${upTo.reference}` })
  source!: string
}

@InputType({
  description:
    'The rules of a service for a period, checked as a whole. A published version never changes; a new ' +
    'version replaces it.',
})
export class ServiceVersionInput extends VersionRules {
  @Field(() => LegalDate, {
    description:
      'First day in force, from today to two years ahead. Earlier published versions that are not yet in ' +
      'force are withdrawn.',
  })
  validFrom!: string
  @Field(() => Interaction, {
    description:
      'Whether the service only informs or accepts requests. INTERACTIVE requires `form`, except for a payment.',
  })
  interaction!: Interaction
  @Field(() => LocalizedInput, { nullable: true, description: `Additional information for applicants. ${upTo.prose}` })
  note?: LocalizedInput | null
  @Field(() => String, {
    description: `Number and date of the opinion on the service. ${upTo.reference}`,
  })
  opinionReference!: string
  @Field(() => String, {
    description: `Number and date of the entry in the register of electronic services. ${upTo.reference}`,
  })
  registerReference!: string
  @Field(() => [TariffInput], {
    description:
      'All tariffs, 1 to 30. Exactly one must fit each combination of the answers, applicants and ages that they depend on. ' +
      `There may be at most ${mostCombinations} combinations.`,
  })
  tariffs!: TariffInput[]
  @Field(() => [String], {
    nullable: true,
    description:
      'Paths of the date of birth in the form, if tariffs depend on an age. The first that is answered counts, so the last must ' +
      'always be asked: `["/child/birthDate", "/applicant/birthDate"]`.',
  })
  birthDates?: string[] | null
  @Field(() => [RequiredDocumentInput], { nullable: true, description: 'Required documents, at most 30.' })
  requiredDocuments?: RequiredDocumentInput[] | null
  @Field(() => [ServiceStepInput], { nullable: true, description: 'Operations, at most 30.' })
  steps?: ServiceStepInput[] | null
  @Field(() => [LegalBasisInput], { nullable: true, description: 'Legal provisions, at most 30.' })
  legalBases?: LegalBasisInput[] | null
  @Field(() => [RefusalGroundInput], {
    nullable: true,
    description:
      'Grounds for refusal beside those of general law, at most 30. Omit to keep the grounds of the previous version. ' +
      'An explicit null means those of general law alone.',
  })
  refusalGrounds?: RefusalGroundInput[] | null
  @Field(() => ProcessInput, {
    nullable: true,
    description:
      'How applications are processed. Omit to keep the process of the previous version. An explicit null ' +
      'means the usual process.',
  })
  process?: ProcessInput | null
  @Field(() => FilingRuleInput, {
    nullable: true,
    description:
      'How filings are handled. Requires `handledAs` FILING. Omit to keep the rule of the previous version; required if ' +
      'it has none.',
  })
  filing?: FilingRuleInput | null
  @Field(() => FormInput, {
    nullable: true,
    description:
      'Form of an application or filing. Required if `interaction` is INTERACTIVE, unless `handledAs` is PAYMENT.',
  })
  form?: FormInput | null
}

@InputType({
  description:
    'Input of `publishService`. An omitted field keeps its value. A new service requires all fields ' +
    'except `description` and `searchWords`.',
})
export class PublishServiceInput {
  @Field(() => String, {
    description:
      'Code of the service, such as `DIN-ID-ISSUE`. An existing service gets the next version; a new one ' +
      'starts with it.',
  })
  code!: string
  @Field(() => String, { nullable: true, description: 'Code of the agency that provides the service. Cannot change.' })
  agencyCode?: string | null
  @Field(() => String, { nullable: true, description: 'Code of the life event that the service belongs to.' })
  lifeEventCode?: string | null
  @Field(() => LocalizedInput, { nullable: true, description: `Name of the service. ${upTo.name}` })
  name?: LocalizedInput | null
  @Field(() => LocalizedInput, {
    nullable: true,
    description: `Description of the service. An explicit null removes it. ${upTo.prose}`,
  })
  description?: LocalizedInput | null
  @Field(() => LocalizedInput, {
    nullable: true,
    description:
      'Everyday words and phrases by which people search the service, with commas: "prava, vəsiqəm itib". An explicit ' +
      `null removes them. ${upTo.name}`,
  })
  searchWords?: LocalizedInput | null
  @Field(() => [Audience], { nullable: true, description: 'Groups that the service is for. At least one.' })
  audiences?: Audience[] | null
  @Field(() => Direction, { nullable: true, description: 'Who provides the service, and who receives it.' })
  direction?: Direction | null
  @Field(() => String, {
    nullable: true,
    description: `Source that confirms the service: a law, a register. ${upTo.reference}`,
  })
  source?: string | null
  @Field(() => ServiceVersionInput, {
    nullable: true,
    description:
      'Next version of the service. Omit to keep the version in force, for example to change the name or ' +
      'lift a suspension.',
  })
  version?: ServiceVersionInput | null
}
