import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { events } from '../../src/events/event.table.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { commanded } from '../support/published.js'

const database = await cloneDatabase()
const { db } = database
const ask = await apiOf(database)
const name = { az: 'Yeni qurum', en: 'New agency', ru: 'Новый орган' }
const complete = {
  code: 'YENI',
  type: 'STATE_AGENCY',
  parentCode: 'DIN',
  name,
  website: 'yeni.gov.az',
  source: 'Act 1 of 2026',
}
const selection = 'agency { code name type website source confidence parent { code } }'
const register = (change: object = {}) =>
  commanded(ask, 'registerAgency', { ...complete, ...change }, selection, { language: 'en' })

describe('registerAgency', () => {
  it('adds an agency with its legal act', async () => {
    const { agency, userErrors } = await register()
    expect(userErrors).toEqual([])
    expect(agency).toEqual({
      code: 'YENI',
      name: 'New agency',
      type: 'STATE_AGENCY',
      website: 'yeni.gov.az',
      parent: { code: 'DIN' },
      source: 'Act 1 of 2026',
      confidence: 'SEEN_IN_SOURCE',
    })
    const [row] = await db.select().from(agencies).where(eq(agencies.code, 'YENI'))
    expect(
      await db
        .select()
        .from(events)
        .where(eq(events.subject, row?.id ?? '')),
    ).toMatchObject([
      { domain: 'agencies', type: 'agency.registered', agencyId: row?.id, actor: expect.stringMatching(/^operator:/) },
    ])
  })

  it.each<[string, object, [string, string, string]]>([
    ['a code that is taken', { code: 'DVX' }, ['CONFLICT', 'agency.code_taken', 'code']],
    ['a code in lower case', { code: 'dvx' }, ['INVALID', 'agency.code', 'code']],
    ['an unknown parent', { code: 'YENI2', parentCode: 'NONE' }, ['NOT_FOUND', 'agency.unknown', 'parentCode']],
    ['a website with a scheme', { code: 'YENI2', website: 'https://x.az' }, ['INVALID', 'agency.website', 'website']],
    ['a website of dots', { code: 'YENI2', website: '....' }, ['INVALID', 'agency.website', 'website']],
    ['a website of hyphens', { code: 'YENI2', website: '-.-.' }, ['INVALID', 'agency.website', 'website']],
    [
      'a website that is an IP address',
      { code: 'YENI2', website: '10.0.0.1' },
      ['INVALID', 'agency.website', 'website'],
    ],
    ['a source that is too long', { code: 'YENI2', source: 'a'.repeat(501) }, ['INVALID', 'text.too_long', 'source']],
    ['a missing source', { code: 'YENI2', source: '' }, ['MISSING', 'agency.source', 'source']],
  ])('rejects %s', async (_, change, [code, reason, field]) => {
    const before = await db.$count(agencies)
    const { agency, userErrors } = await register(change)
    expect([agency, userErrors.map((error: any) => [error.code, error.reason, ...error.field])]).toEqual([
      null,
      [[code, reason, field]],
    ])
    expect(await db.$count(agencies)).toBe(before)
  })

  it('rejects a name that is blank or too long in one language', async () => {
    for (const [text, reason] of [
      [' ', 'text.missing'],
      ['a'.repeat(501), 'text.too_long'],
    ]) {
      const { userErrors } = await register({ code: 'YENI2', name: { ...name, ru: text } })
      expect(userErrors.map((error: any) => [error.reason, ...error.field])).toEqual([[reason, 'name', 'ru']])
    }
  })

  it('registers one of two agencies with one code at the same time', async () => {
    const answers = await Promise.all([register({ code: 'IKI' }), register({ code: 'IKI' })])
    expect(answers.map(({ userErrors }) => userErrors.length).sort()).toEqual([0, 1])
    expect(await db.$count(agencies, eq(agencies.code, 'IKI'))).toBe(1)
  })
})
