import { ObjectType } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { registriesRead } from './records.js'

@AllowedTo(registriesRead)
@ObjectType({
  description:
    'Records of an organisation in agencies’ registries. Each selected field queries one registry; the queries run ' +
    'in parallel. Each query, and each stored answer that is shown, is logged: see `accessLog`.',
})
export class CompanyRecords {}
