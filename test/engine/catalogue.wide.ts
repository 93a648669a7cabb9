import { describe, expect, it } from 'vitest'
import { unmetered } from '../../src/engine/rates.js'
import { publicSchema } from '../../src/schema.js'
import { anonymous, type Context, contextOf } from '../../src/shared/context.js'
import type { Language } from '../../src/shared/words.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { answererOf, askerOf, plainAskerOf } from './asking.js'
import { nodeId, type Row } from './baseline.js'
import { catalogueBaseline } from './catalogueBaseline.js'
import { differenceIn } from './compare.js'
import { diceOf, operationOf, type Values } from './operations.js'
import { cursorAt } from './relay.js'
import { patience, seedsOf } from './seeds.js'

const database = await cloneDatabase()
const { client } = database
// What the data does not have yet: services of every status, versions past and to come, regulations.
await client.unsafe(`
  update services set status = (array['DRAFT', 'RETIRED', 'SUSPENDED']::service_status[])[1 + ascii(right(code, 1)) % 3]
    where length(code) % 3 = 0;
  update services set description = jsonb_build_object('az', 'Təsvir', 'en', 'It "is"') where length(code) % 2 = 0;
  update service_versions set valid_to = valid_from + 900 where length(id::text) > 0 and right(id::text, 1) < '8';
  insert into service_versions select md5(id::text)::uuid, service_id, 2, interaction, handled_as, 'FULL', assurance, signers,
    delegable, result, note, tariff_questions, birth_dates, valid_from + 400, null, null from service_versions where right(id::text, 1) < '3';
  insert into tariffs select md5(id::text || '1')::uuid, id, 0, 'ALL', '{"az": "hamı"}',
    '{"answers": [], "applicants": ["CITIZEN"], "age": {"from": 3, "below": null}}' from service_versions where number = 2;
  insert into fees select md5(id::text || '2')::uuid, id, 0, 'DUTY', '{"az": "rüsum"}', 'STATE_DUTY', 100, 'AZN',
    '{"az": "səhifə"}', 'AT_HANDOVER', '142151', null, '7', 'GENERAL_KNOWLEDGE', null, '{"az": "qeyd", "ru": "да"}'
    from tariffs where code = 'ALL';
  insert into service_steps select md5(id::text || k)::uuid, id, k, jsonb_build_object('az', 'Addım ' || k), null,
    nullif(k, 1), 'HOUR', 'SEEN_IN_SOURCE', (select id from agencies order by code offset k limit 1)
    from service_versions, generate_series(0, 2) k where number = 2;
  insert into required_documents select md5(id::text || 'd')::uuid, id, 0, 'PROOF', '{"az": "Sənəd"}', true, 'SEEN_IN_SOURCE',
    (select id from registries order by code limit 1) from service_versions where number = 2;
  insert into legal_bases select md5(id::text || 'l')::uuid, id, 0, '{"az": "Qanun", "en": "A law"}', '38.6', null
    from service_versions where number = 2;
  analyze`)

const schema = publicSchema()
const baseline = plainAskerOf<Context>(await catalogueBaseline(schema, client))
const oneStatement = answererOf<Context>(schema)
const ways = {
  'with look-ahead': askerOf<Context>(schema),
  'without look-ahead': askerOf<Context>(publicSchema(false)),
  'in one statement': oneStatement.way,
}

// Those that are declared; what is written by hand has tests of its own.
const roots = ['node', 'nodes', 'agencies', 'agency', 'services', 'service', 'lifeEvents']

async function valuesOf(): Promise<Values> {
  const [agencies, services, lifeEvents] = (await Promise.all(
    ['agencies', 'services', 'life_events'].map(
      (table): Promise<Row[]> => client.unsafe(`select * from ${table} order by code`),
    ),
  )) as [Row[], Row[], Row[]]
  const some = (rows: Row[]) => rows.filter((_, at) => at % Math.ceil(rows.length / 12) === 0)
  const cursors = (table: string, rows: Row[]) => [
    ...some(rows).flatMap((row) =>
      ['name_az', 'name_az', 'code'].map((column) => cursorAt(`${table}.${column}`, row[column], row.id)),
    ),
    null,
    'none',
  ]
  const ids = [
    ...some(agencies).map((row) => nodeId('Agency', row)),
    ...some(services).map((row) => nodeId('Service', row)),
    ...some(lifeEvents).map((row) => nodeId('LifeEvent', row)),
    'none',
  ]
  const codesOf = (rows: Row[]) => some(rows).map(({ code }) => code)
  return {
    id: ids,
    ids,
    'PersonRecords.traffic.vehicle': ['TEST-1'],
    'CompanyRecords.traffic.vehicle': ['TEST-1'],
    'Query.agency.code': [...codesOf(agencies), 'none'],
    'Query.service.code': [...codesOf(services), 'none'],
    // Known ones: PostgreSQL refuses an unknown code only where it has a row to compare.
    'ServiceFilter.agency': codesOf(agencies.filter(({ parent_id }) => !parent_id)),
    'ServiceFilter.lifeEvent': codesOf(lifeEvents),
    'Query.agencies.cursor': cursors('agencies', agencies),
    cursor: cursors('services', services),
  }
}

describe('The public schema', () => {
  it('answers random operations on the catalogue as an untouched Apollo does', { timeout: patience }, async () => {
    const values = await valuesOf()
    const { failed, ran } = await seedsOf(async (seed) => {
      const dice = diceOf(seed)
      const operation = operationOf(schema, values, dice, roots)
      const language = dice.pick<Language>(['az', 'en', 'ru'])
      const moment = new Date(`202${dice.pick([6, 7, 8, 9])}-08-01T12:00:00Z`)
      const request = () =>
        contextOf({
          caller: anonymous,
          language,
          database,
          keyring: keyringOfTest(),
          meter: unmetered,
          now: () => moment,
          timeout: 60_000,
        })
      return differenceIn({ ...operation, contextOf: request }, baseline, ways)
    })
    expect(failed).toEqual([])
    expect(ran).toBeGreaterThan(0)
    expect(oneStatement.counted.answered).toBeGreaterThan(0)
  })
})
