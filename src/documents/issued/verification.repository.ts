import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { parties } from '../../identity/parties/party.table.js'
import { isIndexed } from '../../platform/personal.js'
import { isCode, readCode } from '../../shared/code.js'
import type { Context } from '../../shared/context.js'
import { issuedDocuments } from './issuedDocument.table.js'

export type Found = NonNullable<Awaited<ReturnType<typeof findIssued>>>

const later = alias(issuedDocuments, 'later')

/** Finds a document by number and another condition. One statement, so that timing does not reveal whether the number exists. */
export async function findIssued(number: string, holds: SQL, { database: { db } }: Context) {
  const supersededBy = db
    .select({ number: later.number })
    .from(later)
    .where(
      and(
        eq(later.subjectId, issuedDocuments.subjectId),
        eq(later.kind, issuedDocuments.kind),
        sql`(${later.issuedAt}, ${later.id}) > (${issuedDocuments.issuedAt}, ${issuedDocuments.id})`,
      ),
    )
    .orderBy(desc(later.issuedAt), desc(later.id))
    .limit(1)
  const { id, partyId, signature, claims, series, seriesNumber, revokedAt } = issuedDocuments
  const [found] = await db
    .select({
      row: { id, partyId, signature, claims },
      series,
      seriesNumber,
      revokedAt,
      party: { id: parties.id, key: parties.key, wrappedBy: parties.wrappedBy },
      supersededBy: sql<string | null>`(${supersededBy})`,
    })
    .from(issuedDocuments)
    .innerJoin(parties, eq(parties.id, issuedDocuments.partyId))
    .where(and(eq(issuedDocuments.number, number), holds))
  return found
}

/** Undefined if the code is malformed. */
export function isOfCode(code: string, { keyring }: Context): SQL | undefined {
  const read = readCode(code)
  return isCode(read) ? isIndexed(keyring, issuedDocuments.codeIndex, read) : undefined
}

/** Undefined if the hash is malformed. */
export const isPdf = (sha256: string): SQL | undefined =>
  /^[0-9a-f]{64}$/i.test(sha256) ? eq(issuedDocuments.pdfSha256, Buffer.from(sha256, 'hex')) : undefined

export async function findAgency(code: string | undefined, { database: { db } }: Context) {
  if (code === undefined) return undefined
  const [agency] = await db
    .select({ id: agencies.id, name: agencies.name })
    .from(agencies)
    .where(eq(agencies.code, code))
  return agency
}
