import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { carried, fields, leaf, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import type { Context } from '../../shared/context.js'
import { wordsIn } from '../../shared/language.js'
import { DateTime } from '../../shared/scalars.js'
import type { Claims } from './claims.js'
import { DocumentKind } from './documentKind.js'
import type { Line } from './documentWords.js'
import { issuedDocuments } from './issuedDocument.table.js'

export enum VerificationFailure {
  MALFORMED = 'MALFORMED',
  UNKNOWN = 'UNKNOWN',
  UNKNOWN_KEY = 'UNKNOWN_KEY',
  FORGED = 'FORGED',
  UNSIGNED = 'UNSIGNED',
}
registerEnumType(VerificationFailure, {
  name: 'VerificationFailure',
  description: 'Why a document is not shown to be genuine.',
  valuesConfig: {
    MALFORMED: {
      description:
        'It cannot be one: a number whose check character is wrong, a code or a hash of another length, no JWS.',
    },
    UNKNOWN: {
      description:
        'There is no document of that number with that code or hash. Whether there is one of that number does not show.',
    },
    UNKNOWN_KEY: { description: 'Its key is none of ours, see `/.well-known/jwks.json`.' },
    FORGED: { description: 'It is not what was signed, or was signed by a key that is for something else.' },
    UNSIGNED: { description: 'It was issued and is not signed yet. That takes seconds: ask again.' },
  },
})

/** What is told of a document that was found or read. */
export interface VerifiedRow extends Pick<Claims, 'number' | 'kind'> {
  id: string
  agencyId: string | null
  issuedAt: Date
  sandbox: boolean
  seriesNumber: number | null
  supersededBy: string | null
  lines: readonly Line[]
  claims: Claims
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'One thing that a document says, for people.' })
export class DocumentLine {
  @Field(() => String, { description: 'What it is about. In the language of `Accept-Language` (az, en, ru).' })
  label!: string
  @Field(() => String, { description: 'What is said of it, in that language where it was said in it.' })
  value!: string
}

@AllowedTo(anyone)
@Stored(issuedDocuments, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A document of the state, as whoever holds it may know it.' })
export class VerifiedDocument {}
fields(VerifiedDocument, {
  number: carried(() => String, 'number', { description: 'Its number.' }),
  kind: carried(() => DocumentKind, 'kind', { description: 'What kind of document it is.' }),
  issuedAt: carried(() => DateTime, 'issuedAt', { description: 'When it was issued.' }),
  agency: one(Agency, issuedDocuments.agencyId, {
    description: 'The agency that decided, or that what was received is for; null where there is none.',
  }),
  sandbox: carried(() => Boolean, 'sandbox', {
    description: 'It was made in a sandbox, and is good for nothing else.',
  }),
  seriesNumber: carried(() => Int, 'seriesNumber', {
    nullable: true,
    description: 'Its number in a series without gaps; null where it is in none, or has none yet.',
  }),
  supersededBy: carried(() => String, 'supersededBy', {
    nullable: true,
    description:
      'The number of the latest document of this kind on the same matter, where there is a later one, as after an appeal; else ' +
      'null. That number opens nothing by itself.',
  }),
  lines: leaf(
    () => [DocumentLine],
    [],
    ({ lines }: VerifiedRow, { language }: Context) =>
      lines.map(({ label, value }) => ({
        label: wordsIn(label, language),
        value: typeof value === 'string' ? value : wordsIn(value, language),
      })),
    { description: 'What it says, as it is printed: for people.' },
  ),
  claims: carried(() => GraphQLJSONObject, 'claims', {
    description: 'All that it says, as it was signed: see docs/issued-documents.md.',
  }),
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Whether a document is genuine.' })
export class Verification {
  @Field(() => Boolean, { description: 'It is as the state issued it. It may be superseded all the same.' })
  valid!: boolean
  @Field(() => VerificationFailure, { nullable: true, description: 'Why it is not; null where it is.' })
  reason!: VerificationFailure | null
  @Field(() => VerifiedDocument, {
    nullable: true,
    description: 'What it says; null where it is not genuine, but of one that is UNSIGNED.',
  })
  document!: VerifiedRow | null
}
