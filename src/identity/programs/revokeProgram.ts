import { eq } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { signedIn } from '../../shared/context.js'
import { revoked } from './program.errors.js'
import { Program } from './program.js'
import { lockProgram } from './program.repository.js'
import { ProgramRevocation, programs } from './program.table.js'

@InputType({ description: 'Which program may do nothing any more, and why.' })
export class RevokeProgramInput {
  @Field(() => ID, { description: 'The id of the program.' })
  programId!: string
  @Field(() => ProgramRevocation, { description: 'Why.' })
  reason!: ProgramRevocation
}

export const revokeProgram = command({
  name: 'revokeProgram',
  description:
    'Ends a program for good, and at once: the tokens that are out are refused from then on. For who holds the seal of the ' +
    'organisation, signed in with a signature.',
  allowedTo: signedIn,
  input: RevokeProgramInput,
  key: 'required',
  creates: false,
  made: { program: { type: Program, description: 'The program.' } },
  async act({ programId: id, reason }: RevokeProgramInput, acting: Acting) {
    const { tx, context } = acting
    const { program, mandate } = await lockProgram(acting, id)
    if (program.revokedAt) return refused([revoked])

    const [at, actor] = [context.now(), context.caller.id]
    await tx
      .update(programs)
      .set({ revokedAt: at, revokedBy: actor, revokedBecause: reason })
      .where(eq(programs.id, program.id))
    const said = { domain: 'identity', type: 'program.revoked', subject: program.id, partyId: program.partyId }
    await record(tx, [{ ...said, at, actor, ids: { mandate } }])
    return made({ program: program.id })
  },
})
