import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** A way out, in the migration that contracts: since when nothing uses it, in the comment before the statement. */
const wayOut = /^\s*--\s*contracts:\s*\S+/im

interface Statement {
  /** With neither comments nor what stands in quotes; the names in double quotes stay. */
  code: string
  mayContract: boolean
}

/** What precedes a statement inside a body. */
const opening = /^.*\b(?:begin|then|else|loop) /i
/** A text in quotes, a body between dollars, a name in double quotes, a comment, the end of a statement. */
const tokens = /'(?:[^']|'')*'|(\$\w*\$)([\s\S]*?)\1|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|;/g

/** Reads SQL well enough for migrations. What `DO` does is done at once, so its body is read too; a function's is not. */
function statementsOf(sql: string): Statement[] {
  const statements: Statement[] = []
  let code = ''
  let comments = ''
  const end = () => {
    if (code.trim()) statements.push({ code: code.replaceAll(/\s+/g, ' ').trim(), mayContract: wayOut.test(comments) })
    code = ''
    comments = ''
  }
  let last = 0
  for (const { 0: token, 2: body, index } of sql.matchAll(tokens)) {
    code += sql.slice(last, index)
    last = index + token.length
    if (token === ';') end()
    else if (token.startsWith('--')) comments += `${token}\n`
    else if (token.startsWith('"')) code += token
    else if (/^\s*do\b/i.test(code) && !token.startsWith('/*')) {
      const mayContract = wayOut.test(comments)
      const done = body ?? token.slice(1, -1).replaceAll("''", "'")
      statements.push(...statementsOf(done).map(({ code }) => ({ code: code.replace(opening, ''), mayContract })))
    } else if (!token.startsWith('/*')) code += "''"
  }
  code += sql.slice(last)
  end()
  return statements
}

/** The actions of an ALTER TABLE, which stand between commas outside of all brackets. */
function actionsOf(code: string): string[] {
  let depth = 0
  const marked = [...code].map((character) => {
    if (character === '(') depth++
    if (character === ')') depth--
    return character === ',' && depth === 0 ? '\n' : character
  })
  return marked.join('').split('\n')
}

const name = String.raw`(?:"[^"]+"|[\w.]+)`
const beginning = new RegExp(String.raw`^alter table (?:if exists )?(?:only )?${name}(?:\.${name})? ?\*? `, 'i')
/** What the server that runs meanwhile does not miss. */
const harmless = 'constraint|index|trigger|not null|identity|policy|rule|statistics'

/** Of a table that stands already. PostgreSQL 18 lets a NOT NULL have a name; before, a check said the same. */
const isRequirement = new RegExp(
  String.raw`^add (?:constraint ${name} )?(?:not null|primary key(?! using)|check\b.*\bis not null)\b`,
  'i',
)

function faultOf(code: string): string | undefined {
  if (/^(?:truncate|delete from)\b/i.test(code)) return 'empties'
  if (/^execute\b/i.test(code)) return 'does what cannot be read here'
  if (/^alter domain\b.* (?:set not null|add)\b/i.test(code)) return 'requires what was optional'
  if (/^alter\b.* rename\b/i.test(code)) return 'renames'
  if (/^alter\b.* set schema\b/i.test(code)) return 'moves'
  if (new RegExp(String.raw`^drop (?!(?:${harmless})\b)`, 'i').test(code)) return 'drops'
  if (!beginning.test(code)) return undefined
  for (const action of actionsOf(code.replace(beginning, '')).map((text) => text.trim())) {
    if (new RegExp(String.raw`^drop (?!(?:${harmless})\b)`, 'i').test(action)) return 'drops'
    if (/^alter .* drop default\b/i.test(action)) return 'drops a default'
    if (/^alter .* (?:set data )?type\b/i.test(action)) return 'changes a type'
    if (/^detach partition\b/i.test(action)) return 'moves'
    if (/^alter .* add generated always\b/i.test(action)) return 'refuses what the old server gives'
    if (/^(?:enable|force) row level security\b/i.test(action)) return 'hides'
    if (/^alter .* set not null\b/i.test(action) || isRequirement.test(action)) return 'requires what was optional'
    const adds = /^add (?!constraint\b|primary\b|unique\b|foreign\b|check\b|exclude\b)/i.test(action)
    const required = /\bnot null\b|\bprimary key\b/i.test(action) && !/\bdefault\b|\bgenerated\b/i.test(action)
    if (adds && required) return 'adds what the old server does not give'
  }
}

const faultsIn = (sql: string) =>
  statementsOf(sql).flatMap(({ code, mayContract }) => {
    const fault = mayContract ? undefined : faultOf(code)
    return fault ? [`${fault}: ${code}`] : []
  })

const files = readdirSync('drizzle').filter((file) => file.endsWith('.sql'))

describe('A migration', () => {
  it.each(files)('keeps the older server running: %s', (file) => {
    expect(faultsIn(readFileSync(`drizzle/${file}`, 'utf8'))).toEqual([])
  })

  // Drizzle passes over a migration that is older than the last one it applied.
  it('is younger than those before it', () => {
    const { entries } = JSON.parse(readFileSync('drizzle/meta/_journal.json', 'utf8')) as {
      entries: { when: number }[]
    }
    const times = entries.map(({ when }) => when)
    expect(times.length).toBe(files.length)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('is read completely by this test', () => {
    const statements = files.flatMap((file) => statementsOf(readFileSync(`drizzle/${file}`, 'utf8')))
    expect(statements.filter(({ code }) => /^create table/i.test(code)).length).toBeGreaterThan(20)
    const verb = /^(?:alter|create|drop|do|insert|update|delete|select|grant|revoke|comment) /i
    expect(statements.filter(({ code }) => !verb.test(code))).toEqual([])
  })

  it.each([
    ['DROP TABLE "fees" CASCADE;', 'drops'],
    ['drop type "mode"', 'drops'],
    ['DROP VIEW a; DROP SEQUENCE b; DROP FUNCTION c(); DROP SCHEMA d;', 'drops'],
    ['ALTER TABLE "fees" DROP COLUMN "note";', 'drops'],
    ['ALTER TABLE fees DROP note', 'drops'],
    ['ALTER TABLE "public"."fees"\n\tADD COLUMN "a" text,\n\tDROP COLUMN "b";', 'drops'],
    ['ALTER TABLE IF EXISTS ONLY public.fees DROP COLUMN IF EXISTS note', 'drops'],
    ['ALTER TABLE "fees" RENAME TO "prices";', 'renames'],
    ['ALTER TABLE "fees" RENAME COLUMN "a" TO "b"', 'renames'],
    [`ALTER TYPE "mode" RENAME VALUE 'SANDBOX' TO 'PLAYGROUND'`, 'renames'],
    ['ALTER TABLE "fees" SET SCHEMA "old"', 'moves'],
    ['ALTER TABLE "fees" ADD COLUMN "a" text NOT NULL;', 'adds what the old server does not give'],
    ['ALTER TABLE fees ADD a numeric(10, 2) not null', 'adds what the old server does not give'],
    ['ALTER TABLE fees ADD COLUMN id2 uuid PRIMARY KEY', 'adds what the old server does not give'],
    ['ALTER TABLE fees ADD a text DEFAULT 1, ADD b text NOT NULL', 'adds what the old server does not give'],
    [`ALTER TABLE fees ADD a text NOT NULL CHECK (a <> ' default ')`, 'adds what the old server does not give'],
    ['ALTER TABLE "fees" ALTER COLUMN "a" SET NOT NULL;', 'requires what was optional'],
    ['ALTER TABLE a ADD CONSTRAINT b NOT NULL c', 'requires what was optional'],
    ['ALTER TABLE a ADD NOT NULL c', 'requires what was optional'],
    ['ALTER TABLE "a" ADD CONSTRAINT "b" CHECK ("a"."c" is not null) NOT VALID', 'requires what was optional'],
    ['ALTER TABLE a ADD CHECK (c IS NOT NULL)', 'requires what was optional'],
    ['ALTER TABLE a ADD CONSTRAINT b PRIMARY KEY (c)', 'requires what was optional'],
    ['ALTER DOMAIN personal SET NOT NULL', 'requires what was optional'],
    ['ALTER DOMAIN personal ADD CONSTRAINT b CHECK (length(VALUE) > 30)', 'requires what was optional'],
    ['ALTER TABLE a ALTER COLUMN b ADD GENERATED ALWAYS AS IDENTITY', 'refuses what the old server gives'],
    ['ALTER TABLE a ENABLE ROW LEVEL SECURITY', 'hides'],
    ['ALTER TABLE a DETACH PARTITION b', 'moves'],
    ['DELETE FROM fees', 'empties'],
    [`DO $$ BEGIN EXECUTE 'DROP TABLE fees'; END $$`, 'does what cannot be read here'],
    [`DO 'BEGIN DROP TABLE fees; END'`, 'drops'],
    ['DO LANGUAGE plpgsql $$ BEGIN DROP TABLE fees; END $$', 'drops'],
    ['ALTER TABLE "fees" ALTER COLUMN "a" SET DATA TYPE text;', 'changes a type'],
    ['ALTER TABLE "fees" ALTER "a" TYPE text USING a::text', 'changes a type'],
    ['ALTER TABLE "fees" ALTER COLUMN "a" DROP DEFAULT', 'drops a default'],
    ['TRUNCATE fees', 'empties'],
    ['DO $$ BEGIN DROP TABLE fees; END $$', 'drops'],
    ['DO $a$ BEGIN IF true THEN PERFORM 1; ALTER TABLE fees DROP a; END IF; END $a$', 'drops'],
    ['-- drops nothing\n/* contracts: not here */ DROP TABLE fees', 'drops'],
    ['-- contracts:\nDROP TABLE fees', 'drops'],
    [`SELECT '-- contracts: not in a text'; DROP TABLE fees`, 'drops'],
    ['-- contracts: this one alone\nDROP TABLE a; DROP TABLE b', 'drops'],
  ])('is refused with %s', (sql, fault) => {
    expect(faultsIn(sql)).toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(`^${fault}: `))]))
  })

  it.each([
    'CREATE TABLE a (id uuid PRIMARY KEY NOT NULL, b text NOT NULL)',
    `ALTER TABLE a ADD COLUMN b text DEFAULT '' NOT NULL`,
    'ALTER TABLE a ADD COLUMN b bigint NOT NULL GENERATED ALWAYS AS IDENTITY',
    'ALTER TABLE a ADD COLUMN b text',
    'ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0)',
    'CREATE TABLE a (b text, CONSTRAINT c CHECK (b is not null))',
    'ALTER TABLE a ALTER COLUMN b DROP NOT NULL, DROP CONSTRAINT c',
    `ALTER TYPE mode ADD VALUE 'TRAINING'`,
    'DROP INDEX a; DROP TRIGGER b ON c',
    `INSERT INTO a VALUES ('DROP TABLE b; ALTER TABLE c RENAME TO d')`,
    'CREATE FUNCTION a() RETURNS void LANGUAGE plpgsql AS $body$ BEGIN DROP TABLE b; END $body$',
    '-- DROP TABLE a;',
    '-- contracts: nothing has read it since 0.4.\nDROP TABLE a;',
    '-- contracts: nothing has read it since 0.4.\nDO $$ BEGIN DROP TABLE a; END $$;',
  ])('is accepted with %s', (sql) => {
    expect(faultsIn(sql)).toEqual([])
  })
})
