import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description:
    'Payload to sign, and how. Sign it as a detached JWS (RFC 7515, appendix F), unchanged and in UTF-8. The ' +
    'header contains `alg`, `typ` and `x5c` only. The payload is the same for all who sign, until the content changes.',
})
export class ToSign {
  @Field(() => String, {
    description:
      'Canonical JSON (RFC 8785). Contains the number of the application, the service, its version, and the ' +
      'applicant. Also contains the SHA-256 of the canonical answers and of each file, in order. Show the ' +
      'answers to the signer too.',
  })
  payload!: string
  @Field(() => String, { description: 'SHA-256 of `payload` in hexadecimal, for signing devices that show one.' })
  sha256!: string
  @Field(() => String, { description: 'Value of the header `typ`.' })
  typ!: string
  @Field(() => [String], {
    description: 'Accepted values of the header `alg`. Use the one that fits the key of the certificate.',
  })
  algorithms!: string[]
}
