import { GraphQLScalarType } from 'graphql'
import { badInput, refusal } from '../../engine/errors.js'
import { readFin } from './fin.js'
import { readIban } from './iban.js'
import { readPhoneNumber } from './phoneNumber.js'
import { readPostalIndex } from './postalIndex.js'
import type { Read } from './reading.js'
import { readVoen } from './voen.js'

/** Grouping and lower case are taken; the message says what to type instead, and `reason` is for programs. */
const scalar = (name: string, read: (text: string) => Read, description: string, specifiedByURL?: string) =>
  new GraphQLScalarType<string, string>({
    name,
    description,
    specifiedByURL,
    serialize: (value) => value as string,
    parseValue(value) {
      if (typeof value !== 'string')
        throw badInput(`${name} is a string: as a number it loses the 0 at its beginning; came ${typeof value}.`)
      const found = read(value)
      if ('value' in found) return found.value
      throw refusal('BAD_USER_INPUT', found.message.en, { reason: found.reason })
    },
  })

export const Fin = scalar(
  'Fin',
  readFin,
  "A person's identification number (FİN): 7 digits and Latin capitals without I and O.",
)
export const Voen = scalar(
  'Voen',
  readVoen,
  "A taxpayer's number (VÖEN): 10 digits, of which the ninth checks the others. The 0 at the beginning may be missing.",
)
export const Iban = scalar(
  'Iban',
  readIban,
  'The number of a bank account (IBAN), without spaces: "AZ21NABZ00000000137010001944".',
  'https://www.iso.org/standard/81090.html',
)
export const PhoneNumber = scalar(
  'PhoneNumber',
  readPhoneNumber,
  'A telephone number in the form of E.164, "+994" and 9 digits; without a country it is taken for Azerbaijani.',
  'https://www.itu.int/rec/T-REC-E.164',
)
export const PostalIndex = scalar('PostalIndex', readPostalIndex, 'A postal index: AZ and 4 digits, "AZ1000".')
