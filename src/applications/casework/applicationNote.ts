import { and, sql } from 'drizzle-orm'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { ascending, asked, fields, many, one, type Row, Stored } from '../../engine/declare.js'
import { ownParty } from '../../identity/mandates/powers.js'
import { Appointment } from '../../identity/officers/appointment.resolver.js'
import { handledByCaller } from '../../identity/officers/offices.js'
import type { Context } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { OfficerFile } from '../attachments/officerFile.js'
import { officerFiles } from '../attachments/officerFile.table.js'
import { applicationNotes, NoteKind } from './applicationNote.table.js'

registerEnumType(NoteKind, {
  name: 'ApplicationNoteKind',
  description: 'Kind of an internal note.',
  valuesConfig: {
    NOTE: { description: 'A note: `addNote`.' },
    PROPOSAL: { description: 'A proposed decision: `proposeDecision`.' },
    RETURN: { description: 'A comment with which an APPROVER returned a proposal: `returnProposal`.' },
  },
})

const momentNow = asked(({ now }: Context) => now().toISOString())

@AllowedTo(anyone)
@Stored(applicationNotes, {
  // The case is on their desk, or they have opened it. Notes of another agency stay there.
  OFFICER: ({ applicationId, agencyId }: Row<typeof applicationNotes>) =>
    and(
      handledByCaller(agencyId),
      sql`exists (
        select from applications noted
        where noted.id = ${applicationId} and noted.agency_id = ${agencyId} and (
          noted.officer_id = ${ownParty}::uuid
          or exists (
            select from application_openings opened
            where opened.application_id = noted.id and opened.agency_id = noted.agency_id
              and opened.officer_id = ${ownParty}::uuid and opened.until > ${momentNow}::timestamptz)))`,
    ),
})
@ObjectType({
  simpleResolvers: true,
  description:
    'Internal note of an officer about an application. Visible to officers of the same agency who may read the content ' +
    'of the application. Never visible to parties and programs, and not a part of any document.',
})
export class ApplicationNote {
  @Field(() => NoteKind, { description: 'Kind of the note.' })
  kind!: NoteKind
  @Field(() => DateTime, { description: 'When it was written.' })
  at!: Date
}
fields(ApplicationNote, {
  appointment: one(Appointment, applicationNotes.appointmentId, {
    description:
      'Appointment of the author. Null if the caller cannot see it, for example after it ended. See `officerName`.',
  }),
  files: many(OfficerFile, officerFiles.ofId, {
    order: ascending(officerFiles.position),
    description: 'Files that came with the note, in their order.',
  }),
})
