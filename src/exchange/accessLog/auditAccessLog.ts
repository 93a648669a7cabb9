import { Field, InputType } from 'type-graphql'
import { agencies } from '../../agencies/agency.table.js'
import { type Asked, connection, descending, queries } from '../../engine/declare.js'
import { Assurance } from '../../shared/assurance.table.js'
import { only } from '../../shared/context.js'
import { isOfCode } from '../../shared/isOfCode.js'
import { accesses } from './access.table.js'
import { AccessLogEntry } from './accessLogEntry.js'
import { type AccessRow, AgencyAccessLogFilter, conditions } from './agencyAccessLog.js'

@InputType({ description: 'Which looks. All that is given must fit.' })
class AuditAccessLogFilter extends AgencyAccessLogFilter {
  @Field(() => String, { nullable: true, description: 'The code of the agency for which an officer looked.' })
  agency?: string
  @Field(() => String, { nullable: true, description: 'Its place in the log, as `npm run verify-log` names it.' })
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
    description: 'All that anybody looked at, the newest first, for auditors: what is secret as yet, too.',
  }),
})
