import type { TransactionSql } from 'postgres'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { cloneDatabase } from '../support/database.js'
import { brokenFilingRules, type filingRules } from '../support/filings.js'
import { partiesIn } from '../support/parties.js'

const { client, ...database } = await cloneDatabase()
const [company, batch] = [v7(), v7()] as [string, string]
const at = '2026-11-25T08:00:00Z'
const encrypted = `\\x01${'00'.repeat(40)}`
let person: string

interface Given {
  service?: 'monthly' | 'at once'
  state?: string
  period?: string | null
  replaces?: string
  batchId?: string | null
}
const services = {} as Record<'monthly' | 'at once', { id: string; agency: string; code: string; version: string }>
const ids = {} as Record<string, string>

/** A filing of the company with all that belongs to it, under its name as its numbers. */
async function file(tx: TransactionSql, name: string, given: Given = {}) {
  const { service = 'monthly', state = 'ACCEPTED', period = null, replaces, batchId = null } = given
  const of = services[service]
  const id = v7()
  ids[name] = id
  const isLive = period && ['RECEIVED', 'ACCEPTED'].includes(state) && !(replaces && state === 'RECEIVED')
  const acknowledged = state === 'RECEIVED' || (state === 'WITHDRAWN' && service === 'monthly') ? null : at
  const ended = ['SUPERSEDED', 'WITHDRAWN'].includes(state) ? at : null
  await tx`
    insert into filings (id, number, party_id, agency_id, service_id, service_code, version_id, period, external_number, digest,
      digest_key, state, live_period, replaces_id, content, created_by, mandate_ids, batch_id, received_at, acknowledged_at,
      ended_at, changed_at, faults)
    values (${id}, ${name}, ${company}, ${of.agency}, ${of.id}, ${of.code}, ${of.version}, ${period}, ${name}, '\\x00', 'key',
      ${state}, ${isLive ? period : null}, ${ids[replaces ?? ''] ?? null}, ${encrypted}, 'program:one', '{}', ${batchId},
      ${at}, ${acknowledged}, ${ended}, ${at}, ${state === 'REJECTED' ? encrypted : null})`
  const document = v7()
  await tx`
    insert into issued_documents (id, number, kind, party_id, agency_id, subject_id, service_code, issued_at, claims, code,
      signature, key_id)
    values (${document}, ${`receipt of ${name}`}, 'FILING_RECEIPT', ${company}, ${of.agency}, ${id}, ${of.code}, ${at},
      ${encrypted}, ${encrypted}, ${encrypted}, 'key')`
  await tx`insert into document_parties (document_id, party_id, issued_at) values (${document}, ${company}, ${at})`
  const types = [
    ...(service === 'monthly' ? ['received'] : []),
    ...(acknowledged && state !== 'REJECTED' ? ['accepted'] : []),
    ...(state === 'RECEIVED' || state === 'ACCEPTED' ? [] : [state.toLowerCase()]),
  ]
  for (const type of types)
    await tx`
      insert into events (domain, type, subject, party_id, agency_id, service_code, at, actor, ids)
      values ('filings', ${`filing.${type}`}, ${id}, ${company}, ${of.agency}, ${of.code}, ${at}, 'program:one', '{}')`
}

const line = (tx: TransactionSql, place: number, outcome: string, name: string, filing: string | null) => tx`
  insert into filing_batch_lines (id, batch_id, line, party_id, external_number, outcome, filing_id, user_errors)
  values (${v7()}, ${batch}, ${place}, ${company}, ${name}, ${outcome}, ${filing}, ${filing ? null : encrypted})`

/** Filings in each state, one that was corrected, one whose correction waits, and a batch of three lines. */
beforeAll(async () => {
  person = await partiesIn({ db: database.db }).person()
  const found = await client`
    select services.id, agency_id as agency, code, version.id as version from services
    join service_versions version on service_id = services.id where handled_as = 'FILING' order by code limit 2`
  Object.assign(services, { monthly: found[0], 'at once': found[1] })
  await client.begin(async (tx) => {
    // What the services are seeded with does not matter here.
    await tx`set local session_replication_role = replica`
    const versions = Object.values(services).map(({ version }) => version)
    await tx`delete from filing_rules where version_id in ${tx(versions)}`
    await tx`
      insert into filing_rules (id, version_id, period, one_per_period, acknowledged_by, confidence)
      values (${v7()}, ${services.monthly.version}, 'MONTH', true, 'AGENCY', 'UNKNOWN'),
        (${v7()}, ${services['at once'].version}, 'NONE', false, 'RULE', 'UNKNOWN')`
    await tx`
      insert into parties (id, kind, key, wrapped_by, created_at)
      select ${company}, 'LEGAL_ENTITY', key, wrapped_by, created_at from parties where id = ${person}`
    await tx`
      insert into filing_batches (id, party_id, program_id, created_by, state, size, sha256, created_at, expires_at, received_at,
        started_at, ended_at, changed_at, lines, done, filed, repeated, refused)
      values (${batch}, ${company}, ${v7()}, 'program:one', 'COMPLETED', 1, ${Buffer.alloc(32)}, ${at}, ${at}, ${at}, ${at}, ${at}, ${at},
        3, 3, 1, 1, 1)`
    await file(tx, 'waiting', { state: 'RECEIVED', period: '2026-11' })
    await file(tx, 'counts', { period: '2026-10' })
    await file(tx, 'old', { state: 'SUPERSEDED', period: '2026-09' })
    await file(tx, 'new', { period: '2026-09', replaces: 'old' })
    await file(tx, 'correction', { state: 'RECEIVED', period: '2026-10', replaces: 'counts' })
    await file(tx, 'rejected', { state: 'REJECTED', period: '2026-10' })
    await file(tx, 'withdrawn', { state: 'WITHDRAWN', period: '2026-10' })
    await file(tx, 'of the batch', { service: 'at once', batchId: batch })
    await line(tx, 1, 'FILED', 'of the batch', ids['of the batch']!)
    await line(tx, 2, 'REPEATED', 'of the batch', ids['of the batch']!)
    await line(tx, 3, 'REFUSED', 'refused', null)
  })
})

type Plant = (tx: TransactionSql) => Promise<unknown>
/** What is wrong after these statements, which are then undone. */
async function brokenAfter(plant: Plant): Promise<string[]> {
  let broken: string[] = []
  await client
    .begin(async (tx) => {
      // Append-only tables refuse what is planted, and so do foreign keys.
      await tx`set local session_replication_role = replica`
      await tx`alter table filings drop constraint filings_live_check, drop constraint filings_ended_check,
        drop constraint filings_acknowledged_check, drop constraint filings_faults_check, drop constraint filings_party_id_external_number_unique`
      await tx`alter table filing_batches drop constraint filing_batches_counts_check`
      await tx`alter table filing_batch_lines drop constraint filing_batch_lines_batch_id_line_unique`
      await tx`drop index filings_live_period, filings_live_correction`
      await plant(tx)
      broken = await brokenFilingRules(tx)
      throw new Error('undone')
    })
    .catch((error: Error) => {
      if (error.message !== 'undone') throw error
    })
  return broken
}

const event = (tx: TransactionSql, name: string, changes: object) => tx`
  update events set ${tx({ ...changes })} where subject = ${ids[name]!}`
const filing = (tx: TransactionSql, name: string, changes: object) => tx`
  update filings set ${tx({ ...changes })} where id = ${ids[name]!}`
const receipt = (tx: TransactionSql, name: string, changes: object) => tx`
  update issued_documents set ${tx({ ...changes })} where subject_id = ${ids[name]!}`
const counts = (tx: TransactionSql, changes: object) => tx`update filing_batches set ${tx({ ...changes })}`

const planted: Record<keyof typeof filingRules, [string, Plant, RegExp][]> = {
  'a filing has one signed receipt, given to its party': [
    [
      'none',
      (tx) => tx`delete from issued_documents where subject_id = ${ids.counts!}`,
      /counts has 0 receipts, 0 of them given/,
    ],
    [
      'two',
      (tx) => receipt(tx, 'counts', { subject_id: ids.waiting }),
      /waiting has 2 receipts, 2 of them given to its party/,
    ],
    ['one that nobody was given', (tx) => tx`delete from document_parties`, /counts has 1 receipts, 0 of them/],
    [
      'one that nobody signed',
      (tx) => receipt(tx, 'counts', { key_id: null, signature: null }),
      /counts has a receipt/,
    ],
    ['one of another service', (tx) => receipt(tx, 'counts', { service_code: 'X' }), /counts has a receipt of another/],
  ],
  'a filing has one event for each thing that happened to it': [
    [
      'none',
      (tx) => tx`delete from events where subject = ${ids.waiting!}`,
      /waiting is RECEIVED.* 0 events filing.received/,
    ],
    [
      'one of another type',
      (tx) => event(tx, 'waiting', { type: 'filing.withdrawn' }),
      /waiting .* 1 events filing.withdrawn/,
    ],
    [
      'two',
      (tx) => event(tx, 'waiting', { subject: ids.correction }),
      /correction is RECEIVED.* 2 events filing.received/,
    ],
  ],
  'the events of a filing name its party, agency and service': [
    [
      'no service',
      (tx) => event(tx, 'waiting', { service_code: null }),
      /waiting has an event filing.received of another/,
    ],
    [
      'another party',
      (tx) => event(tx, 'waiting', { party_id: person }),
      /waiting has an event filing.received of another/,
    ],
  ],
  'a filing is acknowledged by whom its rule names': [
    [
      'a filing that waits for nobody',
      (tx) => filing(tx, 'of the batch', { state: 'RECEIVED', acknowledged_at: null }),
      /of the batch is RECEIVED and its service/,
    ],
  ],
  'a filing has the moments of its state, in order': [
    [
      'an acknowledgement before the receipt',
      (tx) => filing(tx, 'counts', { acknowledged_at: '2026-11-25T07:59:00Z' }),
      /counts is ACCEPTED: received/,
    ],
    [
      'a change that nobody noted',
      (tx) => filing(tx, 'old', { ended_at: '2026-11-25T09:00:00Z' }),
      /old is SUPERSEDED: rec/,
    ],
  ],
  'a filing has a period if its service has periods': [
    ['none', (tx) => filing(tx, 'rejected', { period: null }), /rejected has the period none; its service has MONTH/],
    [
      'a year',
      (tx) => filing(tx, 'rejected', { period: '2026' }),
      /rejected has the period 2026; its service has MONTH/,
    ],
  ],
  'the period belongs to the filing that counts': [
    [
      'a lost period',
      (tx) => filing(tx, 'counts', { live_period: null }),
      /counts is ACCEPTED .* and is live for none/,
    ],
    [
      'a correction that takes it early',
      (tx) => filing(tx, 'correction', { live_period: '2026-10' }),
      /correction is RECEIVED for 2026-10 and is live for 2026-10/,
    ],
  ],
  'one filing counts for a party, a service and a period': [
    [
      'two',
      (tx) => filing(tx, 'new', { period: '2026-10', live_period: '2026-10' }),
      /(new|counts), (new|counts) count for 2026-10/,
    ],
  ],
  'a party uses a number of its own once': [
    ['twice', (tx) => filing(tx, 'rejected', { external_number: 'counts' }), /have the number counts/],
  ],
  'a correction is of the same party, service and period, and later': [
    [
      'another period',
      (tx) => filing(tx, 'correction', { period: '2026-08' }),
      /correction corrects counts, which is of/,
    ],
    [
      'another party',
      (tx) => filing(tx, 'correction', { party_id: person }),
      /correction corrects counts, which is of/,
    ],
  ],
  'a filing is superseded by one accepted correction, when that was accepted': [
    ['by none', (tx) => filing(tx, 'new', { replaces_id: null }), /old is SUPERSEDED .* accepted corrections: none/],
    [
      'by two',
      (tx) => filing(tx, 'rejected', { state: 'ACCEPTED', replaces_id: ids.old }),
      /old is SUPERSEDED .*(new|rejected) at .*, /,
    ],
    ['not at all', (tx) => filing(tx, 'old', { state: 'ACCEPTED', ended_at: null }), /old is ACCEPTED .*: new at/],
    ['later', (tx) => filing(tx, 'old', { ended_at: '2026-11-25T09:00:00Z' }), /old is SUPERSEDED since .*: new at/],
  ],
  'a filing has one live correction, and only an accepted one waits for it': [
    ['a second', (tx) => filing(tx, 'waiting', { replaces_id: ids.counts }), /counts is ACCEPTED and waits for .*, /],
    [
      'of a rejected one',
      (tx) => filing(tx, 'correction', { replaces_id: ids.rejected }),
      /rejected is REJECTED and waits for correction/,
    ],
  ],
  'a filing is not leased before an earlier one of its party': [
    [
      'the later of two',
      (tx) => filing(tx, 'correction', { lease_id: v7(), leased_by: 'x', leased_until: '2100-01-01Z' }),
      /correction is leased before waiting of the same party/,
    ],
  ],
  'the lines of a batch are those that are done, each once': [
    [
      'a lost line',
      (tx) => tx`delete from filing_batch_lines where line = 2`,
      /has 3 lines done; 2 have an outcome, up to 3/,
    ],
    ['one too many', (tx) => line(tx, 3, 'REFUSED', 'refused', null), /has 3 lines done; 4 have an outcome, up to 3/],
  ],
  'the counts of a batch are those of its lines': [
    [
      'counted before the commit',
      (tx) => counts(tx, { filed: 2, repeated: 0 }),
      /counts 2, 0, 1; its lines are 1, 1, 1/,
    ],
  ],
  'a batch that is completed has done all its lines': [
    ['too early', (tx) => counts(tx, { lines: 4 }), /is COMPLETED with 3 of 4 lines/],
  ],
  'a filing of a batch was made by one of its lines': [
    [
      'a filing without a line',
      (tx) => filing(tx, 'rejected', { batch_id: batch }),
      /rejected was filed by a batch, in 0 of its lines/,
    ],
    [
      'a line that forgets that it made it',
      (tx) => tx`update filing_batch_lines set outcome = 'REPEATED' where line = 1`,
      /of the batch was filed by a batch, in 0 of its lines/,
    ],
    [
      'the filing of another line',
      (tx) => tx`update filing_batch_lines set external_number = 'mine' where line = 2`,
      /line 2 has the outcome of of the batch; its own number is mine/,
    ],
  ],
  'a batch is filed by whom it belongs to': [
    [
      'by another program',
      (tx) => filing(tx, 'of the batch', { created_by: 'program:two' }),
      /of the batch is by program:two/,
    ],
  ],
}

describe('The rules of filings', () => {
  it('hold for filings in each state, corrections and a batch', async () => {
    expect(await brokenFilingRules(client)).toEqual([])
  })

  const all = Object.entries(planted).flatMap(([rule, cases]) =>
    cases.map(([what, ...more]) => [rule, what, ...more] as const),
  )
  it.each(all)('"%s" is broken by: %s', async (_rule, _what, plant, expected) => {
    expect(await brokenAfter(plant)).toContainEqual(expect.stringMatching(expected))
  })
})
