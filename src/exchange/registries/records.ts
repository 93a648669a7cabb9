import { ObjectType } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { Assurance } from '../../shared/assurance.table.js'
import { hasScope, only } from '../../shared/context.js'
import type { Question } from '../consents/accessBasis.repository.js'
import { answerOf } from './answer.js'
import { BorderRecord } from './border.js'
import { CompanyRecord } from './companies.js'
import { PopulationRecord } from './population.js'
import { PropertyRecord } from './property.js'
import { SocialInsuranceRecord } from './socialInsurance.js'
import { TaxRecord } from './tax.js'
import { TrafficRecord } from './traffic.js'

export const PopulationAnswer = answerOf('PopulationAnswer', PopulationRecord)
export const CompanyAnswer = answerOf('CompanyAnswer', CompanyRecord)
export const TrafficAnswer = answerOf('TrafficAnswer', TrafficRecord)
export const PropertyAnswer = answerOf('PropertyAnswer', PropertyRecord)
export const SocialInsuranceAnswer = answerOf('SocialInsuranceAnswer', SocialInsuranceRecord)
export const BorderAnswer = answerOf('BorderAnswer', BorderRecord)
export const TaxAnswer = answerOf('TaxAnswer', TaxRecord)

/** About whom, for what and by whose office. */
export type Asking = Omit<Question, 'vehicle'>

/** Whom a registry may be asked about, and by which law, each look-up asks. */
const registriesRead = only(
  'registriesRead',
  'persons, officers, and programs with the scope registries:read',
  ['PERSON', 'PROGRAM', 'OFFICER'],
  { assurance: Assurance.SUBSTANTIAL },
  (caller) => hasScope(caller, 'registries:read'),
)

@AllowedTo(registriesRead)
@ObjectType({
  description:
    'What the registries of the agencies hold of a person. Each is asked where its field is, all side by side, and each ' +
    'question is logged, and each stored answer that is shown to another than the person: see `accessLog`.',
})
export class PersonRecords {}

@AllowedTo(registriesRead)
@ObjectType({
  description:
    'What the registries of the agencies hold of an organisation. Each is asked where its field is, all side by side, and ' +
    'each question and each stored answer that is shown is logged: see `accessLog`.',
})
export class CompanyRecords {}
