import { and, eq } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { clearDeadlines } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import { operatorOrAdmin } from '../../identity/officers/offices.js'
import { LocalizedInput } from '../../shared/localized.js'
import { longest, upTo, userErrorsInWords } from '../../shared/texts.rules.js'
import { Service } from '../services/service.js'
import { ServiceStatus, services } from '../services/service.table.js'
import { lockOpenService } from './openService.js'
import { suspensionEnded, versionStarted } from './status.rules.js'

@InputType({ description: 'Input of `retireService`.' })
export class RetireServiceInput {
  @Field(() => String, { description: 'Code of an active or suspended service.' })
  code!: string
  @Field(() => LocalizedInput, {
    description: `Reason, and the alternative if there is one. Shown to the public. ${upTo.prose}`,
  })
  reason!: LocalizedInput
}

export const retireService = command({
  name: 'retireService',
  description:
    'Ends a service permanently. It leaves all lists, but is still found by its code. Requires the ' +
    'operator or the ADMIN of its agency. Returns NOT_FOUND if no service has the code, and ' +
    'NOT_ALLOWED_NOW if it is not active or suspended.',
  allowedTo: operatorOrAdmin,
  input: RetireServiceInput,
  key: 'required',
  creates: false,
  made: { service: { type: Service, description: 'The retired service.' } },
  async act({ code, reason }: RetireServiceInput, { tx, context }: Acting) {
    const found = await lockOpenService({ tx, context }, code)
    if ('userErrors' in found) return found
    const { service, under } = found
    const userErrors = userErrorsInWords(['reason'], reason, longest.prose)
    if (userErrors.length > 0) return refused(userErrors)

    const { id, agencyId } = service
    const set = { status: ServiceStatus.RETIRED, statusNote: { ...reason }, suspendedUntil: null }
    await tx
      .update(services)
      .set(set)
      .where(and(eq(services.id, id), eq(services.status, service.status)))
    await clearDeadlines(tx, [suspensionEnded, versionStarted], id)
    const event = { domain: 'catalogue', type: 'service.retired', subject: id, agencyId }
    await record(tx, [{ ...event, at: context.now(), actor: context.caller.id, ids: under }])
    return made({ service: id })
  },
})
