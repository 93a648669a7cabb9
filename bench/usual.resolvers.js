import DataLoader from 'dataloader'
import { and, asc, desc, eq, getTableColumns, gte, inArray, isNull, lte, or } from 'drizzle-orm'
import { agencies } from '../dist/agencies/agency.table.js'
import { fees } from '../dist/catalogue/services/fee.table.js'
import { services } from '../dist/catalogue/services/service.table.js'
import { serviceVersions } from '../dist/catalogue/services/serviceVersion.table.js'
import { findHits } from './searchOperation.js'

/** All columns except the copy of the data file, which is long and never shown. */
function shown(table) {
  const { seeded, ...columns } = getTableColumns(table)
  return columns
}
const legalDate = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Baku' })

/** For one request. */
export const loadersOf = (db) => ({
  agency: new DataLoader(async (ids) => {
    const rows = await db.select(shown(agencies)).from(agencies).where(inArray(agencies.id, ids))
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.map((id) => byId.get(id))
  }),
  service: new DataLoader(async (ids) => {
    const rows = await db.select(shown(services)).from(services).where(inArray(services.id, ids))
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.map((id) => byId.get(id))
  }),
  version: new DataLoader(async (ids) => {
    const today = legalDate.format(new Date())
    const { serviceId, validFrom, validTo, number } = serviceVersions
    const rows = await db
      .select(shown(serviceVersions))
      .from(serviceVersions)
      .where(and(inArray(serviceId, ids), lte(validFrom, today), or(isNull(validTo), gte(validTo, today))))
      .orderBy(desc(number))
    const byService = groupBy(rows, 'serviceId')
    return ids.map((id) => byService.get(id)?.[0] ?? null)
  }),
  fees: new DataLoader(async (ids) => {
    const rows = await db.select().from(fees).where(inArray(fees.versionId, ids)).orderBy(asc(fees.position))
    const byVersion = groupBy(rows, 'versionId')
    return ids.map((id) => byVersion.get(id) ?? [])
  }),
})

export function groupBy(rows, key) {
  const groups = new Map()
  for (const row of rows) {
    if (!groups.has(row[key])) groups.set(row[key], [])
    groups.get(row[key]).push(row)
  }
  return groups
}

const words = (texts, { language }) => texts[language] ?? texts.az
const cursorOf = ({ nameAz, id }) =>
  Buffer.from(`[${['services.name_az', nameAz, id].map((part) => JSON.stringify(part)).join(', ')}]`).toString('base64')

export const resolvers = {
  Query: {
    async services(_, { first }, { db }) {
      const rows = await db
        .select(shown(services))
        .from(services)
        .where(inArray(services.status, ['ACTIVE', 'SUSPENDED']))
        .orderBy(asc(services.nameAz), asc(services.id))
        .limit(first + 1)
      const nodes = rows.slice(0, first)
      const last = nodes.at(-1)
      return { nodes, pageInfo: { hasNextPage: rows.length > first, endCursor: last ? cursorOf(last) : null } }
    },
    async service(_, { code }, { db }) {
      const [row] = await db
        .select(shown(services))
        .from(services)
        .where(and(eq(services.code, code), inArray(services.status, ['ACTIVE', 'SUSPENDED', 'RETIRED'])))
      return row ?? null
    },
    async searchServices(_, { first }, { db }) {
      const rows = await findHits(db.$client)
      return { nodes: rows.slice(0, first), pageInfo: { hasNextPage: rows.length > first } }
    },
  },
  ServiceHit: {
    service: ({ id }, _, { loaders }) => loaders.service.load(id),
  },
  Service: {
    name: ({ name }, _, context) => words(name, context),
    agency: ({ agencyId }, _, { loaders }) => loaders.agency.load(agencyId),
    currentVersion: ({ id }, _, { loaders }) => loaders.version.load(id),
  },
  ServiceVersion: {
    fees: ({ id }, _, { loaders }) => loaders.fees.load(id),
  },
  Agency: {
    name: ({ name }, _, context) => words(name, context),
  },
  Fee: {
    variant: ({ variant }, _, context) => words(variant, context),
    money: ({ amount, currency }) =>
      amount === null ? null : { amount: `${amount / 100n}.${String(amount % 100n).padStart(2, '0')}`, currency },
  },
}
