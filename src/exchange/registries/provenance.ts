import { ID, ObjectType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { Registry } from '../../agencies/registry.js'
import { registries } from '../../agencies/registry.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { carried, fields, leaf, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import type { Context } from '../../shared/context.js'
import { wordsIn } from '../../shared/language.js'
import { DateTime } from '../../shared/scalars.js'
import type { Words } from '../../shared/words.js'

import type { Asked } from './unavailable.js'
export interface ProvenanceRow extends Asked {
  service: string
  messageId: string
  requestHash: string | null
  fetchedAt: Date
  staleAsOf: Date | null
  legalBasis: Words
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
