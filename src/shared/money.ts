import 'reflect-metadata'
import { sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { GraphQLScalarType } from 'graphql'
import { GraphQLCurrency } from 'graphql-scalars'
import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import type { ScalarSql } from '../engine/answerSql.js'
import { type Leaf, type LeafSql, leaf } from '../engine/declare.js'
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
const known = new Map<string, number>()

const currencySql: ScalarSql = (value, { columnType }) => (columnType === 'PgText' ? value : undefined)
export const Currency = new GraphQLScalarType<string, string>({
  ...GraphQLCurrency.toConfig(),
  extensions: { sql: currencySql },
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

/** A currency's number of decimals, from Unicode's tables. */
export function minorDigits(currency: string): number {
  let digits = known.get(currency)
  if (digits === undefined) {
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
    known.set(currency, digits)
  }
  return digits
}

/** The same in SQL. Null if the amount is. */
const moneySql = (minor: PgColumn, currency: PgColumn): LeafSql => {
  const isOneOf = (codes: string[]) => sql`${currency} = any(${`{${codes}}`}::text[])`
  const cases = [...currenciesByDigits].map(
    ([digits, codes]) => sql`when ${isOneOf(codes)} then ${amountSql(minor, digits)}`,
  )
  const isUnusual = isOneOf([...currenciesByDigits.values()].flat())
  return {
    isPresent: sql`${minor} is not null`,
    parts: {
      amount: sql`case when not ${isUnusual} then ${amountSql(minor, usualDigits)} ${sql.join(cases, sql` `)} end`,
      currency: sql`${currency}`,
    },
  }
}

interface Priced extends PgTable {
  amount: PgColumn
  currency: PgColumn
}
/** The amount of each row of a table. Null where the amount is. */
export const moneyIn = (table: Priced, description: string): Leaf =>
  leaf(
    () => Money,
    [table.amount, table.currency],
    ({ amount, currency }) => (amount === null ? null : moneyOf(amount, currency)),
    { description, sql: ({ amount, currency }: Priced) => moneySql(amount, currency) },
  )

// A product has as many decimals as its factors.
const amountSql = (minor: PgColumn, digits: number) =>
  sql`(${minor} * ${sql.raw((10 ** -digits).toFixed(digits))}::numeric)::text`

const usualDigits = 2
/** Units of account of ISO 4217, which `Intl` knows and does not list. */
const unlisted = ['CLF', 'UYI', 'UYW']
/** Those with other decimals than most, by Unicode's tables. */
const currenciesByDigits = new Map<number, string[]>()
for (const code of [...Intl.supportedValuesOf('currency'), ...unlisted]) {
  const digits = minorDigits(code)
  if (digits !== usualDigits) currenciesByDigits.set(digits, [...(currenciesByDigits.get(digits) ?? []), code])
}
