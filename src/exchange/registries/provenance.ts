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
@ObjectType({ simpleResolvers: true, description: 'Evidence of where an answer comes from.' })
export class Provenance {}
fields(Provenance, {
  agency: one(Agency, registries.agencyId, { description: 'Agency that operates the registry.' }),
  registry: one(Registry, registries.id, { description: 'Registry that answered.' }),
  service: carried(() => String, 'service', {
    description: 'X-Road identifier of the service: INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE.',
  }),
  messageId: carried(() => ID, 'messageId', {
    description: 'ID of the message in the logs of both sides (`X-Road-Id`).',
  }),
  requestHash: carried(() => String, 'requestHash', {
    nullable: true,
    description:
      'Hash of the request, as returned by the exchange (`X-Road-Request-Hash`). Null if the exchange returned none.',
  }),
  fetchedAt: carried(() => DateTime, 'fetchedAt', { description: 'Time of the answer.' }),
  staleAsOf: carried(() => DateTime, 'staleAsOf', {
    nullable: true,
    description: 'Time of the answer, if it is an earlier one because the registry did not answer now. Null otherwise.',
  }),
  legalBasis: leaf(
    () => String,
    [],
    ({ legalBasis }: ProvenanceRow, { language }: Context) => wordsIn(legalBasis, language),
    { description: 'Legal norm that permits the query, in the language of `Accept-Language` (az, en, ru).' },
  ),
})
