import { Field, ObjectType } from 'type-graphql'
import { z } from 'zod'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { text } from './lookup.js'

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Registered address of a person or an organisation.' })
export class RegisteredAddress {
  @Field(() => String, { nullable: true, description: 'District, or a city without districts. Null if not recorded.' })
  region!: string | null
  @Field(() => String, { nullable: true, description: 'Settlement or village. Null if not recorded.' })
  settlement!: string | null
  @Field(() => String, { nullable: true, description: 'Street. Null if not recorded.' })
  street!: string | null
  @Field(() => String, { nullable: true, description: 'Building, with its block. Null if not recorded.' })
  building!: string | null
  @Field(() => String, { nullable: true, description: 'Flat. Null if not recorded.' })
  flat!: string | null
  @Field(() => String, { nullable: true, description: 'Postal code, such as "AZ1000". Null if not recorded.' })
  postalCode!: string | null
}

const part = text.nullable().default(null)
export const address = z
  .object({ region: part, settlement: part, street: part, building: part, flat: part, postalCode: part })
  .nullable()
  .default(null)
