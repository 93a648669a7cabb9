import { AllowedTo, anyone } from '../engine/allowedTo.js'
import 'reflect-metadata'
import { GraphQLScalarType } from 'graphql'
import { GraphQLCurrency } from 'graphql-scalars'
import { Field, ObjectType } from 'type-graphql'
import { badInput } from '../engine/errors.js'

export const Decimal = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  description: 'Exact decimal number as a string, such as "12.50".',
  serialize: (value) => value as string,
  parseValue(value) {
    if (typeof value === 'string' && /^\d{1,12}(\.\d{1,4})?$/.test(value)) return value
    const got = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value
    throw badInput(`A Decimal must be a string of digits with an optional decimal point, such as "12.50"; got ${got}.`)
  },
})
export const Currency = new GraphQLScalarType<string, string>({
  ...GraphQLCurrency.toConfig(),
  description: 'Three-letter ISO 4217 currency code, such as "AZN".',
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'An amount of money.' })
export class Money {
  @Field(() => Decimal, { description: 'Amount in units of the currency, with all its decimal places: "12.50".' })
  amount!: string
  @Field(() => Currency, { description: 'Currency of the amount.' })
  currency!: string
}

/** Minor units as the contract shows them: 1250n of AZN is "12.50". */
export function moneyOf(minor: bigint, currency: string): Money {
  const digits = minorDigits(currency)
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0')
  const point = text.length - digits
  const amount = digits ? `${text.slice(0, point)}.${text.slice(point)}` : text
  return { amount: minor < 0n ? `-${amount}` : amount, currency }
}

/** Undefined if the amount has more decimals than the currency. */
export function minorOf(amount: string, currency: string): bigint | undefined {
  const [units = '', behind = ''] = amount.split('.')
  const digits = minorDigits(currency)
  return behind.length > digits ? undefined : BigInt(units + behind.padEnd(digits, '0'))
}

const known = new Map<string, number>()
/** A currency's number of decimals, from Unicode's tables. */
export function minorDigits(currency: string): number {
  let digits = known.get(currency)
  if (digits === undefined) {
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
    known.set(currency, digits)
  }
  return digits
}
