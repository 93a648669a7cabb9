import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description:
    'What is to be signed, and how: as a detached JWS (RFC 7515, appendix F) over `payload`, in UTF-8 and letter by letter. Its ' +
    'header holds `alg`, `typ` and `x5c` and nothing else. It is the same for the same revision, whenever it is asked for.',
})
export class ToSign {
  @Field(() => String, {
    description:
      'Canonical JSON (RFC 8785): the number of the application, its revision and when that was saved, the code of the service ' +
      'and the number of its version, the applicant, the SHA-256 of the answers in their canonical form, and those of the files ' +
      'in their order. Whoever shows it to the signer shows the answers with it.',
  })
  payload!: string
  @Field(() => String, { description: 'The SHA-256 of `payload`, in hex: for signers that show one.' })
  sha256!: string
  @Field(() => String, { description: 'For the header `typ`.' })
  typ!: string
  @Field(() => [String], {
    description: 'Of which one goes into the header `alg`, as the key of the certificate wants it.',
  })
  algorithms!: string[]
}
