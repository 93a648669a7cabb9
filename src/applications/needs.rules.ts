import { type FormNode, fieldsOf } from '../catalogue/forms/form.fields.js'
import type { ServiceNeeds } from '../exchange/consents/accessBasis.repository.js'
import { lookups } from '../exchange/registries/lookups.js'
import { Confidence } from '../platform/confidence.table.js'

/** What a form takes from a registry: "population.address.street" is the path address, street of the look-up population. */
export function registryPathOf({ 'x-registry': named }: FormNode): { name: string; path: string[] } | undefined {
  const [name = '', ...path] = String(named ?? '').split('.')
  return lookups[name] && path.length > 0 ? { name, path } : undefined
}

/**
 * A document that no source confirms is shown to people. It stops no submission, and gives an agency no right to query
 * a registry.
 */
export const isConfirmed = ({ confidence }: { confidence: Confidence }): boolean =>
  confidence === Confidence.SEEN_IN_SOURCE

/**
 * What a service needs from registries: the fields that its form names, about whomever, and the whole records that replace
 * its documents. Its agency may query nothing else for an application.
 */
export function needsOf(service: string, form: FormNode | undefined, documents: readonly string[]): ServiceNeeds {
  const named = form ? fieldsOf(form).flatMap(({ node }) => registryPathOf(node) ?? []) : []
  const registries = Object.entries(lookups).flatMap(
    ([of, { registry, fields }]): [string, readonly string[] | null][] => {
      if (documents.includes(registry)) return [[registry, null]]
      const needed = fields.filter((field) => named.some(({ name, path }) => name === of && path[0] === field))
      return needed.length > 0 ? [[registry, needed]] : []
    },
  )
  return { service, registries: Object.fromEntries(registries) }
}
