import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { ascending, fields, has, many, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Assurance } from '../../shared/assurance.js'
import { inTheirLanguage } from '../../shared/language.js'
import { DateTime, LegalDate } from '../../shared/scalars.js'
import { Form, inTheirWords } from '../forms/form.js'
import { forms } from '../forms/form.table.js'
import { Tariff } from '../tariffs/tariff.js'
import { tariffs } from '../tariffs/tariff.table.js'
import { ApplicationRole } from './applicationRole.js'
import { FilingRule } from './filingRule.js'
import { filingRules } from './filingRule.table.js'
import { LegalBasis } from './legalBasis.js'
import { legalBases } from './legalBasis.table.js'
import { RefusalGround } from './refusalGround.js'
import { refusalGrounds } from './refusalGround.table.js'
import { RequiredDocument } from './requiredDocument.js'
import { requiredDocuments } from './requiredDocument.table.js'
import { ServiceStep } from './serviceStep.js'
import { serviceSteps } from './serviceStep.table.js'
import { Automation, HandledAs, Interaction, ResultKind, serviceVersions } from './serviceVersion.table.js'

registerEnumType(Interaction, {
  name: 'Interaction',
  description: 'Type of a service under Cabinet Resolution 191 of 2011.',
  valuesConfig: {
    INFORMATIVE: { description: 'The service only informs. Open to everyone.' },
    INTERACTIVE: { description: 'The service accepts requests and answers them.' },
  },
})
registerEnumType(HandledAs, {
  name: 'HandledAs',
  description: 'How requests to a service are made and handled.',
  valuesConfig: {
    APPLICATION: { description: 'As an application, which an agency decides. `startApplication` starts it.' },
    FILING: { description: 'As a filing of a business, which is acknowledged. `submitFiling` makes it.' },
    PAYMENT: { description: 'As a payment of a fine or duty, without an application.' },
    VISA: { description: 'As a request for a visa.' },
  },
})
registerEnumType(Automation, {
  name: 'Automation',
  description: 'Degree of automation under Cabinet Resolution 191 of 2011.',
  valuesConfig: {
    FULL: { description: 'Automated from request to result, entirely online.' },
    PARTIAL: { description: 'Partly automated: some step requires a visit or paper.' },
  },
})
registerEnumType(ResultKind, {
  name: 'ResultKind',
  description: 'Result of a service.',
  valuesConfig: {
    DOCUMENT: { description: 'A document.' },
    DECISION: { description: 'A decision by the agency.' },
    ACKNOWLEDGEMENT: { description: 'An acknowledgement of a filing.' },
    INFORMATION: { description: 'Information, provided immediately.' },
    VISA: { description: 'A visa.' },
    REGISTRY_CHANGE: { description: 'A changed entry in a registry.' },
    REGISTRATION: { description: 'A new entry in a registry.' },
    REPLY: { description: 'A reply to a letter.' },
    RECEIPT: { description: 'A receipt for a payment.' },
    APPOINTMENT: { description: 'An appointment.' },
  },
})

/** What a version has, and the input that publishes it takes. */
@ObjectType()
@InputType()
export abstract class VersionRules {
  @Field(() => HandledAs, {
    description: 'How requests are made and handled. APPLICATION if the service only informs.',
  })
  handledAs!: HandledAs
  @Field(() => Automation, { description: 'Degree of automation.' })
  automation!: Automation
  @Field(() => Assurance, { description: 'Assurance level that an applicant needs.' })
  assurance!: Assurance
  @Field(() => [ApplicationRole], {
    description:
      'Roles whose parties must sign an application electronically, with `signApplication`. Empty if no signature is ' +
      'required.',
  })
  signers!: ApplicationRole[]
  @Field(() => Boolean, { description: 'True if a holder of a mandate may apply on behalf of another.' })
  delegable!: boolean
  @Field(() => ResultKind, { description: 'Result of the service.' })
  result!: ResultKind
}

@AllowedTo(anyone)
@Stored(serviceVersions, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description: 'The rules of a service during a period. An application keeps the version under which it was started.',
})
export class ServiceVersion extends VersionRules {
  @Field(() => Int, { description: 'Sequence number of the version, starting at 1.' })
  number!: number
  @Field(() => Interaction, { description: 'Whether the service only informs or accepts requests.' })
  interaction!: Interaction
  @Field(() => String, {
    nullable: true,
    description: 'Reference to the opinion on which the version was published. Null if not recorded.',
  })
  opinionReference!: string | null
  @Field(() => String, {
    nullable: true,
    description: 'Reference to the entry in the register of electronic services. Null if not recorded.',
  })
  registerReference!: string | null
  @Field(() => [String], {
    description:
      'Paths of the date of birth of the person whose age tariffs depend on. The first that is answered counts. Empty if no ' +
      'tariff depends on an age.',
  })
  birthDates!: string[]
  @Field(() => LegalDate, { description: 'First day in force.' })
  validFrom!: string
  @Field(() => LegalDate, { nullable: true, description: 'Last day in force. Null if no end is set.' })
  validTo!: string | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When a newer version replaced this one before it came into force. Null if it was not withdrawn.',
  })
  withdrawnAt!: Date | null
}

const inOrder = (of: { position: Parameters<typeof ascending>[0] }) => ({ order: ascending(of.position) })
fields(ServiceVersion, {
  note: inTheirLanguage(serviceVersions.note, 'Additional information for applicants. Null if there is none.'),
  tariffs: many(Tariff, tariffs.versionId, {
    ...inOrder(tariffs),
    description: 'What the service costs and how long it takes. `tariffs` tells which of them fit some answers.',
  }),
  tariffQuestions: inTheirWords(
    serviceVersions.tariffQuestions,
    'Questions that the tariffs depend on, as JSON Schema, if the version has no form. Null if it has one, or if the ' +
      'tariffs depend on no answer. Texts are in the language of `Accept-Language` (az, en, ru).',
    undefined,
    { nullable: true },
  ),
  form: has(Form, forms.versionId, {
    order: ascending(forms.id), // at most one row
    description: 'Form of an application. Null if the service has none.',
  }),
  filing: has(FilingRule, filingRules.versionId, {
    order: ascending(filingRules.id), // at most one row
    description: 'How filings are handled. Null unless `handledAs` is FILING.',
  }),
  steps: many(ServiceStep, serviceSteps.versionId, {
    ...inOrder(serviceSteps),
    description: 'Operations of the regulation, in order. Empty if unknown.',
  }),
  requiredDocuments: many(RequiredDocument, requiredDocuments.versionId, {
    ...inOrder(requiredDocuments),
    description: 'Documents that an application requires. Empty if unknown.',
  }),
  legalBases: many(LegalBasis, legalBases.versionId, {
    ...inOrder(legalBases),
    description: 'Legal provisions that the service is based on. Empty if unknown.',
  }),
  refusalGrounds: many(RefusalGround, refusalGrounds.versionId, {
    ...inOrder(refusalGrounds),
    atMost: 50,
    description: 'Grounds on which an application may be refused: those of the service, then those of general law.',
  }),
})
