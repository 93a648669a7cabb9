import type { Domain } from '../engine/engine.js'
import { anyone, callerKinds, hasScope, only } from '../shared/context.js'
import { IssuedDocumentResolver } from './issuedDocument.resolver.js'
import { VerificationResolver, verifications } from './verifyDocument.js'

/** Whose each may see, the noun tells. */
const seesDocuments = only(
  'seesDocuments',
  'who is signed in, and programs with the scope documents:read',
  callerKinds.filter((kind) => kind !== 'NOBODY'),
  {},
  (caller) => hasScope(caller, 'documents:read'),
)

export const documentsDomain: Domain = {
  name: 'documents',
  resolvers: [IssuedDocumentResolver, VerificationResolver],
  access: {
    Query: { documents: seesDocuments, verifyDocument: anyone },
    ...{ IssuedDocument: anyone, Verification: anyone, VerifiedDocument: anyone },
  },
  rates: { 'Query.verifyDocument': verifications },
}
