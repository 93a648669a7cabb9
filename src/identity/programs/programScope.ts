import { registerEnumType } from 'type-graphql'
import { programScopes, type ProgramScope as Scope } from '../../shared/context.js'

const meanings: Record<Scope, string> = {
  'catalogue:read': 'Read the catalogue with rate limits of its own. The catalogue is public.',
  'applications:read': 'View applications and filings, and their results.',
  'filings:write': 'Create, sign and withdraw applications and filings.',
  'payments:read': 'View charges, payments and refunds.',
  'payments:write': 'Pay, and request refunds.',
  'documents:read': 'View and download documents.',
  'documents:write': 'Upload documents.',
  'visas:read': 'View visas and visa applications.',
  'mandates:read': 'View who may act for the organisation, for whom it may act, and their data.',
  'registries:read': 'View registry data, consents and the access log of the organisation.',
}

/** The name in GraphQL: `catalogue:read` is CATALOGUE_READ. */
export const nameOfScope = (scope: string): string => scope.toUpperCase().replace(':', '_')
export const scopeNamed = (name: string): string => name.toLowerCase().replace('_', ':')

const names = programScopes.map(nameOfScope)
export const ProgramScope = Object.fromEntries(names.map((name) => [name, name]))
registerEnumType(ProgramScope, {
  name: 'ProgramScope',
  description: 'Scope of a program. Never allows more than its organisation may do.',
  valuesConfig: Object.fromEntries(
    programScopes.map((scope) => [nameOfScope(scope), { description: `\`${scope}\`: ${meanings[scope]}` }]),
  ),
})
