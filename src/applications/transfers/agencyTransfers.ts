import { connection, descending, queries } from '../../engine/declare.js'
import { ofAgency } from '../../identity/officers/agencyArgument.js'
import { officer } from '../../identity/officers/offices.js'
import { ApplicationTransfer } from './applicationTransfer.js'
import { applicationTransfers } from './applicationTransfer.table.js'

export const agencyTransferQueries = queries({
  agencyTransfers: connection(ApplicationTransfer, undefined, {
    allowedTo: officer(),
    owner: ofAgency(applicationTransfers.fromAgencyId),
    order: descending(applicationTransfers.at),
    description:
      'Applications that moved from an agency to another one, newest first. Requires an officer of the agency, which ' +
      'sees their state and term only.',
  }),
})
