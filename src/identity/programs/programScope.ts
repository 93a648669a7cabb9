import { registerEnumType } from 'type-graphql'
import { allProgramScopes, type ProgramScope as Scope } from '../../shared/context.js'

const meanings: Record<Scope, string> = {
  'catalogue:read': 'Read the catalogue, which is public.',
  'applications:read': 'View applications and their results.',
  'filings:read': 'View filings and batches, with their content.',
  'filings:write': 'Submit, replace and withdraw filings.',
  'payments:read': 'View charges, payments and refunds.',
  'payments:write': 'Pay charges, cancel payments and request refunds.',
  'documents:read': 'View and download documents.',
  'documents:write': 'Upload documents.',
  'visas:read': 'Has no effect yet: visas are not offered.',
  'mandates:read': 'View who may act for the organisation, for whom it may act, and their data.',
  'registries:read': 'View registry data, consents and the access log of the organisation.',
  'cases:read':
    'For a program of an agency: view the submitted applications that the agency handles, with their content.',
  'cases:start': 'For a program of an agency: open a case for a person who has not applied, for proactive services.',
  'cases:decide':
    'For a program of an agency: decide applications that are assigned to no officer. Requires `cases:read` too.',
  'charges:read': 'For a program of an agency: view the charges of the agency.',
  'charges:raise': 'For a program of an agency: raise charges, and cancel those. Requires `charges:read` too.',
  'filings:handle': 'For a program of an agency: view, collect, acknowledge and reject the filings made to the agency.',
}

/** The name in GraphQL: `catalogue:read` is CATALOGUE_READ. */
export const nameOfScope = (scope: string): string => scope.toUpperCase().replace(':', '_')
export const scopeNamed = (name: string): string => name.toLowerCase().replace('_', ':')

const names = allProgramScopes.map(nameOfScope)
export const ProgramScope = Object.fromEntries(names.map((name) => [name, name]))
registerEnumType(ProgramScope, {
  name: 'ProgramScope',
  description:
    'Scope of a program. Never allows more than its owner may do. Those that begin with CASES or CHARGES and FILINGS_HANDLE ' +
    'are for programs of agencies, and all others for programs of organisations.',
  valuesConfig: Object.fromEntries(
    allProgramScopes.map((scope) => [nameOfScope(scope), { description: `\`${scope}\`: ${meanings[scope]}` }]),
  ),
})
