import type { FastifyPluginAsync } from 'fastify'
import type { Domain } from '../events/domain.js'
import type { Timings } from '../platform/timings.js'
import { documentEvents } from './events.js'
import { fileEndpoints } from './files/fileEndpoints.js'
import { removeLeftovers } from './files/removeLeftovers.js'
import { completeDocument, removeForgottenPdfs } from './issued/completeDocument.js'
import { issuedDocumentQueries } from './issued/issuedDocument.js'
import type { PdfTools } from './issued/makePdf.js'
import { publishedKeys } from './issued/publishedKeys.js'
import { reportSigningKeysToRenew } from './issued/signingKeysToRenew.js'
import { VerificationResolver } from './issued/verifyDocument.js'
import { verifyPage } from './issued/verifyPage.js'
import { createUpload } from './uploads/createUpload.js'
import { expireUpload } from './uploads/expireUpload.js'
import { removeForgottenUploads } from './uploads/removeForgottenUploads.js'
import type { Scanner } from './uploads/scanner.js'
import { scanUpload } from './uploads/scanUpload.js'
import { uploadQueries } from './uploads/upload.js'
import { UploadResolver } from './uploads/upload.resolver.js'

export type DocumentTools = PdfTools & { scanner: Scanner; timings: Timings }
export type FileServing = Parameters<typeof fileEndpoints>[0] & Parameters<typeof publishedKeys>[0]

export const documentsDomain: Domain<DocumentTools, FileServing> = {
  name: 'documents',
  events: documentEvents,
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
  recurring: ({ files, timings }) => [
    {
      name: 'leftover files',
      interval: 'retentionInterval',
      timeout: 'retentionTimeout',
      run: (work) => removeLeftovers(work, files, timings.leftoverFileLifetime),
    },
    { name: 'certificates', interval: 'certificateCheckInterval', run: reportSigningKeysToRenew },
  ],
  endpoints: (serving): FastifyPluginAsync[] => [publishedKeys(serving), verifyPage, fileEndpoints(serving)],
}
