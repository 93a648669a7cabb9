import { eq } from 'drizzle-orm'
import { Field, ID, InputType, Int } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { signedIn } from '../../shared/context.js'
import { Program } from './program.js'
import { lockProgram } from './program.repository.js'
import { refusalsToKeep, refusalsToRotate } from './program.rules.js'
import { programs } from './program.table.js'
import { makeSecret } from './secret.js'

@InputType({ description: 'Which program is to have another secret.' })
export class RotateProgramSecretInput {
  @Field(() => ID, { description: 'The id of the program.' })
  programId!: string
  @Field(() => Int, {
    description:
      'Seconds for which the old secret stays good, so that nothing stands still: 0 to 604,800 (seven days).',
  })
  keepOldFor!: number
}

export const rotateProgramSecret = command({
  name: 'rotateProgramSecret',
  description:
    'Gives a program another secret. The one before stays good for as long as is said; one before that does not. Tokens ' +
    'that are out stay good. For who holds the seal of the organisation, signed in with a signature.',
  allowedTo: signedIn,
  input: RotateProgramSecretInput,
  key: 'required',
  creates: true,
  made: { program: { type: Program, description: 'The program.' } },
  once: {
    secret: { type: () => String, description: 'The new secret, told this one time; null in a repeat.' },
  },
  async act({ programId: id, keepOldFor }: RotateProgramSecretInput, acting: Acting) {
    const { tx, context } = acting
    const { program, mandate } = await lockProgram(acting, id)
    const at = context.now()
    const userErrors = [...refusalsToRotate(program, at), ...refusalsToKeep(keepOldFor)]
    if (userErrors.length > 0) return refused(userErrors)

    const { secret, secretHash } = makeSecret()
    const former =
      keepOldFor > 0
        ? { formerSecretHash: program.secretHash, formerSecretUntil: new Date(at.getTime() + keepOldFor * 1000) }
        : { formerSecretHash: null, formerSecretUntil: null }
    await tx
      .update(programs)
      .set({ secretHash, ...former })
      .where(eq(programs.id, program.id))
    const said = { domain: 'identity', type: 'program.secret_rotated', subject: program.id, partyId: program.partyId }
    await record(tx, [{ ...said, at, actor: context.caller.id, ids: { mandate } }])
    return made({ program: program.id }, { secret })
  },
})
