import { createHmac } from 'node:crypto'
import { and, eq, inArray, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { userErrorsOf } from '../../catalogue/forms/answers.rules.js'
import { type Form, faultsInAgenciesAmong, getForm } from '../../catalogue/forms/form.repository.js'
import { correctionEnds, periodFault } from '../../catalogue/services/filing.rules.js'
import { DocumentKind, issuedDocuments } from '../../documents/issued/issuedDocument.table.js'
import type { UserError } from '../../engine/userError.js'
import { canonical } from '../../events/canonical.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { callerAmong, powersAmong } from '../../identity/mandates/powers.js'
import { IdentifierType } from '../../identity/parties/identifier.table.js'
import type { Identifier } from '../../identity/parties/identifiers.js'
import { type LockedParties, type LockedParty, lockParties } from '../../identity/parties/lockParties.js'
import { insertRows } from '../../platform/insertRows.js'
import { encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { type Context, ownPartyOf, requireAssurance } from '../../shared/context.js'
import { nextSerials, numberAt } from '../../shared/number.js'
import type { Believed } from '../../shared/trust.js'
import { missing, unknownCode } from '../../shared/userErrors.js'
import { accept, happenedTo } from '../filing.repository.js'
import { FilingState, filings } from '../filing.table.js'
import { issueReceipts } from './filingReceipt.js'
import { refusalOfSignature } from './signature.rules.js'
import { type Earlier, earlierFilings, type ServiceToFile, servicesToFile } from './submission.repository.js'
import * as rules from './submission.rules.js'
import { contentPath, type Prepared, payloadOf, type ToFile } from './toFile.js'

/** What receiving filings needs of a request, or of a worker that files for a caller. */
export interface Filing {
  tx: Transaction
  context: Pick<Context, 'caller' | 'keyring' | 'now' | 'today' | 'signingKeys'>
}

/** Outcome of one item. A refusal uses up nothing, not even the number of the filer. */
export type Outcome = Filed | { userErrors: readonly UserError[] }
interface Filed {
  filingId: string
  number: string
  receiptId: string
  /** The filing was there before. */
  replayed: boolean
}

export interface Options {
  batch?: {
    id: string
    /** The certificate of the one signature over the whole file, which was verified, and the hash of that signature in hex. */
    signed?: { certificate: Believed; sha256: string }
  }
  /** The most errors in the content of one item. */
  mostErrors?: number
  /** It may lack its signature. */
  isDraft?: boolean
}

/**
 * Receives filings, each by itself: what one lacks does not affect the others. The number of statements does not grow with them.
 * `prepared` has read them before the transaction.
 */
export async function receiveFilings(
  { tx, context }: Filing,
  items: readonly Prepared[],
  options: Options = {},
): Promise<Outcome[]> {
  const at = context.now()
  // One moment for all: what a rule accepts is accepted when it is received.
  const filing = { tx, context: { ...context, now: () => at } }
  const situation = await situationOf(filing, items, options)
  const outcomes = new Map<Prepared, Outcome>()
  // The unique indexes decide races: whoever was overtaken looks again at what is there.
  for (let round = 0; outcomes.size < items.length; round++) {
    if (round === maxRounds)
      throw new Error(`filings must be received or refused in ${maxRounds} rounds; they were not`)
    const left = items.filter((item) => !outcomes.has(item))
    for (const [item, outcome] of await receiveSome(filing, situation, left)) outcomes.set(item, outcome)
  }
  return items.map((item) => outcomes.get(item) as Outcome) // each has one now
}

const maxRounds = 5

/** Facts that decide on all items, read once. */
interface Situation {
  options: Options
  parties: LockedParties
  own: LockedParty
  services: ReadonlyMap<string, ServiceToFile>
  powers: Awaited<ReturnType<typeof powersAmong>>
}
async function situationOf({ tx, context }: Filing, items: readonly Prepared[], options: Options): Promise<Situation> {
  const { caller, keyring, now, today } = context
  const own = ownPartyOf(caller)
  const voens = items.flatMap(({ partyVoen }) => partyVoen ?? []).map(ofVoen)
  const signers = items.flatMap((item) => signerOf(item, options) ?? [])
  const [parties, services] = await Promise.all([
    lockParties(tx, { keyring, now }, { ids: [own], named: [...voens, ...signers] }),
    servicesToFile(tx, [...new Set(items.map(({ serviceCode }) => serviceCode))], today),
  ])
  const ids = (named: readonly Identifier[]) => [...new Set(named.flatMap((one) => parties.named(one)?.id ?? []))]
  const others = ids(signers).filter((id) => id !== own)
  const holders = [...callerAmong(caller), ...others.map((party) => ({ party, links: 2 }))]
  const powers = await powersAmong({ tx, context }, holders, [...new Set([own, ...ids(voens)])], {
    held: true,
    capacityOf: (id) => parties.byId(id)?.capacity ?? { birthDate: null, isWard: false },
  })
  return { options, parties, own: parties.byId(own) ?? forgotten(own), services, powers }
}
const ofVoen = (value: string): Identifier => ({ type: IdentifierType.VOEN, value })
function forgotten(party: string): never {
  throw new Error(`a caller's party must exist; ${party} does not`)
}

/** Who signed, by the certificate: the person, else the organisation. */
function signerOf(item: Prepared, options: Options): Identifier | undefined {
  const certificate = certificateOf(item, options)
  if (!certificate || 'refused' in certificate) return undefined
  const { fin, voen } = certificate
  return fin ? { type: IdentifierType.FIN, value: fin } : voen ? ofVoen(voen) : undefined
}
const certificateOf = ({ signed }: Prepared, { batch }: Options) => signed?.certificate ?? batch?.signed?.certificate

type Row = Pick<
  typeof filings.$inferSelect,
  'id' | 'number' | 'partyId' | 'agencyId' | 'serviceId' | 'serviceCode' | 'versionId' | 'period' | 'externalNumber'
> &
  Pick<typeof filings.$inferSelect, 'digest' | 'digestKey' | 'state' | 'livePeriod' | 'replacesId' | 'receivedAt'> &
  Pick<typeof filings.$inferSelect, 'signerId' | 'mandateIds'>
/** Of the filing and of its receipt. */
type Serials = Record<'filing_numbers' | 'document_numbers', string>
/** An item that can be received, and what it becomes. */
interface Good {
  item: Prepared
  /** Undefined if it is only checked. */
  serials: Serials | undefined
  row: Row
  service: rules.InForce
  party: LockedParty
  /** The payload that is signed. */
  payload: string
  signature: string | null
}
/** An item that was filed before. */
interface Repeat {
  item: Prepared
  of: Pick<Earlier, 'id' | 'number'>
}
interface Refused {
  item: Prepared
  userErrors: readonly UserError[]
}

/** What filings would become, without writing anything. */
export async function checkFilings(filing: Filing, items: readonly Prepared[], options: Options) {
  return await decideOn(filing, await situationOf(filing, items, options), items, [])
}

/** Decides on items in their order: an earlier one counts for a later one. */
async function decideOn(
  filing: Filing,
  situation: Situation,
  items: readonly Prepared[],
  serials: readonly Serials[],
): Promise<(Good | Repeat | Refused)[]> {
  const of = items.map((item) => ({ item, authority: authorityFor(item, situation) }))
  const allowed = of.flatMap(({ item, authority }) => ('party' in authority ? [{ item, party: authority.party }] : []))
  const sought = allowed.map(({ item, party }) => soughtFor(item, party))
  const earlier = earlierIn(sought.length > 0 ? await earlierFilings(filing.tx, sought) : [])
  const fresh = allowed.filter(({ item, party }) => !earlier.withKey(party.id, item.externalNumber))
  const checked = await check(filing, situation, fresh)
  return of.map(({ item, authority }, at) => {
    if (!('party' in authority)) return { item, ...authority }
    const asked = { item, earlier, serials: serials[at], checked: checked.get(item) }
    const one = decide(filing, situation, { ...asked, ...authority })
    if ('row' in one) earlier.add({ ...one.row, rule: one.service.rule })
    return one
  })
}

/** Decides on these items and writes the good ones. Has no outcome for those that another transaction overtook. */
async function receiveSome(
  filing: Filing,
  situation: Situation,
  items: readonly Prepared[],
): Promise<Map<Prepared, Outcome>> {
  const { tx } = filing
  const serials = await nextSerials(tx, ['filing_numbers', 'document_numbers'], items.length)
  const decided = await decideOn(filing, situation, items, serials)
  const good = decided.filter((one) => 'row' in one)
  const written = await write(filing, situation, good)
  const outcomes = new Map<Prepared, Outcome>()
  for (const { item, row } of good) {
    const receiptId = written.get(row.id)
    if (receiptId) outcomes.set(item, { filingId: row.id, number: row.number, receiptId, replayed: false })
  }
  // An item may have been decided by another that then lost a race. All others are decided again.
  if (written.size < good.length) return outcomes
  const repeats = decided.filter((one) => 'of' in one)
  const before = repeats.map(({ of }) => of.id).filter((id) => !written.has(id))
  const receipts = new Map([...written, ...(await receiptsOf(tx, before))])
  for (const { item, of } of repeats) outcomes.set(item, { ...filedBefore(of, receipts), replayed: true })
  for (const one of decided) if ('userErrors' in one) outcomes.set(one.item, { userErrors: one.userErrors })
  return outcomes
}

function filedBefore({ id, number }: Repeat['of'], receipts: ReadonlyMap<string, string>) {
  const receiptId = receipts.get(id)
  if (!receiptId) throw new Error(`a filing must have a receipt; ${id} has none`)
  return { filingId: id, number, receiptId }
}

/** The receipts of filings by the filing. */
async function receiptsOf(tx: Transaction, ids: readonly string[]): Promise<[string, string][]> {
  if (ids.length === 0) return []
  const { id, subjectId, kind } = issuedDocuments
  const isOf = and(inArray(subjectId, [...ids]), eq(kind, DocumentKind.FILING_RECEIPT))
  const rows = await tx.select({ id, subjectId }).from(issuedDocuments).where(isOf)
  return rows.map((row) => [row.subjectId, row.id])
}

interface Authority {
  party: LockedParty
  mandates: readonly string[]
}
/** The party that an item is for and the mandates of the caller, or why they may not file. */
function authorityFor(item: Prepared, { parties, own, powers }: Situation): Authority | { userErrors: UserError[] } {
  if (item.userErrors.some(({ field }) => field?.[0] === 'partyVoen')) return { userErrors: [...item.userErrors] }
  const party = item.partyVoen === null ? own : parties.named(ofVoen(item.partyVoen))
  const mandates = party && powers(own.id, party.id, item.serviceCode).get(Power.FILE)
  if (!party || !mandates) return { userErrors: [rules.noPower] }
  return party.identifier(IdentifierType.VOEN) === undefined ? { userErrors: [noVoen] } : { party, mandates }
}
const noVoen = missing('filing.no_voen', ['partyVoen'])

const soughtFor = (item: Prepared, party: LockedParty) => ({
  party: party.id,
  service: item.serviceCode,
  key: item.externalNumber,
  period: item.period,
  replaces: item.replacesNumber,
})

/** Earlier filings by what decides on others. Those of this request join them. */
function earlierIn(rows: readonly Earlier[]) {
  const byKey = new Map<string, Earlier>()
  const byPeriod = new Map<string, Earlier>()
  const byNumber = new Map<string, Earlier>()
  const waiting = new Set<string>()
  const add = (row: Earlier) => {
    byKey.set(`${row.partyId} ${row.externalNumber}`, row)
    if (row.livePeriod) byPeriod.set(`${row.partyId} ${row.serviceId} ${row.livePeriod}`, row)
    byNumber.set(`${row.partyId} ${row.number}`, row)
    if (row.replacesId && row.state === FilingState.RECEIVED) waiting.add(row.replacesId)
  }
  for (const row of rows) add(row)
  return {
    add,
    withKey: (party: string, key: string) => byKey.get(`${party} ${key}`),
    live: (party: string, service: string, period: string | null) => byPeriod.get(`${party} ${service} ${period}`),
    numbered: (party: string, number: string) => byNumber.get(`${party} ${number}`),
    isBeingCorrected: ({ id }: Earlier) => waiting.has(id),
  }
}

/** Result of the checks of an item by itself, for the version in force. */
interface Checked {
  /** The payload that is signed. */
  payload: string
  /** Whether its signature is over the payload. */
  isSigned: boolean
  faults: UserError[]
}
/** Checks contents and signatures, in a number of statements that does not grow with the items. */
async function check(
  { tx, context }: Filing,
  { services, options: { mostErrors } }: Situation,
  fresh: readonly { item: Prepared; party: LockedParty }[],
): Promise<ReadonlyMap<Prepared, Checked>> {
  const inForce = fresh.flatMap((one) => {
    const service = services.get(one.item.serviceCode)
    return service?.version && service.rule ? [{ ...one, service: service as rules.InForce }] : []
  })
  const signed = await Promise.all(
    inForce.map(async ({ item, party, service }) => {
      const payload = payloadFor(context, service, item, party)
      return { payload, isSigned: (await item.signed?.isOver(payload)) ?? false }
    }),
  )
  const readable = inForce.filter(
    ({ item, service: { rule } }) => item.contentSha256 !== '' && !rules.userErrorInForm(rule, item),
  )
  const answered: { item: Prepared; form: Form; answers: ToFile['content'] }[] = []
  for (const { item, service } of readable)
    answered.push({ item, form: await getForm(tx, service.version.id), answers: item.content })
  const inAgencies = await faultsInAgenciesAmong(tx, answered)
  const faults = new Map(
    answered.map(({ item, form }, at) => {
      const wrong = [...form.faultsIn(item.content, context.today), ...(inAgencies[at] ?? [])]
      const how = { root: contentPath(item), ...(mostErrors && { most: mostErrors }) }
      return [item, userErrorsOf(form.schema, wrong, how)]
    }),
  )
  return new Map(
    inForce.map(({ item }, at) => [
      item,
      { ...(signed[at] as Omit<Checked, 'faults'>), faults: faults.get(item) ?? [] }, // one for each
    ]),
  )
}

interface Item extends Authority {
  item: Prepared
  earlier: ReturnType<typeof earlierIn>
  serials: Serials | undefined
  /** Undefined if it was filed before, or has no version in force. */
  checked: Checked | undefined
}
function decide({ context }: Filing, situation: Situation, asked: Item): Good | Repeat | Refused {
  const { item, party, mandates, earlier, serials, checked } = asked
  const service = situation.services.get(item.serviceCode)
  requireAssurance(context.caller, service?.version?.assurance)
  const before = earlier.withKey(party.id, item.externalNumber)
  if (before) {
    const key = context.keyring.get('commands', before.digestKey)
    const isSame = digestOf(key.secret, item, party.id).equals(before.digest)
    return isSame ? { item, of: before } : { item, userErrors: [rules.keyReused(before.number)] }
  }
  const now = context.now()
  const closed = service
    ? rules.refusalOfService(service, now)
    : unknownCode('filing.unknown_service', ['serviceCode'], item.serviceCode)
  if (!service || !checked || closed) return { item, userErrors: [...item.userErrors, ...(closed ? [closed] : [])] }
  const inForce = service as rules.InForce // not refused
  const { version, rule } = inForce
  const replaced = item.replacesNumber === null ? undefined : earlier.numbered(party.id, item.replacesNumber)
  const corrected = replaced && {
    ...replaced,
    correctableUntil: replaced.rule && correctionEnds(replaced.receivedAt, replaced.rule),
    hasCorrection: earlier.isBeingCorrected(replaced),
  }
  const live = rule.onePerPeriod ? earlier.live(party.id, service.service.id, item.period) : undefined
  const wrongPeriod = periodFault(rule.period, item.period, context.today)
  const otherForm = rules.userErrorInForm(rule, item)
  const signed = signerIn(situation, inForce, item, { party, ...checked })
  const userErrors = [
    ...item.userErrors,
    ...rules.userErrorsInParty(inForce, { kind: party.kind, isOther: party.id !== situation.own.id }),
    ...(wrongPeriod ? [wrongPeriod] : []),
    ...(item.replacesNumber === null
      ? []
      : rules.userErrorsInCorrection(corrected, { serviceId: service.service.id, period: item.period, now })),
    ...(live && live.id !== replaced?.id ? [rules.periodTaken(live.number)] : []),
    ...(otherForm ? [otherForm] : checked.faults),
    ...('userErrors' in signed ? signed.userErrors : []),
  ]
  if (userErrors.length > 0 || 'userErrors' in signed) return { item, userErrors }
  const key = context.keyring.current('commands')
  const replacesId = replaced?.id ?? null
  const row: Row = {
    id: v7(),
    number: serials ? numberAt('B', now, serials.filing_numbers) : '',
    partyId: party.id,
    agencyId: service.service.agencyId,
    serviceId: service.service.id,
    serviceCode: item.serviceCode,
    versionId: version.id,
    period: item.period,
    externalNumber: item.externalNumber,
    digest: digestOf(key.secret, item, party.id),
    digestKey: key.id,
    state: rules.isByRule(rule) ? FilingState.ACCEPTED : FilingState.RECEIVED,
    livePeriod: rules.slotOf(rule, { period: item.period, replacesId }),
    replacesId,
    receivedAt: now,
    signerId: signed.party,
    mandateIds: [...new Set([...mandates, ...signed.mandates])],
  }
  return { item, serials, row, service: inForce, party, payload: checked.payload, signature: signed.signature }
}

const payloadFor = (
  { signingKeys }: Filing['context'],
  { version }: rules.InForce,
  item: Prepared,
  party: LockedParty,
): string =>
  payloadOf(
    {
      service: item.serviceCode,
      version: version.number,
      party: party.identifier(IdentifierType.VOEN) as string, // `authorityFor` has seen it
      period: item.period,
      externalNumber: item.externalNumber,
      contentSha256: item.contentSha256,
      replaces: item.replacesNumber,
    },
    signingKeys,
  )

/** Identifies what is filed. Excludes the signature, because a new signature over the same does not make another filing. */
const digestOf = (secret: Buffer, item: Prepared, party: string): Buffer =>
  createHmac('sha256', secret)
    .update(
      canonical([
        'filing',
        party,
        item.externalNumber,
        item.serviceCode,
        item.period,
        item.replacesNumber,
        item.contentSha256,
      ]),
    )
    .digest()

interface Signer {
  party: string | null
  mandates: readonly string[]
  /** With its payload. Null if nobody signed this item alone. */
  signature: string | null
}
/** Who signed an item, or why its signature does not count. */
function signerIn(
  { options, parties, powers }: Situation,
  { version }: rules.InForce,
  item: Prepared,
  { party, payload, isSigned }: { party: LockedParty } & Pick<Checked, 'payload' | 'isSigned'>,
): Signer | { userErrors: UserError[] } {
  const refuse = (refused: Parameters<typeof refusalOfSignature>[0]) => ({ userErrors: [refusalOfSignature(refused)] })
  const certificate = certificateOf(item, options)
  if (!certificate)
    return version.signers.length > 0 && !options.isDraft
      ? { userErrors: [missing('filing.unsigned', ['signature'])] }
      : { party: null, mandates: [], signature: null }
  if ('refused' in certificate) return refuse(certificate)
  if (item.signed && !isSigned) return refuse({ refused: 'not_of_this', why: 'payload' })
  const signature = item.signed ? certificate.withPayload(payload) : null
  const signer = signerOf(item, options)
  const holder = signer && parties.named(signer)
  if (certificate.voen === party.identifier(IdentifierType.VOEN))
    return { party: holder?.id ?? party.id, mandates: [], signature }
  const mandates = holder && powers(holder.id, party.id, item.serviceCode).get(Power.SIGN)
  return mandates ? { party: holder.id, mandates, signature } : refuse({ refused: 'wrong_person', why: 'power' })
}

/** Writes filings with their receipts and events. Returns the receipts, without filings that another transaction overtook. */
async function write(
  { tx, context }: Filing,
  { own, services, options: { batch } }: Situation,
  good: readonly Good[],
): Promise<ReadonlyMap<string, string>> {
  if (good.length === 0) return new Map()
  const { caller } = context
  const at = context.now()
  const rows = good.map(({ item, row, party, signature }) =>
    encrypt(party.key, filings, {
      ...row,
      content: item.content,
      signature,
      createdBy: caller.id,
      batchId: batch?.id ?? null,
      acknowledgedAt: row.state === FilingState.ACCEPTED ? at : null,
      changedAt: at,
    }),
  )
  const inserted = await tx.execute<{ id: string }>(
    sql`${insertRows(filings, rows)} on conflict do nothing returning id`,
  )
  const ids = new Set(inserted.map(({ id }) => id))
  const written = good.filter(({ row }) => ids.has(row.id))
  if (written.length === 0) return new Map()
  const recorded = { at, actor: caller.id }
  const [accepted, received] = [FilingState.ACCEPTED, FilingState.RECEIVED].map((state) =>
    written.filter(({ row }) => row.state === state).map(({ row }) => row),
  ) as [Row[], Row[]]
  const happened = [
    ...received.map((row) => happenedTo(row, 'filing.received', recorded)),
    ...(await accept(tx, accepted, recorded)),
  ]
  const receipts = await issueReceipts(
    { tx, context },
    written.map(({ item, row, service, party }) => ({
      ...row,
      batchId: batch?.id ?? null,
      contentSha256: item.contentSha256,
      signatureSha256: item.signed?.sha256 ?? batch?.signed?.sha256,
      service: { code: service.service.code, name: service.service.name },
      version: service.version.number,
      voen: party.identifier(IdentifierType.VOEN),
      replaces: item.replacesNumber,
    })),
    {
      holders: new Map(written.map(({ party }) => [party.id, party])),
      agencies: new Map([...services.values()].map(({ service, agency }) => [service.agencyId, agency])),
      serials: written.flatMap(({ serials = [] }) => serials),
      happened,
      actedBy: { party: own.id, name: own.name, program: caller.program?.name },
    },
  )
  return new Map(written.map(({ row }, place) => [row.id, receipts[place] as string])) // one for each
}
