import { and, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { asked, fields, one, type Row, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { isForCallerAmong } from '../../identity/mandates/powers.js'
import { handledByCaller } from '../../identity/officers/offices.js'
import { type Context, hasScope } from '../../shared/context.js'
import { DateTime, LegalDate } from '../../shared/scalars.js'
import { ApplicationPhase, ApplicationState, applications } from '../application.table.js'
import { applicationParties } from '../applicationParty.table.js'
import { applicationTransfers, TransferKind } from './applicationTransfer.table.js'

registerEnumType(TransferKind, {
  name: 'ApplicationTransferKind',
  description: 'Why an application moved to another agency.',
  valuesConfig: {
    COMPETENCE: { description: 'An officer found that the other agency is competent.' },
    ADDRESSEE: { description: 'The applicant named the other agency in the form. It was sent there automatically.' },
    APPEAL: { description: 'The decision was appealed. The superior agency decides.' },
    RETURN: { description: 'Approved on appeal. The agency that first decided hands over the result.' },
  },
})

@AllowedTo(anyone)
@Stored(applications, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'What the former agency sees of an application that moved.' })
export class TransferredApplication {
  @Field(() => String, { description: 'Number of the application. It stays the same.' })
  number!: string
  @Field(() => ApplicationState, { description: 'State of the application now.' })
  state!: ApplicationState
  @Field(() => ApplicationPhase, { description: 'Who is expected to act next.' })
  phase!: ApplicationPhase
  @Field(() => LegalDate, { nullable: true, description: 'Last day of the term now. Null if no term is known.' })
  dueOn!: string | null
}

type TransferRow = Row<typeof applicationTransfers>
const readsApplications = asked(({ caller }: Context) => hasScope(caller, 'applications:read'))
const readsCases = asked(({ caller }: Context) => hasScope(caller, 'cases:read'))
const moved = alias(applications, 'moved')
const seen = alias(applicationParties, 'seen_in_transfer')
const itsParties = { from: sql`${applicationParties} ${seen}`, key: seen.applicationId, party: seen.partyId }
const inApplication = ({ applicationId }: TransferRow, condition: SQL) =>
  sql`exists (select from ${applications} ${moved} where ${moved.id} = ${applicationId} and ${condition})`
const isTheirs = (row: TransferRow, variant: string | undefined) =>
  inApplication(row, isForCallerAmong(itsParties, moved, variant))
const isOfAgency = (row: TransferRow) =>
  or(handledByCaller(row.fromAgencyId), inApplication(row, handledByCaller(moved.agencyId)))

@AllowedTo(anyone)
@Stored(applicationTransfers, {
  PERSON: isTheirs,
  PROGRAM: (row: TransferRow, variant) => and(sql`${readsApplications}::boolean`, isTheirs(row, variant)),
  OFFICER: isOfAgency,
  AGENCY_PROGRAM: (row: TransferRow) => and(sql`${readsCases}::boolean`, isOfAgency(row)),
  AUDITOR: (row: TransferRow) => inApplication(row, sql`${moved.submittedAt} is not null`),
})
@ObjectType({
  simpleResolvers: true,
  description:
    'Move of an application from one agency to another. Visible to whoever sees the application, and to officers of ' +
    'the former agency, who see nothing else of it any more.',
})
export class ApplicationTransfer {
  @Field(() => TransferKind, { description: 'Why the application moved.' })
  kind!: TransferKind
  @Field(() => DateTime, { description: 'When the application moved.' })
  at!: Date
}
fields(ApplicationTransfer, {
  from: one(Agency, applicationTransfers.fromAgencyId, { description: 'Agency that had the application.' }),
  to: one(Agency, applicationTransfers.toAgencyId, { description: 'Agency that received the application.' }),
  application: one(TransferredApplication, applicationTransfers.applicationId, {
    description: 'Number, state and term of the application.',
  }),
})
