import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { ascending, fields, has, many, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { Assurance } from '../../shared/assurance.js'
import { inTheirLanguage } from '../../shared/language.js'
import { DateTime, LegalDate } from '../../shared/scalars.js'
import { Form } from '../forms/form.js'
import { forms } from '../forms/form.table.js'
import { Fee } from './fee.js'
import { fees } from './fee.table.js'
import { LegalBasis } from './legalBasis.js'
import { legalBases } from './legalBasis.table.js'
import { ProcessingTerm } from './processingTerm.js'
import { processingTerms } from './processingTerm.table.js'
import { RequiredDocument } from './requiredDocument.js'
import { requiredDocuments } from './requiredDocument.table.js'
import { ServiceStep } from './serviceStep.js'
import { serviceSteps } from './serviceStep.table.js'
import { Automation, Interaction, ResultKind, serviceVersions } from './serviceVersion.table.js'

registerEnumType(Interaction, {
  name: 'Interaction',
  description: 'The kind of a service under Cabinet Resolution 191 of 2011.',
  valuesConfig: {
    INFORMATIVE: { description: 'It tells. Such a service is open to all.' },
    INTERACTIVE: { description: 'It takes a request and answers it.' },
  },
})
registerEnumType(Automation, {
  name: 'Automation',
  description: 'How far a service is done by machine, under Cabinet Resolution 191 of 2011.',
  valuesConfig: {
    FULL: { description: 'From the request to the result, online.' },
    PARTIAL: { description: 'In part: somewhere on the way people meet, or paper does.' },
  },
})
registerEnumType(ResultKind, {
  name: 'ResultKind',
  description: 'What a service ends in.',
  valuesConfig: {
    DOCUMENT: { description: 'A document.' },
    DECISION: { description: 'A decision of the agency.' },
    ACKNOWLEDGEMENT: { description: 'The acknowledgement of a filing.' },
    INFORMATION: { description: 'Information, at once.' },
    VISA: { description: 'A visa.' },
    REGISTRY_CHANGE: { description: 'A changed entry in a registry.' },
    REGISTRATION: { description: 'A new entry in a registry.' },
    REPLY: { description: 'A reply to what was written.' },
    RECEIPT: { description: 'The receipt of a payment.' },
    APPOINTMENT: { description: 'An appointment.' },
  },
})

@AllowedTo(anyone)
@Stored(serviceVersions, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description: 'The rules of a service for as long as they hold. What is applied for keeps the version it began under.',
})
export class ServiceVersion {
  @Field(() => Int, { description: 'Counts the versions of a service from 1.' })
  number!: number
  @Field(() => Interaction, { description: 'Whether it tells or takes a request.' })
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
  @Field(() => String, {
    nullable: true,
    description: 'The opinion on the service that it was published upon; null where the catalogue does not hold it.',
  })
  opinionReference!: string | null
  @Field(() => String, {
    nullable: true,
    description: 'Its entry in the register of electronic services; null where the catalogue does not hold it.',
  })
  registerReference!: string | null
  @Field(() => LegalDate, { description: 'The first day on which it holds.' })
  validFrom!: string
  @Field(() => LegalDate, { nullable: true, description: 'The last day on which it holds; null where no end is set.' })
  validTo!: string | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When other rules took its place before it had begun: then it never holds. Null of all others.',
  })
  withdrawnAt!: Date | null
}

const inOrder = (of: { position: Parameters<typeof ascending>[0] }) => ({ order: ascending(of.position) })
fields(ServiceVersion, {
  note: inTheirLanguage(serviceVersions.note, 'What else a person should know; null where there is nothing.'),
  fees: many(Fee, fees.versionId, {
    ...inOrder(fees),
    description: 'What it costs, by variant. An empty list says that nothing is known of a fee.',
  }),
  processingTerms: many(ProcessingTerm, processingTerms.versionId, {
    ...inOrder(processingTerms),
    description: 'How long it takes at most, by variant.',
  }),
  form: has(Form, forms.versionId, {
    order: ascending(forms.id), // of one
    description: 'What an application is asked to say; null where the service has no form here.',
  }),
  steps: many(ServiceStep, serviceSteps.versionId, {
    ...inOrder(serviceSteps),
    description: 'The operations of the regulation in their order; empty where they are not known.',
  }),
  requiredDocuments: many(RequiredDocument, requiredDocuments.versionId, {
    ...inOrder(requiredDocuments),
    description: 'What must come with an application; empty where it is not known.',
  }),
  legalBases: many(LegalBasis, legalBases.versionId, {
    ...inOrder(legalBases),
    description: 'The norms it rests upon; empty where they are not known.',
  }),
})
