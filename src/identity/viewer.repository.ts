import { and, sql } from 'drizzle-orm'
import { type Page, type PageArgs, type PageRow, pageOf, positionOf } from '../engine/connection.js'
import { Asked } from '../engine/declare.js'
import { type Statement, statementOf } from '../engine/statement.js'
import type { Context } from '../shared/context.js'
import type { MandateKind, Power } from './mandate.table.js'
import { waysOfCaller } from './powers.js'

/** A way by which the caller may act for a party. Of two links the first is the firm's, the second of its own staff. */
export interface Way {
  /** Of the mandate that the party gave. */
  id: string
  principalId: string
  /** The firm that it was given to; null where the caller holds it. */
  holderId: string | null
  kind: MandateKind
  powers: Power[]
  services: string[] | null
  validTo: string | null
  links: string
}

/** No column of the database's: by the party, then by the mandates. */
const list = 'viewer.mandates'
const mostOfPage = 100
const given = (value: unknown) => sql`${new Asked(() => value)}`
const beside = (operator: string, [party, links]: readonly string[]) =>
  sql`(principal_id, links) ${sql.raw(operator)} (${given(party)}::uuid, ${given(links)}::text)`

/** A page of the ways of this caller, in one statement. */
export async function findWays(paging: PageArgs, counts: boolean, context: Context): Promise<PageRow> {
  const page = pageOf(paging, mostOfPage)
  const read = await waysIn(page, counts)(context.database.client, { context, variables: {} })
  // One row more than was asked for tells whether there is more.
  const more = read.rows.length > page.count
  const rows: Way[] = read.rows.slice(0, page.count)
  return {
    edges: (page.backward ? rows.reverse() : rows).map((row) => ({ cursor: cursorOf(row), node: shown(row) })),
    hasPreviousPage: page.backward ? more : read.behind,
    hasNextPage: page.backward ? read.ahead : more,
    totalCount: read.totalCount,
  }
}

function waysIn(page: Page, counts: boolean): Statement {
  const after = page.after === null ? undefined : positionOf(page.after, list)
  const before = page.before === null ? undefined : positionOf(page.before, list)
  const direction = sql.raw(page.backward ? 'desc' : 'asc')
  const within = and(after && beside('>', after), before && beside('<', before)) ?? sql`true`
  const any = (position: readonly string[] | undefined, operator: string) =>
    position ? sql`exists (select from ways where ${beside(operator, position)})` : sql`false`
  return statementOf({
    sql: sql`with
      ways as (select way.*, array_to_string(mandate_ids, ' ') as links from ${waysOfCaller} way),
      page as (
        select * from ways where ${within} order by principal_id ${direction}, links ${direction} limit ${given(page.count)}::int + 1),
      told as (
        select given.id, given.principal_id as "principalId", given.kind, page.powers, page.services, page.links,
          case when cardinality(mandate_ids) > 1 then given.holder_id end as "holderId",
          (select min(valid_to) from mandates where id = any(mandate_ids)) as "validTo"
        from page join mandates given on given.id = mandate_ids[1] order by page.principal_id ${direction}, links ${direction})
      select json_build_object('rows', (select coalesce(json_agg(told), '[]') from told),
        'behind', ${any(after, '<=')}, 'ahead', ${any(before, '>=')},
        'totalCount', ${counts ? sql`(select count(*)::int from ways)` : sql`null`})`,
  })
}

const cursorOf = ({ principalId, links }: Way) =>
  Buffer.from(JSON.stringify([list, principalId, links])).toString('base64')
const shown = ({ validTo, ...way }: Way) => ({ ...way, validTo: validTo && new Date(validTo) })

/** What a program is called by its organisation. */
export async function nameOfProgram(id: string, context: Context): Promise<string | null> {
  const statement = statementOf({ sql: sql`(select to_json(name) from clients where id = ${given(id)}::uuid)` })
  return await statement(context.database.client, { context, variables: {} })
}
