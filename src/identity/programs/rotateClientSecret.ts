import { eq } from 'drizzle-orm'
import { Field, ID, InputType, Int } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { signedIn } from '../../shared/context.js'
import { Client } from './client.js'
import { lockClient } from './client.repository.js'
import { refusalsToKeep, refusalsToRotate } from './client.rules.js'
import { clients } from './client.table.js'
import { makeSecret } from './secret.js'

@InputType({ description: 'Which program is to have another secret.' })
export class RotateClientSecretInput {
  @Field(() => ID, { description: 'The id of the program.' })
  client!: string
  @Field(() => Int, {
    description:
      'Seconds for which the old secret stays good, so that nothing stands still: 0 to 604,800 (seven days).',
  })
  keepOldFor!: number
}

export const rotateClientSecret = command({
  name: 'rotateClientSecret',
  description:
    'Gives a program another secret. The one before stays good for as long as is said; one before that does not. Tokens ' +
    'that are out stay good. For who holds the seal of the organisation, signed in with a signature.',
  allowedTo: signedIn,
  input: RotateClientSecretInput,
  key: 'required',
  creates: true,
  made: { client: { type: Client, description: 'The program.' } },
  once: {
    secret: { type: () => String, description: 'The new secret, told this one time; null in a repeat.' },
  },
  async act({ client: id, keepOldFor }: RotateClientSecretInput, acting: Acting) {
    const { tx, context } = acting
    const { client, mandate } = await lockClient(acting, id)
    const at = context.now()
    const userErrors = [...refusalsToRotate(client, at), ...refusalsToKeep(keepOldFor)]
    if (userErrors.length > 0) return refused(userErrors)

    const { secret, secretHash } = makeSecret()
    const former =
      keepOldFor > 0
        ? { formerSecretHash: client.secretHash, formerSecretUntil: new Date(at.getTime() + keepOldFor * 1000) }
        : { formerSecretHash: null, formerSecretUntil: null }
    await tx
      .update(clients)
      .set({ secretHash, ...former })
      .where(eq(clients.id, client.id))
    const said = { domain: 'identity', type: 'client.secret_rotated', subject: client.id, partyId: client.partyId }
    await record(tx, [{ ...said, at, actor: context.caller.id, ids: { mandate } }])
    return made({ client: client.id }, { secret })
  },
})
