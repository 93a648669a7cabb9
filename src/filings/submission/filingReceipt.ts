import type { ClaimsContent } from '../../documents/issued/claims.js'
import { type Holder, type Issuing, issueDocuments } from '../../documents/issued/issueDocument.js'
import { DocumentKind } from '../../documents/issued/issuedDocument.table.js'
import type { Happened } from '../../events/record.js'
import type { filings } from '../filing.table.js'

export interface Received
  extends Pick<
    typeof filings.$inferSelect,
    'id' | 'number' | 'partyId' | 'agencyId' | 'serviceCode' | 'period' | 'externalNumber' | 'mandateIds' | 'batchId'
  > {
  contentSha256: string
  signatureSha256: string | undefined
  service: NonNullable<ClaimsContent['service']>
  version: number
  voen: string | undefined
  replaces: string | null
}
interface Issued {
  holders: ReadonlyMap<string, Holder>
  agencies: ReadonlyMap<string, string>
  serials: readonly { document_numbers: string }[]
  happened: readonly Happened[]
  /** The name of the caller, and that of its program. */
  actedBy: { party: string; name: string | undefined; program: string | undefined }
}

/** Issues a signed receipt for each filing. Returns their IDs in the same order. */
export async function issueReceipts(
  issuing: Issuing,
  received: readonly Received[],
  { actedBy, ...known }: Issued,
): Promise<string[]> {
  const receipts = received.map((filing) => ({
    kind: DocumentKind.FILING_RECEIPT,
    partyId: filing.partyId,
    agencyId: filing.agencyId,
    subjectId: filing.id,
    serviceCode: filing.serviceCode,
    claims: {
      subject: filing.number,
      service: filing.service,
      version: filing.version,
      ...(filing.period && { period: filing.period }),
      externalNumber: filing.externalNumber,
      ...(filing.voen && { voen: filing.voen }),
      ...(filing.replaces && { replaces: filing.replaces }),
      receivedSha256: filing.contentSha256,
      ...(filing.signatureSha256 && { signaturesSha256: [filing.signatureSha256] }),
      mandates: filing.mandateIds,
      ...(actedBy.name && actedBy.party !== filing.partyId && { actedBy: actedBy.name }),
      ...(actedBy.program && { program: actedBy.program }),
      ...(filing.batchId && { batch: filing.batchId }),
    },
  }))
  const issued = await issueDocuments(issuing, receipts, known)
  return issued.map(({ id }) => id)
}
