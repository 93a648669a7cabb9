import type { Domain } from '../events/domain.js'
import { completeDocument, removeForgottenPdfs } from './issued/completeDocument.js'
import { issuedDocumentQueries } from './issued/issuedDocument.js'
import type { PdfTools } from './issued/makePdf.js'
import { VerificationResolver } from './issued/verifyDocument.js'
import { createUpload } from './uploads/createUpload.js'
import { expireUpload } from './uploads/expireUpload.js'
import { removeForgottenUploads } from './uploads/removeForgottenUploads.js'
import type { Scanner } from './uploads/scanner.js'
import { scanUpload } from './uploads/scanUpload.js'
import { uploadQueries } from './uploads/upload.js'
import { UploadResolver } from './uploads/upload.resolver.js'

export const documentsDomain: Domain<PdfTools & { scanner: Scanner }> = {
  name: 'documents',
  queries: [issuedDocumentQueries, uploadQueries],
  resolvers: [VerificationResolver, UploadResolver],
  commands: [createUpload],
  jobs: ({ files, scanner, verifyAt }) => [
    completeDocument({ files, verifyAt }),
    removeForgottenPdfs(files),
    scanUpload({ files, scanner }),
    expireUpload(files),
    removeForgottenUploads(files),
  ],
}
