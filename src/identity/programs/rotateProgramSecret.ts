import { eq } from 'drizzle-orm'
import { Field, ID, InputType, Int } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { signedIn } from '../../shared/context.js'
import { Program } from './program.js'
import { lockProgram, ownerIn } from './program.repository.js'
import { userErrorsInKeeping, userErrorsInRotation } from './program.rules.js'
import { programs } from './program.table.js'
import { makeSecret } from './secret.js'

@InputType({ description: 'Input of `rotateProgramSecret`.' })
export class RotateProgramSecretInput {
  @Field(() => ID, { description: 'ID of the program.' })
  programId!: string
  @Field(() => Int, {
    description: 'Seconds that the current secret stays valid: 0 to 604,800 (seven days).',
  })
  keepOldFor!: number
}

export const rotateProgramSecret = command({
  name: 'rotateProgramSecret',
  description:
    'Creates a new secret for a program. The previous secret stays valid for `keepOldFor` seconds, and an ' +
    'older one expires at once. Issued tokens stay valid. Requires the head or a SEAL_HOLDER of the organisation, or an ' +
    'ADMIN of the agency, with assurance HIGH. Returns INVALID for a wrong `keepOldFor`. Returns NOT_ALLOWED_NOW if the program is ' +
    'revoked, has expired or has its own keys. Returns FORBIDDEN to other callers, and with ' +
    'STEP_UP_REQUIRED below assurance HIGH.',
  allowedTo: signedIn,
  input: RotateProgramSecretInput,
  key: 'required',
  creates: true,
  made: { program: { type: Program, description: 'Program with the new secret.' } },
  once: {
    secret: { type: () => String, description: 'New secret. Returned only once. Null in a repeated request.' },
  },
  async act({ programId: id, keepOldFor }: RotateProgramSecretInput, acting: Acting) {
    const { tx, context } = acting
    const { program, ids } = await lockProgram(acting, id)
    const at = context.now()
    const userErrors = [...userErrorsInRotation(program, at), ...userErrorsInKeeping(keepOldFor)]
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
    const event = { domain: 'identity', type: 'program.secret_rotated', subject: program.id, ...ownerIn(program) }
    await record(tx, [{ ...event, at, actor: context.caller.id, ids }])
    return made({ program: program.id }, { secret })
  },
})
