import type { Domain } from '../engine/engine.js'
import { issuedDocumentQueries } from './issued/issuedDocument.js'
import { VerificationResolver } from './issued/verifyDocument.js'
import { createUpload } from './uploads/createUpload.js'
import { uploadQueries } from './uploads/upload.js'
import { UploadResolver } from './uploads/upload.resolver.js'

export const documentsDomain: Domain = {
  name: 'documents',
  queries: [issuedDocumentQueries, uploadQueries],
  resolvers: [VerificationResolver, UploadResolver],
  commands: [createUpload],
}
