import type { GraphQLScalarType } from 'graphql'
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { Registry } from '../../agencies/registry.js'
import { registries } from '../../agencies/registry.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { type Class, carried, fields, leaf, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import type { Context } from '../../shared/context.js'
import { FailureReason } from '../../shared/exchange.js'
import { wordsIn } from '../../shared/language.js'
import { DateTime } from '../../shared/scalars.js'
import type { Words } from '../../shared/words.js'

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
interface Asked {
  id: string
  agencyId: string
}
export interface ProvenanceRow extends Asked {
  service: string
  messageId: string
  requestHash: string | null
  fetchedAt: Date
  staleAsOf: Date | null
  legalBasis: Words
}
export interface UnavailableRow extends Asked {
  reason: FailureReason | RefusalReason
  retryAt: Date | null
}
export interface Answer<Held> {
  record: Held | null
  provenance: ProvenanceRow | null
  staleAsOf: Date | null
  unavailable: UnavailableRow | null
}

@AllowedTo(anyone)
@Stored(registries, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Where an answer comes from, and how that can be shown.' })
export class Provenance {}
fields(Provenance, {
  agency: one(Agency, registries.agencyId, { description: 'The agency that keeps the registry.' }),
  registry: one(Registry, registries.id, { description: 'The registry that answered.' }),
  service: carried(() => String, 'service', {
    description: 'Its service at the exchange: INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE.',
  }),
  messageId: carried(() => ID, 'messageId', {
    description: 'The id of the message, which the logs of both sides have (`X-Road-Id`).',
  }),
  requestHash: carried(() => String, 'requestHash', {
    nullable: true,
    description: 'The hash of what was asked, as the exchange gave it; null where it gave none.',
  }),
  fetchedAt: carried(() => DateTime, 'fetchedAt', { description: 'When the registry said it.' }),
  staleAsOf: carried(() => DateTime, 'staleAsOf', {
    nullable: true,
    description: 'As of when this is the last known answer, where the registry could not be asked anew; else null.',
  }),
  legalBasis: leaf(
    () => String,
    [],
    ({ legalBasis }: ProvenanceRow, { language }: Context) => wordsIn(legalBasis, language),
    { description: 'The norm by which it was asked. In the language of `Accept-Language` (az, en, ru).' },
  ),
})

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

/** What a registry is asked for is data: what it said, where from, and why not. */
export function answerOf(name: string, record: Class): Class {
  const type = { [name]: class {} }[name] as Class // just made
  const add = (field: string, of: () => Class | GraphQLScalarType, description: string) =>
    Field(of, { description, nullable: true })(type.prototype, field)
  add(
    'record',
    () => record,
    'What it holds. Null where it holds nothing of them, or could not be asked: see `unavailable`.',
  )
  add(
    'provenance',
    () => Provenance,
    'Where the answer comes from, be it that nothing is held; null where there is none.',
  )
  add('staleAsOf', () => DateTime, 'As of when `record` is the last known answer, where it is one; else null.')
  add('unavailable', () => Unavailable, 'Why there is no answer, or none that is new; null where there is one.')
  AllowedTo(anyone)(type)
  ObjectType(name, { simpleResolvers: true, description: 'What a registry said, where from, and why not.' })(type)
  return type
}
