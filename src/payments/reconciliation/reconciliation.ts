import { gte, isNull, lte, type SQL, sql } from 'drizzle-orm'
import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo } from '../../engine/allowedTo.js'
import {
  type Asked,
  connection,
  descending,
  everyone,
  fields,
  leaf,
  one,
  queries,
  type Row,
  Stored,
} from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { ofAgency } from '../../identity/officers/agencyArgument.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { agenciesOf, handledByCaller } from '../../identity/officers/offices.js'
import { only } from '../../shared/context.js'
import { Money, moneyOf } from '../../shared/money.js'
import { DateTime, LegalDate } from '../../shared/scalars.js'
import { ReconciliationKind, ReconciliationState, reconciliations } from './reconciliation.table.js'

registerEnumType(ReconciliationKind, {
  name: 'ReconciliationKind',
  description: 'What differs between the bank, the payments and the ledger.',
  valuesConfig: {
    MISSING_HERE: { description: 'The bank has an entry, and the ledger has no transfer. The bank is asked again.' },
    MISSING_THERE: { description: 'The ledger has a transfer, and the bank has no entry.' },
    AMOUNT: { description: 'The amounts differ.' },
    CURRENCY: { description: 'The currencies differ.' },
    UNKNOWN_ORDER: { description: 'The bank has an entry for an order or a refund that is not ours.' },
    NOT_APPLIED: { description: 'The money arrived, and neither pays a charge nor returns to the payer.' },
    DOUBLED: { description: 'The bank has a second entry for what happens once.' },
    STATUS: { description: 'The bank reports another merchant, or a state that cannot follow.' },
    REFUND_REFUSED: { description: 'The bank has refused a refund.' },
    NOT_NOTIFIED: { description: 'A register does not accept that a fine was paid.' },
    TOTAL: { description: 'The entries of a settlement file do not add up to its total.' },
  },
})
registerEnumType(ReconciliationState, {
  name: 'ReconciliationState',
  description: 'State of a difference.',
  valuesConfig: {
    OPEN: { description: 'Somebody must find out why, and settle it.' },
    SETTLED: { description: 'Somebody has settled it with a reason, or it resolved itself.' },
  },
})

/** Allows those who settle differences. The scope decides which. */
export const settlesDifferences = only(
  'settlesDifferences',
  'officers with the role FINANCE, the operator and auditors',
  ['OFFICER', 'OPERATOR', 'AUDITOR'],
  {},
  (caller) => caller.kind !== 'OFFICER' || agenciesOf(caller, OfficerRole.FINANCE).length > 0,
)

type ReconciliationRow = Row<typeof reconciliations>
@AllowedTo(settlesDifferences)
@Stored(reconciliations, {
  OFFICER: ({ agencyId }) => handledByCaller(agencyId, OfficerRole.FINANCE),
  OPERATOR: ({ agencyId }: ReconciliationRow) => isNull(agencyId),
  AUDITOR: everyone,
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Difference between a bank, the payments and the ledger. Each is found once. Visible to officers of the agency with ' +
    'the role FINANCE, to the operator if it concerns no agency or several, and to auditors.',
})
export class Reconciliation extends Node {
  @Field(() => ReconciliationKind, { description: 'What differs.' })
  kind!: ReconciliationKind
  @Field(() => ReconciliationState, { description: 'State of the difference.' })
  state!: ReconciliationState
  @Field(() => String, { description: 'Code of the payment provider.' })
  provider!: string
  @Field(() => String, {
    description: 'ID of the order, refund or entry at the bank. The kind of entry precedes it if one entry differs.',
  })
  subject!: string
  @Field(() => LegalDate, { description: 'Date of the bank’s entry or of our transfer; otherwise of the discovery.' })
  day!: string
  @Field(() => DateTime, { description: 'When it was found.' })
  foundAt!: Date
  @Field(() => DateTime, { nullable: true, description: 'When it was settled. Null while OPEN.' })
  settledAt!: Date | null
  @Field(() => String, { nullable: true, description: 'How it was resolved. Null while OPEN.' })
  reason!: string | null
}

const moneyIn = (amount: bigint | null, currency: string | null) =>
  amount === null || currency === null ? null : moneyOf(amount, currency)
fields(Reconciliation, {
  agency: one(Agency, reconciliations.agencyId, {
    description: 'Agency whose money it is. Null if it concerns no agency or several.',
  }),
  ours: leaf(
    () => Money,
    [reconciliations.amount, reconciliations.currency],
    ({ amount, currency }: typeof reconciliations.$inferSelect) => moneyIn(amount, currency),
    { description: 'Amount here. Null if there is none.' },
  ),
  bank: leaf(
    () => Money,
    [reconciliations.bankAmount, reconciliations.bankCurrency],
    ({ bankAmount, bankCurrency }: typeof reconciliations.$inferSelect) => moneyIn(bankAmount, bankCurrency),
    { description: 'Amount at the bank. Null if there is none.' },
  ),
})

@InputType({ description: 'Filters for differences. All conditions must match.' })
export class ReconciliationFilter {
  @Field(() => ReconciliationState, { nullable: true, description: 'Only differences in this state.' })
  state?: ReconciliationState | null
  @Field(() => ReconciliationKind, { nullable: true, description: 'Only differences of this kind.' })
  kind?: ReconciliationKind | null
  @Field(() => LegalDate, { nullable: true, description: 'Only differences of this day or later.' })
  from?: string | null
  @Field(() => LegalDate, { nullable: true, description: 'Only differences of this day or earlier.' })
  to?: string | null
}

export const reconciliationQueries = queries({
  reconciliations: connection(Reconciliation, undefined, {
    allowedTo: settlesDifferences,
    owner: ofAgency(reconciliations.settlerId, OfficerRole.FINANCE),
    order: descending(reconciliations.foundAt),
    filter: ReconciliationFilter,
    conditions: {
      // `statesAmong` reads it.
      state: () => undefined,
      kind: ({ kind }: ReconciliationRow, value: Asked) => sql`${kind} = ${value}::text::reconciliation_kind`,
      from: ({ day }: ReconciliationRow, value: Asked): SQL => gte(day, value),
      to: ({ day }: ReconciliationRow, value: Asked): SQL => lte(day, value),
    },
    merged: {
      by: reconciliations.state,
      values: ({ filter }: { filter?: ReconciliationFilter | null }) =>
        Object.values(ReconciliationState).filter((state) => !filter?.state || filter.state === state),
    },
    description:
      'Differences of an agency, newest first; for the operator those of no agency or several. Requires the role FINANCE ' +
      'at the agency, or the operator.',
  }),
})
