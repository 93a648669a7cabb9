import type { GraphQLScalarType } from 'graphql'
import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import type { Class } from '../../engine/declare.js'
import { DateTime } from '../../shared/scalars.js'

import { Provenance, type ProvenanceRow } from './provenance.js'
import { Unavailable, type UnavailableRow } from './unavailable.js'
export interface Answer<Held> {
  record: Held | null
  provenance: ProvenanceRow | null
  staleAsOf: Date | null
  unavailable: UnavailableRow | null
}

/** Makes the type of an answer. A failed query is data, not an error. */
export function answerOf(name: string, record: Class): Class {
  const type = { [name]: class {} }[name] as Class // just made
  const add = (field: string, of: () => Class | GraphQLScalarType, description: string) =>
    Field(of, { description, nullable: true })(type.prototype, field)
  add(
    'record',
    () => record,
    'Record in the registry. Null if the registry has no record, or was not queried: see `unavailable`.',
  )
  add(
    'provenance',
    () => Provenance,
    'Source of the answer, including an answer that there is no record. Null if there is no answer.',
  )
  add(
    'staleAsOf',
    () => DateTime,
    'Time of the answer, if `record` is an earlier answer because the registry did not answer now. Null otherwise.',
  )
  add('unavailable', () => Unavailable, 'Reason why the registry gave no answer, or no new one. Null if it answered.')
  AllowedTo(anyone)(type)
  ObjectType(name, {
    simpleResolvers: true,
    description: 'Answer of a registry, with its source, or the reason why there is none.',
  })(type)
  return type
}
