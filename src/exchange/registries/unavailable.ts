import { ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { Registry } from '../../agencies/registry.js'
import { registries } from '../../agencies/registry.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { carried, fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { FailureReason } from '../../shared/exchange.js'
import { DateTime } from '../../shared/scalars.js'

/** Of these nothing was sent. */
export enum RefusalReason {
  NOT_PERMITTED = 'NOT_PERMITTED',
  CONSENT_REQUIRED = 'CONSENT_REQUIRED',
  NOT_IDENTIFIED = 'NOT_IDENTIFIED',
}
export const UnavailableReason = { ...FailureReason, ...RefusalReason }
registerEnumType(UnavailableReason, {
  name: 'UnavailableReason',
  description: 'Why there is no answer, or none that is new.',
  valuesConfig: {
    NOT_CONNECTED: { description: 'This installation knows no way to the registry.' },
    DOWN: { description: 'The registry does not answer, or says that it cannot.' },
    TIMED_OUT: { description: 'The registry took too long.' },
    BUSY: { description: 'Too much is being asked of the registry at once.' },
    INVALID_ANSWER: { description: 'What came was no answer to what was asked. It is shown to nobody.' },
    REFUSED: { description: 'The registry, or the exchange, does not let this installation ask.' },
    NOT_PERMITTED: {
      description: 'No ground of law lets the caller ask this for that purpose, or no mandate. Nothing was asked.',
    },
    CONSENT_REQUIRED: {
      description: 'The law wants the consent of the subject, and there is none. Nothing was asked.',
    },
    NOT_IDENTIFIED: {
      description: 'The subject has no identifier that the registry knows people by. Nothing was asked.',
    },
  },
})

/** The key of a registry and of its agency, and what was found beside it. */
export interface Asked {
  id: string
  agencyId: string
}
export interface UnavailableRow extends Asked {
  reason: FailureReason | RefusalReason
  retryAt: Date | null
}

@AllowedTo(anyone)
@Stored(registries, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'That a registry has not answered now, and why.' })
export class Unavailable {}
fields(Unavailable, {
  agency: one(Agency, registries.agencyId, { description: 'The agency that keeps the registry.' }),
  registry: one(Registry, registries.id, { description: 'The registry.' }),
  reason: carried(() => UnavailableReason, 'reason', { description: 'Why.' }),
  retryAt: carried(() => DateTime, 'retryAt', {
    nullable: true,
    description:
      'When to ask again: when it is asked anew after too many failures, or when it said itself to come again. Null where that is ' +
      'not known, or asking does not help.',
  }),
})
