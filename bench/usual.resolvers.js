import DataLoader from 'dataloader'
import { and, asc, desc, eq, getTableColumns, gte, inArray, isNull, lte, or } from 'drizzle-orm'
import { GraphQLDateTimeISO } from 'graphql-scalars'
import { agencies } from '../dist/agencies/agency.table.js'
import { applications } from '../dist/applications/application.table.js'
import { applicationParties } from '../dist/applications/applicationParty.table.js'
import { decisions } from '../dist/applications/decisions/decision.table.js'
import { timelineEntries } from '../dist/applications/timelineEntry.table.js'
import { services } from '../dist/catalogue/services/service.table.js'
import { serviceVersions } from '../dist/catalogue/services/serviceVersion.table.js'
import { fees } from '../dist/catalogue/tariffs/fee.table.js'
import { tariffs } from '../dist/catalogue/tariffs/tariff.table.js'
import { documentParties } from '../dist/documents/issued/documentParty.table.js'
import { issuedDocuments } from '../dist/documents/issued/issuedDocument.table.js'
import { parseNodeId } from '../dist/engine/node.js'
import { identities } from '../dist/identity/parties/identity.table.js'
import { findHits } from './searchOperation.js'

/** All columns except the copy of the data file, which is long and never shown. */
function shown(table) {
  const { seeded, ...columns } = getTableColumns(table)
  return columns
}
const listed = ['ACTIVE', 'SUSPENDED']
const published = ['ACTIVE', 'SUSPENDED', 'RETIRED']
const legalDate = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Baku' })

/** For one request. */
export const loadersOf = (db) => ({
  agency: new DataLoader(async (ids) => {
    const rows = await db.select(shown(agencies)).from(agencies).where(inArray(agencies.id, ids))
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.map((id) => byId.get(id))
  }),
  service: new DataLoader(async (ids) => {
    const rows = await db
      .select(shown(services))
      .from(services)
      .where(and(inArray(services.id, ids), inArray(services.status, published)))
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.map((id) => byId.get(id) ?? null)
  }),
  version: new DataLoader(async (ids) => {
    const today = legalDate.format(new Date())
    const { serviceId, validFrom, validTo, withdrawnAt, number } = serviceVersions
    const rows = await db
      .select(shown(serviceVersions))
      .from(serviceVersions)
      .where(
        and(
          inArray(serviceId, ids),
          lte(validFrom, today),
          or(isNull(validTo), gte(validTo, today)),
          isNull(withdrawnAt),
        ),
      )
      .orderBy(desc(number))
    const byService = groupBy(rows, 'serviceId')
    return ids.map((id) => byService.get(id)?.[0] ?? null)
  }),
  fees: new DataLoader(async (ids) => {
    const rows = await db.select().from(fees).where(inArray(fees.tariffId, ids)).orderBy(asc(fees.position))
    const byTariff = groupBy(rows, 'tariffId')
    return ids.map((id) => byTariff.get(id) ?? [])
  }),
  tariffs: new DataLoader(async (ids) => {
    const rows = await db.select().from(tariffs).where(inArray(tariffs.versionId, ids)).orderBy(asc(tariffs.position))
    const byVersion = groupBy(rows, 'versionId')
    return ids.map((id) => byVersion.get(id) ?? [])
  }),
  timeline: new DataLoader(async (ids) => {
    const { applicationId, at, id } = timelineEntries
    const rows = await db.select().from(timelineEntries).where(inArray(applicationId, ids)).orderBy(asc(at), asc(id))
    const byApplication = groupBy(rows, 'applicationId')
    return ids.map((id) => byApplication.get(id) ?? [])
  }),
  decisions: new DataLoader(async (ids) => {
    const { applicationId, at, id } = decisions
    const rows = await db.select().from(decisions).where(inArray(applicationId, ids)).orderBy(desc(at), desc(id))
    const byApplication = groupBy(rows, 'applicationId')
    return ids.map((id) => byApplication.get(id) ?? [])
  }),
  documents: new DataLoader(async (ids) => {
    const { subjectId, issuedAt, id } = issuedDocuments
    const rows = await db
      .select({ ...getTableColumns(issuedDocuments), issuedTo: documentParties.partyId })
      .from(issuedDocuments)
      .innerJoin(documentParties, eq(documentParties.documentId, id))
      .where(inArray(subjectId, ids))
      .orderBy(desc(issuedAt), desc(id))
    const bySubject = groupBy(rows, 'subjectId')
    return ids.map((id) => bySubject.get(id) ?? [])
  }),
})

export async function findPartyOf(db, subject) {
  const [identity] = await db.select().from(identities).where(eq(identities.subjectIndex, subject))
  return identity?.partyId
}

export function groupBy(rows, key) {
  const groups = new Map()
  for (const row of rows) {
    if (!groups.has(row[key])) groups.set(row[key], [])
    groups.get(row[key]).push(row)
  }
  return groups
}

const words = (texts, { language }) => texts[language] ?? texts.az
const cursorOf = (...parts) =>
  Buffer.from(`[${parts.map((part) => JSON.stringify(part)).join(', ')}]`).toString('base64')
/** As PostgreSQL prints it. */
const printed = (moment) =>
  moment
    .toISOString()
    .replace('T', ' ')
    .replace(/\.?0*Z$/, '+00')

function pageOf(rows, first, cursor) {
  const nodes = rows.slice(0, first)
  const last = nodes.at(-1)
  return { nodes, pageInfo: { hasNextPage: rows.length > first, endCursor: last ? cursor(last) : null } }
}

export const resolvers = {
  Query: {
    async services(_, { first }, { db }) {
      const rows = await db
        .select(shown(services))
        .from(services)
        .where(inArray(services.status, listed))
        .orderBy(asc(services.nameAz), asc(services.id))
        .limit(first + 1)
      return pageOf(rows, first, ({ nameAz, id }) => cursorOf('services.name_az', nameAz, id))
    },
    async applications(_, { first }, { db, party }) {
      const rows = await db
        .select(getTableColumns(applications))
        .from(applicationParties)
        .innerJoin(applications, eq(applications.id, applicationParties.applicationId))
        .where(eq(applicationParties.partyId, party))
        .orderBy(desc(applicationParties.createdAt), desc(applicationParties.applicationId))
        .limit(first + 1)
      return pageOf(rows, first, ({ createdAt, id }) => cursorOf('applications.created_at', printed(createdAt), id))
    },
    async node(_, { id }, { loaders }) {
      const parsed = parseNodeId(id)
      return parsed?.type === 'Service' ? await loaders.service.load(parsed.key) : null
    },
    async service(_, { code }, { db }) {
      const [row] = await db
        .select(shown(services))
        .from(services)
        .where(and(eq(services.code, code), inArray(services.status, published)))
      return row ?? null
    },
    async searchServices(_, { first }, { db }) {
      const rows = await findHits(db.$client)
      return { nodes: rows.slice(0, first), pageInfo: { hasNextPage: rows.length > first } }
    },
  },
  Node: {
    __resolveType: () => 'Service',
  },
  Application: {
    service: ({ serviceId }, _, { loaders }) => loaders.service.load(serviceId),
    agency: ({ agencyId }, _, { loaders }) => loaders.agency.load(agencyId),
    timeline: async ({ id }, { first }, { loaders }) => ({ nodes: (await loaders.timeline.load(id)).slice(0, first) }),
    decisions: ({ id }, _, { loaders }) => loaders.decisions.load(id),
    documents: async ({ id }, _, { loaders, party }) => {
      const issued = await loaders.documents.load(id)
      return issued.filter(({ issuedTo }) => issuedTo === party)
    },
  },
  DateTime: GraphQLDateTimeISO,
  ServiceHit: {
    service: ({ id }, _, { loaders }) => loaders.service.load(id),
  },
  Service: {
    name: ({ name }, _, context) => words(name, context),
    agency: ({ agencyId }, _, { loaders }) => loaders.agency.load(agencyId),
    currentVersion: ({ id }, _, { loaders }) => loaders.version.load(id),
  },
  ServiceVersion: {
    tariffs: ({ id }, _, { loaders }) => loaders.tariffs.load(id),
  },
  Tariff: {
    name: ({ name }, _, context) => words(name, context),
    fees: ({ id }, _, { loaders }) => loaders.fees.load(id),
  },
  Agency: {
    name: ({ name }, _, context) => words(name, context),
  },
  Fee: {
    name: ({ name }, _, context) => words(name, context),
    money: ({ amount, currency }) =>
      amount === null ? null : { amount: `${amount / 100n}.${String(amount % 100n).padStart(2, '0')}`, currency },
  },
}
