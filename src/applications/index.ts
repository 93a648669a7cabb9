import { connection, descending, fields, find, Root } from '../engine/declare.js'
import type { Domain } from '../engine/engine.js'
import { ofParty } from '../identity/partyArgument.js'
import { anyone, callerKinds, hasScope, only, person } from '../shared/context.js'
import { Application, ApplicationFilter, applicationConditions } from './application.js'
import { ApplicationResolver } from './application.resolver.js'
import { applications } from './application.table.js'
import { confirmApplication, confirmations } from './confirmApplication.js'
import { prepareSignature } from './prepareSignature.js'
import { saveDraft } from './saveDraft.js'
import { startApplication } from './startApplication.js'
import { submitApplication } from './submitApplication.js'
import { withdrawApplication } from './withdrawApplication.js'

fields(Root, {
  application: find(Application, applications.number, {
    argument: 'Its number, as it is printed: with its check character.',
    description: 'One application by its number; null where there is none for this caller.',
  }),
  applications: connection(Application, undefined, {
    ...{ owner: ofParty(applications.partyId), order: descending(applications.since) },
    ...{ filter: ApplicationFilter, conditions: applicationConditions },
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

export const applicationsDomain: Domain = {
  name: 'applications',
  resolvers: [ApplicationResolver],
  commands: [startApplication, saveDraft, prepareSignature, submitApplication, withdrawApplication, confirmApplication],
  access: {
    Query: { application: applicationsRead, applications: applicationsRead },
    Mutation: {
      ...{
        startApplication: person,
        saveDraft: person,
        prepareSignature: person,
        submitApplication: person,
        withdrawApplication: person,
      },
      confirmApplication: person,
    },
    Application: applicationsRead,
    ...{ TimelineEntry: anyone, Attachment: anyone, Decision: anyone, ViewerCan: anyone, ApplicationContent: anyone },
    ...{ PrefilledAnswer: anyone, Applicant: anyone, ToSign: anyone },
  },
  rates: { 'Mutation.confirmApplication': confirmations },
}
