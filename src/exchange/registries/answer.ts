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
