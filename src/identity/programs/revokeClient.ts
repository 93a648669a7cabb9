import { eq } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { signedIn } from '../../shared/context.js'
import { revoked } from './client.errors.js'
import { Client } from './client.js'
import { lockClient } from './client.repository.js'
import { ClientRevocation, clients } from './client.table.js'

@InputType({ description: 'Which program may do nothing any more, and why.' })
export class RevokeClientInput {
  @Field(() => ID, { description: 'The id of the program.' })
  client!: string
  @Field(() => ClientRevocation, { description: 'Why.' })
  reason!: ClientRevocation
}

export const revokeClient = command({
  name: 'revokeClient',
  description:
    'Ends a program for good, and at once: the tokens that are out are refused from then on. For who holds the seal of the ' +
    'organisation, signed in with a signature.',
  allowedTo: signedIn,
  input: RevokeClientInput,
  key: 'required',
  creates: false,
  made: { client: { type: Client, description: 'The program.' } },
  async act({ client: id, reason }: RevokeClientInput, acting: Acting) {
    const { tx, context } = acting
    const { client, mandate } = await lockClient(acting, id)
    if (client.revokedAt) return refused([revoked])

    const [at, actor] = [context.now(), context.caller.id]
    await tx
      .update(clients)
      .set({ revokedAt: at, revokedBy: actor, revokedBecause: reason })
      .where(eq(clients.id, client.id))
    const said = { domain: 'identity', type: 'client.revoked', subject: client.id, partyId: client.partyId }
    await record(tx, [{ ...said, at, actor, ids: { mandate } }])
    return made({ client: client.id })
  },
})
