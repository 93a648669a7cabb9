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
    // The minimum time between submission and approval. Null if there is none.
    waitingValue: integer('waiting_value'),
    waitingUnit: termUnit('waiting_unit'),
    // The longest extension, in units of the term. 0 if it cannot be extended. Null if the extension may be as long as the term.
    extension: integer('extension'),
    // Calendar days.
    appealDays: integer('appeal_days').notNull(),
    // The term of a decision on an appeal, and the term after a transfer. Null if the term of the service begins anew.
    appealValue: integer('appeal_value'),
    appealUnit: termUnit('appeal_unit'),
    transferValue: integer('transfer_value'),
    transferUnit: termUnit('transfer_unit'),
    // The path of the answer that names the agency. Null if the agency of the service handles all applications.
    addressee: text('addressee'),
    proactive: boolean('proactive').notNull(),
    // Calendar days in which a person may object to a proactive decision.
    objectionDays: integer('objection_days').notNull(),
    // Whether decisions are numbered without gaps.
    numbered: boolean('numbered').notNull(),
    // Whether a party can have one open application only.
    oneOpen: boolean('one_open').notNull(),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
  },
  ({
    coApplicants,
    termEnd,
    termEndNorm,
    waitingValue,
    waitingUnit,
    extension,
    appealDays,
    objectionDays,
    ...terms
  }) => [
    check('processes_co_applicants_check', sql`${coApplicants} between 0 and 5`),
    check('processes_term_end_check', sql`${termEnd} = 'ESCALATED' or ${termEndNorm} is not null`),
    check('processes_waiting_check', sql`(${waitingValue} is null) = (${waitingUnit} is null) and ${waitingValue} > 0`),
    check('processes_extension_check', sql`${extension} >= 0`),
    check('processes_appeal_check', sql`${appealDays} >= 0`),
    check('processes_objection_check', sql`${objectionDays} >= 0`),
    check(
      'processes_appeal_term_check',
      sql`(${terms.appealValue} is null) = (${terms.appealUnit} is null) and ${terms.appealValue} > 0`,
    ),
    check(
      'processes_transfer_term_check',
      sql`(${terms.transferValue} is null) = (${terms.transferUnit} is null) and ${terms.transferValue} > 0`,
    ),
  ],
)

describeTable(processes, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
