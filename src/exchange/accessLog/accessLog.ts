import { connection, descending, queries } from '../../engine/declare.js'
import { ofParty } from '../../identity/parties/partyArgument.js'
import { accesses } from './access.table.js'
import { AccessLogEntry, reading } from './accessLogEntry.js'

export const accessLogQueries = queries({
  accessLog: connection(AccessLogEntry, undefined, {
    allowedTo: reading('accessLogOfParty', 'persons, and programs with the scope registries:read', [
      'PERSON',
      'PROGRAM',
    ]),
    owner: ofParty(accesses.partyId),
    order: descending(accesses.at),
    description:
      'Lists accesses to a party’s data, newest first. For the party, for holders of the power VIEW over it for all ' +
      'services, and for its programs with the scope `registries:read`. Requires assurance SUBSTANTIAL for a person. ' +
      'Omits secret entries until their `releaseAt`.',
  }),
})
