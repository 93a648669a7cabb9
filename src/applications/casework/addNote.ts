import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { Application } from '../application.js'
import { ApplicationInput, caseFor } from '../applicationCommand.js'
import { filesOfCaller, readFiles } from '../attachments/officerFiles.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { ApplicationNote } from './applicationNote.js'
import { insertNote } from './applicationNote.repository.js'
import { NoteKind } from './applicationNote.table.js'
import { subjectOf } from './term.js'

@InputType({ description: 'Input of `addNote`.' })
export class AddNoteInput extends ApplicationInput {
  @Field(() => String, { description: `Text of the note. ${upToProse}` })
  text!: string
  @Field(() => [ID], { nullable: true, description: filesOfCaller })
  fileIds?: string[] | null
}

export const addNote = command({
  name: 'addNote',
  description:
    'Adds an internal note to an application, for officers of the agency. Parties never see it. Requires the assigned ' +
    'officer, or one who used `openApplication`. Returns NOT_ALLOWED_NOW to other officers, FORBIDDEN in the ' +
    'caller’s own case, and NOT_FOUND if the caller sees no such application, or for an unknown upload.',
  allowedTo: caseOfficer,
  input: AddNoteInput,
  key: 'required',
  creates: true,
  made: {
    application: { type: Application, description: 'Application of the note.' },
    note: { type: ApplicationNote, description: 'Note that was added.' },
  },
  async act(input: AddNoteInput, acting: Acting) {
    const found = await caseFor(acting, input, Action.NOTE)
    if ('userErrors' in found) return found
    const { application, transition, under, now: at } = found
    const doing = { ...acting, ...found }
    const { files, userErrors: ofFiles } = await readFiles(doing, input.fileIds)
    const userErrors = [...userErrorsInProse('text', input.text), ...ofFiles]
    if (userErrors.length > 0) return refused(userErrors)
    const note = await insertNote(doing, { kind: NoteKind.NOTE, text: input.text, files })
    // The revision stays, so that the assigned officer can continue.
    const ids = { note, ...under }
    await record(acting.tx, [
      { ...subjectOf(application), type: transition.event, at, actor: acting.context.caller.id, ids },
    ])
    return made({ application: application.id, note })
  },
})
