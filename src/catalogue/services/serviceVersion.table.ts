import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  date,
  integer,
  json,
  jsonb,
  pgEnum,
  pgTable,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { assurance } from '../../shared/assurance.table.js'
import { words } from '../../shared/words.js'
import type { FormNode } from '../forms/form.fields.js'
import { applicationRole } from './applicationRole.table.js'
import { services } from './service.table.js'

export enum Interaction {
  INFORMATIVE = 'INFORMATIVE',
  INTERACTIVE = 'INTERACTIVE',
}

/** How requests to the service are made. */
export enum HandledAs {
  APPLICATION = 'APPLICATION',
  FILING = 'FILING',
  PAYMENT = 'PAYMENT',
  VISA = 'VISA',
}

export enum Automation {
  FULL = 'FULL',
  PARTIAL = 'PARTIAL',
}

export enum ResultKind {
  DOCUMENT = 'DOCUMENT',
  DECISION = 'DECISION',
  ACKNOWLEDGEMENT = 'ACKNOWLEDGEMENT',
  INFORMATION = 'INFORMATION',
  VISA = 'VISA',
  REGISTRY_CHANGE = 'REGISTRY_CHANGE',
  REGISTRATION = 'REGISTRATION',
  REPLY = 'REPLY',
  RECEIPT = 'RECEIPT',
  APPOINTMENT = 'APPOINTMENT',
}

export const interaction = pgEnum('interaction', Interaction)
export const handledAs = pgEnum('handled_as', HandledAs)
export const automation = pgEnum('automation', Automation)
export const resultKind = pgEnum('result_kind', ResultKind)

export const serviceVersions = pgTable(
  'service_versions',
  {
    id: id(),
    serviceId: uuid('service_id')
      .notNull()
      .references(() => services.id),
    number: integer('number').notNull(),
    interaction: interaction('interaction').notNull(),
    handledAs: handledAs('handled_as').notNull(),
    automation: automation('automation').notNull(),
    assurance: assurance('assurance').notNull(),
    // Roles whose parties must sign an application.
    signers: applicationRole('signers').array().notNull(),
    delegable: boolean('delegable').notNull(),
    result: resultKind('result').notNull(),
    note: words('note'),
    // The questions that tariffs depend on, if the version has no form. As JSON, because libraries show them in order.
    tariffQuestions: json('tariff_questions').$type<FormNode>(),
    // The places of the date of birth of the person concerned. The first that is answered counts.
    birthDates: text('birth_dates').array().notNull().default([]),
    validFrom: date('valid_from').notNull(),
    validTo: date('valid_to'),
    // When the next version replaced it before it began. It is never in force, but stays readable.
    withdrawnAt: timestamp('withdrawn_at', { withTimezone: true }),
    // Null if the version was seeded.
    opinionReference: text('opinion_reference'),
    registerReference: text('register_reference'),
    // The entry it was made from, with fees and terms. Null if an operator made the version.
    seeded: jsonb('seeded'),
  },
  ({ serviceId, number, validFrom, validTo }) => [
    unique().on(serviceId, number),
    check('service_versions_number_check', sql`${number} >= 1`),
    check('service_versions_validity_check', sql`${validTo} >= ${validFrom}`),
  ],
)

describeTable(serviceVersions, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a service. Applications made under a version keep it.' },
  appendOnly: { updates: ['validTo', 'withdrawnAt'], guard: 'keep_version' },
})
