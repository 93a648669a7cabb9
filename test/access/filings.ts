import { randomBytes } from 'node:crypto'
import { eq, inArray } from 'drizzle-orm'
import { v7 } from 'uuid'
import { services } from '../../src/catalogue/services/service.table.js'
import { serviceVersions } from '../../src/catalogue/services/serviceVersion.table.js'
import { issueDocuments } from '../../src/documents/issued/issueDocument.js'
import { DocumentKind } from '../../src/documents/issued/issuedDocument.table.js'
import { record } from '../../src/events/record.js'
import { FilingBatchState, filingBatches } from '../../src/filings/batches/filingBatch.table.js'
import { FilingBatchOutcome, filingBatchLines } from '../../src/filings/batches/filingBatchLine.table.js'
import { FilingState, filings } from '../../src/filings/filing.table.js'
import { raiseCharges } from '../../src/payments/charges/charge.repository.js'
import { ChargeSubject } from '../../src/payments/charges/charge.table.js'
import { encrypt } from '../../src/platform/personal.js'
import { programsOf } from '../../src/sandbox/personas.js'
import { numberOf } from '../../src/shared/number.js'
import { keyOfParty } from '../support/partyKey.js'
import type { World } from './world.js'

type Base = Pick<World, 'db' | 'keyring' | 'signingKeys' | 'partyOf'>
type Given = Partial<Omit<typeof filings.$inferInsert, 'content' | 'faults' | 'signature'>>

const minute = 60_000
const programCalled = (name: string) => programsOf().find((one) => one.name === name)?.id as string // seeded

/** Filings in each state to three agencies, with receipts, charges and events, and the files of two programs. */
export async function addFilings({ db, keyring, signingKeys, partyOf }: Base, agencyIds: ReadonlyMap<string, string>) {
  const began = Date.now() - 600 * minute
  const lease = (leasedBy: string, distance: number): Given => ({
    leasedBy,
    leaseId: v7(),
    leasedUntil: new Date(Date.now() + distance),
  })
  const [corrected, open] = [v7(), v7()]
  const rows: [persona: string, service: string, state: FilingState, given?: Given][] = [
    ['filing-program', 'DVX-RETURN', FilingState.SUPERSEDED, { id: corrected, period: '2026-08' }],
    ['filing-program', 'DVX-RETURN', FilingState.ACCEPTED, { replacesId: corrected, period: '2026-08' }],
    [
      'filing-program',
      'DVX-BENEFICIAL',
      FilingState.RECEIVED,
      lease(`program:${programCalled('tax-program')}`, 86_400_000),
    ],
    ['filing-program', 'DVX-CHANGES', FilingState.ACCEPTED, { id: open, agencyNumber: 'DVX-1' }],
    ['filing-program', 'DVX-CHANGES', FilingState.RECEIVED, { replacesId: open }],
    ['filing-program', 'DSK-REPORT', FilingState.ACCEPTED, { period: '2026-Q3' }],
    ['reader-program', 'DVX-RETURN', FilingState.ACCEPTED, { period: '2026-08', livePeriod: '2026-08' }],
    ['reader-program', 'DVX-RETURN', FilingState.WITHDRAWN, { period: '2026-09' }],
    ['reader-program', 'DVX-BENEFICIAL', FilingState.REJECTED],
    ['reader-program', 'DVX-CHANGES', FilingState.RECEIVED, lease(`officer:${partyOf('officer')}`, 86_400_000)],
    ['reader-program', 'DVX-CHANGES', FilingState.RECEIVED, lease(`officer:${partyOf('officer')}`, -minute)],
    [
      'other-citizen',
      'DVX-RETURN',
      FilingState.REJECTED,
      { period: '2026-08', agencyId: agencyIds.get('DMX') as string },
    ],
    // An officer sees no filing of their own at work.
    ['officer', 'DSK-REPORT', FilingState.ACCEPTED, { period: '2026-Q3' }],
  ]
  const codes = [...new Set(rows.map(([, code]) => code))]
  const found = await db
    .select({ service: services, versionId: serviceVersions.id })
    .from(services)
    .innerJoin(serviceVersions, eq(serviceVersions.serviceId, services.id))
    .where(inArray(services.code, codes))
  const byCode = new Map(found.map((one) => [one.service.code, one]))
  const made = rows.map(([persona, serviceCode, state, given], at) => {
    const { service, versionId } = byCode.get(serviceCode) as (typeof found)[0] // seeded
    const [receivedAt, changedAt] = [new Date(began + at * minute), new Date(began + (at + 10) * minute)]
    const isAcknowledged = state !== FilingState.RECEIVED && state !== FilingState.WITHDRAWN
    return {
      id: v7(),
      number: numberOf('B', 2026, 9_500_000 + at),
      partyId: partyOf(persona),
      agencyId: service.agencyId,
      serviceId: service.id,
      serviceCode,
      versionId,
      externalNumber: `F-${at}`,
      digest: randomBytes(32),
      digestKey: 'a test',
      state,
      createdBy: 'a test',
      mandateIds: [],
      receivedAt,
      acknowledgedAt: isAcknowledged ? changedAt : null,
      endedAt: state === FilingState.SUPERSEDED || state === FilingState.WITHDRAWN ? changedAt : null,
      changedAt,
      content: { note: 'a filed note' },
      faults: state === FilingState.REJECTED ? [{ path: '/note', message: { az: 'Səhvdir.', en: 'Wrong.' } }] : null,
      ...given,
    }
  })
  const encrypted = made.map(async (row) => encrypt(await keyOfParty({ db }, keyring, row.partyId), filings, row))
  // The cast: encrypt() returns the columns of that table.
  await db.insert(filings).values((await Promise.all(encrypted)) as (typeof filings.$inferInsert)[])

  const line = { name: { az: 'Rüsum', en: 'Duty' }, kind: null, amount: 700n }
  const at = new Date()
  await db.transaction(async (tx) => {
    const charged = made.filter(({ state }) => state === FilingState.ACCEPTED)
    await raiseCharges(
      tx,
      keyring,
      charged.map(({ id: subjectId, partyId, agencyId, serviceCode }) => {
        const about = { subjectType: ChargeSubject.FILING, subjectId, serviceCode }
        return { partyId, agencyId, ...about, currency: 'AZN', lines: [line] }
      }),
      { at, actor: 'a test' },
    )
    await issueDocuments(
      { tx, context: { keyring, signingKeys, now: () => at, caller: { id: 'a test' } } },
      made.map(({ id: subjectId, number, partyId, agencyId, serviceCode }) => {
        const about = { kind: DocumentKind.FILING_RECEIPT, subjectId, serviceCode, claims: { subject: number } }
        return { partyId, agencyId, ...about }
      }),
    )
    await record(
      tx,
      made.map(({ id: subject, partyId, agencyId, serviceCode }) => {
        const what = { domain: 'filings', type: 'filing.received', at, actor: 'a test' }
        return { ...what, subject, partyId, agencyId, serviceCode }
      }),
    )
  })
  await addBatches({ db, keyring, partyOf }, made)
}

/** Of two organisations, with a line of each outcome and without any. */
async function addBatches(
  { db, keyring, partyOf }: Pick<Base, 'db' | 'keyring' | 'partyOf'>,
  filed: readonly Pick<typeof filings.$inferSelect, 'id' | 'partyId'>[],
) {
  const senders: [persona: string, state: FilingBatchState][] = [
    ['filing-program', FilingBatchState.COMPLETED],
    ['filing-program', FilingBatchState.WAITING],
    ['reader-program', FilingBatchState.STOPPED],
  ]
  const [createdAt, at] = [new Date(Date.now() - 3 * minute), new Date()]
  const batches = senders.map(([persona, state]) => {
    const isEnded = state !== FilingBatchState.WAITING
    return {
      id: v7(),
      partyId: partyOf(persona),
      programId: programCalled(persona),
      createdBy: `program:${programCalled(persona)}`,
      state,
      size: 1000,
      sha256: randomBytes(32),
      createdAt,
      expiresAt: new Date(at.getTime() + 86_400_000),
      receivedAt: isEnded ? createdAt : null,
      startedAt: isEnded ? createdAt : null,
      endedAt: isEnded ? at : null,
      changedAt: at,
      lines: isEnded ? 3 : null,
      done: isEnded ? 3 : 0,
      filed: isEnded ? 1 : 0,
      repeated: isEnded ? 1 : 0,
      refused: isEnded ? 1 : 0,
      stoppedFor: state === FilingBatchState.STOPPED ? 'filing_batch.mandate_ended' : null,
    }
  })
  await db.insert(filingBatches).values(batches)
  const userErrors = [{ code: 'INVALID' as const, reason: 'filing.no_power', field: ['partyVoen'] }]
  const lines = batches
    .filter(({ done }) => done > 0)
    .flatMap(({ id: batchId, partyId }) => {
      const theirs = filed.filter((one) => one.partyId === partyId)
      return Object.values(FilingBatchOutcome).map((outcome, at) => {
        const isRefused = outcome === FilingBatchOutcome.REFUSED
        const came = {
          outcome,
          filingId: isRefused ? null : (theirs[at]?.id ?? null),
          userErrors: isRefused ? userErrors : null,
        }
        return { id: v7(), batchId, partyId, line: at + 1, externalNumber: isRefused ? null : `F-${at}`, ...came }
      })
    })
  const encrypted = lines.map(async (row) =>
    encrypt(await keyOfParty({ db }, keyring, row.partyId), filingBatchLines, row),
  )
  // The cast: encrypt() returns the columns of that table.
  await db.insert(filingBatchLines).values((await Promise.all(encrypted)) as (typeof filingBatchLines.$inferInsert)[])
}
