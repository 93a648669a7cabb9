import { sql } from 'drizzle-orm'
import { boolean, check, integer, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { termUnit } from '../../shared/termUnit.table.js'
import { serviceVersions } from './serviceVersion.table.js'

export enum TermEnd {
  /** The head of the officer is told, and it goes on. */
  ESCALATED = 'ESCALATED',
  DEEMED_APPROVED = 'DEEMED_APPROVED',
  DEEMED_REFUSED = 'DEEMED_REFUSED',
}
export enum RegistryDown {
  /** The person answers themselves. */
  ASKED_OF_PERSON = 'ASKED_OF_PERSON',
  /** It is filled when the registry is back; until then it is not submitted. */
  FILLED_LATER = 'FILLED_LATER',
}
export const termEnd = pgEnum('term_end', TermEnd)
export const registryDown = pgEnum('registry_down', RegistryDown)

/** How an application for a version of a service goes its way, where that is not the usual one (usualProcess.data.json). */
export const processes = pgTable(
  'processes',
  {
    id: id(),
    versionId: uuid('version_id')
      .notNull()
      .unique()
      .references(() => serviceVersions.id),
    termEnd: termEnd('term_end').notNull(),
    registryDown: registryDown('registry_down').notNull(),
    // How many must confirm it beside the applicant.
    coApplicants: integer('co_applicants').notNull(),
    // So long nothing is decided after it came; null: no time at all.
    waitingValue: integer('waiting_value'),
    waitingUnit: termUnit('waiting_unit'),
    // By so much its term can be extended, once and with notice; null: by nothing.
    extensionValue: integer('extension_value'),
    extensionUnit: termUnit('extension_unit'),
    // For how many calendar days a decision can be appealed.
    appealDays: integer('appeal_days').notNull(),
    proactive: boolean('proactive').notNull(),
    // Whether the law wants its decisions numbered without gaps.
    numbered: boolean('numbered').notNull(),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
  },
  ({ coApplicants, waitingValue, waitingUnit, extensionValue, extensionUnit, appealDays }) => [
    check('processes_co_applicants_check', sql`${coApplicants} between 0 and 5`),
    check('processes_waiting_check', sql`(${waitingValue} is null) = (${waitingUnit} is null) and ${waitingValue} > 0`),
    check(
      'processes_extension_check',
      sql`(${extensionValue} is null) = (${extensionUnit} is null) and ${extensionValue} > 0`,
    ),
    check('processes_appeal_check', sql`${appealDays} >= 0`),
  ],
)

describeTable(processes, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
