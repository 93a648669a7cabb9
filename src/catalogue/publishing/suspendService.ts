import { and, eq } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { clearDeadline, setDeadline } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import { operatorOrAdmin } from '../../identity/officers/offices.js'
import { LocalizedInput } from '../../shared/localized.js'
import { DateTime } from '../../shared/scalars.js'
import { longest, upTo, userErrorsInWords } from '../../shared/texts.rules.js'
import { legalDate } from '../../shared/time.js'
import { invalid } from '../../shared/userErrors.js'
import { Service } from '../services/service.js'
import { ServiceStatus, services } from '../services/service.table.js'
import { findVersions, holdsOn } from '../services/serviceVersion.repository.js'
import { lockOpenService } from './openService.js'
import { suspensionEnded } from './status.rules.js'

@InputType({ description: 'Input of `suspendService`.' })
export class SuspendServiceInput {
  @Field(() => String, {
    description: 'Code of an active or suspended service. A new suspension replaces the current one.',
  })
  code!: string
  @Field(() => LocalizedInput, { description: `Reason for the suspension. Shown to the public. ${upTo.prose}` })
  reason!: LocalizedInput
  @Field(() => DateTime, {
    nullable: true,
    description:
      'When the suspension ends automatically: within ten years, on a day with a version in force. Null to ' +
      'suspend until the service is published again.',
  })
  until?: Date | null
}

export const suspendService = command({
  name: 'suspendService',
  description:
    'Suspends a service, or changes its suspension. Requires the operator or the ADMIN of its agency. ' +
    'Returns NOT_FOUND if no service has the code, NOT_ALLOWED_NOW if it is not active or suspended, and ' +
    'INVALID if `until` is not allowed.',
  allowedTo: operatorOrAdmin,
  input: SuspendServiceInput,
  key: 'required',
  creates: false,
  made: { service: { type: Service, description: 'The suspended service.' } },
  async act({ code, reason, until }: SuspendServiceInput, { tx, context }: Acting) {
    const found = await lockOpenService({ tx, context }, code)
    if ('userErrors' in found) return found
    const { service, under } = found
    const { id, agencyId } = service
    const at = context.now()
    const versions = until ? await findVersions(tx, id) : []
    const userErrors = userErrorsInSuspension({ reason, until }, at, (day) =>
      versions.some((version) => holdsOn(day, version)),
    )
    if (userErrors.length > 0) return refused(userErrors)

    const set = { status: ServiceStatus.SUSPENDED, statusNote: { ...reason }, suspendedUntil: until ?? null }
    await tx
      .update(services)
      .set(set)
      .where(and(eq(services.id, id), eq(services.status, service.status)))
    const event = { domain: 'catalogue', subject: id, agencyId }
    if (until) await setDeadline(tx, { ...event, type: suspensionEnded, dueAt: until })
    else await clearDeadline(tx, suspensionEnded, id)
    await record(tx, [{ ...event, type: 'service.suspended', at, actor: context.caller.id, ids: under }])
    return made({ service: id })
  },
})

const maxYears = 10

function userErrorsInSuspension(
  { reason, until }: Pick<SuspendServiceInput, 'reason' | 'until'>,
  now: Date,
  hasRulesOn: (day: string) => boolean,
): UserError[] {
  const latest = new Date(now)
  latest.setUTCFullYear(latest.getUTCFullYear() + maxYears)
  return [
    ...userErrorsInWords(['reason'], reason, longest.prose),
    ...(until && until <= now ? [endsInThePast] : []),
    ...(until && until > latest ? [endsTooLate] : []),
    ...(until && until > now && until <= latest && !hasRulesOn(legalDate(until)) ? [endsWithoutRules] : []),
  ]
}

const endsInThePast = invalid('suspension.ends_in_the_past', ['until'])
const endsTooLate = invalid('suspension.ends_too_late', ['until'], { years: maxYears })
const endsWithoutRules = invalid('suspension.ends_without_rules', ['until'])
