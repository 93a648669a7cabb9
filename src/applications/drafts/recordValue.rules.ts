import countries from 'i18n-iso-countries/index.js' // without the names of countries in all languages
import type { FormNode } from '../../catalogue/forms/form.fields.js'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a path of a registry's record, as the form writes it. Undefined if the record has none. */
export const recordValue = (node: FormNode, record: object, path: readonly string[]): unknown =>
  asFormsSay(node, path.reduce<unknown>(partOf, record))

/** A list with one item counts as that item. In a longer list, it is unclear which item is meant. */
function partOf(value: unknown, part: string): unknown {
  const one = Array.isArray(value) && value.length === 1 ? value[0] : value
  return isObject(one) ? one[part] : undefined
}

/** Codes of ICAO 9303 that are not of ISO 3166-1. */
const machineReadable: Record<string, string> = {
  D: 'DE',
  RKS: 'XK',
  GBD: 'GB',
  GBN: 'GB',
  GBO: 'GB',
  GBP: 'GB',
  GBS: 'GB',
}

/** The value of a registry or of sign-in as the form writes it: country codes, sexes and parts of an address differ. */
export function asFormsSay({ format, oneOf, properties }: FormNode, value: unknown): unknown {
  const isCountry = format === 'country' || format === 'citizenship'
  if (isCountry && typeof value === 'string') return machineReadable[value] ?? countries.alpha3ToAlpha2(value) ?? value
  if (oneOf && typeof value === 'string')
    return [value, value[0]].find((one) => oneOf.some((option) => option.const === one)) ?? value
  if (!properties || !isObject(value)) return value ?? undefined
  const parts = { ...value, unit: value.region, postalIndex: value.postalCode }
  const known = Object.entries(parts).filter(([name, part]) => properties[name] && part != null)
  return known.length > 0 ? Object.fromEntries(known) : undefined
}
