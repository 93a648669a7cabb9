import { connection, descending, find, queries } from '../engine/declare.js'
import type { Domain } from '../engine/engine.js'
import { caseOfficer } from '../exchange/registries/officerRecords.resolver.js'
import { OfficerRole } from '../identity/officers/appointment.table.js'
import { officer } from '../identity/officers/offices.js'
import { ofParty } from '../identity/parties/partyArgument.js'
import { Assurance } from '../shared/assurance.table.js'
import { anyone, callerKinds, hasScope, only, person, seesPersonal } from '../shared/context.js'
import { Application, ApplicationFilter, applicationConditions } from './application.js'
import { ApplicationResolver } from './application.resolver.js'
import { applications } from './application.table.js'
import { AttachmentResolver } from './attachments/attachment.resolver.js'
import { DocumentFilesResolver, UploadFilesResolver } from './attachments/files.resolver.js'
import { agencyApplicationQueries } from './casework/agencyApplications.js'
import { ApplicationOpeningResolver } from './casework/applicationOpening.js'
import { assignApplication } from './casework/assignApplication.js'
import { extendTerm } from './casework/extendTerm.js'
import { openApplication } from './casework/openApplication.js'
import { requestInformation } from './casework/requestInformation.js'
import { respondToRequest } from './casework/respondToRequest.js'
import { sendMessage } from './casework/sendMessage.js'
import { appealDecision } from './decisions/appealDecision.js'
import { completeApplication } from './decisions/completeApplication.js'
import { decideApplication } from './decisions/decideApplication.js'
import { DecisionResolver } from './decisions/decision.resolver.js'
import { saveDraft } from './drafts/saveDraft.js'
import { startApplication } from './drafts/startApplication.js'
import { startProactive } from './drafts/startProactive.js'
import { rolesIn } from './standing.repository.js'
import { confirmApplication } from './submission/confirmApplication.js'
import { hourly, InvitationResolver } from './submission/invitation.js'
import { prepareSignature } from './submission/prepareSignature.js'
import { submitApplication } from './submission/submitApplication.js'
import { withdrawApplication } from './submission/withdrawApplication.js'
import { AppealResolver, TimelineEntryResolver } from './written.resolver.js'

const applicationQueries = queries({
  application: find(Application, applications.number, {
    argument: 'Its number, as it is printed: with its check character.',
    description: 'One application by its number; null where there is none for this caller.',
  }),
  applications: connection(Application, undefined, {
    owner: ofParty(applications.partyId),
    order: descending(applications.since),
    filter: ApplicationFilter,
    conditions: applicationConditions,
    description: 'The applications of a party, drafts too, the newest first. Of a program with `applications:read`.',
  }),
})

/** Whose, is told by the noun. */
const applicationsRead = only(
  'applicationsRead',
  'who is signed in, and programs with the scope applications:read',
  callerKinds.filter((kind) => kind !== 'NOBODY'),
  {},
  (caller) => hasScope(caller, 'applications:read'),
)

/** As surely known as who confirms an application. */
const surePerson = only('surePerson', 'persons', ['PERSON'], { assurance: Assurance.SUBSTANTIAL })
const approver = officer(OfficerRole.APPROVER, { assurance: Assurance.HIGH })
/** What cannot be taken back takes a signature of just now. */
const approverLately = officer(OfficerRole.APPROVER, { assurance: Assurance.HIGH, within: 600 })
const eitherSide = only(
  'eitherSide',
  'persons, and officers who review or approve',
  ['PERSON', 'OFFICER'],
  ({ kind }) => ({ assurance: kind === 'OFFICER' ? Assurance.HIGH : Assurance.NONE }),
  ({ kind, offices }) => kind === 'PERSON' || offices.some(({ roles }) => Object.values(rolesIn(roles)).includes(true)),
)

export const applicationsDomain: Domain = {
  name: 'applications',
  queries: [applicationQueries, agencyApplicationQueries],
  resolvers: [
    ApplicationResolver,
    TimelineEntryResolver,
    DecisionResolver,
    AppealResolver,
    ApplicationOpeningResolver,
    AttachmentResolver,
    InvitationResolver,
    UploadFilesResolver,
    DocumentFilesResolver,
  ],
  commands: [
    startApplication,
    saveDraft,
    prepareSignature,
    submitApplication,
    withdrawApplication,
    confirmApplication,
    assignApplication,
    openApplication,
    requestInformation,
    respondToRequest,
    extendTerm,
    sendMessage,
    decideApplication,
    appealDecision,
    completeApplication,
    startProactive,
  ],
  access: {
    Query: {
      application: applicationsRead,
      applications: applicationsRead,
      agencyApplications: officer(),
      agencyOpenings: officer(OfficerRole.ADMIN),
      invitation: surePerson,
    },
    Mutation: {
      startApplication: person,
      saveDraft: person,
      submitApplication: person,
      withdrawApplication: person,
      prepareSignature: person,
      confirmApplication: person,
      respondToRequest: person,
      appealDecision: person,
      assignApplication: caseOfficer,
      openApplication: caseOfficer,
      requestInformation: caseOfficer,
      completeApplication: caseOfficer,
      startProactive: caseOfficer,
      extendTerm: approver,
      decideApplication: approverLately,
      sendMessage: eitherSide,
    },
    Application: applicationsRead,
    TimelineEntry: anyone,
    Attachment: anyone,
    Decision: anyone,
    ViewerCan: anyone,
    ApplicationContent: anyone,
    PrefilledAnswer: anyone,
    Applicant: anyone,
    EarlierAnswers: anyone,
    ToSign: anyone,
    Appeal: anyone,
    AttachedFile: anyone,
    Invitation: anyone,
    AssignedOfficer: { '*': anyone, name: seesPersonal },
    ApplicationOpening: { '*': anyone, reason: seesPersonal, officerName: seesPersonal },
  },
  rates: {
    'Mutation.confirmApplication': hourly(10),
    'Query.invitation': hourly(60),
  },
}
