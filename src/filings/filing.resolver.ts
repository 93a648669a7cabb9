import { and, eq, inArray, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { GraphQLJSONObject } from 'graphql-scalars'
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql'
import { correctionEnds } from '../catalogue/services/filing.rules.js'
import { filingRules } from '../catalogue/services/filingRule.table.js'
import { serviceVersions } from '../catalogue/services/serviceVersion.table.js'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import { loadFor } from '../engine/fetch.js'
import { beforeDeadline } from '../engine/statement.js'
import { logReadings } from '../exchange/accessLog/logReadings.js'
import { Power } from '../identity/mandates/mandate.table.js'
import { powersOver } from '../identity/mandates/powers.js'
import { keysOf } from '../identity/parties/party.js'
import { knownOf } from '../identity/parties/party.repository.js'
import { PartyIdentifier } from '../identity/parties/party.resolver.js'
import { decrypt, type PartyKey } from '../platform/personal.js'
import type { Transaction } from '../platform/seeding.js'
import { Assurance } from '../shared/assurance.table.js'
import { actsForParties, assuranceErrorOf, type Context, hasScope, seesPersonal } from '../shared/context.js'
import { messageIn } from '../shared/messages.js'
import type { ViewerCan } from '../shared/viewerCan.js'
import { inAll } from '../shared/words.js'
import { FilingFault } from './acknowledgement/filingFault.js'
import { handlesFilings } from './acknowledgement/handler.js'
import { Filing, FilingViewerCan } from './filing.js'
import type { Filing as FilingRow } from './filing.repository.js'
import { FilingAction, isLeasedBy, refusalOf, type Standing } from './filing.rules.js'
import { FilingState, filings } from './filing.table.js'

type Shown = Pick<FilingRow, 'id' | 'partyId'>

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Party that reports.' })
export class Filer {
  @Field(() => String, { nullable: true, description: 'Name. Null if it is not known.' })
  name!: string | null
  @Field(() => [PartyIdentifier], { description: 'Identifiers of the party.' })
  identifiers!: PartyIdentifier[]
}

@Resolver(() => Filing)
export class FilingResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'Content of the filing. Visible to the party, and to holders of the power VIEW over it in that service; a program also ' +
      'requires the scope `filings:read`. An officer or program of the agency sees it while it leases the filing. Null for ' +
      'others, and if the party was forgotten. Persons require the assurance of the service: returns STEP_UP_REQUIRED below ' +
      'it. Access is logged.',
  })
  async content(@Root() { id }: Shown, @Ctx() context: Context): Promise<object | null> {
    return (await loadFor(context, contentsOf, id))?.content ?? null
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Signature of the filing: a compact JWS with its payload, which can be verified alone. Requires the same access as `content`. ' +
      'Null if the filing was not signed by itself, such as in a batch that was signed as a whole.',
  })
  async signature(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, contentsOf, id))?.signature ?? null
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => Filer, {
    nullable: true,
    description:
      'Name and identifiers of the party that reports, also for its agency. Requires the same access as `content`.',
  })
  async filer(@Root() { id, partyId }: Shown, @Ctx() context: Context): Promise<Filer | null> {
    if ((await loadFor(context, contentsOf, id)) === undefined) return null
    const { name, identifiers } = await loadFor(context, knownOf, partyId)
    return { name, identifiers }
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => [FilingFault], {
    nullable: true,
    description:
      'Why the agency rejected it. Visible to the party, and to officers of the agency who review or approve, and its ' +
      'programs. Null unless REJECTED, for others, and if the party was forgotten. Access is logged.',
  })
  async faults(@Root() { id, state }: FilingRow, @Ctx() context: Context): Promise<FilingFault[] | null> {
    if (state !== FilingState.REJECTED) return null
    const faults = await loadFor(context, faultsOf, id)
    return (
      faults?.map(({ path, message: messages }) => ({ path, messages, message: inAll(messages)[context.language] })) ??
      null
    )
  }

  @FieldResolver(() => [FilingViewerCan], {
    nullable: true,
    description: 'What the caller may do now, and why not. A command can still return other errors.',
  })
  async viewerCan(@Root() filing: FilingRow, @Ctx() context: Context): Promise<ViewerCan<FilingAction>[]> {
    const { caller, language, now } = context
    const [standing, powers] = await Promise.all([
      loadFor(context, standingsOf, filing),
      loadFor(context, powersOnFilings, filing),
    ])
    const relation = {
      mayFile: powers.has(Power.FILE) && hasScope(caller, 'filings:write'),
      mayAcknowledge: handlesFilings(caller).includes(filing.agencyId),
      isLeased: isLeasedBy(filing, caller.id, now()),
    }
    return Object.values(FilingAction).map((action) => {
      const reason = refusalOf(action, standing, relation, now()) ?? null
      return { action, allowed: reason === null, reason, message: reason && (() => messageIn(language, { reason })) }
    })
  }
}

const readingOf = ({ database }: Context) => database.db as unknown as Transaction // reading needs no transaction

type Owned = Pick<FilingRow, 'partyId' | 'serviceCode'>
/** The powers of the caller over the party of each filing, in its service. */
async function powersOnFilings(rows: readonly Owned[], context: Context) {
  const parties = [...new Set(rows.map(({ partyId }) => partyId))]
  const acting = { tx: readingOf(context), context }
  const powers = await beforeDeadline(context.deadline, () => powersOver(acting, parties, { held: false }))
  return rows.map(({ partyId, serviceCode }) => powers(partyId, serviceCode))
}

const later = alias(filings, 'later')
async function standingsOf(rows: readonly FilingRow[], context: Context): Promise<Standing[]> {
  const { database, deadline } = context
  const waits = and(eq(later.replacesId, filings.id), eq(later.state, FilingState.RECEIVED))
  const found = await beforeDeadline(deadline, () =>
    database.db
      .select({
        id: filings.id,
        rule: filingRules,
        hasCorrection: sql<boolean>`exists (select from ${filings} ${later} where ${waits})`,
      })
      .from(filings)
      .leftJoin(filingRules, eq(filingRules.versionId, filings.versionId))
      .where(
        inArray(
          filings.id,
          rows.map(({ id }) => id),
        ),
      ),
  )
  const byId = new Map(found.map((one) => [one.id, one]))
  return rows.map(({ id, state, receivedAt }) => {
    const { rule = null, hasCorrection = false } = byId.get(id) ?? {}
    return { state, hasCorrection, correctableUntil: rule && correctionEnds(receivedAt, rule) }
  })
}

/** The contents and signatures that the caller may read, and the errors of those who must sign in with more assurance. */
async function contentsOf(ids: readonly string[], context: Context) {
  const { database, caller, deadline, now } = context
  const rows = await beforeDeadline(deadline, () =>
    database.db
      .select({ ...readColumns, signature: filings.signature, assurance: serviceVersions.assurance })
      .from(filings)
      .innerJoin(serviceVersions, eq(serviceVersions.id, filings.versionId))
      .where(inArray(filings.id, [...ids])),
  )
  const powers = actsForParties(caller) ? await powersOnFilings(rows, context) : []
  const mayRead = rows.filter((row, at) =>
    actsForParties(caller)
      ? powers[at]?.has(Power.VIEW) && hasScope(caller, 'filings:read')
      : handlesFilings(caller).includes(row.agencyId) && isLeasedBy(row, caller.id, now()),
  )
  const doubts = new Map<string, Error>()
  for (const { id, assurance } of mayRead) {
    const doubt = assuranceErrorOf(caller, caller.kind === 'OFFICER' ? Assurance.HIGH : assurance)
    if (doubt) doubts.set(id, doubt)
  }
  const read = mayRead.filter(({ id }) => !doubts.has(id))
  const shown = await decrypted(read, 'VIEW', context, (key, row) => decrypt(key, filings, row))
  return ids.map((id) => doubts.get(id) ?? shown.get(id))
}

/** The faults of rejected filings that the caller may read. */
async function faultsOf(ids: readonly string[], context: Context) {
  const { database, caller, deadline } = context
  const { content: _content, ...columns } = readColumns
  const rows = await beforeDeadline(deadline, () =>
    database.db
      .select({ ...columns, faults: filings.faults })
      .from(filings)
      .where(inArray(filings.id, [...ids])),
  )
  // The scope of the noun has checked the powers of those who act for parties.
  const read = rows.filter(({ agencyId }) => actsForParties(caller) || handlesFilings(caller).includes(agencyId))
  const shown = await decrypted(
    read,
    'VIEW,FILE',
    context,
    (key, row) => decrypt(key, filings, row).faults ?? undefined,
  )
  return ids.map((id) => shown.get(id))
}

const readColumns = {
  id: filings.id,
  partyId: filings.partyId,
  agencyId: filings.agencyId,
  number: filings.number,
  serviceCode: filings.serviceCode,
  state: filings.state,
  leasedBy: filings.leasedBy,
  leasedUntil: filings.leasedUntil,
  content: filings.content,
}
type Read = Owned & Pick<FilingRow, 'id' | 'agencyId' | 'number'>
/** Decrypts what the caller may read, by ID, and logs the access before. What a forgotten party filed is not there. */
async function decrypted<Row extends Read, Value>(
  rows: readonly Row[],
  powers: 'VIEW' | 'VIEW,FILE',
  context: Context,
  read: (key: PartyKey, row: Row) => Value,
): Promise<Map<string, Value>> {
  const { database, keyring, deadline } = context
  const parties = [...new Set(rows.map(({ partyId }) => partyId))]
  const keys = await beforeDeadline(deadline, () => keysOf(database, keyring, parties))
  const readable = rows.flatMap((row) => {
    const key = keys.get(row.partyId)
    return key ? [{ row, key }] : []
  })
  const logged = readable.map(({ row }) => row)
  await logReadings({ field: 'filing', purpose: 'FILING', powers }, logged, context)
  return new Map(readable.map(({ row, key }) => [row.id, read(key, row)]))
}
