import { caseOfficer } from '../../identity/officers/offices.js'
import { applicationCommand } from '../applicationCommand.js'
import { Action } from '../transition.rules.js'

export const completeApplication = applicationCommand({
  name: 'completeApplication',
  description: 'Says that the result was handed over. For the officer whom the application is assigned to.',
  allowedTo: caseOfficer,
  action: Action.COMPLETE,
  set: ({ now }) => ({ completedAt: now }),
})
