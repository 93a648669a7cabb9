import { GraphQLScalarType } from 'graphql'
import { badInput, refusal } from '../../engine/errors.js'
import { messageIn } from '../messages.js'
import { readDocumentNumber } from './document.js'
import { readFin } from './fin.js'
import { readProtocolNumber, readProtocolSeries } from './protocol.js'
import type { Read } from './reading.js'
import { readVoen } from './voen.js'

/** Accepts grouping and lower case. The message says what to type instead; `reason` is for programs. */
const scalar = (name: string, read: (text: string) => Read, description: string) =>
  new GraphQLScalarType<string, string>({
    name,
    description,
    serialize: (value) => value as string,
    parseValue(value) {
      if (typeof value !== 'string')
        throw badInput(`${name} must be a string, because a number loses its leading 0; got ${typeof value}.`)
      const found = read(value)
      if ('value' in found) return found.value
      throw refusal('BAD_USER_INPUT', messageIn('en', found), { reason: found.reason })
    },
  })

export const Fin = scalar(
  'Fin',
  readFin,
  'Personal identification number (FİN): 7 digits and Latin capitals without I and O.',
)
export const Voen = scalar(
  'Voen',
  readVoen,
  'Taxpayer number (VÖEN): 10 digits; the ninth is a check digit. A leading 0 may be omitted.',
)

const grouped = 'Spaces and dashes are ignored, and lower case is accepted.'
export const ProtocolSeries = scalar(
  'ProtocolSeries',
  readProtocolSeries,
  `Series of a protocol of an offence: 1 to 10 Latin letters and digits. ${grouped}`,
)
export const ProtocolNumber = scalar(
  'ProtocolNumber',
  readProtocolNumber,
  `Number of a protocol of an offence: 1 to 20 Latin letters and digits. ${grouped}`,
)
export const DocumentNumber = scalar(
  'DocumentNumber',
  readDocumentNumber,
  `Number of a document, such as a driving licence: 1 to 20 Latin letters and digits. ${grouped}`,
)
