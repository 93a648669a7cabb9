import { and, type SQL, sql } from 'drizzle-orm'
import type { GraphQLResolveInfo } from 'graphql'
import type { Page } from '../../engine/connection.js'
import { Asked } from '../../engine/declare.js'
import { type Source, sourceOf } from '../../engine/source.js'
import { statementOf } from '../../engine/statement.js'
import type { Context } from '../../shared/context.js'
import { servicesQueries } from '../services/services.js'

import type { Candidates, Wanted } from './search.rules.js'
import { searchSynonyms } from './searchSynonym.table.js'
import { type SearchField, type SearchLanguage, searchTexts } from './searchText.table.js'
import { searchWords } from './searchWord.table.js'

const given = (value: unknown) => sql`${new Asked(() => value)}`
const listOf = (rows: SQL) => sql`(select coalesce(json_agg(found), '[]') from (${rows}) found)`

/** Words of the index for each term: those that begin like it, share trigrams, or sound alike. */
export function findCandidates(terms: string[], context: Context): Promise<Candidates> {
  const term = sql.raw('term collate "C"')
  // Not joined, or PostgreSQL reads the index from its start in order to stop at the limit.
  const bones = sql`search_skeleton(${term})`
  const beginningLike = (beginning: SQL, atMost: number) => sql`(
    select word from ${searchWords} where word >= ${beginning} and word < ${beginning} || '~'
    order by word limit ${sql.raw(String(atMost))})`
  const likely = sql`
    ${beginningLike(term, 50)} union ${beginningLike(sql`left(${term}, 4)`, 300)} union
    (select word from ${searchWords} where word % term order by similarity(word, term) desc, word limit 30) union
    (select word from ${searchWords}
      where search_skeleton(word) >= ${bones} and search_skeleton(word) < ${bones} || '~' and length(${bones}) > 2
      order by search_skeleton(word), word limit 50)`
  const words = sql`
    select json_object_agg(term, (select coalesce(json_agg(word), '[]') from (${likely}) likely))
    from unnest(${given(terms)}::text[]) term`
  const synonyms = listOf(sql`
    select phrase as said, means from ${searchSynonyms}, unnest(said) phrase
    where left(phrase, 2) = any(${given(terms.map((term) => term.slice(0, 2)))}::text[]) order by phrase`)
  const statement = statementOf({ sql: sql`json_build_object('words', (${words}), 'synonyms', ${synonyms})` })
  return statement(context.database.client, { context, variables: {} })
}

export interface HitRow {
  id: string
  /** The sort key: the best hit has the least. Ties are ordered by code. */
  place: string
  code: string
  field: SearchField
  language: SearchLanguage | null
  text: string
}
/** The position of a cursor. */
export type Place = Pick<HitRow, 'place' | 'code'>
export type Facets = Record<'agencies' | 'lifeEvents' | 'audiences' | 'directions', object[]>

interface Search {
  wanted: Wanted[]
  page: Page
  after?: Place | undefined
  before?: Place | undefined
  /** Further selected fields of the page: `totalCount`, `facets`. */
  also?: ReadonlySet<string>
  namesOnly?: boolean
}
interface Found {
  rows: HitRow[]
  hasPreviousPage: boolean
  hasNextPage: boolean
  totalCount?: number
  facets?: Facets
}

const nothing: Found = {
  rows: [],
  hasPreviousPage: false,
  hasNextPage: false,
  totalCount: 0,
  facets: { agencies: [], lifeEvents: [], audiences: [], directions: [] },
}
/** A page of hits, with count and facets if selected. One statement for any number of hits. */
export async function findServices(search: Search, context: Context, info: GraphQLResolveInfo): Promise<Found> {
  const { page, after, before, also } = search
  if (search.wanted.length === 0) return nothing
  const { all, fits } = listed(info, context)
  const direction = sql.raw(page.backward ? 'desc' : 'asc')
  const order = sql`hits.place ${direction}, hits.code ${direction}`
  const beside = (operator: string, place: Place) =>
    sql`(place, code) ${sql.raw(operator)} (${given(place.place)}::text::bigint, ${given(place.code)}::text)`
  const within = and(after && beside('>', after), before && beside('<', before)) ?? sql`true`
  const any = (condition: SQL | undefined) =>
    condition ? sql`exists (select from hits where ${and(condition, fits)})` : sql`false`
  const rows = listOf(sql`
    select id, hits.place::text, code, field, language, ${text} as text from page hits join reasons using (id) order by ${order}`)
  const parts = [
    sql`'rows', ${rows}`,
    sql`'before', ${any(after && beside('<=', after))}, 'behind', ${any(before && beside('>=', before))}`,
    ...(also?.has('totalCount') ? [sql`'totalCount', (select count(*) from kept)`] : []),
    ...(also?.has('facets') ? [sql`'facets', ${facets}`] : []),
  ]
  // With a filter, hits are tested from the best until the page is full. The `offset` keeps the planner from reordering this.
  const best = fits ? sql`(select * from hits where ${within} order by ${order} offset 0)` : sql`hits`
  const statement = statementOf({
    sql: sql`with ${hits(search, context, all)},
      page as materialized (select * from ${best} hits where ${fits ?? within} order by ${order} limit ${given(page.count)}::int + 1),
      kept as (select * from hits where ${fits ?? sql`true`}),
      kinds as (select audiences, direction, count(*)::int as services from kept join services using (id) group by 1, 2),
      reasons as (${reasons(context)})
      select json_build_object(${sql.join(parts, sql`, `)})`,
  })
  const read = await statement(context.database.client, { context, variables: info.variableValues })
  // One extra row shows whether there are more.
  const more = read.rows.length > page.count
  const kept: HitRow[] = read.rows.slice(0, page.count)
  return {
    rows: page.backward ? kept.reverse() : kept,
    hasPreviousPage: read.before || (page.backward && more),
    hasNextPage: read.behind || (!page.backward && more),
    totalCount: read.totalCount,
    facets: read.facets,
  }
}

/** The weight of a field. A short text weighs more than a long one. */
const weight = sql.raw(`
  case field when 'CODE' then 1::float8 when 'NAME' then 1::float8 when 'SEARCH_WORDS' then 1::float8 when 'DESCRIPTION' then 0.5::float8
    when 'LIFE_EVENT' then 0.35::float8 else 0.3::float8 end * (1::float8 - 0.025::float8 * least(length(lexemes), 12))`)
/** The least quality of a hit relative to the best hit, and of an agency or life event relative to a full match. */
const enough = sql.raw('0.55::float8')
const kind = sql.raw(`case field when 'AGENCY' then 1 when 'LIFE_EVENT' then 2 else 0 end`)

/**
 * `hits`: every listed service with enough matches. Sums are of whole numbers, so that a sort key does not depend on the
 * order of addition. The rarity of a word changes in steps, so that sort keys stay stable while services come and go.
 */
function hits({ wanted, namesOnly = false }: Search, context: Context, all: Source): SQL {
  const column = (name: keyof Wanted) => given(wanted.map((each) => each[name]))
  const row = all.name
  const ofTerms = (expression: (term: number) => string, between = ', ') =>
    sql.raw([...new Set(wanted.map(({ at }) => at))].map(expression).join(between))
  const total = ofTerms((at) => `best${at} * rarity${at}`, ' + ')
  const telling = (kind: number) =>
    sql`array(select owner from owners where kind = ${sql.raw(String(kind))} and telling)`
  const texts = sql`
    select owner, field, language, lexemes
    from ${searchTexts} where lexemes @@ query ${namesOnly ? sql`and field = 'NAME' limit 500` : sql``}`
  return sql`
    wanted as materialized (
      select at, query::tsquery, beside::tsquery, 1000 * similarity as near
      from unnest(${column('at')}::int[], ${column('query')}::text[], ${column('beside')}::text[], ${column('similarity')}::float8[])
        wanted(at, query, beside, similarity)),
    found as materialized (
      select owner, field, language, at,
        1024 * (near * ${weight} * case when lexemes @@ beside then 1.5::float8 else 1::float8 end
          * case when language = ${theirs(context)} then 1.15::float8 else 1::float8 end)::int + near::int as worth
      from wanted, lateral (${texts}) texts),
    best as materialized (
      select owner, max(${kind}) as kind, ${ofTerms((at) => `max(worth) filter (where at = ${at}) as worth${at}`)}
      from found group by 1),
    terms as materialized (
      select ${ofTerms((at) => `(1000 / (1 + 0.35 * floor(log(2, greatest(count(worth${at}), 1)))))::int as rarity${at}`)},
        ${ofTerms((at) => `coalesce(max(worth${at} & 1023), 0) as best${at}`)}
      from best),
    owners as materialized (
      select *, kind = 0 or quality >= ${enough} * (select ${total} from terms) as telling
      from (
        select owner, kind, ${ofTerms((at) => `coalesce((worth${at} >> 10) * rarity${at}, 0)`, ' + ')} as value,
          ${ofTerms((at) => `coalesce((worth${at} & 1023) * rarity${at}, 0)`, ' + ')} as quality
        from best, terms) weighed),
    scored as materialized (
      select ${row}.id, ${row}.code, ${row}.agency_id, ${row}.life_event_id,
        -(coalesce(own.value, 0) + coalesce(agency.value, 0) + coalesce(life.value, 0)) as place,
        least(
          coalesce(own.quality, 0) + coalesce(agency.quality, 0) + coalesce(life.quality, 0),
          (select ${total} from terms)) as quality
      from (select ${row}.id, ${row}.code, ${row}.agency_id, ${row}.life_event_id ${all.from()}) ${row}
        left join owners own on own.owner = ${row}.id
        left join owners agency on agency.owner = ${row}.agency_id and agency.kind = 1
        left join owners life on life.owner = ${row}.life_event_id and life.kind = 2
      where own.owner is not null or ${row}.agency_id = any(${telling(1)}) or ${row}.life_event_id = any(${telling(2)})),
    hits as (select * from scored where quality >= ${enough} * (select max(quality) from scored))`
}

const { services } = servicesQueries.relations
/** Services as `services` lists them for this caller, and a condition for hits that match the filter. */
function listed(info: GraphQLResolveInfo, { caller: { kind, variant } }: Context) {
  const { schema, fragments, variableValues: variables, parentType, fieldName, fieldNodes } = info
  const [node] = fieldNodes
  const field = parentType.getFields()[fieldName]
  if (!node || !field) throw new Error(`${fieldName} is required to be a field that was asked for`)
  const plan = {
    schema,
    fragments,
    variables,
    kind,
    variant,
    computed: new WeakSet<typeof field>(),
    lookAhead: false,
    tables: 0,
  }
  const all = sourceOf(plan, services, { ...field, args: [] }, node, undefined)
  const fitting = sourceOf(plan, services, field, node, undefined)
  const fits = fitting.args.filter && sql`exists (select ${fitting.from(sql`${fitting.name}.id = hits.id`)})`
  return { all, fits }
}

/**
 * The best match of each hit: in the caller's language unless another language matches much better, and in the list of
 * search words unless a text matches half as well.
 */
const reasons = (context: Context) => sql`
  select distinct on (id) id, owner, field, language
  from (
    select id, owner, field, language, sum(worth) as worth
    from (
      select page.id, owner, field, language, at, max(worth) as worth
      from page, unnest(array[page.id, agency_id, life_event_id]) owner join found using (owner)
      group by page.id, owner, field, language, at) best
    group by id, owner, field, language) fitting
  order by id, worth * case field when 'SEARCH_WORDS' then 0.5 else 1 end * case when language = ${theirs(context)} then 1.5 else 1 end desc, field, language`
// A subquery, so that texts are looked up by index instead of joined by a scan.
const text = sql`(
  select text from ${searchTexts} held
  where held.owner = reasons.owner and held.field = reasons.field and held.language is not distinct from reasons.language)`
const theirs = ({ language }: Context) => sql`${given(language.toUpperCase())}::search_language`

const counted = (name: string, rows: string) =>
  sql`'${sql.raw(name)}', ${listOf(sql.raw(`select ${rows} group by 1 order by 2 desc, 1 limit 50`))}`
const facets = sql`json_build_object(${sql.join(
  [
    counted('agencies', 'agency_id as id, count(*)::int as count from kept'),
    counted('lifeEvents', 'life_event_id as id, count(*)::int as count from kept'),
    counted('audiences', 'unnest(audiences) as audience, sum(services)::int as count from kinds'),
    counted('directions', 'direction, sum(services)::int as count from kinds'),
  ],
  sql`, `,
)})`
