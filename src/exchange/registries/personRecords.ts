import { ObjectType } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { registriesRead } from './records.js'

@AllowedTo(registriesRead)
@ObjectType({
  description:
    'Records of a person in agencies’ registries. Each selected field queries one registry; the queries run in ' +
    'parallel. Each query is logged, and each stored answer shown to anybody but the person: see `accessLog`.',
})
export class PersonRecords {}
