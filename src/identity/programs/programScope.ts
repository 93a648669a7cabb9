import { registerEnumType } from 'type-graphql'
import { programScopes, type ProgramScope as Scope } from '../../shared/context.js'

const meanings: Record<Scope, string> = {
  'catalogue:read': 'To read the catalogue under limits of its own. It is open to all.',
  'applications:read': 'To see applications and filings, and what became of them.',
  'filings:write': 'To make, sign and withdraw applications and filings.',
  'payments:read': 'To see charges, payments and refunds.',
  'payments:write': 'To pay, and to ask for money back.',
  'documents:read': 'To see and fetch documents.',
  'documents:write': 'To upload documents.',
  'visas:read': 'To see visas and applications for them.',
  'mandates:read': 'To see who may act for the organisation, for whom it may act, and what is known of these.',
  'registries:read': 'To see what the registries of agencies hold of the organisation, and who looked at it.',
}

/** As GraphQL can write it: `catalogue:read` is CATALOGUE_READ. */
export const nameOfScope = (scope: string): string => scope.toUpperCase().replace(':', '_')
export const scopeNamed = (name: string): string => name.toLowerCase().replace('_', ':')

const names = programScopes.map(nameOfScope)
export const ProgramScope = Object.fromEntries(names.map((name) => [name, name]))
registerEnumType(ProgramScope, {
  name: 'ProgramScope',
  description: 'What a program may be let do: never more than its organisation may.',
  valuesConfig: Object.fromEntries(
    programScopes.map((scope) => [nameOfScope(scope), { description: `\`${scope}\`: ${meanings[scope]}` }]),
  ),
})
