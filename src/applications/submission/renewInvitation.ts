import { and, asc, eq, isNull } from 'drizzle-orm'
import { digestOf } from '../../identity/programs/secret.js'
import { newCode, readCode } from '../../shared/code.js'
import { type Context, person } from '../../shared/context.js'
import { type ApplicationInput, applicationCommand } from '../applicationCommand.js'
import { applicationParties } from '../applicationParty.table.js'
import { Action } from '../transition.rules.js'

export const renewInvitation = applicationCommand({
  name: 'renewInvitation',
  description:
    'Replaces the codes of all co-applicants and founders who have not confirmed. Use it if a code was lost. Their ' +
    'earlier codes end. The time to confirm stays the same. Requires the applicant, or the power FILE over them in that service. Returns ' +
    'RATE_LIMITED after 10 requests an hour for one application.',
  allowedTo: person,
  limitedTo: {
    points: 10,
    seconds: 3600,
    by: ({ input }: { input: ApplicationInput }, { caller }: Context) => `${caller.id} ${input.applicationId}`,
  },
  key: 'required',
  creates: true,
  once: {
    invitationCodes: {
      type: () => [String],
      description: 'One code for each co-applicant or founder who has not confirmed. Returned only once.',
    },
  },
  action: Action.RENEW_INVITATION,
  async change({ tx, application }) {
    const { id, applicationId, partyId } = applicationParties
    const open = await tx
      .select({ id })
      .from(applicationParties)
      .where(and(eq(applicationId, application.id), isNull(partyId)))
      .orderBy(asc(id))
    const invitationCodes: string[] = []
    for (const invited of open) {
      const code = newCode()
      await tx
        .update(applicationParties)
        .set({ codeHash: digestOf(readCode(code)) })
        .where(eq(id, invited.id))
      invitationCodes.push(code)
    }
    return { once: { invitationCodes } }
  },
})
