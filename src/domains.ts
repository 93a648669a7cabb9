import { agenciesDomain } from './agencies/index.js'
import { applyingIn } from './applications/applyingIn.js'
import { requestIsOver } from './applications/casework/requestIsOver.js'
import { termIsOver } from './applications/casework/termIsOver.js'
import { expireApplication } from './applications/drafts/expireApplication.js'
import { applicationsDomain } from './applications/index.js'
import { acknowledgeFiling } from './applications/submission/acknowledgeFiling.js'
import { registerApplication } from './applications/submission/registerApplication.js'
import { catalogueDomain } from './catalogue/index.js'
import { resumeService } from './catalogue/publishing/resumeService.js'
import { documentsDomain } from './documents/index.js'
import { completeDocument, removeForgottenPdfs } from './documents/issued/completeDocument.js'
import type { PdfTools } from './documents/issued/makePdf.js'
import { expireUpload } from './documents/uploads/expireUpload.js'
import { removeForgottenUploads } from './documents/uploads/removeForgottenUploads.js'
import type { Scanner } from './documents/uploads/scanner.js'
import { scanUpload } from './documents/uploads/scanUpload.js'
import type { Domain } from './engine/engine.js'
import type { Job } from './events/job.js'
import { exchangeDomainOf } from './exchange/index.js'
import { identityDomain } from './identity/index.js'
import { DeadlineResolver } from './shared/deadline.js'

/** The foundation of all domains. */
const shared: Domain = { name: 'shared', resolvers: [DeadlineResolver] }

/** In order: a domain uses earlier ones and knows nothing of later ones. */
export const domains: Domain[] = [
  shared,
  agenciesDomain,
  identityDomain,
  documentsDomain,
  exchangeDomainOf(applyingIn),
  catalogueDomain,
  applicationsDomain,
]

/** Jobs that follow from events. */
export const jobsOf = ({ files, scanner, verifyAt }: PdfTools & { scanner: Scanner }): Job[] => [
  completeDocument({ files, verifyAt }),
  removeForgottenPdfs(files),
  resumeService,
  scanUpload({ files, scanner }),
  expireUpload(files),
  removeForgottenUploads(files),
  registerApplication,
  acknowledgeFiling,
  expireApplication,
  requestIsOver,
  termIsOver,
]
