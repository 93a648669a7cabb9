import type { Domain } from '../events/domain.js'
import { applicationQueries } from './application.js'
import { ApplicationResolver } from './application.resolver.js'
import { AttachmentResolver, OfficerFileResolver } from './attachments/attachment.resolver.js'
import { createOfficerUpload } from './attachments/createOfficerUpload.js'
import { DocumentFilesResolver, UploadFilesResolver } from './attachments/files.resolver.js'
import { acceptDeclaredAnswers } from './casework/acceptDeclaredAnswers.js'
import { addNote } from './casework/addNote.js'
import { agencyApplicationQueries } from './casework/agencyApplications.js'
import { ApplicationNoteResolver } from './casework/applicationNote.resolver.js'
import { ApplicationOpeningResolver, applicationOpeningQueries } from './casework/applicationOpening.js'
import { askRegistriesLater } from './casework/askRegistriesLater.js'
import { assignApplication } from './casework/assignApplication.js'
import { assignApplications } from './casework/assignApplications.js'
import { CompanyRecordsQuery } from './casework/companyRecords.js'
import { extendTerm } from './casework/extendTerm.js'
import { openApplication } from './casework/openApplication.js'
import { PersonRecordsQuery } from './casework/personRecords.js'
import { requestInformation } from './casework/requestInformation.js'
import { requestIsOver } from './casework/requestIsOver.js'
import { respondToRequest } from './casework/respondToRequest.js'
import { sendApplicationMessage } from './casework/sendApplicationMessage.js'
import { termIsOver } from './casework/termIsOver.js'
import { appealDecision } from './decisions/appealDecision.js'
import { completeApplication } from './decisions/completeApplication.js'
import { decideApplication } from './decisions/decideApplication.js'
import { DecisionResolver } from './decisions/decision.resolver.js'
import { proposeDecision } from './decisions/proposeDecision.js'
import { returnProposal } from './decisions/returnProposal.js'
import { expireApplication } from './drafts/expireApplication.js'
import { saveDraft } from './drafts/saveDraft.js'
import { startApplication } from './drafts/startApplication.js'
import { startProactive } from './drafts/startProactive.js'
import { applicationEvents } from './events.js'
import { agencyOpinionQueries } from './opinions/agencyOpinions.js'
import { giveOpinion } from './opinions/giveOpinion.js'
import { OpinionResolver } from './opinions/opinion.resolver.js'
import { opinionIsOver } from './opinions/opinionIsOver.js'
import { requestOpinion } from './opinions/requestOpinion.js'
import { withdrawOpinionRequest } from './opinions/withdrawOpinionRequest.js'
import { assessFee } from './submission/assessFee.js'
import { confirmApplication } from './submission/confirmApplication.js'
import { InvitationResolver } from './submission/invitation.js'
import { prepareSignature } from './submission/prepareSignature.js'
import { recordPayment } from './submission/recordPayment.js'
import { registerApplication } from './submission/registerApplication.js'
import { renewInvitation } from './submission/renewInvitation.js'
import { signApplication } from './submission/signApplication.js'
import { submitApplication } from './submission/submitApplication.js'
import { withdrawApplication } from './submission/withdrawApplication.js'
import { agencyTransferQueries } from './transfers/agencyTransfers.js'
import { ApplicationTransferResolver } from './transfers/applicationTransfer.resolver.js'
import { transferApplication } from './transfers/transferApplication.js'
import { AppealResolver, TimelineEntryResolver } from './written.resolver.js'

export const applicationsDomain: Domain = {
  name: 'applications',
  events: applicationEvents,
  queries: [
    applicationQueries,
    agencyApplicationQueries,
    applicationOpeningQueries,
    agencyTransferQueries,
    agencyOpinionQueries,
  ],
  resolvers: [
    ApplicationResolver,
    TimelineEntryResolver,
    DecisionResolver,
    AppealResolver,
    ApplicationOpeningResolver,
    ApplicationTransferResolver,
    ApplicationNoteResolver,
    OpinionResolver,
    PersonRecordsQuery,
    CompanyRecordsQuery,
    AttachmentResolver,
    OfficerFileResolver,
    InvitationResolver,
    UploadFilesResolver,
    DocumentFilesResolver,
  ],
  commands: [
    startApplication,
    saveDraft,
    prepareSignature,
    signApplication,
    submitApplication,
    withdrawApplication,
    confirmApplication,
    renewInvitation,
    assignApplication,
    assignApplications,
    openApplication,
    createOfficerUpload,
    requestInformation,
    respondToRequest,
    extendTerm,
    transferApplication,
    sendApplicationMessage,
    requestOpinion,
    withdrawOpinionRequest,
    giveOpinion,
    acceptDeclaredAnswers,
    addNote,
    proposeDecision,
    returnProposal,
    decideApplication,
    assessFee,
    appealDecision,
    completeApplication,
    startProactive,
  ],
  jobs: () => [
    registerApplication,
    recordPayment,
    expireApplication,
    requestIsOver,
    termIsOver,
    opinionIsOver,
    askRegistriesLater,
  ],
}
