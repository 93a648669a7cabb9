import type { services } from '../../catalogue/services/service.table.js'
import { issueDocument } from '../../documents/issued/issueDocument.js'
import { DocumentKind } from '../../documents/issued/issuedDocument.table.js'
import type { Acting } from '../../events/commandKeys.js'
import type { Draft } from '../drafts/filledLater.js'
import { answersSha256, filesOf, signaturesOf } from './signature.js'

interface Received {
  draft: Draft
  service: Pick<typeof services.$inferSelect, 'code' | 'name'>
  mandates: readonly string[]
  isSigned: boolean
  /** Further parties to which it is issued. */
  others?: readonly string[]
  /** The name of the sender, unless it is the applicant. */
  actedBy?: string | undefined
}

/** Issues a receipt for the answers and files, with who sent and who signed them. */
export async function issueReceipt(acting: Acting, received: Received): Promise<void> {
  const { draft, service, mandates, isSigned, others = [], actedBy } = received
  const files = await filesOf(acting.tx, draft)
  await issueDocument(acting, {
    kind: DocumentKind.APPLICATION_RECEIPT,
    partyId: draft.partyId,
    others,
    agencyId: draft.agencyId,
    subjectId: draft.id,
    serviceCode: draft.serviceCode,
    claims: {
      subject: draft.number,
      receivedSha256: answersSha256(draft).toString('hex'),
      mandates,
      ...(files.length > 0 && { attachmentsSha256: files.map(({ sha256 }) => sha256) }),
      ...(isSigned && (await signaturesOf(acting, draft.id))),
      ...(actedBy && { actedBy }),
      service: { code: service.code, name: service.name },
    },
  })
}
