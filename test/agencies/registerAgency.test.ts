import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
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
  parent: 'DIN',
  name,
  website: 'yeni.gov.az',
  source: 'Act 1 of 2026',
}
const selection = 'agency { code name type website source confidence parent { code } }'
const register = (change: object = {}) =>
  commanded(ask, 'registerAgency', { ...complete, ...change }, selection, { language: 'en' })

it('an agency that is registered stands in the catalogue, and its act with it', async () => {
  const { agency, userErrors } = await register()
  expect(userErrors).toEqual([])
  expect(agency).toEqual({
    ...{ code: 'YENI', name: 'New agency', type: 'STATE_AGENCY', website: 'yeni.gov.az', parent: { code: 'DIN' } },
    ...{ source: 'Act 1 of 2026', confidence: 'SEEN_IN_SOURCE' },
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
  ['under a code that is taken', { code: 'DVX' }, ['CONFLICT', 'agency.code_taken', 'code']],
  ['under a code of small letters', { code: 'dvx' }, ['INVALID', 'agency.code', 'code']],
  ['below what there is not', { code: 'YENI2', parent: 'NONE' }, ['NOT_FOUND', 'agency.unknown', 'parent']],
  ['with an address for a name', { code: 'YENI2', website: 'https://x.az' }, ['INVALID', 'agency.website', 'website']],
  ['with points for a name', { code: 'YENI2', website: '....' }, ['INVALID', 'agency.website', 'website']],
  ['with hyphens for a name', { code: 'YENI2', website: '-.-.' }, ['INVALID', 'agency.website', 'website']],
  ['with an address of numbers', { code: 'YENI2', website: '10.0.0.1' }, ['INVALID', 'agency.website', 'website']],
  ['by an act of many words', { code: 'YENI2', source: 'a'.repeat(501) }, ['INVALID', 'text.too_long', 'source']],
  ['by no act', { code: 'YENI2', source: '' }, ['MISSING', 'agency.source', 'source']],
])('none is registered %s', async (_, change, [code, reason, field]) => {
  const before = await db.$count(agencies)
  const { agency, userErrors } = await register(change)
  expect([agency, userErrors.map((error: any) => [error.code, error.reason, ...error.field])]).toEqual([
    null,
    [[code, reason, field]],
  ])
  expect(await db.$count(agencies)).toBe(before)
})

it('none is registered whose name is blank in some language, or too long', async () => {
  for (const [text, reason] of [
    [' ', 'text.missing'],
    ['a'.repeat(501), 'text.too_long'],
  ]) {
    const { userErrors } = await register({ code: 'YENI2', name: { ...name, ru: text } })
    expect(userErrors.map((error: any) => [error.reason, ...error.field])).toEqual([[reason, 'name', 'ru']])
  }
})

it('of two at once under one code, one is registered', async () => {
  const answers = await Promise.all([register({ code: 'IKI' }), register({ code: 'IKI' })])
  expect(answers.map(({ userErrors }) => userErrors.length).sort()).toEqual([0, 1])
  expect(await db.$count(agencies, eq(agencies.code, 'IKI'))).toBe(1)
})

it('by nobody but the operator', async () => {
  const query = 'mutation ($input: RegisterAgencyInput!) { registerAgency(input: $input) { replayed } }'
  const { data, errors } = await ask(query, {
    variables: { input: { idempotencyKey: 'a-key-of-nobody', ...complete } },
  })
  expect(data).toEqual({ registerAgency: null })
  expect(errors?.map(({ extensions: { code } }) => code)).toEqual(['UNAUTHENTICATED'])
})
