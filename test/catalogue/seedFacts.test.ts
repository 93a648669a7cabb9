import { count, eq, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { legalBases } from '../../src/catalogue/services/legalBasis.table.js'
import { requiredDocuments } from '../../src/catalogue/services/requiredDocument.table.js'
import { services } from '../../src/catalogue/services/service.table.js'
import { serviceSteps } from '../../src/catalogue/services/serviceStep.table.js'
import { serviceVersions } from '../../src/catalogue/services/serviceVersion.table.js'
import { fees } from '../../src/catalogue/tariffs/fee.table.js'
import { processingTerms } from '../../src/catalogue/tariffs/processingTerm.table.js'
import { tariffs } from '../../src/catalogue/tariffs/tariff.table.js'
import { Confidence } from '../../src/platform/confidence.table.js'
import { cloneDatabase } from '../support/database.js'
import { dataFiles } from '../support/dataFiles.js'

const { db } = await cloneDatabase()

async function feesOf(code: string) {
  return await db
    .select({
      tariff: sql<string>`${tariffs.name}->>'en'`,
      fee: sql<string>`${fees.name}->>'en'`,
      amount: fees.amount,
      currency: fees.currency,
      due: fees.due,
      confidence: fees.confidence,
      source: fees.source,
    })
    .from(fees)
    .innerJoin(tariffs, eq(tariffs.id, fees.tariffId))
    .innerJoin(serviceVersions, eq(serviceVersions.id, tariffs.versionId))
    .innerJoin(services, eq(services.id, serviceVersions.serviceId))
    .where(eq(services.code, code))
    .orderBy(tariffs.position, fees.position)
}

const tally = async (column: PgColumn) => {
  const rows = await db.select({ mark: column, n: count() }).from(column.table).groupBy(column)
  return Object.fromEntries(rows.map(({ mark, n }) => [mark, n]))
}

describe('The seeded catalogue', () => {
  it('has the confidence of each fact', async () => {
    expect(await tally(services.confidence)).toEqual({ SEEN_IN_SOURCE: 61, GENERAL_KNOWLEDGE: 16 })
    expect(await tally(fees.confidence)).toEqual({
      SEEN_IN_SOURCE: 92,
      GENERAL_KNOWLEDGE: 29,
      COMMUNITY_ONLY: 2,
      UNKNOWN: 22,
    })
    expect(await tally(processingTerms.confidence)).toEqual({
      SEEN_IN_SOURCE: 90,
      GENERAL_KNOWLEDGE: 53,
      UNKNOWN: 5,
    })
  })

  it('has the sum of all fees by currency', async () => {
    const sums = await db
      .select({
        currency: fees.currency,
        n: count(),
        free: sql<string>`count(*) filter (where amount = 0)`,
        sum: sql<string>`sum(amount)`,
      })
      .from(fees)
      .groupBy(fees.currency)
      .orderBy(fees.currency)
    expect(sums).toEqual([
      { currency: 'AZN', n: 134, free: '41', sum: '597600' },
      { currency: 'USD', n: 11, free: '0', sum: '122600' },
    ])
  })

  it('is valid from the day of compilation, with all services active', async () => {
    const days = await db
      .selectDistinct({ from: serviceVersions.validFrom, to: serviceVersions.validTo })
      .from(serviceVersions)
    expect(days).toEqual([{ from: '2026-11-24', to: null }])
    expect(await db.selectDistinct({ status: services.status }).from(services)).toEqual([{ status: 'ACTIVE' }])
  })

  it('has the fees of a passport for an adult', async () => {
    const [first, , third] = await feesOf('DIN-PASSPORT')
    const rest = {
      currency: 'AZN',
      due: 'BEFORE_REGISTRATION',
      fee: 'State duty',
      confidence: 'SEEN_IN_SOURCE',
      source: 'abudhabi.mfa.gov.az/89 (State Duty Law Art. 14)',
    }
    expect(first).toEqual({ tariff: 'Aged 18 and over, in 10 working days', amount: 4000n, ...rest })
    expect(third).toEqual({ tariff: 'Aged 18 and over, in 1 working day', amount: 16000n, ...rest })
  })

  it('has no source for what was not seen in one', async () => {
    const [duty, service] = await feesOf('ASAN-EVISA-STD')
    expect(duty).toMatchObject({ amount: 2000n, currency: 'USD', confidence: 'SEEN_IN_SOURCE' })
    expect(duty?.source).toContain('bishkek.mfa.gov.az')
    expect(service).toMatchObject({ amount: 600n, currency: 'USD', confidence: 'COMMUNITY_ONLY', source: null })
    expect(await feesOf('DVX-BENEFICIAL')).toMatchObject([
      { amount: 0n, confidence: 'GENERAL_KNOWLEDGE', source: null },
    ])
  })

  it('has null for an unknown amount or term, never 0', async () => {
    expect(await feesOf('AYNA-SIGN')).toMatchObject([{ amount: null, confidence: 'UNKNOWN', source: null }])
    const unknown = db
      .select({ amount: fees.amount })
      .from(fees)
      .where(eq(fees.confidence, Confidence.UNKNOWN))
      .groupBy(fees.amount)
    expect(await unknown).toEqual([{ amount: null }])
    expect(await db.$count(processingTerms, sql`(value is null) <> (confidence = 'UNKNOWN')`)).toBe(0)
    expect(await db.$count(processingTerms, sql`(value = 0) <> (unit = 'INSTANT')`)).toBe(0)
  })

  it('describes each service, with steps, documents and search words that no source confirms', async () => {
    expect(await db.$count(services, sql`description is null or search_words is null`)).toBe(0)
    expect(await tally(services.descriptionConfidence)).toEqual({ GENERAL_KNOWLEDGE: 77 })
    expect(await tally(serviceSteps.confidence)).toEqual({ GENERAL_KNOWLEDGE: 310 })
    expect(await tally(requiredDocuments.confidence)).toEqual({ GENERAL_KNOWLEDGE: 226 })
  })

  it('has no legal bases, as none are known', async () => {
    expect(await db.$count(legalBases)).toBe(0)
  })
})

describe('A text in the data files', () => {
  type Text = Record<'az' | 'en' | 'ru', string>
  // Search words are lists by language, which need not translate each other.
  const isText = (value: object): value is Text =>
    ['az', 'en', 'ru'].some((language) => typeof value[language as keyof typeof value] === 'string')
  const textsIn = (value: unknown): Text[] => {
    if (typeof value !== 'object' || value === null) return []
    return isText(value) ? [value] : Object.values(value).flatMap(textsIn)
  }
  const { parts, forms, ...facts } = dataFiles()
  const texts = textsIn([parts, forms, facts])
  // 500.000 in Azerbaijani, 500,000 in English and 500 000 in Russian are one number.
  const numbersIn = (text: string) => (text.replace(/(?<=\d)[., ](?=\d{3})/g, '').match(/\d+/g) ?? []).sort()
  const offending = (isWrong: (text: Text) => boolean) => texts.filter(isWrong)

  it('is one of 1191, or belongs to a form', () => {
    expect(textsIn(facts)).toHaveLength(1191)
    expect(texts.length).toBeGreaterThan(1800)
  })

  it('exists in each language and is copied in none', () => {
    expect(offending(({ az, en, ru }) => !az || !en || !ru || new Set([az, en, ru]).size < 3)).toEqual([])
  })

  it('is written in the letters of its language', () => {
    expect(
      offending(({ az, en, ru }) => /\p{Script=Cyrillic}/u.test(az + en) || !/\p{Script=Cyrillic}/u.test(ru)),
    ).toEqual([])
    expect(offending(({ az }) => /(^|\s)(the|of|and|for|with|by|in)(\s|$)/.test(az))).toEqual([])
  })

  it('has the same numbers in all languages', () => {
    const saysOther = ({ az, en, ru }: Text) => new Set([az, en, ru].map((text) => numbersIn(text).join())).size > 1
    expect(offending(saysOther)).toEqual([])
  })
})
