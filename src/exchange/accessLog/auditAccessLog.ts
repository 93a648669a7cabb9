import { Field, InputType } from 'type-graphql'
import { agencies } from '../../agencies/agency.table.js'
import { type Asked, connection, descending, queries } from '../../engine/declare.js'
import { Assurance } from '../../shared/assurance.table.js'
import { only } from '../../shared/context.js'
import { isOfCode } from '../../shared/isOfCode.js'
import { accesses } from './access.table.js'
import { AccessLogEntry } from './accessLogEntry.js'
import { type AccessRow, AgencyAccessLogFilter, conditions } from './agencyAccessLog.js'

@InputType({ description: 'Filters for access-log entries. All conditions must match.' })
class AuditAccessLogFilter extends AgencyAccessLogFilter {
  @Field(() => String, { nullable: true, description: 'Code of the agency for which an officer accessed the data.' })
  agency?: string
  @Field(() => String, { nullable: true, description: 'Position in the log, as printed by `npm run verify-log`.' })
  position?: string
}

export const auditAccessLogQueries = queries({
  auditAccessLog: connection(AccessLogEntry, undefined, {
    allowedTo: only('auditor', 'auditors', ['AUDITOR'], { assurance: Assurance.HIGH }),
    order: descending(accesses.at),
    filter: AuditAccessLogFilter,
    conditions: {
      ...conditions,
      agency: ({ agencyId }: AccessRow, code: Asked) => isOfCode(agencyId, agencies, 'agency', code),
    },
    description:
      'Lists all accesses to anybody’s data, newest first, including secret ones. Requires an auditor with assurance ' +
      'HIGH.',
  }),
})
