import { nodeIdOf } from '../../src/engine/node.js'
import type { rowsOf } from './seen.js'
import type { World } from './world.js'

export interface Fault {
  rewrite(statement: string): string
  /** Who sees more or less by it, and of what. */
  by: string
  query: string
  variables?: Record<string, unknown>
}

/** Faults that the scopes of personal rows could have, as what they would make of the SQL. */
export function faultsOf(world: World, rows: Awaited<ReturnType<typeof rowsOf>>): Record<string, Fault> {
  const applicationOf = (party: string, service: string, isDraft = false) =>
    rows.Application.find(
      ({ partyId, serviceCode, submittedAt }) =>
        partyId === world.partyOf(party) && serviceCode === service && (submittedAt === null) === isDraft,
    )
  const idOfCase = (...wanted: Parameters<typeof applicationOf>) => ({
    id: nodeIdOf('Application', String(applicationOf(...wanted)?.id)),
  })
  const byId = 'query ($id: ID!) { node(id: $id) { id ... on Application { number documents { number } } } }'
  const ofParty = 'query ($party: ID!) { applications(party: $party, first: 20) { nodes { number } totalCount } }'
  const ofOther = { party: nodeIdOf('Party', world.partyOf('reader-program')) }
  return {
    'co-applicants shut out': {
      rewrite: (text) => text.replaceAll('from "application_parties" "seen" where', `$& role = 'APPLICANT' and`),
      by: 'stateless',
      query: byId,
      variables: idOfCase('minor', 'ED-MARRIAGE'),
    },
    'mandates for some services taken for all': {
      rewrite: (text) => text.replaceAll('(way.services is null or', '(true or'),
      by: 'stateless',
      query: ofParty,
      variables: ofOther,
    },
    'mandates without the power VIEW': {
      rewrite: (text) => text.replaceAll("'VIEW' = any(way.powers)", 'true'),
      by: 'company-head',
      query: ofParty,
      variables: ofOther,
    },
    'mandates for some services that show mandates': {
      rewrite: (text) => text.replaceAll('and way.services is null', ''),
      by: 'stateless',
      query: 'query ($party: ID!) { mandatesGiven(party: $party, first: 20) { nodes { id } totalCount } }',
      variables: ofOther,
    },
    'cases of other agencies': {
      rewrite: (text) => text.replace(/"t\d+"."agency_id" = any/g, 'true or $&'),
      by: 'officer',
      query: byId,
      variables: idOfCase('citizen', 'DIN-ADDRESS-REG'),
    },
    'drafts shown to officers': {
      rewrite: (text) => text.replace(/"t\d+"."submitted_at" is not null/g, 'true'),
      by: 'officer',
      query: byId,
      variables: idOfCase('filing-program', 'DVX-RETURN', true),
    },
    "somebody else's cases": {
      rewrite: (text) => text.replace(/"seen"."party_id" = \$\d+::uuid/g, 'true or $&'),
      by: 'other-citizen',
      query: byId,
      variables: idOfCase('foreigner', 'DMX-TRP'),
    },
    'filings of whoever may only pay': {
      rewrite: (text) => text.replaceAll("('VIEW' = any(way.powers) or 'FILE' = any(way.powers))", 'true'),
      by: 'stateless',
      query: 'query ($party: ID!) { filings(party: $party, first: 20) { nodes { number } totalCount } }',
      variables: { party: nodeIdOf('Party', world.partyOf('filing-program')) },
    },
    'filings of other agencies': {
      rewrite: (text) => text.replace(/"t\d+"."agency_id" = any/g, 'true or $&'),
      by: 'officer',
      query: 'query ($number: String!) { filing(number: $number) { number state } }',
      variables: { number: String(rows.Filing.find(({ serviceCode }) => serviceCode === 'DSK-REPORT')?.number) },
    },
    'documents for programs without the scope': {
      rewrite: (text) => text.replace(/\$\d+::boolean/g, '(true or $&)'),
      by: 'reader-program',
      query: 'query ($id: ID!) { node(id: $id) { id ... on IssuedDocument { number } } }',
      variables: {
        id: nodeIdOf(
          'IssuedDocument',
          String(rows.IssuedDocument.find(({ partyId }) => partyId === world.partyOf('reader-program'))?.id),
        ),
      },
    },
  }
}
