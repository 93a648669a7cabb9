import {
  buildASTSchema,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  parse,
  printSchema,
  visit,
} from 'graphql'
import type { Sql } from 'postgres'
import { nodeIdOf } from '../../src/engine/node.js'
import type { Context } from '../../src/shared/context.js'
import { arrayOf, baselineSchema, inLanguage, nodeId, parsedId, type Resolvers, type Row } from '../engine/baseline.js'
import { type List, moments, numbers, type PageArguments, pageOf, sorted } from '../engine/relay.js'

type Args = PageArguments & { party?: string | null; filter?: Row | null; orderBy?: string | null }

/** The stored fields of what is somebody's. Of pages and texts all. */
const stored: Record<string, string> = {
  Query:
    'node application applications charge charges payment payments refunds documents uploads mandatesGiven mandatesHeld filing filings filingBatch filingBatches',
  Application: `id number state origin revision createdAt expiresAt submittedAt registeredAt notBefore dueOn dueAt pausedAt
    respondBy extendedAt escalatedAt decidedAt completedAt service agency applicant timeline attachments decisions appeals documents charges`,
  Service: 'id code name names',
  Agency: 'id code name website',
  Party: 'id kind',
  ApplicationTimelineEntry: 'type at fromState toState dueOn dueReason by',
  ApplicationAttachment: 'attachedAt upload requiredDocument',
  RequiredDocument: 'code mandatory',
  ApplicationDecision: 'outcome at appealTo appealUntil deemed byProgram document',
  ApplicationAppeal: 'filedAt decision',
  IssuedDocument: 'id number kind issuedAt keyId series seriesNumber pdfSize party agency',
  Charge: `id number state subjectType reference serviceCode due revision raisedAt payBy paidAt endedAt changedAt agency party
    lines receipts`,
  ChargeLine: 'kind name names',
  Payment: 'id number state method revision createdAt expiresAt capturedAt endedAt refunds',
  Refund: 'id number kind state revision requestedAt dueAt latestAt decidedAt endedAt payment charge agency',
  Reconciliation: 'id kind state provider subject day foundAt settledAt reason agency',
  Filing: `id number state period externalNumber revision receivedAt acknowledgedAt endedAt changedAt agencyNumber leaseId leasedUntil
    service agency party replaces replacedBy receipt charges`,
  FilingBatch: `id state revision size sha256 createdAt expiresAt receivedAt startedAt endedAt changedAt lines done filed repeated refused
    stoppedFor party results`,
  FilingBatchLine: 'line externalNumber outcome filing',
  Upload: 'id size state mediaType refusedFor createdAt expiresAt receivedAt sha256 party',
  Mandate: 'id kind powers services validFrom validTo createdAt revokedAt revokedFor principal holder',
  LocalizedText: 'az en ru',
  PageInfo: 'hasNextPage hasPreviousPage startCursor endCursor',
}

/** The same types with these fields alone, to make operations from. */
export function storedOnly(of: GraphQLSchema): GraphQLSchema {
  const isOpen = (type: string) => (stored[type.replace(/(Connection|Edge)$/, '')] ? undefined : null)
  const document = visit(parse(printSchema(of)), {
    ObjectTypeDefinition(type) {
      const { value: name } = type.name
      const fields = stored[name]?.split(/\s+/)
      if (!fields) return isOpen(name)
      const kept = type.fields?.filter((field) => fields.includes(field.name.value))
      return { ...type, kind: Kind.OBJECT_TYPE_DEFINITION, fields: kept }
    },
  })
  return buildASTSchema(document, { assumeValid: true })
}

const tables = {
  Application: 'applications',
  Party: 'parties',
  Mandate: 'mandates',
  IssuedDocument: 'issued_documents',
  Upload: 'uploads',
  Charge: 'charges',
  Payment: 'payments',
  Refund: 'refunds',
  Reconciliation: 'reconciliations',
  Filing: 'filings',
  FilingBatch: 'filing_batches',
  Service: 'services',
  Agency: 'agencies',
}
const parts = [
  'timeline_entries',
  'attachments',
  'required_documents',
  'decisions',
  'appeals',
  'charge_lines',
  'filing_batch_lines',
]
/** Rows with several parties: the table of their parties, and its column with the row. */
const shared = {
  Application: ['application_parties', 'application_id'],
  IssuedDocument: ['document_parties', 'document_id'],
} as const

const refused = (code: string) => new GraphQLError('Not so.', { extensions: { code } })
/** As the descriptions of the schema say: programs with a scope, or persons and programs with one of several. */
function check({ caller }: Context, scopes: string[], others = true) {
  if (caller.kind === 'ANONYMOUS') throw refused('UNAUTHENTICATED')
  const isLet =
    caller.kind === 'PROGRAM' || caller.kind === 'AGENCY_PROGRAM'
      ? scopes.some((scope) => caller.program.scopes.has(scope as never)) // a name is none of them at worst
      : others || caller.kind === 'PERSON'
  if (!isLet) throw refused('FORBIDDEN')
}

/** An untouched Apollo's schema over whole rows. `seenBy` gives the ids that a caller may see, by the tables alone. */
export async function personalBaseline(of: GraphQLSchema, client: Sql, seenBy: (context: Context) => Set<string>) {
  const read = async (name: string): Promise<[string, Row[]]> => [name, await client.unsafe(`select * from ${name}`)]
  const all: Record<string, Row[]> = Object.fromEntries(
    await Promise.all([...Object.values(tables), ...parts, ...Object.values(shared).map(([table]) => table)].map(read)),
  )
  const open = new Set(['Service', 'Agency'])
  const rows = (type: keyof typeof tables, context: Context) =>
    all[tables[type]]!.filter(({ id }) => open.has(type) || seenBy(context).has(nodeIdOf(type, id)))
  const one = (type: keyof typeof tables, key: string | null, context: Context) =>
    rows(type, context).find(({ id }) => id === key) ?? null
  const list = (table: string, column: string, descending = true): List<Row> => ({
    ...moments,
    name: `${table}.${column}`,
    descending,
    keyOf: (row) => [row[column], row.id],
  })
  const below = (table: string, id: string, column: string, descending?: boolean) =>
    sorted(
      all[table]!.filter(({ application_id }) => application_id === id),
      list(table, column, descending),
    )
  /** Whether a row is of this party, or of this party too. */
  const isOf = (type: keyof typeof shared, row: Row, party: string | undefined) => {
    const [table, column] = shared[type]
    return all[table]!.some((one) => one[column] === row.id && one.party_id === party)
  }
  const partyIn = (party: unknown, context: Context) => {
    const id = party == null ? undefined : parsedId(party as string)
    return party == null ? context.caller.party : id?.type === 'Party' ? id.key : undefined
  }
  /** The rows of a type that are of the party asked about. */
  const page = (
    type: keyof typeof tables,
    owner: string,
    column: string,
    { party, ...args }: Args,
    context: Context,
  ) => {
    const key = partyIn(party, context)
    const theirs = rows(type, context).filter((row) => row[owner] === key)
    return pageOf(theirs, list(tables[type], column), args)
  }
  const link = (type: keyof typeof tables, column: string) => (row: Row, _: unknown, context: Context) =>
    one(type, row[column], context)

  const resolvers: Resolvers = {
    Query: {
      node: (_, { id }, context) => {
        const { type = '', key = '' } = parsedId(id) ?? {}
        // Whoever may know of a mandate may need a scope to read it.
        const mandate = type === 'Mandate' ? all.mandates!.find((row) => row.id === key) : undefined
        const isParty = mandate && [mandate.principal_id, mandate.holder_id].includes(context.caller.party)
        if (isParty) check(context, ['mandates:read'])
        const row = type in tables ? one(type as keyof typeof tables, key, context) : null
        return row && { ...row, __typename: type }
      },
      application: (_, { number }, context) => {
        check(context, ['applications:read', 'cases:read'])
        return rows('Application', context).find((row) => row.number === number) ?? null
      },
      applications: (_, { filter, ...args }: Args, context) => {
        check(context, ['applications:read'])
        const { states, phases, service } = filter ?? {}
        const fits = (row: Row) =>
          (states == null || states.includes(row.state)) &&
          (phases == null || phases.includes(row.phase)) &&
          (service == null || row.service_code === service)
        const { party, ...more } = args
        const key = partyIn(party, context)
        const theirs = rows('Application', context).filter((row) => isOf('Application', row, key) && fits(row))
        return pageOf(theirs, list('applications', 'created_at'), more)
      },
      charge: (_, { number }, context) => {
        check(context, ['payments:read', 'charges:read'])
        return rows('Charge', context).find((row) => row.number === number) ?? null
      },
      charges: (_, { filter, ...args }: Args, context) => {
        check(context, ['payments:read'])
        const { states, subjectType, service, changedSince, overdue } = filter ?? {}
        const fits = (row: Row) =>
          (states == null || states.includes(row.state)) &&
          (subjectType == null || row.subject_type === subjectType) &&
          (service == null || row.service_code === service) &&
          (changedSince == null || new Date(row.changed_at) >= new Date(changedSince)) &&
          (!overdue || (row.state === 'OPEN' && row.pay_by !== null && new Date(row.pay_by) < context.now()))
        const { party, ...more } = args
        const key = partyIn(party, context)
        const theirs = rows('Charge', context).filter((row) => row.party_id === key && fits(row))
        return pageOf(theirs, list('charges', 'raised_at'), more)
      },
      payment: (_, { number }, context) => {
        check(context, ['payments:read'])
        return rows('Payment', context).find((row) => row.number === number) ?? null
      },
      payments: (_, args, context) => {
        check(context, ['payments:read'])
        return page('Payment', 'party_id', 'created_at', args, context)
      },
      refunds: (_, args, context) => {
        check(context, ['payments:read'])
        return page('Refund', 'party_id', 'requested_at', args, context)
      },
      documents: (_, { party, ...args }, context) => {
        check(context, ['documents:read'])
        const key = partyIn(party, context)
        const theirs = rows('IssuedDocument', context).filter((row) => isOf('IssuedDocument', row, key))
        return pageOf(theirs, list('issued_documents', 'issued_at'), args)
      },
      uploads: (_, args, context) => {
        check(context, ['documents:read', 'documents:write'], false)
        return page('Upload', 'party_id', 'created_at', args, context)
      },
      filing: (_, { number }, context) => {
        check(context, ['filings:read', 'filings:write', 'filings:handle'])
        return rows('Filing', context).find((row) => row.number === number) ?? null
      },
      filings: (_, { filter, orderBy, party, ...args }: Args, context) => {
        check(context, ['filings:read', 'filings:write'])
        const { service, period, states, externalNumber, changedSince } = filter ?? {}
        const fits = (row: Row) =>
          (service == null || row.service_code === service) &&
          (period == null || row.period === period) &&
          (states == null || states.includes(row.state)) &&
          (externalNumber == null || row.external_number === externalNumber) &&
          (changedSince == null || new Date(row.changed_at) >= new Date(changedSince))
        const key = partyIn(party, context)
        const theirs = rows('Filing', context).filter((row) => row.party_id === key && fits(row))
        const order = orderBy === 'CHANGED' ? list('filings', 'changed_at', false) : list('filings', 'received_at')
        return pageOf(theirs, order, args)
      },
      filingBatch: (_, { id }, context) => {
        check(context, ['filings:read', 'filings:write'], false)
        const { type, key = '' } = parsedId(id) ?? {}
        return type === 'FilingBatch' ? one('FilingBatch', key, context) : null
      },
      filingBatches: (_, args, context) => {
        check(context, ['filings:read', 'filings:write'], false)
        return page('FilingBatch', 'party_id', 'created_at', args, context)
      },
      mandatesGiven: (_, args, context) => {
        check(context, ['mandates:read'])
        return page('Mandate', 'principal_id', 'created_at', args, context)
      },
      mandatesHeld: (_, args, context) => {
        check(context, ['mandates:read'])
        return page('Mandate', 'holder_id', 'created_at', args, context)
      },
    },
    Application: {
      service: link('Service', 'service_id'),
      agency: link('Agency', 'agency_id'),
      applicant: link('Party', 'party_id'),
      timeline: ({ id }, args) =>
        pageOf(below('timeline_entries', id, 'at', false), list('timeline_entries', 'at', false), args),
      attachments: ({ id }) => below('attachments', id, 'attached_at', false),
      decisions: ({ id }) => below('decisions', id, 'at'),
      appeals: ({ id }) => below('appeals', id, 'filed_at'),
      charges: ({ id }, _, context) => {
        check(context, ['payments:read', 'charges:read'])
        return sorted(
          rows('Charge', context).filter(({ subject_id }) => subject_id === id),
          list('charges', 'raised_at', false),
        )
      },
      documents: ({ id }, _, context) =>
        sorted(
          rows('IssuedDocument', context).filter(({ subject_id }) => subject_id === id),
          list('issued_documents', 'issued_at'),
        ),
    },
    Charge: {
      agency: link('Agency', 'agency_id'),
      party: link('Party', 'party_id'),
      receipts: ({ id }, _, context) =>
        sorted(
          rows('IssuedDocument', context).filter(({ subject_id }) => subject_id === id),
          list('issued_documents', 'issued_at'),
        ),
      lines: ({ id }) =>
        all
          .charge_lines!.filter(({ charge_id }) => charge_id === id)
          .sort((one, other) => one.position - other.position),
    },
    Payment: {
      refunds: ({ id }, _, context) => {
        check(context, ['payments:read'])
        return sorted(
          rows('Refund', context).filter(({ payment_id }) => payment_id === id),
          list('refunds', 'requested_at', false),
        )
      },
    },
    Refund: {
      payment: link('Payment', 'payment_id'),
      charge: link('Charge', 'charge_id'),
      agency: link('Agency', 'agency_id'),
    },
    Reconciliation: { agency: link('Agency', 'agency_id') },
    Filing: {
      service: link('Service', 'service_id'),
      agency: link('Agency', 'agency_id'),
      party: link('Party', 'party_id'),
      leaseId: (row, _, context) => (isLeased(row, context) ? row.lease_id : null),
      leasedUntil: (row, _, context) => (isLeased(row, context) ? new Date(row.leased_until) : null),
      replaces: link('Filing', 'replaces_id'),
      replacedBy: ({ id }, _, context) =>
        sorted(
          rows('Filing', context).filter(
            ({ replaces_id, state, acknowledged_at }) =>
              replaces_id === id && state !== 'REJECTED' && (state === 'RECEIVED' || acknowledged_at !== null),
          ),
          list('filings', 'received_at'),
        )[0] ?? null,
      receipt: ({ id }, _, context) =>
        rows('IssuedDocument', context).find(
          ({ kind, subject_id }) => kind === 'FILING_RECEIPT' && subject_id === id,
        ) ?? null,
      charges: ({ id }, _, context) => {
        check(context, ['payments:read', 'charges:read'])
        return sorted(
          rows('Charge', context).filter(({ subject_id }) => subject_id === id),
          list('charges', 'raised_at', false),
        )
      },
    },
    FilingBatch: {
      party: link('Party', 'party_id'),
      size: ({ size }) => Number(size),
      sha256: ({ sha256 }) => sha256.toString('hex'),
      results: ({ id }, { filter, ...args }: Args) => {
        const fits = (row: Row) => filter?.outcome == null || row.outcome === filter.outcome
        const lines = all.filing_batch_lines!.filter((row) => row.batch_id === id && fits(row))
        return pageOf(lines, byLine, args)
      },
    },
    FilingBatchLine: { filing: link('Filing', 'filing_id') },
    ChargeLine: named,
    Service: named,
    Agency: named,
    ApplicationTimelineEntry: {
      by: ({ actor }) =>
        /^(person|program):/.test(actor) ? 'APPLICANT' : /^officer:/.test(actor) ? 'OFFICER' : 'SYSTEM',
    },
    ApplicationAttachment: {
      upload: link('Upload', 'upload_id'),
      requiredDocument: (row) => all.required_documents!.find(({ id }) => id === row.required_document_id) ?? null,
    },
    ApplicationDecision: {
      deemed: ({ officer_id, program_id }) => officer_id === null && program_id === null,
      byProgram: ({ program_id }) => program_id !== null,
      appealTo: ({ appeal_to }, _, { language }) => inLanguage(appeal_to, language),
      document: link('IssuedDocument', 'document_id'),
    },
    ApplicationAppeal: { decision: (row) => all.decisions!.find(({ id }) => id === row.decision_id) },
    IssuedDocument: { party: link('Party', 'party_id'), agency: link('Agency', 'agency_id') },
    Upload: { party: link('Party', 'party_id'), sha256: ({ sha256 }) => sha256.toString('hex') },
    Mandate: {
      principal: link('Party', 'principal_id'),
      holder: link('Party', 'holder_id'),
      powers: ({ powers }) => arrayOf(powers),
    },
  }
  return baselineSchema(of, withIdsAndMoments(of, resolvers))
}
const byLine: List<Row> = {
  ...numbers,
  name: 'filing_batch_lines.line',
  descending: false,
  keyOf: ({ line, id }) => [String(line), id],
}
const isLeased = ({ state, leased_by, leased_until }: Row, { caller, now }: Context) =>
  state === 'RECEIVED' && leased_by === caller.id && new Date(leased_until) > now()
const named: Resolvers[string] = {
  name: ({ name }, _, { language }) => inLanguage(name, language),
  names: ({ name }) => name,
}

function withIdsAndMoments(of: GraphQLSchema, resolvers: Resolvers): Resolvers {
  const types = Object.values(of.getTypeMap()).filter(isObjectType)
  return Object.fromEntries(
    types.map((type) => {
      const own: Resolvers[string] = {}
      for (const { name, type: of } of Object.values(type.getFields())) {
        const column = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
        if (getNamedType(of).name === 'DateTime') own[name] = (row) => row[column] && new Date(row[column])
      }
      if (type.name in tables) own.id = (row) => nodeId(type.name, row)
      return [type.name, Object.assign(own, resolvers[type.name])]
    }),
  )
}
