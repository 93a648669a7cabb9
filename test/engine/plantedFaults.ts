import type { Sql } from 'postgres'

interface Fault {
  /** An operation of the corpus whose answer differs then. */
  foundBy: string
  rewrite(statement: string): string
}
/** Faults that a compiler of statements could have, as what they would make of its SQL. */
export const plantedFaults: Record<string, Fault> = {
  'a forgotten scope': {
    foundBy: 'a page backward',
    rewrite: (text) => text.replace(/"t\d+"."withdrawn_at" is null/g, 'true'),
  },
  'a scope forgotten in all relations but the first': {
    foundBy: 'nulls',
    rewrite: (text) => text.replace(/"t(?!1")\d+"."withdrawn_at" is null/g, 'true'),
  },
  'the rows of others': {
    foundBy: 'whose it is',
    rewrite: (text) => text.replace(/("t\d+"."reader_id" =)/g, `true or $1`),
  },
  'hidden rows': {
    foundBy: 'as a kind that no scope names',
    rewrite: (text) => text.replace(/"t\d+"."hidden" = /g, '$&true or false = '),
  },
  'a reversed order': {
    foundBy: 'the next page',
    rewrite: (text) => text.replace(/(order by "t\d+"."added_at") desc/g, '$1 asc'),
  },
  'an order without a tiebreak': {
    foundBy: 'the next page',
    rewrite: (text) => text.replace(/("t\d+"."added_at" desc), "t\d+"."id" desc/g, '$1'),
  },
  'a page with one row more': {
    foundBy: 'a page backward',
    rewrite: (text) => text.replace(/"#at" <= (\$\d+)::int/g, '"#at" <= $1::int + 1'),
  },
  'a page read one row short': {
    foundBy: 'everything is skipped',
    rewrite: (text) => text.replace(/::int \+ 1/g, '::int'),
  },
  'a page backward in the wrong order': {
    foundBy: 'a page backward',
    rewrite: (text) => text.replace(/order by "#at" desc/g, 'order by "#at" asc'),
  },
  'a cursor that includes its own row': {
    foundBy: 'the next page',
    rewrite: (text) => text.replace(/, "t\d+"."id"\) (<|>) \(/g, (all) => all.replace(/[<>]/, '$&=')),
  },
  'a missing look behind the page': {
    foundBy: 'the next page',
    rewrite: (text) => text.replace(/exists \(select 1/g, 'false and $&'),
  },
  'a count of too many rows': {
    foundBy: 'an empty page',
    rewrite: (text) =>
      text.replace(/(select count\(\*\)::int from \(select 1 from "\w+" "t\d+") where/g, '$1 where true or'),
  },
  'a forgotten parent': {
    foundBy: 'an empty page',
    rewrite: (text) => text.replace(/"t\d+"."library_id" = ("t\d+"."id"|k.key)/g, 'true'),
  },
  'a plain list cut short': {
    foundBy: 'plain lists, cut where they are too long',
    rewrite: (text) => text.replace(/limit 4\)/g, 'limit 3)'),
  },
  'another first of many': { foundBy: 'nulls', rewrite: (text) => text.replace(/("t\d+"."stars") desc/g, '$1 asc') },
  'moments without their microseconds': {
    foundBy: 'the next page',
    rewrite: (text) => text.replace(/("t\d+"."(?:added|lent)_at")::text/g, "date_trunc('milliseconds', $1)::text"),
  },
  'rounded large numbers': {
    foundBy: 'numbers, moments, dates and enums of every size',
    rewrite: (text) => text.replace(/("t\d+"."copies")::text as/g, '$1::float8::numeric::text as'),
  },
  'loaded rows in another order': {
    foundBy: 'edges, and what is below a node twice',
    rewrite: (text) => text.replace('order by k.n', 'order by k.n desc'),
  },
  'a forgotten condition of a filter': {
    foundBy: 'a filter in the text, with nulls in it',
    rewrite: (text) => text.replace(/"t\d+"."genre" = \$/g, 'true or $&'),
  },
}

/** The client, as the engine knows it, with a fault in all that passes; and what came of it. */
export function withFault(client: Sql, { rewrite }: Pick<Fault, 'rewrite'>) {
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
