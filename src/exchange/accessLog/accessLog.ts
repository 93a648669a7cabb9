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
      'Who looked at somebody’s data, the newest first: at what, for which agency, for what, and by what law. What the law ' +
      'keeps secret is not there before its time. For whose data it is, whoever has the power VIEW over them for all ' +
      'services, and their own programs with `registries:read`.',
  }),
})
