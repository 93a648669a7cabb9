import { ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { Registry } from '../../agencies/registry.js'
import { registries } from '../../agencies/registry.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { carried, fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { FailureReason } from '../../shared/exchange.js'
import { DateTime } from '../../shared/scalars.js'

/** Reasons for which no query was sent. */
export enum RefusalReason {
  NOT_PERMITTED = 'NOT_PERMITTED',
  CONSENT_REQUIRED = 'CONSENT_REQUIRED',
  NOT_IDENTIFIED = 'NOT_IDENTIFIED',
}
export const UnavailableReason = { ...FailureReason, ...RefusalReason }
registerEnumType(UnavailableReason, {
  name: 'UnavailableReason',
  description: 'Reason why a registry gave no answer, or no new one.',
  valuesConfig: {
    NOT_CONNECTED: { description: 'This installation is not connected to the registry.' },
    DOWN: { description: 'The registry does not answer, or reports that it cannot.' },
    TIMED_OUT: { description: 'The registry took too long to answer.' },
    BUSY: { description: 'Too many queries to the registry are running.' },
    INVALID_ANSWER: { description: 'The registry returned an invalid answer. It is shown to nobody.' },
    REFUSED: { description: 'The registry or the exchange refuses queries from this installation.' },
    NOT_PERMITTED: {
      description:
        'No legal ground lets the caller query this for the purpose, or the caller has no mandate. No query was sent.',
    },
    CONSENT_REQUIRED: {
      description: 'The law requires the subject’s consent, and there is none. No query was sent.',
    },
    NOT_IDENTIFIED: {
      description: 'The subject has no identifier that the registry uses. No query was sent.',
    },
  },
})

/** The keys of a registry and its agency. */
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
@ObjectType({ simpleResolvers: true, description: 'Registry that gave no answer or no new answer, with the reason.' })
export class Unavailable {}
fields(Unavailable, {
  agency: one(Agency, registries.agencyId, { description: 'Agency that operates the registry.' }),
  registry: one(Registry, registries.id, { description: 'Registry.' }),
  reason: carried(() => UnavailableReason, 'reason', { description: 'Reason why there is no answer.' }),
  retryAt: carried(() => DateTime, 'retryAt', {
    nullable: true,
    description:
      'Earliest time to retry: when queries resume after repeated failures, or the time that the registry gave. Null ' +
      'if unknown, or if a retry does not help.',
  }),
})
