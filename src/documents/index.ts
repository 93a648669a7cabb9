import type { Domain } from '../engine/engine.js'
import { anyone, asSurelyAsEver, callerKinds, hasScope, only, seesPersonal } from '../shared/context.js'
import { issuedDocumentQueries } from './issued/issuedDocument.js'
import { VerificationResolver } from './issued/verifyDocument.js'
import { createUpload } from './uploads/createUpload.js'
import { uploadQueries } from './uploads/upload.js'
import { UploadResolver } from './uploads/upload.resolver.js'

/** Whose each may see, the noun tells. */
const seesDocuments = only(
  'seesDocuments',
  'who is signed in, and programs with the scope documents:read',
  callerKinds.filter((kind) => kind !== 'NOBODY'),
  {},
  (caller) => hasScope(caller, 'documents:read'),
)
/** Whose files each may see, the noun tells. */
const seesUploads = only(
  'seesUploads',
  'persons, and programs with the scope documents:read or documents:write',
  ['PERSON', 'PROGRAM'],
  {},
  (caller) => hasScope(caller, 'documents:read') || hasScope(caller, 'documents:write'),
)
const sendsUploads = only(
  'sendsUploads',
  'persons, and programs with the scope documents:write',
  ['PERSON', 'PROGRAM'],
  asSurelyAsEver,
  (caller) => hasScope(caller, 'documents:write'),
)

export const documentsDomain: Domain = {
  name: 'documents',
  queries: [issuedDocumentQueries, uploadQueries],
  resolvers: [VerificationResolver, UploadResolver],
  commands: [createUpload],
  access: {
    Query: { documents: seesDocuments, verifyDocument: anyone, uploads: seesUploads },
    Mutation: { createUpload: sendsUploads },
    IssuedDocument: {
      '*': anyone,
      code: seesPersonal,
      signature: seesPersonal,
      pdfSha256: seesPersonal,
      downloadUrl: seesPersonal,
    },
    Upload: { '*': anyone, name: seesPersonal, uploadUrl: seesPersonal, downloadUrl: seesPersonal },
    Verification: anyone,
    VerifiedDocument: anyone,
    DocumentLine: anyone,
  },
}
