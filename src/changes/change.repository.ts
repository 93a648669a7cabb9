import { type Class, nameOf, nounOf } from '../engine/declare.js'
import { badInput } from '../engine/errors.js'
import { nodeIdOf } from '../engine/node.js'
import { beforeDeadline } from '../engine/statement.js'
import { linksOf } from '../identity/mandates/powers.js'
import { type Context, ownPartyOf, withoutMandates } from '../shared/context.js'
import { type Change, type ChangePage, knownTypes, type ShownType } from './change.js'

interface Wanted {
  party: string
  after: string | null
  first: number
  types: readonly ShownType[]
}

interface Row extends Pick<Change, 'type' | 'serviceCode' | 'isGone'> {
  position: string
  subject: string
  at: string
  ids: Record<string, string>
}
interface Read {
  rows: Row[]
  /** Where a bounded scan ended. Null if it reached the end of the feed. */
  scannedTo: string | null
  head: string
}

/** Events that one statement looks at, whatever it shows of them. */
export const longestScan = 2_000

export async function readChanges({ party, after, first, types }: Wanted, context: Context): Promise<ChangePage> {
  const { caller, database, deadline, now } = context
  const begin = after === null ? '0' : positionIn(after)
  const links = caller.variant === withoutMandates ? 0 : linksOf(caller)
  const names = `{${types.map(({ type }) => type).join()}}`
  const values = [party, ownPartyOf(caller), now().toISOString(), links, begin, first, names]
  const [read] = await beforeDeadline(deadline, () =>
    database.client.unsafe<Read[]>(statement(), values, { prepare: true }),
  )
  const { rows, scannedTo, head } = read as Read // an aggregate returns one row
  const shown = rows.slice(0, first)
  const isFull = rows.length > first
  const end = isFull ? shown.at(-1)?.position : scannedTo
  // A replica may lag behind the cursor.
  const last = BigInt(head) > BigInt(begin) ? head : begin
  return {
    nodes: shown.map((row) => changeOf(row, knownTypes())),
    pageInfo: { endCursor: cursorOf(end ?? last), hasNextPage: end != null },
  }
}

function changeOf({ position, subject, at, ids, ...row }: Row, types: ReadonlyMap<string, ShownType>): Change {
  const { subject: noun, shown, version } = types.get(row.type) as ShownType // the statement reads these types alone
  const references = Object.entries(shown.ids).flatMap(([name, of]) => {
    const id = ids[name]
    return id === undefined ? [] : [{ name, id: nodeIdOf(of.name, id) }]
  })
  const about = { subjectId: nodeIdOf(noun.name, subject), subjectType: noun.name, references }
  return { ...row, ...about, cursor: cursorOf(position), version, at: new Date(at) }
}

const list = 'changes'
const cursorOf = (position: string) => Buffer.from(`${list} ${position}`).toString('base64url')
function positionIn(cursor: string): string {
  const [of, position = ''] = Buffer.from(cursor, 'base64url').toString().split(' ')
  // Node decodes truncated or garbled text as far as it can.
  if (of === list && /^\d{1,18}$/.test(position) && cursorOf(position) === cursor) return position
  throw badInput(`"${cursor.slice(0, 60)}" is not a cursor of \`changes\`.`)
}

/** Whether the subject of an event exists, for a noun and its types. */
const existsIn = ([noun, types]: [Class, string[]]) =>
  `when type = any('{${types.join()}}') then exists (select from ${nameOf(nounOf(noun).table)} where id = subject)`

let text: string | undefined
/**
 * One text for all callers, so that a connection prepares it once. Reads the index of the party from the cursor on, and
 * stops when the page is full or the scan is long enough. The head is of the same snapshot: what has no position yet gets
 * a greater one.
 */
function statement(): string {
  if (text !== undefined) return text
  const byNoun = new Map<Class, string[]>()
  for (const { subject, type } of knownTypes().values()) byNoun.set(subject, [...(byNoun.get(subject) ?? []), type])
  const isOwn = '$2::uuid = $1::uuid'
  // A stranger scans nothing: where a scan ends says how much happens to a party.
  const following = `from events where party_id = $1::uuid and position > $5::bigint
    and (select wholly or cardinality(services) > 0 from reach) order by position`
  text = `
    with reach as materialized (
      select ${isOwn} or coalesce(bool_or(way.services is null), false) as wholly,
        coalesce(array_agg(code) filter (where code is not null), '{}') as services
      from powers_of($2::uuid, $3::timestamptz, $4::integer) way left join lateral unnest(way.services) code on true
      where not (${isOwn}) and $4::integer > 0 and way.principal_id = $1::uuid and 'VIEW' = any(way.powers)
    ), page as materialized (
      select position, type, subject, service_code as "serviceCode", at, ids,
        not case ${[...byNoun].map(existsIn).join(' ')} else true end as "isGone"
      from (select * ${following} limit ${longestScan}) scanned
      where type = any($7::text[])
        and ((select wholly from reach) or service_code = any((select services from reach)::text[]))
      order by position limit $6::integer + 1
    )
    select (select coalesce(json_agg(json_build_object('position', position::text, 'type', type, 'subject', subject,
        'serviceCode', "serviceCode", 'at', at, 'ids', ids, 'isGone', "isGone") order by position), '[]') from page) as rows,
      case when (select count(*) from page) <= $6::integer
        then (select position ${following} offset ${longestScan - 1} limit 1) end::text as "scannedTo",
      (select position from event_head)::text as head`
  return text
}
