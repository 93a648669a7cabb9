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
  description: 'Reason why a document was not verified.',
  valuesConfig: {
    MALFORMED: {
      description: 'Malformed: a wrong check character in the number, a code or hash of the wrong length, or no JWS.',
    },
    UNKNOWN: {
      description: 'No document has this number with this code or hash. Does not reveal whether the number exists.',
    },
    UNKNOWN_KEY: { description: 'Signed by an unknown key: see `/.well-known/jwks.json`.' },
    FORGED: { description: 'Changed after it was signed, or signed by a key for another purpose.' },
    UNSIGNED: { description: 'Issued but not signed yet. Retry in some seconds.' },
  },
})

/** A document that was found or read. */
export interface VerifiedRow extends Pick<Claims, 'number' | 'kind'> {
  id: string
  agencyId: string | null
  issuedAt: Date
  sandbox: boolean
  seriesNumber: number | null
  revokedAt: Date | null
  supersededBy: string | null
  lines: readonly Line[]
  claims: Claims
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'One line of a document, for people.' })
export class DocumentLine {
  @Field(() => String, { description: 'Label, in the language of `Accept-Language` (az, en, ru).' })
  label!: string
  @Field(() => String, { description: 'Value, in the same language if the document has it in that language.' })
  value!: string
}

@AllowedTo(anyone)
@Stored(issuedDocuments, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Document as shown to anybody who holds it.' })
export class VerifiedDocument {}
fields(VerifiedDocument, {
  number: carried(() => String, 'number', { description: 'Document number.' }),
  kind: carried(() => DocumentKind, 'kind', { description: 'Kind of document.' }),
  issuedAt: carried(() => DateTime, 'issuedAt', { description: 'When the document was issued.' }),
  agency: one(Agency, issuedDocuments.agencyId, {
    description: 'Agency that decided, handles the application, or was paid. Null if there is none.',
  }),
  sandbox: carried(() => Boolean, 'sandbox', {
    description: 'Whether the document was issued in a sandbox and has no legal force.',
  }),
  seriesNumber: carried(() => Int, 'seriesNumber', {
    nullable: true,
    description: 'Number in a series without gaps. Null if there is no series, or until it is assigned.',
  }),
  revokedAt: carried(() => DateTime, 'revokedAt', {
    nullable: true,
    description: 'When the document was revoked and lost its effect. Null if it was not.',
  }),
  supersededBy: carried(() => String, 'supersededBy', {
    nullable: true,
    description:
      'Number of the latest later document of the same kind on the same matter, for example after an appeal. Null if ' +
      'there is none. The number alone does not open that document.',
  }),
  lines: leaf(
    () => [DocumentLine],
    [],
    ({ lines }: VerifiedRow, { language }: Context) =>
      lines.map(({ label, value }) => ({
        label: wordsIn(label, language),
        value: typeof value === 'string' ? value : wordsIn(value, language),
      })),
    { description: 'Content as printed, for people.' },
  ),
  claims: carried(() => GraphQLJSONObject, 'claims', {
    description: 'Content as signed: see docs/issued-documents.md.',
  }),
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Result of `verifyDocument`.' })
export class Verification {
  @Field(() => Boolean, {
    description: 'Whether the document is genuine. A genuine document may have been revoked or superseded.',
  })
  valid!: boolean
  @Field(() => VerificationFailure, {
    nullable: true,
    description: 'Reason why the document was not verified. Null if it is genuine.',
  })
  reason!: VerificationFailure | null
  @Field(() => VerifiedDocument, {
    nullable: true,
    description: 'Content of the document. Null if it was not verified, except if it is UNSIGNED.',
  })
  document!: VerifiedRow | null
}
