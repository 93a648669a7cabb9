import { and, type SQL, sql } from 'drizzle-orm'
import { type Page, type PageArgs, type PageRow, pageOf, positionOf } from '../../engine/connection.js'
import { Asked } from '../../engine/declare.js'
import { type Statement, statementOf } from '../../engine/statement.js'
import { type Context, withoutMandates } from '../../shared/context.js'
import type { MandateKind, Power } from '../mandates/mandate.table.js'
import { ownParty, waysOfCaller } from '../mandates/powers.js'

/** One or two mandates by which the caller acts for a party. Of two, the second is the firm's to its staff. */
export interface Way {
  /** ID of the mandate that the party gave. */
  id: string
  principalId: string
  /** The firm that holds the mandate. Null if the caller does. */
  holderId: string | null
  kind: MandateKind
  powers: Power[]
  services: string[] | null
  validTo: string | null
  links: string
}

/** Ordered by the party, then by the mandates. */
const list = 'viewer.mandates'
const maxPageSize = 100
const given = (value: unknown) => sql`${new Asked(() => value)}`
const beside = (operator: string, [party, links]: readonly string[]) =>
  sql`(principal_id, links) ${sql.raw(operator)} (${given(party)}::uuid, ${given(links)}::text)`

/** A page of the parties for whom the caller may act, in at most one statement. */
export async function findWays(paging: PageArgs, counts: boolean, context: Context): Promise<PageRow> {
  const page = pageOf(paging, maxPageSize)
  const statement = waysIn(page, counts) // also refuses a cursor of another list
  const isEmpty = context.caller.variant === withoutMandates
  const read = isEmpty ? nothing : await statement(context.database.client, { context, variables: {} })
  return pageRowOf(page, read, (row: Way) => ({ cursor: cursorOf(row), node: shown(row) }))
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
      node as (
        select given.id, given.principal_id as "principalId", given.kind, page.powers, page.services, page.links,
          case when cardinality(mandate_ids) > 1 then given.holder_id end as "holderId",
          (select min(valid_to) from mandates where id = any(mandate_ids)) as "validTo"
        from page join mandates given on given.id = mandate_ids[1] order by page.principal_id ${direction}, links ${direction})
      select json_build_object('rows', (select coalesce(json_agg(node), '[]') from node),
        'behind', ${any(after, '<=')}, 'ahead', ${any(before, '>=')},
        'totalCount', ${counts ? sql`(select count(*)::int from ways)` : sql`null`})`,
  })
}

const companies = 'viewer.companies'
/** A page of the organisations that the caller may view for all services, by ID, in one statement. Includes a program's own. */
export async function findCompanies(paging: PageArgs, counts: boolean, context: Context): Promise<PageRow> {
  const page = pageOf(paging, maxPageSize)
  const beside = (operator: string, cursor: string | null) =>
    cursor === null ? undefined : sql`id ${sql.raw(operator)} ${given(positionOf(cursor, companies)[0])}::uuid`
  const any = (past: SQL | undefined) => (past ? sql`exists (select from theirs where ${past})` : sql`false`)
  const principals = sql`select principal_id from ${waysOfCaller} way where 'VIEW' = any(powers) and services is null`
  const isAlone = context.caller.variant === withoutMandates
  const read = await statementOf({
    sql: sql`with
      theirs as (
        select id, kind from parties
        where kind = 'LEGAL_ENTITY' and id in (
          select ${ownParty}::uuid ${isAlone ? sql`` : sql`union all ${principals}`}))
      select json_build_object('rows', (select coalesce(json_agg(page), '[]') from (
          select * from theirs where ${and(beside('>', page.after), beside('<', page.before)) ?? sql`true`}
          order by id ${sql.raw(page.backward ? 'desc' : 'asc')} limit ${given(page.count)}::int + 1) page),
        'behind', ${any(beside('<=', page.after))}, 'ahead', ${any(beside('>=', page.before))},
        'totalCount', ${counts ? sql`(select count(*)::int from theirs)` : sql`null`})`,
  })(context.database.client, { context, variables: {} })
  return pageRowOf(page, read, (row: { id: string }) => ({ cursor: cursorAt(companies, row.id, ''), node: row }))
}

interface ReadPage<Row> {
  /** One extra row shows that there is another page. */
  rows: Row[]
  behind: boolean
  ahead: boolean
  totalCount: number
}
const nothing: ReadPage<never> = { rows: [], behind: false, ahead: false, totalCount: 0 }
function pageRowOf<Row>(page: Page, read: ReadPage<Row>, edgeOf: (row: Row) => PageRow['edges'][number]): PageRow {
  const more = read.rows.length > page.count
  const rows = read.rows.slice(0, page.count)
  return {
    edges: (page.backward ? rows.reverse() : rows).map(edgeOf),
    hasPreviousPage: page.backward ? more : read.behind,
    hasNextPage: page.backward ? read.ahead : more,
    totalCount: read.totalCount,
  }
}

const cursorAt = (...position: string[]) => Buffer.from(JSON.stringify(position)).toString('base64')
const cursorOf = ({ principalId, links }: Way) => cursorAt(list, principalId, links)
const shown = ({ validTo, ...way }: Way) => ({ ...way, validTo: validTo && new Date(validTo) })

/** The name that its organisation gave a program. */
export async function nameOfProgram(id: string, context: Context): Promise<string | null> {
  const statement = statementOf({ sql: sql`(select to_json(name) from programs where id = ${given(id)}::uuid)` })
  return await statement(context.database.client, { context, variables: {} })
}
