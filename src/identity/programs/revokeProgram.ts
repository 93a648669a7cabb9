import { eq } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { signedIn } from '../../shared/context.js'
import { revoked } from './program.errors.js'
import { Program } from './program.js'
import { lockProgram, ownerIn } from './program.repository.js'
import { ProgramRevocation, programs } from './program.table.js'

@InputType({ description: 'Input of `revokeProgram`.' })
export class RevokeProgramInput {
  @Field(() => ID, { description: 'ID of the program.' })
  programId!: string
  @Field(() => ProgramRevocation, { description: 'Reason for the revocation.' })
  reason!: ProgramRevocation
}

export const revokeProgram = command({
  name: 'revokeProgram',
  description:
    'Revokes a program permanently and with immediate effect, including its issued tokens. Requires the seal ' +
    'of the organisation, or the role ADMIN at the agency, and assurance HIGH. Returns NOT_ALLOWED_NOW if the program is already revoked. ' +
    'Returns FORBIDDEN to other callers, and with STEP_UP_REQUIRED below assurance HIGH.',
  allowedTo: signedIn,
  input: RevokeProgramInput,
  key: 'required',
  creates: false,
  made: { program: { type: Program, description: 'Revoked program.' } },
  async act({ programId: id, reason }: RevokeProgramInput, acting: Acting) {
    const { tx, context } = acting
    const { program, ids } = await lockProgram(acting, id)
    if (program.revokedAt) return refused([revoked])

    const [at, actor] = [context.now(), context.caller.id]
    await tx
      .update(programs)
      .set({ revokedAt: at, revokedBy: actor, revokedBecause: reason })
      .where(eq(programs.id, program.id))
    const event = { domain: 'identity', type: 'program.revoked', subject: program.id, ...ownerIn(program) }
    await record(tx, [{ ...event, at, actor, ids }])
    return made({ program: program.id })
  },
})
