import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { asc, desc, eq } from 'drizzle-orm'
import { Field, ObjectType } from 'type-graphql'
import { uploads } from '../../documents/uploads/upload.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import type { Acting } from '../../events/commandKeys.js'
import { identifiersOf } from '../../identity/parties/identifiers.js'
import type { PartyKey } from '../../platform/personal.js'
import { attachments } from '../attachments/attachment.table.js'
import type { Draft } from '../drafts/filledLater.js'
import { documentsOf } from '../drafts/form.repository.js'
import { timelineEntries } from '../timelineEntry.table.js'

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

export const sha256Of = (text: string): Buffer => createHash('sha256').update(text).digest()
/** Over their canonical form. */
export const answersSha256 = ({ answers }: Pick<Draft, 'answers'>): Buffer => sha256Of(canonicalize(answers) ?? '')

/** What a draft says, as it is signed. The application is locked, so it stays that. */
export async function payloadOf(
  { tx, context }: Acting,
  key: PartyKey,
  draft: Draft,
  version: { number: number },
): Promise<string> {
  const { id, number, serviceCode, partyId, revision } = draft
  const payload = {
    application: number,
    revision,
    at: (await savedAt(tx, id)).toISOString(),
    service: serviceCode,
    version: version.number,
    applicant: { party: partyId, identifiers: await identifiersOf(tx, key) },
    answersSha256: answersSha256(draft).toString('hex'),
    attachments: await filesOf(tx, draft),
    ...(context.signingKeys.isSandbox && { sandbox: true }),
  }
  return canonicalize(payload) as string // of an object
}

/** When the draft came to be as it is. */
async function savedAt(tx: Acting['tx'], applicationId: string): Promise<Date> {
  const { at, id } = timelineEntries
  const [last] = await tx
    .select({ at })
    .from(timelineEntries)
    .where(eq(timelineEntries.applicationId, applicationId))
    .orderBy(desc(at), desc(id))
    .limit(1)
  if (!last) throw new Error(`an application must have a timeline; ${applicationId} has none`)
  return last.at
}

/** Which of the documents that the service asks for each is: counted from 0, as `saveDraft` takes them. */
export async function filesOf(tx: Acting['tx'], { id, versionId }: Pick<Draft, 'id' | 'versionId'>) {
  const documents = await documentsOf(tx, versionId)
  const files = await tx
    .select({ sha256: uploads.sha256, document: attachments.requiredDocumentId })
    .from(attachments)
    .innerJoin(uploads, eq(uploads.id, attachments.uploadId))
    .where(eq(attachments.applicationId, id))
    .orderBy(asc(attachments.since), asc(attachments.id))
  const placeOf = (document: string | null) => (document ? documents.findIndex(({ id }) => id === document) : null)
  return files.map(({ sha256, document }) => ({ sha256: sha256.toString('hex'), document: placeOf(document) }))
}
