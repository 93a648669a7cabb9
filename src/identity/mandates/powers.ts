import { and, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { asked } from '../../engine/declare.js'
import { refusal } from '../../engine/errors.js'
import type { Acting } from '../../events/commandKeys.js'
import type { Transaction } from '../../platform/seeding.js'
import {
  actsForParties,
  type Caller,
  type Context,
  ownPartyOf,
  type ProgramScope,
  refuseWithoutScope,
  unknownCaller,
  withoutMandates,
} from '../../shared/context.js'
import { capacitiesOf } from '../parties/capacity.repository.js'
import { type MandateKind, mandates, type Power } from './mandate.table.js'
import { type Capacity, ownPowers, powersAtAges } from './powers.rules.js'

/** The party and the mandates under which a caller acts. Recorded with each event. */
export interface Authority {
  party: string
  /** Empty if a person acts for themselves. */
  mandates: readonly string[]
}

export interface Wanted {
  power: Power
  /** Code of the service, because a mandate may cover some services only. */
  service?: string
  /** Scope that a program requires, besides the power. */
  scope: ProgramScope
}

interface Row {
  holderId: string
  principalId: string
  kind: MandateKind
  /** Kind of the last mandate. */
  heldAs: MandateKind
  powers: readonly Power[]
  services: string[] | null
  mandateIds: string[]
}

/** How many mandates may follow one another. A program counts as a link. */
export const linksOf = ({ kind }: Caller) => (kind === 'PROGRAM' ? 1 : 2)

/**
 * The authority of a caller over a party, by default their own, locked until the transaction ends. Waits for a concurrent
 * revocation. Throws FORBIDDEN, also for an unknown party.
 */
export async function authorityOver(
  { tx, context }: Acting,
  party: string | undefined,
  wanted: Wanted,
): Promise<Authority> {
  const { caller } = context
  if (caller.kind === 'ANONYMOUS') throw unknownCaller()
  if (!actsForParties(caller)) throw refusal('FORBIDDEN', 'Only persons and programs may act for a party.')
  refuseWithoutScope(caller, wanted.scope)
  const found = await findAuthorityOver({ tx, context }, party, wanted)
  if (found) return found
  throw refusal('FORBIDDEN', `This requires the power ${wanted.power} over the party.`, { power: wanted.power })
}

/** Like `authorityOver`, but returns undefined instead of throwing. */
export async function findAuthorityOver(
  { tx, context }: Acting,
  party: string | undefined,
  wanted: Wanted,
): Promise<Authority | undefined> {
  const { caller, today } = context
  const own = ownPartyOf(caller)
  const principal = party ?? own
  const capacityOf = await capacitiesOf({ tx, context }, [own, principal])
  const ways = await waysTo(tx, context, callerAmong(caller), [principal])
  if (principal === own && ownPowers(capacityOf(own), today).has(wanted.power)) return { party: own, mandates: [] }
  const ofBoth = { holder: capacityOf(own), principal: capacityOf(principal) }
  const asOfToday = ways.map((way) => ({ ...way, powers: powersAtAges(way, ofBoth, today) }))
  for (const { mandateIds } of asOfToday.filter((way) => suffices(way, wanted)))
    if (await hold(tx, mandateIds)) return { party: principal, mandates: mandateIds }
  return undefined
}

type Granted = [Power, readonly string[]]
/** Powers of the caller, each with its mandates. Without mandates for the caller's own party. */
type Powers = ReadonlyMap<Power, readonly string[]>

/** Powers of the caller over each party now. With `held`, they stay in force until the transaction ends. */
export async function powersOver(
  { tx, context }: Acting,
  principals: readonly string[],
  { held }: { held: boolean },
): Promise<(party: string, service: string) => Powers> {
  const { caller } = context
  if (!actsForParties(caller)) return () => new Map()
  const capacityOf = await capacitiesOf({ tx, context }, [caller.party, ...principals])
  const powers = await powersAmong({ tx, context }, callerAmong(caller), principals, { held, capacityOf })
  return (party, service) => powers(caller.party, party, service)
}

/** Who may act for others, and through how many mandates. */
interface MandateHolder {
  party: string
  links: number
}
/** The caller, unless they have no mandate to look for. */
export const callerAmong = (caller: Caller): MandateHolder[] =>
  caller.variant === withoutMandates ? [] : [{ party: ownPartyOf(caller), links: linksOf(caller) }]

interface Among {
  held: boolean
  capacityOf: (party: string) => Capacity
}
/** Powers of holders of mandates over each party now, and of each party over itself. */
export async function powersAmong(
  { tx, context }: { tx: Transaction; context: Pick<Context, 'now' | 'today'> },
  holders: readonly MandateHolder[],
  principals: readonly string[],
  { held, capacityOf }: Among,
): Promise<(holder: string, party: string, service: string) => Powers> {
  const { today } = context
  const ways = await waysTo(tx, context, holders, principals, { held })
  const byBoth = new Map<string, Row[]>()
  for (const way of ways) {
    const both = `${way.holderId} ${way.principalId}`
    byBoth.set(both, [...(byBoth.get(both) ?? []), way])
  }
  return (holder, party, service) => {
    const ofBoth = { holder: capacityOf(holder), principal: capacityOf(party) }
    const granted = (byBoth.get(`${holder} ${party}`) ?? [])
      .filter(({ services }) => services === null || services.includes(service))
      .flatMap((way) => powersAtAges(way, ofBoth, today).map((power): Granted => [power, way.mandateIds]))
    const ofOneself =
      party === holder ? [...ownPowers(capacityOf(party), today)].map((power): Granted => [power, []]) : []
    // The last one of each party counts: first oneself, then the shortest chain of mandates.
    return new Map([...granted.reverse(), ...ofOneself])
  }
}

/** With `held`, locks the mandates until the transaction ends, and leaves out what ended meanwhile. */
async function waysTo(
  tx: Transaction,
  { now }: Pick<Context, 'now'>,
  holders: readonly MandateHolder[],
  principals: readonly string[],
  { held = false } = {},
): Promise<Row[]> {
  if (holders.length === 0 || principals.length === 0) return []
  const [ids, links] = [holders.map(({ party }) => party), holders.map(({ links }) => links)]
  const areHeld = sql`, held as (
    select id from mandates where id in (select unnest("mandateIds") from ways) and revoked_at is null order by id for share)`
  const isHeld = sql`where not exists (
    select from unnest("mandateIds") one where one not in (select id from held))`
  return await tx.execute<Row & Record<string, unknown>>(sql`
    with ways as materialized (
      select holder.id as "holderId", way.principal_id as "principalId", given.kind, own.kind as "heldAs", way.powers,
        way.services, mandate_ids as "mandateIds"
      from unnest(${`{${ids.join()}}`}::uuid[], ${`{${links.join()}}`}::integer[]) holder(id, links)
      cross join lateral powers_of(holder.id, ${now().toISOString()}::timestamptz, holder.links) way
      join mandates given on given.id = mandate_ids[1]
      join mandates own on own.id = mandate_ids[cardinality(mandate_ids)]
      where way.principal_id = any(${`{${principals.join()}}`}::uuid[])
    )${held ? areHeld : sql``}
    select * from ways ${held ? isHeld : sql``} order by cardinality("mandateIds"), "mandateIds"`)
}

const suffices = ({ powers, services }: Row, { power, service }: Wanted): boolean =>
  powers.includes(power) && (services === null || (service !== undefined && services.includes(service)))

/** Locks the mandates until the transaction ends. Returns false if one is no longer in force. */
async function hold(tx: Transaction, ids: string[]): Promise<boolean> {
  const held = await tx
    .select({ id: mandates.id })
    .from(mandates)
    .where(and(inArray(mandates.id, ids), isNull(mandates.revokedAt)))
    .orderBy(mandates.id)
    .for('share')
  return held.length === ids.length
}

/** SQL text: whether the party holds a mandate that is not revoked. Without one, nobody acts for another. */
export const holdsMandates = (party: string) =>
  `exists (select from mandates where holder_id = ${party} and revoked_at is null)`

const atNow = asked(({ now }: Context) => now().toISOString())
const links = asked(({ caller }: Context) => linksOf(caller))
export const ownParty = asked(({ caller }: Context) => caller.party ?? null)
/** The parties for whom the caller may act now, with powers, services and mandates. */
export const waysOfCaller = sql`powers_of(${ownParty}::uuid, ${atNow}::timestamptz, ${links}::integer)`

// With `exists`, PostgreSQL can check one party or list all, whichever is cheaper.
function isOwnOr(owner: PgColumn, variant: string | undefined, mayLook: SQL) {
  const isOwn = sql`${owner} = ${ownParty}::uuid`
  if (variant === withoutMandates) return isOwn
  return sql`(${isOwn} or exists (select from ${waysOfCaller} way where way.principal_id = ${owner} and ${mayLook}))`
}

/**
 * Scope: rows of the caller's own party, or of one over which they have one of the powers. `service` is the column with the code of
 * the row's service, if it has one; a mandate for some services then shows only those.
 */
export const isForCaller = (
  owner: PgColumn,
  variant: string | undefined,
  service?: PgColumn,
  powers: readonly `${Power}`[] = ['VIEW'],
) => {
  const each = powers.map((power) => sql.raw(`'${power}' = any(way.powers)`))
  const hasPower = sql`(${sql.join(each, sql` or `)})`
  return isOwnOr(
    owner,
    variant,
    service ? sql`${hasPower} and (way.services is null or ${service} = any(way.services))` : hasPower,
  )
}
/**
 * Scope of rows whose parties are in a table of their own: one of them is the caller's, or lets the caller view. Without mandates,
 * `offset 0` keeps PostgreSQL from joining all rows of the caller: a page stays in the order of its index, and checks each by key.
 * A row that was reached through the caller's own party needs no such check.
 */
export function isForCallerAmong(
  { from, key, party }: { from: SQL; key: PgColumn; party: PgColumn },
  { id, serviceCode }: { id: PgColumn; serviceCode: PgColumn },
  variant: string | undefined,
  through?: { partyId: PgColumn },
) {
  const byKey = variant === withoutMandates ? sql`offset 0` : sql``
  const isTheirs = sql`exists (
    select from ${from} where ${key} = ${id} and ${isForCaller(party, variant, serviceCode)} ${byKey})`
  return through ? sql`(${through.partyId} = ${ownParty}::uuid or ${isTheirs})` : isTheirs
}
/** Scope of rows without a service: requires a mandate for all services, with one of these powers. */
export const isWhollyForCaller = (
  owner: PgColumn,
  variant: string | undefined,
  powers: readonly `${Power}`[] = ['VIEW'],
) => isOwnOr(owner, variant, sql`way.powers && ${`{${powers.join()}}`} and way.services is null`)
/** Scope of what somebody did for a party: requires this power over it, for any service. */
export const isActedForByCaller = (owner: PgColumn, variant: string | undefined, power: `${Power}`) =>
  isOwnOr(owner, variant, sql`${power} = any(way.powers)`)
