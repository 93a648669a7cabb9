import type { Sql } from 'postgres'

type Rewrite = (statement: string) => string
/** Faults that a compiler of statements could have, as what they would make of its SQL. */
export const plantedFaults: Record<string, Rewrite> = {
  'a scope is forgotten': (text) => text.replace(/"t\d+"."withdrawn_at" is null/g, 'true'),
  'a scope is forgotten in the second relation only': (text) => text.replace(/"t3"."withdrawn_at" is null/g, 'true'),
  'the rows of others are shown': (text) => text.replace(/("t\d+"."reader_id" =)/g, `true or $1`),
  'what is hidden is shown': (text) => text.replace(/"t\d+"."hidden" = /g, '$&true or false = '),
  'an order is turned round': (text) => text.replace(/(order by "t\d+"."added_at") desc/g, '$1 asc'),
  'an order has no tiebreak': (text) => text.replace(/("t\d+"."added_at" desc), "t\d+"."id" desc/g, '$1'),
  'a page has one more': (text) => text.replace(/"#at" <= (\$\d+)::int/g, '"#at" <= $1::int + 1'),
  'a page is looked for one row short': (text) => text.replace(/::int \+ 1/g, '::int'),
  'a page backward is not turned': (text) => text.replace(/order by "#at" desc/g, 'order by "#at" asc'),
  'a cursor takes its own row with it': (text) =>
    text.replace(/, "t\d+"."id"\) (<|>) \(/g, (all) => all.replace(/[<>]/, '$&=')),
  'what lies behind a page is not looked for': (text) => text.replace(/exists \(select 1/g, 'false and $&'),
  'too many are counted': (text) =>
    text.replace(/(select count\(\*\)::int from "\w+" "t\d+") where/g, '$1 where true or'),
  'the parent is forgotten': (text) => text.replace(/"t\d+"."library_id" = ("t\d+"."id"|k.key)/g, 'true'),
  'a plain list is cut': (text) => text.replace(/limit 4\)/g, 'limit 3)'),
  'the first of many is another': (text) => text.replace(/("t\d+"."stars") desc/g, '$1 asc'),
  'moments lose their microseconds': (text) =>
    text.replace(/("t\d+"."(?:added|lent)_at")::text/g, "date_trunc('milliseconds', $1)::text"),
  'large numbers are rounded': (text) => text.replace(/("t\d+"."copies")::text as/g, '$1::float8::numeric::text as'),
  'loaded rows come in another order': (text) => text.replace('order by k.n', 'order by k.n desc'),
  'a condition of a filter is forgotten': (text) => text.replace(/"t\d+"."genre" = \$/g, 'true or $&'),
}

/** The client, as the engine knows it, with a fault in all that passes; and what came of it. */
export function withFault(client: Sql, rewrite: Rewrite) {
  const seen = { changed: false, refused: [] as string[] }
  const unsafe: Sql['unsafe'] = (text, ...more) => {
    const statement = rewrite(text)
    seen.changed ||= statement !== text
    const asked = client.unsafe(statement, ...more)
    // A statement that PostgreSQL does not understand would be found by anybody.
    asked.catch(({ code, message }) => /^42/.test(code) && seen.refused.push(message))
    return asked as never // of whatever rows are expected
  }
  return { client: { unsafe } as Sql, seen } // the engine asks by nothing else
}
