import { sql } from 'drizzle-orm'
import { boolean, check, integer, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { termUnit } from '../../shared/termUnit.table.js'
import { words } from '../../shared/words.js'
import { serviceVersions } from './serviceVersion.table.js'

export enum TermEnd {
  ESCALATED = 'ESCALATED',
  DEEMED_APPROVED = 'DEEMED_APPROVED',
  DEEMED_REFUSED = 'DEEMED_REFUSED',
}
export enum RegistryDown {
  ASK_APPLICANT = 'ASK_APPLICANT',
  WAIT_FOR_REGISTRY = 'WAIT_FOR_REGISTRY',
}
export const termEnd = pgEnum('term_end', TermEnd)
export const registryDown = pgEnum('registry_down', RegistryDown)

/** The process of a version that differs from the usual one (usualProcess.data.json). */
export const processes = pgTable(
  'processes',
  {
    id: id(),
    versionId: uuid('version_id')
      .notNull()
      .unique()
      .references(() => serviceVersions.id),
    termEnd: termEnd('term_end').notNull(),
    // The legal norm that a deemed decision cites.
    termEndNorm: words('term_end_norm'),
    registryDown: registryDown('registry_down').notNull(),
    coApplicants: integer('co_applicants').notNull(),
    // The minimum time between submission and decision. Null if there is none.
    waitingValue: integer('waiting_value'),
    waitingUnit: termUnit('waiting_unit'),
    // The longest extension of the term. Null if it cannot be extended.
    extensionValue: integer('extension_value'),
    extensionUnit: termUnit('extension_unit'),
    // Calendar days.
    appealDays: integer('appeal_days').notNull(),
    proactive: boolean('proactive').notNull(),
    // Whether decisions are numbered without gaps.
    numbered: boolean('numbered').notNull(),
    // Whether a party can have one open application only.
    oneOpen: boolean('one_open').notNull(),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
  },
  ({ coApplicants, termEnd, termEndNorm, waitingValue, waitingUnit, extensionValue, extensionUnit, appealDays }) => [
    check('processes_co_applicants_check', sql`${coApplicants} between 0 and 5`),
    check('processes_term_end_check', sql`${termEnd} = 'ESCALATED' or ${termEndNorm} is not null`),
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
