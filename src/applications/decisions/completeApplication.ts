import { caseOfficer } from '../../identity/officers/offices.js'
import { applicationCommand } from '../applicationCommand.js'
import { Action } from '../transition.rules.js'

export const completeApplication = applicationCommand({
  name: 'completeApplication',
  description:
    'Records that the result was handed over. Requires the assigned officer. Returns NOT_ALLOWED_NOW to other ' +
    'officers, and while a payment is due.',
  allowedTo: caseOfficer,
  action: Action.COMPLETE,
  set: ({ now }) => ({ completedAt: now }),
})
