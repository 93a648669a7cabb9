import { and, eq } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../engine/command.js'
import type { Acting } from '../events/commandKeys.js'
import { setDeadline } from '../events/deadlines.js'
import { record } from '../events/record.js'
import { refuseUnlessAdminOf } from '../identity/offices.js'
import { LocalizedInput } from '../shared/language.js'
import { DateTime } from '../shared/scalars.js'
import { Service } from './service.js'
import { ServiceStatus, services } from './service.table.js'
import { notAllowedNow, unknownService } from './status.rules.js'

/** The type of the event, and the name of its deadline. */
export const suspensionEnded = 'service.suspension_ended'

@InputType({ description: 'Which service cannot be asked for, why, and until when.' })
export class SuspendServiceInput {
  @Field(() => String, { description: 'The code of a service that can be asked for.' })
  code!: string
  @Field(() => LocalizedInput, { description: 'Why, for the people who look for it.' })
  reason!: LocalizedInput
  @Field(() => DateTime, {
    nullable: true,
    description: 'When it can be asked for again by itself; null: when it is published again.',
  })
  until?: Date | null
}

export const suspendService = command({
  name: 'suspendService',
  description: 'Says that a service cannot be asked for at present. For the operator, and the ADMIN of its agency.',
  input: SuspendServiceInput,
  key: 'required',
  creates: false,
  made: { service: { type: Service, description: 'The service as it stands now.' } },
  async act({ code, reason, until }: SuspendServiceInput, { tx, context }: Acting) {
    const [service] = await tx.select().from(services).where(eq(services.code, code)).for('update')
    if (!service) return refused([unknownService(code)])
    await refuseUnlessAdminOf({ tx, context }, [service.agencyId])
    if (service.status !== ServiceStatus.ACTIVE) return refused([notAllowedNow(service.status)])
    const at = context.now()
    if (until && until <= at) return refused([endsInThePast])

    const { id, agencyId } = service
    const set = { status: ServiceStatus.SUSPENDED, statusNote: { ...reason }, suspendedUntil: until ?? null }
    await tx
      .update(services)
      .set(set)
      .where(and(eq(services.id, id), eq(services.status, service.status)))
    const said = { domain: 'catalogue', subject: id, agencyId }
    if (until) await setDeadline(tx, { ...said, type: suspensionEnded, dueAt: until })
    await record(tx, [{ ...said, type: 'service.suspended', at, actor: context.caller.id }])
    return made({ service: id })
  },
})

const endsInThePast = {
  code: 'INVALID' as const,
  reason: 'suspension.ends_in_the_past',
  field: ['until'],
  message: {
    az: 'Dayandırma gələcəkdə bitməlidir.',
    en: 'A suspension ends in the future.',
    ru: 'Приостановление должно заканчиваться в будущем.',
  },
}
